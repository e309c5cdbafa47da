"""Sort without use."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.rule import Finding, replace, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["sort_without_use"]

_LOSING: Final = (tree.Summarize, tree.Count, tree.Distinct, tree.Join)
_ORDERED: Final = {"make_list", "makelist", "make_list_if", "make_list_with_nulls", "take_any", "any", "make_bag"}


def _keeps_order(node: tree.Summarize) -> bool:
    """Whether an aggregate reads the rows in their order."""
    calls = (part for part in tree.walk(node) if isinstance(part, tree.Call))
    return any(call.name.text in _ORDERED for call in calls)


@rule("KQL517", "information")
def sort_without_use(subject: Subject) -> Iterator[Finding]:
    """`summarize`, `count`, `distinct` and `join` do not keep an order: sorting in front of them is lost work.

    Bad:
        T | sort by a | summarize count() by b

    Good:
        T | summarize count() by b | sort by count_
        T | sort by a | summarize make_list(a)
    """
    for pipeline in subject.nodes(tree.Pipeline):
        for first, second in pairwise(pipeline.operators):
            if not isinstance(first, tree.Sort) or not isinstance(second, _LOSING):
                continue
            if isinstance(second, tree.Summarize) and _keeps_order(second):
                continue
            start = pipeline.pipes[pipeline.operators.index(first)]
            fix = replace("remove the sort", start, first.end, "")
            yield Finding(first.start, first.end, "the next operator does not keep this order", fix)
