"""Constant condition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.rule import Finding, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["constant_condition"]


@rule("KQL530", "information")
def constant_condition(subject: Subject) -> Iterator[Finding]:
    """A condition of constants is the same for every row.

    Bad:
        T | where 1 == 1
        T | where true

    Good:
        T | where a == 1
    """
    for node in subject.nodes(tree.Filter):
        predicate = node.predicate
        parts = [part for part in tree.walk(predicate) if isinstance(part, tree.NameRef | tree.Call | tree.Missing)]
        if not parts and isinstance(predicate, tree.Literal | tree.Binary) and predicate.end > predicate.start:
            yield Finding(predicate.start, predicate.end, "this condition is the same for every row")
