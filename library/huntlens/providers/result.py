"""The answer to a query: rows with their KQL types, and where they came from.

Knows nothing of display and nothing of engines; what is costly is made when it is asked for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from huntlens.frames import TICKS_PER_MICROSECOND, pandas_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huntlens.kql.types import KqlType
    from huntlens.timespan import TimeRange

_ARROW: Final[dict[str, pa.DataType]] = {
    "bool": pa.bool_(), "int": pa.int32(), "long": pa.int64(), "real": pa.float64(), "decimal": pa.decimal128(38, 18),
    "string": pa.string(), "guid": pa.string(), "datetime": pa.timestamp("us"), "dynamic": pa.string(),
    "unknown": pa.string(),
}  # fmt: skip
_NANOSECONDS_FIT: Final = 92_000_000_000_000_000
"""Ticks whose nanoseconds an int64 can hold."""
_FIRST: Final = -62_135_596_800_000_000
_LAST: Final = 253_402_300_799_999_999
"""Microseconds of the first and the last moment of the calendar."""


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """The rows of an answer, as `df`, `rows` or `arrow`.

    `table` is what the source gave; `columns` and `types` are the names and types of KQL. In `df` and `rows` dynamic
    values are Python lists and dicts, in `arrow` they are JSON text; strings are never null; times are naive UTC.

    >>> Result(pa.table({"Id": [1, None], "id": ["a", None]}), {"Id": "long", "ID": "string"}).rows
    [(1, 'a'), (None, '')]
    """

    table: pa.Table
    types: Mapping[str, KqlType]
    render: tuple[str, Mapping[str, object]] | None = None
    query: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    connection: str = ""
    timespan: TimeRange | None = None
    elapsed_s: float = 0.0
    truncated: bool = False
    sql: str = ""
    notes: tuple[str, ...] = ()
    more: tuple[Result, ...] = ()
    """The other results of a text that has several, in order; this is the last one."""

    @property
    def columns(self) -> list[str]:
        """The column names, as KQL has them."""
        return list(self.types)

    @cached_property
    def arrow(self) -> pa.Table:
        """The rows as an Arrow table; dynamic values are JSON text, lengths of time are durations."""
        data = [typed(column, kind) for column, kind in zip(self.table.columns, self.types.values(), strict=True)]
        return pa.table(data, names=self.columns)

    @cached_property
    def df(self) -> pd.DataFrame:
        """The rows as a pandas frame; `df.attrs["kql_types"]` tells the type of each column."""
        frame: pd.DataFrame = self.arrow.to_pandas(types_mapper=pandas_type)
        for position, kind in enumerate(self.types.values()):
            if kind in ("dynamic", "unknown"):
                name = frame.columns[position]
                frame[name] = pd.Series(_parsed(self.arrow.column(position)), index=frame.index, dtype=object)
        frame.attrs["kql_types"] = dict(self.types)
        return frame

    @cached_property
    def rows(self) -> list[tuple[Any, ...]]:
        """The rows as tuples of Python values."""
        data = [_python(column, kind) for column, kind in zip(self.arrow.columns, self.types.values(), strict=True)]
        return list(zip(*data, strict=True)) if data else []

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __repr__(self) -> str:
        return f"<Result {len(self)} rows x {len(self.types)} columns>"


def typed(data: pa.ChunkedArray, kind: str) -> pa.ChunkedArray:
    """A column in the Arrow type of its KQL type; the empty string for a string that is null."""
    if kind == "timespan":
        return _duration(data)
    wanted = _ARROW[kind]
    if pa.types.is_dictionary(data.type):
        data = data.cast(data.type.value_type)
    if isinstance(data.type, pa.BaseExtensionType):
        data = data.cast(data.type.storage_type)
    if kind == "datetime":
        return _in_calendar(data.cast(wanted, safe=False))
    if data.type != wanted and not (kind == "decimal" and pa.types.is_decimal(data.type)):
        data = data.cast(wanted)
    return pc.fill_null(data, "") if kind in ("string", "guid") else data


def _in_calendar(data: pa.ChunkedArray) -> pa.ChunkedArray:
    """Times of the years 1 to 9999, which KQL knows; what lies outside is null."""
    micros = data.cast(pa.int64())
    bounds = pc.min_max(micros)
    if bounds["min"].as_py() is None or _FIRST <= bounds["min"].as_py() <= bounds["max"].as_py() <= _LAST:
        return data
    inside = pc.and_(pc.greater_equal(micros, _FIRST), pc.less_equal(micros, _LAST))
    return pc.if_else(inside, data, pa.scalar(None, data.type))


def _duration(data: pa.ChunkedArray) -> pa.ChunkedArray:
    """Ticks as nanoseconds, or as microseconds where those would not fit."""
    if pa.types.is_duration(data.type):
        return data
    ticks = data.cast(pa.int64())
    bounds = pc.min_max(ticks)
    if any(abs(bounds[side].as_py() or 0) > _NANOSECONDS_FIT for side in ("min", "max")):
        return pc.divide(ticks, TICKS_PER_MICROSECOND).cast(pa.duration("us"))
    return pc.multiply(ticks, 100).cast(pa.duration("ns"))


def _python(data: pa.ChunkedArray, kind: str) -> list[Any]:
    if kind in ("dynamic", "unknown"):
        return _parsed(data)
    if kind == "timespan":
        data = data.cast(pa.duration("us"), safe=False)
    values: list[Any] = data.to_pylist()
    return values


def _parsed(data: pa.ChunkedArray) -> list[Any]:
    """JSON texts as Python values; equal texts are parsed once and shared between no two rows."""
    return [None if text is None else _load(text) for text in data.to_pylist()]


def _load(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
