"""Compared with itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.rule import Finding, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["compared_with_itself"]

_COMPARISONS: Final = frozenset({"==", "!=", "<", ">", "<=", ">=", "=~", "!~"})


@rule("KQL526", "warning")
def compared_with_itself(subject: Subject) -> Iterator[Finding]:
    """A value compared with itself tells nothing.

    Bad:
        T | where a == a

    Good:
        T | where a == b
    """
    for node in subject.nodes(tree.Binary):
        if node.op not in _COMPARISONS or isinstance(node.left, tree.Literal):
            continue
        if any(isinstance(part, tree.Call) for part in tree.walk(node.left)):
            continue
        if subject.source(node.left) == subject.source(node.right) and subject.source(node.left):
            yield Finding(node.start, node.end, "both sides are the same")
