"""Late filter."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.rule import Finding, replace, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["late_filter"]


def _made(node: tree.Extend | tree.Sort) -> set[str] | None:
    """The columns that a step makes; None where one of them has no written name."""
    if isinstance(node, tree.Sort):
        return set()
    names = {item.name.text for item in node.columns if isinstance(item, tree.NamedArgument)}
    return names if len(names) == len(node.columns) else None


@rule("KQL528", "hint")
def late_filter(subject: Subject) -> Iterator[Finding]:
    """A condition that does not need what the step in front of it makes should stand before that step.

    Bad:
        print a = 1 | extend b = a + 1 | where a == 1

    Good:
        print a = 1 | where a == 1 | extend b = a + 1
        print a = 1 | extend b = a + 1 | where b == 1
    """
    for pipeline in subject.nodes(tree.Pipeline):
        for first, second in pairwise(pipeline.operators):
            if not isinstance(second, tree.Filter) or not isinstance(first, tree.Extend | tree.Sort):
                continue
            made = _made(first)
            names = {part.name.text for part in tree.walk(second) if isinstance(part, tree.NameRef)}
            if made is None or not names or names & made:
                continue
            new = f"{subject.source(second)}\n| {subject.source(first)}"
            fix = replace("move it up", first.start, second.end, new)
            yield Finding(
                second.start, second.end, "this filter can stand one step earlier, so that less is left to do", fix
            )
