"""Columns of a frame by name or by what they usually are called; times as naive UTC."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from huntlens.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

TIMES: Final = ("TimeGenerated", "Timestamp", "TimeCreated", "EventTime", "time", "timestamp")


def need(data: pd.DataFrame, *names: str) -> None:
    """Raise `DataError` for the first name that is no column."""
    for name in names:
        if name not in data.columns:
            raise DataError(f"the frame has no column '{name}'; it has: {', '.join(map(str, data.columns))}")


def time_column(data: pd.DataFrame, name: str = "") -> str:
    """The column of times: the one named, else the first with a usual name, else the first of that type."""
    if name:
        need(data, name)
        return name
    typed = [str(column) for column in data.columns if pd.api.types.is_datetime64_any_dtype(data[column])]
    found = next((usual for usual in TIMES if usual in data.columns), typed[0] if typed else "")
    if not found:
        raise DataError(f"no column of times was found; name it: time=... of {', '.join(map(str, data.columns))}")
    return found


def times(data: pd.DataFrame, name: str = "") -> pd.Series[Any]:
    """The times of a column as naive UTC in microseconds; what cannot be read is missing.

    >>> times(pd.DataFrame({"time": ["2026-03-01T12:00:00+02:00", "x"]})).isna().tolist()
    [False, True]
    """
    column = data[time_column(data, name)]
    if pd.api.types.is_datetime64_any_dtype(column):
        read = column
    else:
        read = pd.to_datetime(column, utc=True, errors="coerce", format="mixed")
    if read.dt.tz is not None:
        read = read.dt.tz_convert("UTC").dt.tz_localize(None)
    return read.astype("datetime64[us]")


def as_list(names: str | Sequence[str]) -> list[str]:
    """One name or several, as a list."""
    return [names] if isinstance(names, str) else list(names)
