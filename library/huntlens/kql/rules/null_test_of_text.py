"""Null test of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.rule import Finding, replace, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["null_test_of_text"]


@rule("KQL516", "warning")
def null_test_of_text(subject: Subject) -> Iterator[Finding]:
    """A text is never null, only empty: `isnull` of one is always false.

    Bad:
        print a = 'x' | where isnull(a)

    Good:
        print a = 'x' | where isempty(a)
    """
    for node in subject.nodes(tree.Call):
        better = {"isnull": "isempty", "isnotnull": "isnotempty", "notnull": "isnotempty"}.get(node.name.text)
        if better is None or len(node.arguments) != 1 or subject.column_type(node.arguments[0]) != "string":
            continue
        fix = replace(f"change to {better}", node.name.start, node.name.end, better)
        yield Finding(node.start, node.end, f"a text is never null; use {better}()", fix)
