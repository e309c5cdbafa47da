"""What a query takes from the user's variables: frames as tables by name, values as typed parameters.

Nothing is pasted: a frame is a table for the time of the query, a value a parameter with its type.
Only names that the query writes are looked at, and a column of that name always comes before a variable.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from huntlens.kql.bind import bind
from huntlens.kql.diagnostics import Diagnostic
from huntlens.kql.lex import lex
from huntlens.kql.schema import ColumnSchema, TableSchema
from huntlens.kql.tokens import NAME
from huntlens.kql.types import canonical
from huntlens_kernel.frames import columns, is_frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huntlens.errors import KqlError
    from huntlens.kql.schema import Schema

_UNKNOWN: Final = frozenset({
    "unknown-table", "unknown-name", "unknown-column", "unknown-function", "doubtful-column", "doubtful-table",
})  # fmt: skip
_MOST_ITEMS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Prepared:
    """A query with what it needs: the first `shift` characters of `text` are saved queries, the rest is the user's.

    `values` are variables that it uses, which go along as typed parameters; `tables` the frames that it names.
    """

    text: str
    shift: int = 0
    values: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, Any] = field(default_factory=dict)

    def own(self, error: KqlError) -> KqlError:
        """The error with places in the text that the user wrote."""
        if self.shift and error.text.startswith(self.text[: self.shift]):
            error.text = error.text[self.shift :]
            error.diagnostics = tuple(self._moved(one) for one in error.diagnostics)
        return error

    def _moved(self, one: object) -> object:
        if not isinstance(one, Diagnostic):
            return one
        start, end = max(0, one.start - self.shift), max(0, one.end - self.shift)
        return replace(one, start=start, end=end, fixes=() if one.start < self.shift else one.fixes)


def words(text: str) -> list[str]:
    """The names that a query writes, each once."""
    found = lex(text)
    return list(dict.fromkeys(word for key, word in zip(found.keys, found.texts, strict=True) if key == NAME))


def frames(text: str, names: Mapping[str, Any]) -> dict[str, Any]:
    """The user's frames that a query names."""
    return {word: names[word] for word in words(text) if word in names and is_frame(names[word])}


def prepare(text: str, names: Mapping[str, Any], saved: Mapping[str, str], schema: Schema) -> Prepared:
    """The query with the saved queries that it calls in front of it, and the variables that it uses beside it."""
    front = "".join(f"let {name} = () {{ {saved[name]}\n}}; " for name in _called(text, saved))
    tables = frames(front + text, names)
    known = schema.with_tables(*(described(name, frame) for name, frame in tables.items()))
    found = [word for word in _unresolved(front + text, known) if word in names and kql_type(names[word])]
    return Prepared(front + text, len(front), {word: _plain(names[word]) for word in found}, tables)


def described(name: str, frame: Any) -> TableSchema:
    """A frame as a table of a schema."""
    return TableSchema(name, tuple(ColumnSchema(column, canonical(kind)) for column, kind in columns(frame).items()))


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 1) == 0 else value


def kql_type(value: Any) -> str | None:
    """The KQL type that a Python value has as a parameter.

    >>> kql_type("x"), kql_type(True), kql_type(3), kql_type([1]), kql_type(print)
    ('string', 'bool', 'long', 'dynamic', None)
    """
    for kind, types in _TYPES.items():
        if isinstance(value, types):
            return kind
    if type(value).__module__.partition(".")[0] in ("numpy", "pandas"):
        return _of_array(value)
    if isinstance(value, dict | list | tuple | set | frozenset) and len(value) <= _MOST_ITEMS:
        return "dynamic"
    return None


_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "bool": (bool,),
    "long": (int,),
    "real": (float,),
    "decimal": (Decimal,),
    "string": (str,),
    "datetime": (datetime, date),
    "timespan": (timedelta,),
    "guid": (UUID,),
}


def _of_array(value: Any) -> str | None:
    """Scalars and columns of numpy and pandas."""
    if type(value).__name__ in ("Series", "Index", "ndarray") and getattr(value, "ndim", 0) == 1:
        return "dynamic" if len(value) <= _MOST_ITEMS else None
    kinds = {"b": "bool", "i": "long", "u": "long", "f": "real", "U": "string", "M": "datetime", "m": "timespan"}
    dtype = getattr(value, "dtype", None)
    return kinds.get(dtype.kind) if dtype is not None and getattr(value, "ndim", 1) == 0 else None


def _called(text: str, saved: Mapping[str, str]) -> list[str]:
    """The saved queries that a text calls, those that they call themselves first."""
    found: dict[str, None] = {}

    def visit(body: str, above: tuple[str, ...]) -> None:
        for word in words(body):
            if word in saved and word not in above and word not in found:
                visit(saved[word], (*above, word))
                found[word] = None

    visit(text, ())
    return list(found)


def _unresolved(text: str, schema: Schema) -> list[str]:
    """The names of a query that are nothing: no column, no table, no function, no `let`."""
    found = (one for one in bind(text, schema).diagnostics if one.name in _UNKNOWN)
    return list(dict.fromkeys(text[one.start : one.end] for one in found))
