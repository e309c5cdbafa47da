"""Every place where the name at a cursor is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql.edit.meaning import Meanings
from huntlens.kql.edit.values import Location

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huntlens.kql.schema import Schema


def references(
    text: str,
    offset: int,
    schema: Schema | None = None,
    parameters: Mapping[str, str] | None = None,
    *,
    declaration: bool = True,
) -> list[Location]:
    """The uses of a name in the order of the text, with its declaration or without it.

    >>> [place.start for place in references("let a = 1; print a, b = a", 4)]
    [4, 17, 24]
    """
    meanings = Meanings(text, schema, parameters)
    found = meanings.at(offset)
    if found is None:
        return []
    nodes = meanings.uses(found[1])
    return [Location(node.start, node.end) for node in nodes if declaration or node not in meanings.declaring]
