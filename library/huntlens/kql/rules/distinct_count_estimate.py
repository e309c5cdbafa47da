"""Distinct count estimate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.rule import Finding, replace, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["distinct_count_estimate"]


@rule("KQL508", "hint")
def distinct_count_estimate(subject: Subject) -> Iterator[Finding]:
    """`dcount` estimates, by default to about 1.6 %; `count_distinct` counts.

    Bad:
        T | summarize dcount(a)

    Good:
        T | summarize count_distinct(a)
        T | summarize dcount(a, 4)
    """
    for node in subject.nodes(tree.Call):
        exact = {"dcount": "count_distinct", "dcountif": "count_distinctif"}.get(node.name.text)
        if exact is None or len(node.arguments) > (1 if node.name.text == "dcount" else 2):
            continue
        message = f"{node.name.text}() is an estimate; {exact}() counts exactly"
        fix = replace(f"change to {exact}", node.name.start, node.name.end, exact)
        yield Finding(node.name.start, node.name.end, message, fix)
