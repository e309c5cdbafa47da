"""Where the name at a cursor is declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql.edit.meaning import Meanings
from huntlens.kql.edit.values import Location

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huntlens.kql.schema import Schema


def definition(
    text: str, offset: int, schema: Schema | None = None, parameters: Mapping[str, str] | None = None
) -> list[Location]:
    """The declaration within the text; nothing for what the schema or the language brings.

    >>> definition("let a = 1; print a", 17)
    [Location(start=4, end=5, path='', line=0)]
    """
    meanings = Meanings(text, schema, parameters)
    found = meanings.at(offset)
    declared = meanings.declaration(found[1]) if found is not None else None
    return [Location(declared.start, declared.end)] if declared is not None else []
