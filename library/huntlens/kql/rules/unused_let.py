"""Unused let."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.rule import Finding, replace, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["unused_let"]


def _declares(node: tree.Node, meaning: object) -> bool:
    """Whether a name is the one of the statement that declares it."""
    statement = getattr(meaning, "syntax", None)
    return isinstance(statement, tree.Let) and statement.name is node


@rule("KQL510", "information")
def unused_let(subject: Subject) -> Iterator[Finding]:
    """A name that nothing uses is work for the reader.

    Bad:
        let a = 1; print 2

    Good:
        let a = 1; print a
    """
    used = {id(meaning) for node, meaning in subject.bound.symbols.items() if not _declares(node, meaning)}
    statements = subject.query.statements
    for place, statement in enumerate(statements):
        if not isinstance(statement, tree.Let) or not statement.name.text or place == len(statements) - 1:
            continue
        meaning = subject.bound.symbols.get(statement.name)
        if meaning is None or id(meaning) in used:
            continue
        end = statements[place + 1].start
        fix = replace("remove the statement", statement.start, end, "")
        yield Finding(statement.name.start, statement.name.end, f"'{statement.name.text}' is not used", fix)
