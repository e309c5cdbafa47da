"""What the user passed, as a data frame or an Arrow table: the only place that tells values, lists and frames apart.

Anything with the Arrow C stream protocol is a frame: pandas, polars, pyarrow, DuckDB relations, Ibis tables.
Knows nothing of queries; the KQL types of columns are named here because every reader of a frame needs them.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from huntlens.errors import DataError

TICKS_PER_MICROSECOND: Final = 10
"""KQL counts timespans in ticks of 100 ns."""

_NESTED: Final = (dict, list, tuple, set, frozenset)


class _Pool:
    """Which pool Arrow takes memory from: the setting is the process's, so the last of several threads puts it back."""

    def __init__(self) -> None:
        self._lock, self._inside, self._before = threading.Lock(), 0, pa.default_memory_pool()

    def enter(self) -> None:
        with self._lock:
            if not self._inside:
                self._before = pa.default_memory_pool()
                pa.set_memory_pool(pa.system_memory_pool())
            self._inside += 1

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                pa.set_memory_pool(self._before)


_LEAN: Final = _Pool()


@contextmanager
def lean_arrow() -> Iterator[None]:
    """Arrow, and pandas through it, takes memory from the system as it needs it and gives it back.

    Its own pool is as fast, and keeps some 15 MB more.
    """
    _LEAN.enter()
    try:
        yield
    finally:
        _LEAN.leave()


@dataclass(frozen=True, slots=True)
class FrameTable:
    """An Arrow table whose column names are unique ignoring case, and what they are called and typed in KQL.

    `types` maps a KQL name to its KQL type, `physical` a KQL name to the name of the Arrow column, in order.
    """

    data: pa.Table
    types: dict[str, str]
    physical: dict[str, str] = field(default_factory=dict)


def is_frame(value: object) -> bool:
    """Whether a value is a table: a pandas frame, or anything that streams Arrow.

    >>> is_frame(pd.DataFrame()), is_frame([1])
    (True, False)
    """
    return isinstance(value, pd.DataFrame) or (
        hasattr(value, "__arrow_c_stream__") and not isinstance(value, pd.Series | pa.ChunkedArray)
    )


def to_frame(value: Any, column: str = "value") -> pd.DataFrame:
    """A pandas frame of what was passed: a frame, a Series, a list of records or of values, or one value.

    >>> to_frame(["a", "b"], column="ip")["ip"].tolist()
    ['a', 'b']
    """
    if isinstance(value, pd.DataFrame):
        return value
    if isinstance(value, pd.Series):
        return value.to_frame(name=value.name if value.name is not None else column)
    if is_frame(value):
        frame: pd.DataFrame = _stream(value).to_pandas(types_mapper=pandas_type)
        return frame
    if isinstance(value, Mapping):
        many = all(isinstance(cell, list | tuple | pd.Series) for cell in value.values()) and value
        return pd.DataFrame(value if many else [value])
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        return pd.DataFrame({column: [value]})
    values = list(value)
    if values and all(isinstance(item, Mapping) for item in values):
        return pd.DataFrame(values)
    return pd.DataFrame({column: values})


def pandas_type(kind: pa.DataType) -> Any:
    """The pandas type that holds an Arrow type without loss: integers with gaps stay integers."""
    return _PANDAS_TYPES.get(kind)


_PANDAS_TYPES: Final[dict[pa.DataType, Any]] = {
    pa.int64(): pd.Int64Dtype(),
    pa.int32(): pd.Int32Dtype(),
    pa.bool_(): pd.BooleanDtype(),
    pa.float64(): pd.Float64Dtype(),
}


def to_arrow(value: Any) -> FrameTable:
    """A frame in the shape that queries read: plain types, UTC microseconds, nested values as JSON text.

    >>> to_arrow(pd.DataFrame({"Id": [1], "ID": ["x"]})).physical
    {'Id': 'Id', 'ID': 'ID_1'}
    """
    table = _from_pandas(value) if isinstance(value, pd.DataFrame) else _stream(value)
    names = unique_names(table.column_names)
    physical = physical_names(names)
    columns, types = [], {}
    for name, data in zip(names, table.columns, strict=True):
        column, types[name] = _plain(data, name)
        columns.append(column)
    return FrameTable(pa.table(columns, names=list(physical.values())), types, physical)


def no_rows(schema: pa.Schema) -> pa.RecordBatch:
    """A batch that only tells its columns."""
    return pa.RecordBatch.from_pylist([], schema=schema)


def unique_names(names: Iterable[Any]) -> list[str]:
    """Column names as text; a name that comes again gets a number.

    >>> unique_names(["a", "a", 3])
    ['a', 'a_1', '3']
    """
    taken: set[str] = set()
    result = []
    for name in names:
        text = " ".join(map(str, name)) if isinstance(name, tuple) else str(name)
        result.append(_free(text, taken, fold=False))
    return result


def physical_names(names: Iterable[str]) -> dict[str, str]:
    """SQL names for KQL names: the same, but unique ignoring case, since SQL does not tell `Id` from `ID`.

    >>> physical_names(["ProcessId", "ProcessID", "Task"])
    {'ProcessId': 'ProcessId', 'ProcessID': 'ProcessID_1', 'Task': 'Task'}
    """
    names = list(names)
    taken: set[str] = set()
    reserved = {name.casefold() for name in names}
    result = {}
    for name in names:
        folded = name.casefold()
        if folded not in taken:
            taken.add(folded)
            result[name] = name
            continue
        result[name] = _free(name, taken | reserved, fold=True)
        taken.add(result[name].casefold())
    return result


def _free(name: str, taken: set[str], *, fold: bool) -> str:
    candidate, number = name, 0
    while (candidate.casefold() if fold else candidate) in taken:
        number += 1
        candidate = f"{name}_{number}"
    taken.add(candidate.casefold() if fold else candidate)
    return candidate


def json_text(value: Any) -> str:
    """A nested Python value as JSON text; what JSON cannot say becomes text.

    >>> json_text({"a": (1, None)})
    '{"a":[1,null]}'
    """
    return json.dumps(value, default=_json_default, separators=(",", ":"), ensure_ascii=False, allow_nan=True)


def _json_default(value: Any) -> Any:
    if isinstance(value, set | frozenset):
        return sorted(value, key=str)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)


def _stream(value: Any) -> pa.Table:
    try:
        return pa.Table.from_batches([value]) if isinstance(value, pa.RecordBatch) else pa.table(value)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise DataError(f"{type(value).__name__} cannot be read as a table: {error}") from error


def _from_pandas(frame: pd.DataFrame) -> pa.Table:
    columns = [_series(frame.iloc[:, position]) for position in range(frame.shape[1])]
    return pa.table(columns, names=unique_names(frame.columns))


def _series(series: pd.Series[Any]) -> pa.ChunkedArray | pa.Array:
    """One pandas column; Arrow guesses structs for dictionaries, which would invent keys, so those become JSON here."""
    if series.dtype == object:
        first = next((item for item in series if not _absent(item)), None)
        if isinstance(first, _NESTED) or hasattr(first, "tolist"):
            return _json_array([None if _absent(item) else json_text(item) for item in series])
    try:
        return pa.array(series, from_pandas=True)
    except (pa.ArrowException, OverflowError):
        return pa.array([None if _absent(item) else _as_text(item) for item in series], pa.string())


def _absent(item: object) -> bool:
    return item is None or item is pd.NA or item is pd.NaT or (isinstance(item, float) and math.isnan(item))


def _as_text(item: object) -> str:
    if isinstance(item, str):
        return item
    return json_text(item) if isinstance(item, (*_NESTED, datetime, timedelta)) else str(item)


def _json_array(texts: list[str | None]) -> pa.Array:
    return pa.ExtensionArray.from_storage(pa.json_(pa.utf8()), pa.array(texts, pa.string()))


def _plain(data: pa.ChunkedArray, name: str) -> tuple[pa.ChunkedArray | pa.Array, str]:
    """A column in one of the types that queries know, and its KQL type."""
    kind = data.type
    if isinstance(kind, pa.BaseExtensionType):
        if kind.extension_name == "arrow.json":
            return data, "dynamic"
        storage = pa.chunked_array([chunk.storage for chunk in data.chunks], kind.storage_type)
        return (_uuid_text(storage), "guid") if kind.extension_name == "arrow.uuid" else _plain(storage, name)
    if pa.types.is_dictionary(kind):
        return _plain(data.cast(kind.value_type), name)
    if pa.types.is_nested(kind):
        texts = [None if item is None else json_text(item) for item in data.to_pylist()]
        return _json_array(texts), "dynamic"
    for matches, target, kql in _PLAIN:
        if matches(kind):
            return (data if kind == target else _cast(data, target, name)), kql
    return _special(data, kind)


def _cast(data: pa.ChunkedArray, target: pa.DataType, name: str) -> pa.ChunkedArray:
    """A cast that cuts off what is finer than a microsecond and refuses what is out of range."""
    try:
        return pc.cast(data, options=pc.CastOptions(target, allow_time_truncate=True, allow_time_overflow=False))
    except pa.ArrowInvalid as error:
        raise DataError(f"column '{name}' holds a value that {target} cannot: {error}") from error


def _special(data: pa.ChunkedArray, kind: pa.DataType) -> tuple[pa.ChunkedArray | pa.Array, str]:
    if pa.types.is_duration(kind):
        micro = pc.cast(data, options=pc.CastOptions(pa.duration("us"), allow_time_truncate=True))
        return pc.multiply(micro.cast(pa.int64()), TICKS_PER_MICROSECOND), "timespan"
    if pa.types.is_time(kind):
        micro = pc.cast(data, options=pc.CastOptions(pa.time64("us"), allow_time_truncate=True))
        return pc.multiply(micro.cast(pa.int64()), TICKS_PER_MICROSECOND), "timespan"
    if kind == pa.uint64():
        highest = pc.max(data).as_py()
        fits = highest is None or highest < 2**63
        return (data.cast(pa.int64()), "long") if fits else (data.cast(pa.decimal128(20, 0)), "decimal")
    if pa.types.is_decimal(kind):
        return data, "decimal"
    if pa.types.is_null(kind):
        return data.cast(pa.string()), "string"
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return _binary_text(data), "string"
    return pa.array([None if item is None else str(item) for item in data.to_pylist()], pa.string()), "string"


def _binary_text(data: pa.ChunkedArray) -> pa.Array:
    """Bytes as text; what is not UTF-8 keeps its place as escapes."""
    return pa.array([None if item is None else item.decode("utf-8", "backslashreplace") for item in data.to_pylist()])


def _uuid_text(data: pa.ChunkedArray) -> pa.Array:
    hexes = [None if item is None else item.hex() for item in data.to_pylist()]
    return pa.array(
        [None if h is None else f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}" for h in hexes], pa.string()
    )


def _is_utc_micro(kind: pa.DataType) -> bool:
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind))


_PLAIN: Final = (
    (pa.types.is_boolean, pa.bool_(), "bool"),
    (lambda kind: kind in (pa.int8(), pa.int16(), pa.int32(), pa.uint8(), pa.uint16()), pa.int32(), "int"),
    (lambda kind: kind in (pa.int64(), pa.uint32()), pa.int64(), "long"),
    (pa.types.is_floating, pa.float64(), "real"),
    (pa.types.is_string, pa.string(), "string"),
    (pa.types.is_large_string, pa.large_string(), "string"),
    (lambda kind: kind == pa.string_view(), pa.string_view(), "string"),
    (_is_utc_micro, pa.timestamp("us"), "datetime"),
)
