"""What is known about the word at a cursor, as markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.context import FunctionName, OtherName, ScalarName, TableName
from huntlens.kql.edit import words
from huntlens.kql.edit.meaning import Meanings, path_at
from huntlens.kql.edit.values import Hover
from huntlens.kql.functions import find
from huntlens.kql.functions.row import Function
from huntlens.kql.schema import ColumnSchema, TableSchema, shipped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huntlens.kql.schema import Schema

MOST_COLUMNS: Final = 24
MOST_TEXT: Final = 400


def hover(
    text: str, offset: int, schema: Schema | None = None, parameters: Mapping[str, str] | None = None
) -> Hover | None:
    """The explanation of what stands at an offset, or None.

    >>> hover("print ago(1d)", 8).markdown.splitlines()[1]
    'ago(timespan: timespan) -> datetime'
    """
    meanings = Meanings(text, schema, parameters)
    found = meanings.at(offset)
    if found is not None:
        node, meaning = found
        markdown = explain(meaning, meanings, node)
        return Hover(markdown, node.start, node.end) if markdown else None
    return _word(meanings, offset)


def explain(meaning: object, meanings: Meanings, node: tree.Node) -> str:
    """A meaning in markdown; empty where there is nothing to say."""
    match meaning:
        case plan.Column():
            return _column(meaning, meanings)
        case TableSchema():
            return _table(meaning)
        case Function():
            return function_text(meaning)
        case ScalarName():
            return _code(f"{meaning.name}: {meaning.value.type}") + _written(meaning.syntax, meanings)
        case TableName():
            return _code(f"{meaning.name}: table") + _column_list(meaning.definition.relation.columns)
        case FunctionName():
            names = ", ".join(_parameter(item, meanings.text) for item in meaning.definition.parameters)
            return _code(f"{meaning.name}({names})") + (meaning.stored.doc if meaning.stored is not None else "")
        case plan.GraphElement():
            return _code(f"{meaning.name}: {meaning.kind}") + _column_list(meaning.columns)
        case OtherName():
            return _code(meaning.name)
    return meanings.text[node.start : node.end] if isinstance(meaning, str) else ""


def _code(text: str) -> str:
    fence = "```" if "```" not in text else "~~~~"
    return f"{fence}kql\n{text}\n{fence}\n"


def _column(column: plan.Column, meanings: Meanings) -> str:
    text = _code(f"{column.name}: {column.type}")
    for table in meanings.bound.symbols.values():
        known = table.column(column.name) if isinstance(table, TableSchema) else None
        if isinstance(table, TableSchema) and known is not None and known.type == column.type:
            known = known if known.doc else _shipped(table.name, known)
            values = f"\n\nSuch as {', '.join(f'`{value}`' for value in known.values[:8])}" if known.values else ""
            return f"{text}\n{known.doc or 'A column'} ({known_in(table)}){values}"
    return text


def _shipped(table: str, column: ColumnSchema) -> ColumnSchema:
    """What the shipped schema says of a column: a connection tells names and types only."""
    known = shipped().table(table)
    return (known.column(column.name) if known is not None else None) or column


def known_in(table: object) -> str:
    """The name of a table, as the place where a column is known from."""
    return f"`{table.name}`" if isinstance(table, TableSchema) else ""


def _table(table: TableSchema) -> str:
    columns = tuple(plan.Column(column.name, column.type) for column in table.columns)
    return _code(f"{table.name}: table") + (f"\n{table.doc}\n" if table.doc else "") + _column_list(columns)


def _column_list(columns: tuple[plan.Column, ...]) -> str:
    if not columns:
        return ""
    shown = ", ".join(f"`{column.name}`" for column in columns[:MOST_COLUMNS])
    more = f" and {len(columns) - MOST_COLUMNS} more" if len(columns) > MOST_COLUMNS else ""
    return f"\n{len(columns)} column{'s' if len(columns) > 1 else ''}: {shown}{more}"


def function_text(row: Function) -> str:
    """A function row in markdown: signature, what it does, an example with its value."""
    returns = row.returns if isinstance(row.returns, str) and not row.returns.startswith("@") else ""
    head = f"{row.name}({row.signature})" + (f" -> {returns}" if returns and row.kind != "plugin" else "")
    parts = [_code(head), row.doc]
    if row.deprecated:
        parts.append(f"\n\n**Deprecated**: use `{row.deprecated}`.")
    if row.example:
        parts.append(f"\n\n{_code(row.example)}")
        if row.value is not None and not row.untested:
            parts.append(f"gives `{row.value}`")
    return "".join(parts)


def _written(syntax: tree.Node | None, meanings: Meanings) -> str:
    """The text of the value that a `let` gives; nothing of what is obfuscated."""
    if not isinstance(syntax, tree.Let):
        return ""
    if any(isinstance(node, tree.Literal) and node.hidden for node in tree.walk(syntax)):
        return "\nobfuscated"
    text = meanings.text[syntax.start : syntax.end]
    return "\n" + _code(text if len(text) <= MOST_TEXT else text[:MOST_TEXT] + " ...")


def _parameter(item: tree.Parameter, text: str) -> str:
    return text[item.start : item.end] if item.end <= len(text) else item.name.text


def _word(meanings: Meanings, offset: int) -> Hover | None:
    """A keyword: the operator that begins here, or the operator between two operands."""
    for node in reversed(path_at(meanings.parsed.query, offset, offset)):
        if isinstance(node, tree.Binary | tree.In | tree.Between) and node.op_start <= offset:
            end = node.op_start + len(node.op)
            doc = {**words.NUMBER_OPERATORS, **words.TEXT_OPERATORS, **words.CONNECTIVES, **words.ARITHMETIC}.get(
                node.op
            )
            if offset <= end and doc:
                row = find(node.op, "operator")
                return Hover(f"`{node.op}`: {row.doc if row is not None and row.doc else doc}", node.op_start, end)
        if isinstance(node, tree.Operator):
            token = next((item for item in meanings.parsed.tokens if item.start == node.start), None)
            if token is None or offset > token.end:
                return None
            doc = {**words.SOURCES, **words.MORE_OPERATORS, **words.OPERATORS}.get(token.text)
            return Hover(f"`{token.text}`: {doc}", token.start, token.end) if doc else None
    return None
