"""Search everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.rule import Finding, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["search_everything"]


@rule("KQL504", "warning")
def search_everything(subject: Subject) -> Iterator[Finding]:
    """`search` without `in (...)` reads every table of the workspace.

    Bad:
        search 'mimikatz'
        union * | where a == 1

    Good:
        search in (SecurityEvent) 'mimikatz'
    """
    for node in subject.nodes(tree.Search):
        starts = not any(node in pipeline.operators for pipeline in subject.nodes(tree.Pipeline))
        if starts and not node.tables:
            message = "this reads every table; name those that can hold it: search in (SecurityEvent, Syslog) ..."
            yield Finding(node.start, node.start + len("search"), message)
    for union in subject.nodes(tree.Union):
        for table in union.tables:
            if isinstance(table, tree.Star) or (isinstance(table, tree.Wildcard) and table.pattern == "*"):
                yield Finding(table.start, table.end, "this reads every table; name those that can hold it")
