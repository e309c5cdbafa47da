"""Repeated element."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.rule import Finding, replace, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["repeated_element"]


@rule("KQL521", "hint")
def repeated_element(subject: Subject) -> Iterator[Finding]:
    """An element that stands twice in a list adds nothing.

    Bad:
        T | where a in ('x', 'y', 'x')

    Good:
        T | where a in ('x', 'y')
    """
    for node in subject.nodes(tree.In):
        seen: set[tuple[str, object]] = set()
        for place, item in enumerate(node.items):
            if not isinstance(item, tree.Literal) or item.type == "dynamic":
                continue
            key = (item.type, item.value)
            if key in seen:
                before = node.items[place - 1].end
                fix = replace("remove it", before, item.end, "")
                yield Finding(item.start, item.end, "this element is in the list already", fix)
            seen.add(key)
