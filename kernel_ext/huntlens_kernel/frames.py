"""The user's tables: which values are one, and what its columns are, without importing any library."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from huntlens.assist.session import Frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST_COLUMNS: Final = 1_000
_SAMPLE: Final = 50
_FRAMES: Final = {
    "pandas": ("DataFrame",),
    "polars": ("DataFrame", "LazyFrame"),
    "pyarrow": ("Table", "RecordBatch"),
    "duckdb": ("DuckDBPyRelation",),
    "_duckdb": ("DuckDBPyRelation",),
    "ibis": ("Table",),
}
_TYPES: Final = (
    (re.compile(r"u?int|bigint|hugeint|integer", re.IGNORECASE), "long"),
    (re.compile(r"float|double|real", re.IGNORECASE), "real"),
    (re.compile(r"bool", re.IGNORECASE), "bool"),
    (re.compile(r"datetime|timestamp|date", re.IGNORECASE), "datetime"),
    (re.compile(r"timedelta|duration|interval", re.IGNORECASE), "timespan"),
    (re.compile(r"decimal", re.IGNORECASE), "decimal"),
    (re.compile(r"list|struct|map|json", re.IGNORECASE), "dynamic"),
)


def is_frame(value: object) -> bool:
    """Whether a value is a table that a query may name."""
    kind = type(value)
    names = _FRAMES.get(kind.__module__.partition(".")[0])
    return names is not None and kind.__name__ in names


def columns(frame: Any) -> dict[str, str]:
    """The KQL types of a frame's columns, by name."""
    known = getattr(frame, "attrs", {}).get("kql_types", {})
    kinds: dict[Any, str] = {}
    found = {}
    for name, dtype in islice(_dtypes(frame), MOST_COLUMNS):
        if name in known:
            found[str(name)] = str(known[name])
            continue
        if dtype not in kinds:
            kinds[dtype] = _kql_type(str(dtype))
        found[str(name)] = kinds[dtype] or _of_objects(frame, name)
    return found


def _dtypes(frame: Any) -> Iterable[tuple[Any, Any]]:
    if _is_pandas(frame):
        return zip(frame.columns, frame.dtypes.to_numpy().tolist(), strict=True)
    schema: Any = getattr(frame, "schema", None)
    if hasattr(schema, "items"):
        return list(schema.items())
    if hasattr(schema, "names"):
        return zip(schema.names, schema.types, strict=True)
    return zip(getattr(frame, "columns", ()), getattr(frame, "types", ()), strict=False)


def _is_pandas(frame: Any) -> bool:
    return hasattr(type(frame), "iloc")  # of the class: `frame.dtypes` makes a Series each time


def _kql_type(dtype: str) -> str:
    """The type that a dtype stands for; empty where only the values tell."""
    if dtype == "object":
        return ""
    return next((kind for pattern, kind in _TYPES if pattern.match(dtype)), "string")


def _of_objects(frame: Any, name: Any) -> str:
    column = frame[name]
    if getattr(column, "ndim", 0) != 1:
        return "string"
    first = next((value for value in column.head(_SAMPLE) if value is not None and value == value), None)  # noqa: PLR0124  (not NaN)
    return "dynamic" if isinstance(first, dict | list) else "string"


@dataclass(frozen=True, slots=True)
class _Read:
    """A frame's columns as they were read, and what must still be the same for that to hold."""

    columns: Any
    dtypes: list[Any]
    types: Any
    frame: Frame


class Frames:
    """The frames among the user's variables; one whose columns and dtypes are the same as before is not read again."""

    def __init__(self) -> None:
        self._read: dict[str, _Read] = {}

    def of(self, names: Mapping[str, Any]) -> dict[str, Frame]:
        """The frames by name; may be called from several threads."""
        before, now, found = self._read, {}, {}
        for name, value in names.items():
            if not _is_pandas(value):
                found[name] = Frame(columns(value))
                continue
            seen = before.get(name)
            index, dtypes, types = value.columns, value.dtypes.to_numpy().tolist(), value.attrs.get("kql_types")
            if seen is None or seen.columns is not index or seen.types is not types or seen.dtypes != dtypes:
                seen = _Read(index, dtypes, types, Frame(columns(value)))
            now[name] = seen
            found[name] = seen.frame
        self._read = now
        return found
