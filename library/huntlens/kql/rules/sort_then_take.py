"""Sort then take."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.rule import Finding, replace, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["sort_then_take"]


@rule("KQL518", "hint")
def sort_then_take(subject: Subject) -> Iterator[Finding]:
    """`top` sorts and cuts in one step, which needs less memory.

    Bad:
        T | sort by a desc | take 10

    Good:
        T | top 10 by a desc
    """
    for pipeline in subject.nodes(tree.Pipeline):
        for first, second in pairwise(pipeline.operators):
            if isinstance(first, tree.Sort) and isinstance(second, tree.Take) and len(first.by) == 1:
                by = subject.source(first.by[0])
                new = f"top {subject.source(second.amount)} by {by}"
                fix = replace("change to top", first.start, second.end, new)
                yield Finding(first.start, second.end, f"one step does both: {new}", fix)
