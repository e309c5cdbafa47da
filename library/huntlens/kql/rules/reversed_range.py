"""Reversed range."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.rule import Finding, replace, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["reversed_range"]


@rule("KQL522", "warning")
def reversed_range(subject: Subject) -> Iterator[Finding]:
    """A range that ends before it begins holds nothing.

    Bad:
        T | where a between (10 .. 1)

    Good:
        T | where a between (1 .. 10)
    """
    for node in subject.nodes(tree.Between):
        low, high = node.low, node.high
        if not isinstance(low, tree.Literal) or not isinstance(high, tree.Literal) or low.type != high.type:
            continue
        if isinstance(low.value, int | float) and isinstance(high.value, int | float) and low.value > high.value:
            new = f"{subject.source(high)} .. {subject.source(low)}"
            fix = replace("swap the ends", low.start, high.end, new)
            yield Finding(low.start, high.end, "the range ends before it begins, so nothing is within", fix)
