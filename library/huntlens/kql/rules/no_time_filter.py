"""No time filter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.rule import Finding, replace, rule
from huntlens.kql.schema import TableSchema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["no_time_filter"]

_TIMES: Final = ("TimeGenerated", "Timestamp")


def _filtered(pipeline: tree.Pipeline) -> bool:
    """Whether a condition of the pipeline uses a time column."""
    for operator in pipeline.operators:
        if isinstance(operator, tree.Filter | tree.MakeSeries):
            names = (node for node in tree.walk(operator) if isinstance(node, tree.NameRef))
            if any(node.name.text in _TIMES or node.name.text == "ingestion_time" for node in names):
                return True
            calls = (node for node in tree.walk(operator) if isinstance(node, tree.Call))
            if any(node.name.text == "ingestion_time" for node in calls):
                return True
    return False


@rule("KQL503", "hint")
def no_time_filter(subject: Subject) -> Iterator[Finding]:
    """A table with times that is read without a condition on them is read whole.

    Bad:
        SecurityEvent | where EventID == 4625

    Good:
        SecurityEvent | where TimeGenerated > ago(1d) | where EventID == 4625
    """
    text_names = {name.name.text for name in subject.nodes(tree.NameRef)}
    for pipeline in subject.nodes(tree.Pipeline):
        source = pipeline.source
        if not isinstance(source, tree.NameRef) or not pipeline.operators:
            continue
        table = subject.bound.symbols.get(source.name)
        if not isinstance(table, TableSchema) or not any(table.column(name) for name in _TIMES):
            continue
        if not _filtered(pipeline) and not text_names & {"_startTime", "_endTime"}:
            message = f"{table.name} is read without a condition on its time; add | where TimeGenerated > ago(1d)"
            end = source.end
            time = next(name for name in _TIMES if table.column(name))
            fix = replace("add a time filter", end, end, f"\n| where {time} > ago(1d)")
            yield Finding(source.start, end, message, fix)
