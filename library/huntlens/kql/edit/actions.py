"""What can be done to a text at a selection: mend what is wrong, name a part, put a name's value in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.context import ScalarName, TableName
from huntlens.kql.diagnostics import Edit, Fix
from huntlens.kql.edit.check import check
from huntlens.kql.edit.meaning import Meanings, path_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from huntlens.kql.schema import Schema


def actions(
    text: str, start: int, end: int, schema: Schema | None = None, parameters: Mapping[str, str] | None = None
) -> list[Fix]:
    """The edits on offer for a selection, or for a cursor where `start` is `end`.

    >>> [fix.title for fix in actions("T | join (U) on k", 4, 4)]
    ['add kind=inner']
    """
    found = [
        fix
        for item in check(text, schema, parameters=parameters)
        if item.start <= end and item.end >= start
        for fix in item.fixes
    ]
    meanings = Meanings(text, schema, parameters)
    found.extend(_inline(meanings, start))
    if end > start:
        found.extend(_extract(meanings, start, end))
    return found


def _inline(meanings: Meanings, offset: int) -> Iterator[Fix]:
    """A `let` that is replaced by its value wherever its name stands."""
    at = meanings.at(offset)
    if at is None or not isinstance(at[1], ScalarName | TableName) or not isinstance(at[1].syntax, tree.Let):
        return
    let = at[1].syntax
    value = meanings.text[let.value.start : let.value.end]
    if not isinstance(let.value, tree.Literal | tree.NameRef | tree.Call | tree.Paren | tree.DataTable):
        value = f"({value})"
    uses = [node for node in meanings.uses(at[1]) if node not in meanings.declaring]
    if not uses:
        return
    edits = [Edit(node.start, node.end, value) for node in uses]
    name = let.name.text
    yield Fix(f"put the value of '{name}' in its place", (_without(meanings, let), *edits))


def _without(meanings: Meanings, let: tree.Let) -> Edit:
    """The removal of a statement with its semicolon and the white space behind it."""
    statements = meanings.parsed.query.statements
    place = next((index for index, item in enumerate(statements) if item is let), None)
    end = let.end
    if place is not None and place + 1 < len(statements):
        end = statements[place + 1].start
    return Edit(let.start, end, "")


def _extract(meanings: Meanings, start: int, end: int) -> Iterator[Fix]:
    """The selected expression or the beginning of a pipeline as a `let` in front of its statement."""
    text = meanings.text
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    statement = next(
        (item for item in meanings.parsed.query.statements if item.start <= start and item.end >= end), None
    )
    if statement is None or not _is_whole(meanings, start, end):
        return
    if isinstance(statement, tree.Let) and isinstance(statement.value, tree.Lambda):
        return
    name = _free_name(meanings)
    declared = Edit(statement.start, statement.start, f"let {name} = {text[start:end]};\n")
    yield Fix("give the selection a name (let)", (declared, Edit(start, end, name)))


def _is_whole(meanings: Meanings, start: int, end: int) -> bool:
    """Whether a selection is an expression without columns of the row, or a pipeline from its source on."""
    for node in path_at(meanings.parsed.query, start, end):
        if isinstance(node, tree.Pipeline) and node.start == start:
            if end == node.source.end or any(end == operator.end for operator in node.operators):
                return True
        elif isinstance(node, tree.Expr) and (node.start, node.end) == (start, end):
            inside = (item for item in tree.walk(node) if isinstance(item, tree.NameRef))
            return not any(isinstance(meanings.bound.symbols.get(item.name), plan.Column) for item in inside)
    return False


def _free_name(meanings: Meanings) -> str:
    """A name that nothing in the text has."""
    taken = {node.text for node in tree.walk(meanings.parsed.query) if isinstance(node, tree.Name)}
    number = 1
    while f"value{number}" in taken:
        number += 1
    return f"value{number}"
