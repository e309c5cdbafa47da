"""Deprecated name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.functions.row import Function
from huntlens.kql.rule import Finding, replace, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["deprecated_name"]


@rule("KQL505", "warning")
def deprecated_name(subject: Subject) -> Iterator[Finding]:
    """A function that has been replaced by another still works, for now.

    Bad:
        print makeset = 1 | summarize makeset(makeset)

    Good:
        print a = 1 | summarize make_set(a)
    """
    for node in subject.nodes(tree.Call):
        row = subject.bound.symbols.get(node.name)
        if isinstance(row, Function) and row.deprecated:
            new = row.deprecated
            fixes = replace(f"change to {new}", node.name.start, node.name.end, new) if new.isidentifier() else ()
            yield Finding(node.name.start, node.name.end, f"{row.name} is deprecated; use {new}", fixes)
