"""Where the name at a cursor is declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql.bind import plan
from huntlens.kql.edit.meaning import Meanings, root
from huntlens.kql.edit.values import Location
from huntlens.kql.schema import TableSchema, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huntlens.kql.schema import Schema, Written


def definition(
    text: str, offset: int, schema: Schema | None = None, parameters: Mapping[str, str] | None = None
) -> list[Location]:
    """The declaration within the text, or the line of a shipped table or column; nothing for what the language brings.

    >>> definition("let a = 1; print a", 17)
    [Location(start=4, end=5, path='', line=0)]
    """
    meanings = Meanings(text, schema, parameters)
    found = meanings.at(offset)
    if found is None:
        return []
    declared = meanings.declaration(found[1])
    if declared is not None:
        return [Location(declared.start, declared.end)]
    place = _written(found[1], meanings)
    return [Location(0, 0, place.path, place.line)] if place is not None else []


def _written(meaning: object, meanings: Meanings) -> Written | None:
    """Where a table is written down, or a column of one of the tables that the text names."""
    if isinstance(meaning, TableSchema):
        return written(meaning.name)
    if not isinstance(meaning, plan.Column):
        return None
    column = root(meaning)
    tables = (one for one in meanings.bound.symbols.values() if isinstance(one, TableSchema))
    return next((written(one.name, column.name) for one in tables if one.column(column.name)), None)
