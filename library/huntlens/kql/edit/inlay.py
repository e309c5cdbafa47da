"""Types shown within the text: what `extend` and `let` compute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.bind import bind, plan
from huntlens.kql.bind.context import ScalarName, TableName
from huntlens.kql.edit.values import InlayHint
from huntlens.kql.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from huntlens.kql.schema import Schema


def inlay(text: str, schema: Schema | None = None, parameters: Mapping[str, str] | None = None) -> list[InlayHint]:
    """The hints of a text.

    >>> [(hint.offset, hint.label) for hint in inlay("let a = 1; print b = a > 0")]
    [(5, ': long'), (18, ': bool')]
    """
    parsed = parse(text)
    symbols = bind(parsed, schema, parameters).symbols
    return sorted(_hints(parsed.query, symbols), key=lambda hint: hint.offset)


def _hints(query: tree.Query, symbols: Mapping[tree.Node, object]) -> Iterator[InlayHint]:
    for node in tree.walk(query):
        if not isinstance(node, tree.Let | tree.NamedArgument):
            continue
        meaning = symbols.get(node.name)
        if isinstance(meaning, ScalarName):
            yield from _hint(node.name, meaning.value.type)
        elif isinstance(meaning, plan.Column):
            yield from _hint(node.name, meaning.type)
        elif isinstance(meaning, TableName):
            columns = meaning.definition.relation.columns
            yield InlayHint(node.name.end, f": table of {len(columns)}", ", ".join(column.name for column in columns))


def _hint(name: tree.Name, kind: str) -> Iterator[InlayHint]:
    if kind != "unknown":
        yield InlayHint(name.end, f": {kind}")
