"""Query texts that no pack holds: values for the names that they use, and pipeline text that is put behind them."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from huntlens.catalog.model import Parameter, Query
from huntlens.errors import KqlError, ParameterError, UnsupportedError
from huntlens.kql import tree
from huntlens.kql.diagnostics import Diagnostic
from huntlens.kql.parse import parse
from huntlens.kql.types import canonical
from huntlens.text import LineIndex

if TYPE_CHECKING:
    from collections.abc import Mapping


_PLACE: Final = re.compile(r"line \d+, column \d+")


def adhoc(text: str, values: Mapping[str, Any], language: str) -> Query:
    """A query of a text and the parameters that its values make.

    A parameter that the text declares itself has its type from there; blanks take the place of the declaration.

    >>> [(p.name, p.type) for p in adhoc("T", {"ids": [1, 2], "host": "a"}, "kql").parameters]
    [('ids', 'long[]'), ('host', 'string')]
    >>> adhoc("declare query_parameters(n:int); T | take n", {"n": "5"}, "kql").text.strip()
    'T | take n'
    """
    kinds, text = _declared(text, values) if language == "kql" and "query_parameters" in text else ({}, text)
    parameters = tuple(Parameter(name, kinds.get(name) or type_of(name, value)) for name, value in values.items())
    return Query("query", text, language=language, parameters=parameters)


def _declared(text: str, given: Mapping[str, Any]) -> tuple[dict[str, str], str]:
    """The types of the given names that the text declares, and the text of the same length without them."""
    kinds: dict[str, str] = {}
    for statement in parse(text).query.statements:
        if not isinstance(statement, tree.DeclareParameters):
            continue
        mine = [one for one in statement.parameters if one.name.text in given and one.type is not None]
        kinds |= {one.name.text: canonical(one.type.text) for one in mine if one.type is not None}
        if len(mine) == len(statement.parameters):
            end = text.find(";", statement.end) + 1 or len(text)
            text = _blank(text, statement.start, end)
            continue
        for one in mine:
            comma = _COMMA.match(text, one.end)
            start = one.start if comma else text.rindex(",", 0, one.start)
            text = _blank(text, start, comma.end() if comma else one.end)
    return kinds, text


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


_COMMA: Final = re.compile(r"\s*,")


def type_of(name: str, value: Any) -> str:
    """The KQL type of a Python value, with `[]` for lists of one type."""
    if hasattr(value, "tolist") and not isinstance(value, str | bytes):
        value = value.tolist()
    if isinstance(value, list | tuple | set | frozenset):
        kinds = {type_of(name, item) for item in value if item is not None} or {"string"}
        if len(kinds) > 1 or "[]" in next(iter(kinds)):
            return "dynamic"
        return f"{kinds.pop()}[]"
    for python, kind in _KINDS:
        if isinstance(value, python):
            return kind
    raise ParameterError.wrong_type(name, "value that KQL knows (text, number, time, list, dict)", value)


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "bool"),
    (int, "long"),
    (float, "real"),
    (Decimal, "decimal"),
    (str, "string"),
    (date, "datetime"),
    (timedelta, "timespan"),
    (uuid.UUID, "guid"),
    (dict, "dynamic"),
)


def check_items(items: str, language: str) -> str:
    """Pipeline text that may stand behind a query; raises `KqlError` where it is none.

    >>> check_items("take 5", "kql")
    '| take 5'
    """
    if language != "kql":
        raise ParameterError(f"add_query_items takes KQL, and this source speaks {language}")
    text = items.strip()
    text = text if text.startswith("|") else f"| {text}"
    front = "T\n"
    parsed = parse(front + text)
    wrong = [found for found in parsed.diagnostics if found.severity == "error"]
    if wrong:
        first = wrong[0]
        raise KqlError(f"add_query_items is no KQL pipeline: {first.message}", text, _moved(wrong, -len(front)))
    if len(parsed.query.statements) != 1:
        raise KqlError("add_query_items takes one pipeline, without semicolons", text)
    return text


def told_in(error: KqlError, text: str, shift: int) -> KqlError:
    """The same error about the text that the user wrote, which was sent behind `shift` other characters."""
    found = [item for item in error.diagnostics if isinstance(item, Diagnostic)]
    if shift <= 0 or not found:
        return error
    moved = _moved(found, -shift)
    first = moved[0]
    place = LineIndex(text).position(first.start, "utf-32")
    message = _PLACE.sub(f"line {place.line + 1}, column {place.column + 1}", str(error), count=1)
    kind = UnsupportedError if isinstance(error, UnsupportedError) else KqlError
    return kind(message, text, moved)


def _moved(found: list[Diagnostic], by: int) -> list[Diagnostic]:
    return [
        Diagnostic(item.code, item.name, item.severity, max(item.start + by, 0), max(item.end + by, 0), item.message)
        for item in found
    ]
