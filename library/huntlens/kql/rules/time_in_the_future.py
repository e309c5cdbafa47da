"""Time in the future."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.rule import Finding, replace, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["time_in_the_future"]


@rule("KQL523", "warning")
def time_in_the_future(subject: Subject) -> Iterator[Finding]:
    """`ago` of a negative span is a time to come.

    Bad:
        T | where TimeGenerated > ago(-1d)

    Good:
        T | where TimeGenerated > ago(1d)
    """
    for node in subject.nodes(tree.Call):
        if node.name.text != "ago" or len(node.arguments) != 1:
            continue
        span = node.arguments[0]
        if isinstance(span, tree.Unary) and span.op == "-":
            fix = replace("drop the minus", span.start, span.operand.start, "")
            yield Finding(node.start, node.end, "this time is in the future", fix)
        elif isinstance(span, tree.Literal) and isinstance(span.value, int) and span.value < 0:
            yield Finding(node.start, node.end, "this time is in the future")
