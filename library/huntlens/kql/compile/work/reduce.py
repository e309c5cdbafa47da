"""Groups texts that look alike: what `reduce` does."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence

_ALIKE: Final = 0.5
"""The share of equal words that puts two texts of one shape into a group."""


@dataclass(slots=True)
class _Group:
    words: list[str]
    count: int
    first: str


def reduce(texts: Sequence[tuple[str, int]], threshold: float, characters: str) -> list[tuple[str, int, str]]:
    """Pattern, number and an example of each group; groups below the threshold come together as `*`.

    >>> reduce([("user ann in", 2), ("user bob in", 2), ("disk full", 3)], 0.1, "")
    [('user * in', 4, 'user ann in'), ('disk full', 3, 'disk full')]
    """
    splitter = re.compile(f"([^\\w{re.escape(characters)}]+)")
    groups: dict[tuple[str, ...], list[_Group]] = defaultdict(list)
    for text, count in sorted(texts, key=lambda one: (-one[1], one[0])):
        parts = splitter.split(text)
        _join(groups[tuple(parts[1::2])], parts, text, count)
    total = sum(count for _, count in texts)
    found: list[tuple[str, int, str]] = []
    rest, example = 0, ""
    for group in (group for same_shape in groups.values() for group in same_shape):
        if group.count >= total * threshold:
            found.append(("".join(group.words), group.count, group.first))
        else:
            rest, example = rest + group.count, example or group.first
    if rest:
        found.append(("*", rest, example))
    return sorted(found, key=lambda one: (-one[1], one[0]))


def _join(groups: list[_Group], parts: list[str], text: str, count: int) -> None:
    """Add a text to the first group that it is like, opening the words that differ, or begin a group."""
    for group in groups:
        equal = sum(one in (two, "*") for one, two in zip(group.words[::2], parts[::2], strict=True))
        if equal >= _ALIKE * len(parts[::2]):
            group.words = [one if one == two else "*" for one, two in zip(group.words, parts, strict=True)]
            group.count += count
            return
    groups.append(_Group(parts, count, text))


def reduced(table: pa.Table, threshold: float, characters: str) -> pa.Table:
    """The groups of a table of texts and their numbers, as a table."""
    texts = list(zip(table.column(0).to_pylist(), table.column(1).to_pylist(), strict=True))
    found = reduce([(text or "", count) for text, count in texts], threshold, characters)
    columns = list(zip(*found, strict=True)) or [(), (), ()]
    kinds = (pa.string(), pa.int64(), pa.string())
    return pa.table(
        [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)], names=["c0", "c1", "c2"]
    )
