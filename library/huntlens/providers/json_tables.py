"""Tables as the query services of Microsoft send them in JSON: columns with type names, rows of values.

>>> made = answer([("At", "datetime"), ("N", "long")], [["2026-03-01T08:00:00.1234567Z", 3]])
>>> made.table.to_pylist(), made.columns
([{'At': datetime.datetime(2026, 3, 1, 8, 0, 0, 123456), 'N': 3}], {'At': 'datetime', 'N': 'long'})
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from huntlens.errors import ConnectionFailedError
from huntlens.kql.types import KqlType, canonical
from huntlens.providers.source import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_NAMES: Final[dict[str, KqlType]] = {
    "sbyte": "bool", "boolean": "bool", "int16": "int", "int32": "int", "int64": "long", "single": "real",
    "double": "real", "sqldecimal": "decimal", "object": "dynamic", "string": "string", "datetime": "datetime",
    "timespan": "timespan", "guid": "guid", "integer": "long", "number": "real",
}  # fmt: skip
"""What .NET calls the types, as the first version of Kusto's protocol and Microsoft Graph do, and Resource Graph."""

_MICROSECONDS: Final = len("2026-03-01T08:00:00.123456")
_LENGTH: Final = re.compile(r"(-?)(?:(\d+)\.)?(\d+):(\d+):(\d+)(?:\.(\d{1,7}))?")
_TICKS_PER_SECOND: Final = 10_000_000


def kql_type(name: str) -> KqlType:
    """The KQL type for the name that a service gives it.

    >>> kql_type("Int64"), kql_type("SByte"), kql_type("real")
    ('long', 'bool', 'real')
    """
    return _NAMES.get(name.lower().removeprefix("system.").removeprefix("data.sqltypes."), canonical(name))


def answer(
    columns: Sequence[tuple[str, str]],
    rows: Sequence[Sequence[Any]],
    *,
    limit: int | None = None,
    render: tuple[str, Mapping[str, object]] | None = None,
    notes: tuple[str, ...] = (),
) -> Answer:
    """The answer that a table is; `columns` are names with the types that the service says they have."""
    types = {name: kql_type(kind) for name, kind in columns}
    truncated = limit is not None and len(rows) > limit
    kept = rows[:limit] if truncated else rows
    data = list(zip(*kept, strict=True)) if kept else [()] * len(columns)
    try:
        arrays = [_READERS[kind](values) for kind, values in zip(types.values(), data, strict=True)]
    except (ValueError, TypeError, pa.ArrowInvalid) as error:
        raise ConnectionFailedError(f"the service sent a table whose values do not fit its columns: {error}") from None
    return Answer(pa.table(arrays, names=list(types)), types, render, truncated=truncated, notes=notes)


def _datetimes(values: Sequence[Any]) -> pa.Array:
    """Microseconds; the seventh digit is cut off, as everywhere here."""
    texts = pc.utf8_slice_codeunits(pa.array(values, pa.string()), 0, _MICROSECONDS)
    return pc.utf8_rtrim(texts, characters="Z").cast(pa.timestamp("us"))


def _ticks(text: str) -> int:
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:40]!r} is no timespan")
    sign, days, hours, minutes, seconds, fraction = found.groups(default="0")
    whole = ((int(days) * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(seconds)
    return (-1 if sign == "-" else 1) * (whole * _TICKS_PER_SECOND + int(fraction.ljust(7, "0")))


def _of(kind: pa.DataType, convert: Callable[[Any], Any] | None = None) -> Callable[[Sequence[Any]], pa.Array]:
    def read(values: Sequence[Any]) -> pa.Array:
        if convert is None:
            return pa.array(values, kind)
        return pa.array([None if value is None or value == "" else convert(value) for value in values], kind)

    return read


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_READERS: Final[dict[KqlType, Callable[[Sequence[Any]], pa.Array]]] = {
    "bool": _of(pa.bool_(), bool),
    "int": _of(pa.int32()),
    "long": _of(pa.int64()),
    "real": _of(pa.float64(), float),  # NaN and the infinities come as texts
    "decimal": _of(pa.decimal128(38, 18), lambda value: Decimal(str(value))),
    "datetime": _datetimes,
    "timespan": _of(pa.int64(), _ticks),
    "dynamic": _of(pa.string(), _text),
    "unknown": _of(pa.string(), _text),
    "string": _of(pa.string(), _text),
    "guid": _of(pa.string(), _text),
}


# --- rows without a schema ---------------------------------------------------------------------------------------

_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)")


def of_records(
    records: Sequence[Mapping[str, Any]], *, limit: int | None = None, notes: tuple[str, ...] = ()
) -> Answer:
    """The answer that JSON objects are; what type a column has, its values tell.

    >>> of_records([{"id": "a", "n": 1, "at": "2026-03-01T08:00:00+01:00"}, {"id": "b", "tags": ["x"]}]).columns
    {'id': 'string', 'n': 'long', 'at': 'datetime', 'tags': 'dynamic'}
    """
    names = list(dict.fromkeys(name for record in records for name in record))
    columns = [(name, _kind([record.get(name) for record in records])) for name in names]
    times = {name for name, kind in columns if kind == "datetime"}
    rows = [[_utc(record.get(name)) if name in times else record.get(name) for name in names] for record in records]
    return answer(columns, rows, limit=limit, notes=notes)


def _kind(values: Sequence[Any]) -> KqlType:
    present = [value for value in values if value is not None]
    types = set(map(type, present))
    if types == {str}:
        return "datetime" if all(map(_MOMENT.fullmatch, present)) else "string"
    if types <= {int, float}:
        return "string" if not types else "real" if float in types else "long"
    return "bool" if types == {bool} else "dynamic"


def _utc(text: str | None) -> str | None:
    """A time with its offset as one of UTC, with as many digits as microseconds have."""
    if not text:
        return None
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None).isoformat()
