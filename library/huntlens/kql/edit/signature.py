"""The call around a cursor: how it is written, and which parameter is being typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tokens as t
from huntlens.kql import tree
from huntlens.kql.edit.values import ParameterHelp, SignatureHelp
from huntlens.kql.functions import find
from huntlens.kql.functions.signature import parameters as declared
from huntlens.kql.parse import parse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from huntlens.kql.functions.row import Function
    from huntlens.kql.schema import Schema

_OPENING = {"(": ")", "[": "]", "{": "}"}


def signature(
    text: str, offset: int, schema: Schema | None = None, parameters: Mapping[str, str] | None = None
) -> SignatureHelp | None:
    """The innermost call that is open at an offset, or None.

    >>> found = signature("print substring('abc', ", 23)
    >>> found.label[found.parameters[found.active].start : found.parameters[found.active].end]
    'startingIndex: long'
    """
    del parameters
    call = _open_call(text, offset)
    if call is None:
        return None
    name, index, named = call
    row = find(name)
    if row is not None and row.kind != "operator":
        return _of_row(row, index, named)
    definition = _written(text, name)
    if definition is not None:
        parts = [text[item.start : item.end] for item in definition.parameters]
        names = [item.name.text for item in definition.parameters]
        return _help(name, parts, "", _active(names, index, named, repeated=None))
    stored = schema.functions.get(name) if schema is not None else None
    if stored is None:
        return None
    parts = [part.strip() for part in stored.parameters.strip("() ").split(",") if part.strip()]
    return _help(name, parts, stored.doc, min(index, max(len(parts) - 1, 0)))


def _open_call(text: str, offset: int) -> tuple[str, int, str] | None:
    """Name of the call, number of commas in front of the cursor, and the name of a named argument."""
    tokens = [item for item in parse(text[:offset]).tokens if item.key not in (t.SPACE, t.COMMENT)]
    depth, commas, named = 0, 0, ""
    for place in range(len(tokens) - 1, -1, -1):
        word = tokens[place].text
        if word in (")", "]", "}"):
            depth += 1
        elif word in _OPENING and depth:
            depth -= 1
        elif word == "(":
            before = tokens[place - 1] if place else None
            if (
                before is not None
                and before.key in t.WORDS
                and before.text not in ("in", "and", "or", "not in", "by", "on")
            ):
                return before.text, commas, named
            commas, named = 0, ""
        elif word in ("[", "{", ";", "|"):
            if word in (";", "|"):
                return None
            commas, named = 0, ""
        elif word == "," and not depth:
            commas += 1
        elif word == "=" and not depth and not commas and not named and place:
            named = tokens[place - 1].text
    return None


def _of_row(row: Function, index: int, named: str) -> SignatureHelp:
    formal = declared(row.signature)
    parts = [
        f"{'...' if item.repeated else ''}{item.name}{'?' if item.optional else ''}: {item.type}" for item in formal
    ]
    repeated = next((place for place, item in enumerate(formal) if item.repeated), None)
    active = _active([item.name for item in formal], index, named, repeated=repeated)
    docs = tuple(f"one of {', '.join(item.values)}" if item.values else "" for item in formal)
    return _help(row.name, parts, row.doc, active, docs)


def _active(names: Sequence[str], index: int, named: str, *, repeated: int | None) -> int:
    if named in names:
        return list(names).index(named)
    if repeated is not None and index >= repeated:
        return repeated
    return min(index, max(len(names) - 1, 0))


def _help(name: str, parts: Sequence[str], doc: str, active: int, docs: Sequence[str] = ()) -> SignatureHelp:
    label = f"{name}("
    found = []
    for place, part in enumerate(parts):
        label += ", " if place else ""
        found.append(ParameterHelp(len(label), len(label) + len(part), docs[place] if place < len(docs) else ""))
        label += part
    return SignatureHelp(f"{label})", doc, tuple(found), active)


def _written(text: str, name: str) -> tree.Lambda | None:
    """The function of that name that the text declares."""
    found = None
    for statement in parse(text).query.statements:
        if isinstance(statement, tree.Let) and statement.name.text == name and isinstance(statement.value, tree.Lambda):
            found = statement.value
    return found
