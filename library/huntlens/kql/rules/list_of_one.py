"""List of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.rule import Finding, replace, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["list_of_one"]

_SINGLE: Final = {"in": "==", "!in": "!=", "in~": "=~", "!in~": "!~", "has_any": "has", "has_all": "has"}


@rule("KQL512", "hint")
def list_of_one(subject: Subject) -> Iterator[Finding]:
    """A list of one element is a comparison.

    Bad:
        T | where a in ('x')
        T | where a !in ('x')

    Good:
        T | where a == 'x'
        T | where a in ('x', 'y')
        T | where a in (b)
    """
    for node in subject.nodes(tree.In):
        op = _SINGLE.get(node.op)
        if op is None or len(node.items) != 1 or not isinstance(node.items[0], tree.Literal):
            continue
        if node.items[0].type == "dynamic":
            continue
        new = f"{op} {subject.source(node.items[0])}"
        yield Finding(
            node.op_start,
            node.end,
            f"a list of one element: {new}",
            replace(f"change to {op}", node.op_start, node.end, new),
        )
