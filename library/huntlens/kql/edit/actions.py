"""What can be done to a text at a selection: mend what is wrong, name a part, put a name's value in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.context import ScalarName, TableName
from huntlens.kql.diagnostics import Edit, Fix
from huntlens.kql.edit.check import check
from huntlens.kql.edit.meaning import Meanings, path_at
from huntlens.kql.literals import name_text
from huntlens.kql.types import TYPES

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
    """The selected expression or the beginning of a pipeline, named in front of its statement."""
    text = meanings.text
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    statement = next(
        (item for item in meanings.parsed.query.statements if item.start <= start and item.end >= end), None
    )
    selected = _selected(meanings, start, end)
    if statement is None or selected is None:
        return
    if isinstance(statement, tree.Let) and isinstance(statement.value, tree.Lambda):
        return
    columns = {} if isinstance(selected, tree.Pipeline) else _columns_in(meanings, selected)
    if any(kind not in TYPES for kind in columns.values()) or (columns and isinstance(selected, tree.NameRef)):
        return
    name, value = _free_name(meanings, "query" if isinstance(selected, tree.Pipeline) else "value"), text[start:end]
    given = ", ".join(f"{name_text(column)}: {kind}" for column, kind in columns.items())
    declared = f"let {name} = ({given}) {{ {value} }};\n" if columns else f"let {name} = {value};\n"
    use = f"{name}({', '.join(map(name_text, columns))})" if columns else name
    edits = (Edit(statement.start, statement.start, declared), Edit(start, end, use))
    if columns:
        yield Fix("make the selection a function (let)", edits)
    elif isinstance(selected, tree.Pipeline):
        yield Fix("make the selection a named query (let)", edits)
    else:
        yield Fix("give the selection a name (let)", edits)


def _selected(meanings: Meanings, start: int, end: int) -> tree.Expr | None:
    """The expression that is selected, or the pipeline that is selected from its source on."""
    for node in path_at(meanings.parsed.query, start, end):
        if isinstance(node, tree.Pipeline) and node.start == start:
            if end == node.source.end or any(end == operator.end for operator in node.operators):
                return node
        elif isinstance(node, tree.Expr) and (node.start, node.end) == (start, end):
            return None if isinstance(node, _NO_VALUES) or _aggregates(meanings, node) else node
    return None


_NO_VALUES: Final = (tree.NamedArgument, tree.NamedColumns, tree.Ordered, tree.Star, tree.TypedName, tree.Wildcard)


def _aggregates(meanings: Meanings, selected: tree.Expr) -> bool:
    """Whether an expression is over many rows, as no function can be."""
    calls = (meanings.bound.symbols.get(item.name) for item in tree.walk(selected) if isinstance(item, tree.Call))
    return any(getattr(called, "kind", "") in ("aggregate", "window") for called in calls)


def _columns_in(meanings: Meanings, selected: tree.Expr) -> dict[str, str]:
    """The columns of the row that an expression uses, and their types."""
    symbols = meanings.bound.symbols
    used = (symbols.get(item.name) for item in tree.walk(selected) if isinstance(item, tree.NameRef))
    return {column.name: column.type for column in used if isinstance(column, plan.Column)}


def _free_name(meanings: Meanings, stem: str) -> str:
    """A name that nothing in the text has."""
    taken = {node.text for node in tree.walk(meanings.parsed.query) if isinstance(node, tree.Name)}
    number = 1
    while f"{stem}{number}" in taken:
        number += 1
    return f"{stem}{number}"
