"""Bags as Python dictionaries; paths are `$.a.b`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Bag = dict[str, Any]

_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[['\"]([^'\"]+)['\"]\]|\[(-?\d+)\]")


def path_of(text: str) -> list[str | int]:
    """The steps of a JSON path; a text that does not begin with `$` is one key.

    >>> path_of("$.a['b c'][0]"), path_of("a.b")
    (['a', 'b c', 0], ['a.b'])
    """
    if not text.startswith(("$.", "$[")):
        return [text]
    return [int(step[3]) if step[3] else step[1] or step[2] for step in _STEP.finditer(text[1:])]


def bag_has_key(bag: Bag, key: str) -> bool:
    here: Any = bag
    for step in path_of(key):
        if isinstance(step, int):
            if not isinstance(here, list) or not -len(here) <= step < len(here):
                return False
        elif not isinstance(here, dict) or step not in here:
            return False
        here = here[step]
    return True


def bag_merge_all(*bags: Bag | None) -> Bag:
    made: Bag = {}
    for bag in bags:
        for key, value in (bag or {}).items():
            made.setdefault(key, value)
    return made


def bag_remove_keys(bag: Bag, keys: list[str]) -> Bag:
    for key in keys:
        *way, last = path_of(str(key))
        here: Any = bag
        for step in way:
            here = here.get(step) if isinstance(here, dict) else None
        if isinstance(here, dict):
            here.pop(last, None)
    return bag


def bag_set_key(bag: Bag, key: str, value: object) -> Bag | None:
    *way, last = path_of(key)
    here = bag
    for step in way:
        if not isinstance(here.get(str(step)), dict):
            here[str(step)] = {}
        here = here[str(step)]
    here[str(last)] = value
    return bag


def bag_zip(keys: object, values: object) -> Bag | None:
    if not isinstance(keys, list):
        return None
    items = values if isinstance(values, list) else []
    return {key: items[index] if index < len(items) else None for index, key in enumerate(keys) if isinstance(key, str)}


def treepath(value: object) -> list[str]:
    found: list[str] = []

    def visit(node: object, way: str) -> None:
        if way:
            found.append(way)
        if isinstance(node, dict):
            for key, item in node.items():
                visit(item, f"{way}['{key}']")
        elif isinstance(node, list) and node:
            found.append(f"{way}[0]")

    visit(value, "")
    return found


PACKED: Final[Mapping[str, tuple[str, Callable[..., object]]]] = {
    "bag_has_key": ("bool", bag_has_key),
    "bag_merge_all": ("dynamic", bag_merge_all),
    "bag_remove_keys": ("dynamic", bag_remove_keys),
    "bag_set_key": ("dynamic", bag_set_key),
    "bag_zip": ("dynamic", bag_zip),
    "treepath": ("dynamic", treepath),
}
