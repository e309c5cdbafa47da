"""What plots ask of a frame: which column is the time, which tell rows apart, what to show for a mark."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from huntlens.errors import DataError
from huntlens.frames import to_frame, unique_names
from huntlens.viz import text as texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

TIME_NAMES: Final = ("TimeGenerated", "Timestamp", "EventTime", "StartTime", "StartTimeUtc", "time", "ts", "@timestamp")
OTHERS: Final = "(others)"
NONE: Final = "(none)"
_MOMENT: Final = (str, datetime, date, np.datetime64)
# Windows and .NET write "no time" as the first or the last moment that they know: years 1, 1601 and 9999.
_FIRST, _LAST = np.datetime64("1601-01-02", "us"), np.datetime64("9999-01-01", "us")
_NUMBER: Final = (str, int, float, np.number, Decimal)
_LARGEST: Final = 1e200
"""Above this, sums and squares of numbers are no numbers any more."""
_BYTES: Final = re.compile(r"(?i)bytes|(?-i:[a-z_]Size$)")
_TELLING: Final = (
    "Activity", "Account", "AccountName", "UserPrincipalName", "Computer", "DeviceName", "EventID", "ActionType",
    "NewProcessName", "FileName", "ProcessCommandLine", "CommandLine", "IPAddress", "SourceIP", "RemoteIP", "AlertName",
)  # fmt: skip


def frame_of(data: Any) -> pd.DataFrame:
    """The frame behind what was passed, each column under a text of its own; `a` that comes again is `a_1`."""
    held = getattr(data, "df", None)
    frame = held if isinstance(held, pd.DataFrame) else to_frame(data)
    if frame.columns.is_unique and all(type(name) is str for name in frame.columns):
        return frame
    return frame.set_axis(unique_names(frame.columns), axis=1)


def need(frame: pd.DataFrame, name: object) -> str:
    """The name, if the frame has that column."""
    found = unique_names([name])[0]
    if found in frame.columns:
        return found
    message = f"there is no column '{name}'; there are: {', '.join(map(str, frame.columns[:30]))}"
    raise DataError(message)


def time_column(frame: pd.DataFrame, name: str = "") -> str:
    """The column that holds the time of a row: the one named, a usual name, else the first of a time type."""
    if name:
        return need(frame, name)
    named = [column for column in TIME_NAMES if column in frame.columns]
    typed = [str(column) for column in frame.columns if texts.kql_type(frame[column]) == "datetime"]
    if found := [*(column for column in named if column in typed), *typed, *named]:
        return found[0]
    raise DataError(f"no column holds times; name one with time=: {', '.join(map(str, frame.columns[:30]))}")


def times(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    """A column as naive UTC times; what cannot be read as a time, or stands for none, is missing."""
    series, typed = frame[name], texts.kql_type(frame[name]) == "datetime"
    if not typed and series.dtype.kind in "biufcm":
        return pd.Series(pd.NaT, index=series.index, dtype="datetime64[us]")
    if series.dtype == object:
        series = series.where(series.map(lambda value: isinstance(value, _MOMENT)).astype(bool), None)
    found = pd.to_datetime(series, errors="coerce", utc=True, format=None if typed else "ISO8601")
    moments = found.dt.tz_localize(None).astype("datetime64[us]")
    return moments.where((moments >= _FIRST) & (moments < _LAST))


def numbers(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """A column as numbers, timespans in seconds; what is none, or has no end, is missing."""
    if texts.kql_type(frame[name]) == "timespan":
        return np.asarray(frame[name].dt.total_seconds(), dtype=float)
    series = frame[name]
    if series.dtype == object:
        series = series.where(series.map(lambda value: isinstance(value, _NUMBER)).astype(bool), None)
    found: pd.Series[Any] = pd.to_numeric(series, errors="coerce")
    values = found.to_numpy(float, na_value=np.nan)
    return np.where(np.abs(values) < _LARGEST, values, np.nan)


def unit_of(frame: pd.DataFrame, name: str) -> str:
    """What a column of numbers counts, as far as it says so: `s` for timespans, `bytes` by its name."""
    if not name:
        return ""
    if texts.kql_type(frame[name]) == "timespan":
        return "s"
    return "bytes" if _BYTES.search(name) else ""


def labels(series: pd.Series[Any], limit: int = 60) -> NDArray[np.object_]:
    """The values of a column as texts that may be shown; each different value is made into text once."""
    codes, uniques = pd.factorize(_hashable(series), use_na_sentinel=True)
    shown = [texts.show(value, limit) or NONE for value in uniques]
    return np.asarray([*shown, NONE], dtype=object)[codes]


def _hashable(series: pd.Series[Any]) -> Any:
    if series.dtype != object:
        return series
    # Not by Series.map: it would make a column of texts of the answer, which halves of surrogate pairs cannot be in.
    found = np.empty(len(series), dtype=object)
    found[:] = [value if isinstance(value, str) else texts.show(value, 400) for value in series]
    return found


def lanes(frame: pd.DataFrame, group: str, most: int) -> tuple[NDArray[np.intp], list[str]]:
    """The lane of each row and the lanes' names, the fullest first; past `most` of them the rest shares one."""
    if not group:
        return np.zeros(len(frame), dtype=np.intp), [""]
    codes, uniques = pd.factorize(labels(frame[need(frame, group)]))
    order = np.argsort(-np.bincount(codes, minlength=len(uniques)), kind="stable")
    rank = np.empty(len(uniques), dtype=np.intp)
    rank[order] = np.arange(len(uniques))
    names = [str(uniques[index]) for index in order]
    if len(names) > most:
        rest = len(names) - most + 1
        names = [*names[: most - 1], f"{OTHERS}: {rest:,} more"]
        rank = np.minimum(rank, most - 1)
    return rank[codes], names


def hover_columns(frame: pd.DataFrame, chosen: Sequence[str], *, leave_out: Sequence[str], most: int = 4) -> list[str]:
    """The columns to show for a mark: those chosen, else usual telling ones, else the first."""
    if chosen:
        return [need(frame, name) for name in chosen]
    telling = [name for name in _TELLING if name in frame.columns]
    rest = [str(name) for name in frame.columns if name not in telling]
    return [name for name in [*telling, *rest] if name not in leave_out][:most]
