"""Group by raw time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.rule import Finding, replace, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["group_by_raw_time"]


@rule("KQL524", "information")
def group_by_raw_time(subject: Subject) -> Iterator[Finding]:
    """Grouping by a time as it is makes a group of nearly every row.

    Bad:
        SecurityEvent | where TimeGenerated > ago(1d) | summarize count() by TimeGenerated

    Good:
        SecurityEvent | where TimeGenerated > ago(1d) | summarize count() by bin(TimeGenerated, 1h)
    """
    for node in subject.nodes(tree.Summarize):
        if not node.aggregates:
            continue
        for item in node.by:
            if subject.column_type(item) == "datetime" and subject.source(item) in ("TimeGenerated", "Timestamp"):
                new = f"bin({subject.source(item)}, 1h)"
                fix = replace(f"change to {new}", item.start, item.end, new)
                yield Finding(item.start, item.end, f"nearly every row has its own time; group by {new}", fix)
