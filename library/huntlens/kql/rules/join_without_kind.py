"""Join without kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.rule import Finding, replace, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["join_without_kind"]


@rule("KQL501", "information")
def join_without_kind(subject: Subject) -> Iterator[Finding]:
    """A join that does not say its kind keeps one row of each left key (innerunique), which is rarely meant.

    Bad:
        T | join (U) on k

    Good:
        T | join kind=inner (U) on k
    """
    for node in subject.nodes(tree.Join):
        if any(option.name.text == "kind" for option in node.options):
            continue
        end = node.start + len("join")
        message = "a join without kind= is innerunique: left rows of the same key are dropped; say which kind you mean"
        yield Finding(node.start, end, message, replace("add kind=inner", end, end, " kind=inner"))
