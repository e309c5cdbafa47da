"""What plots ask of a frame: which column is the time, which tell rows apart, what to show for a mark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from huntlens.errors import DataError
from huntlens.frames import to_frame
from huntlens.viz import text as texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

TIME_NAMES: Final = ("TimeGenerated", "Timestamp", "EventTime", "StartTime", "StartTimeUtc", "time", "ts", "@timestamp")
OTHERS: Final = "(others)"
NONE: Final = "(none)"
_TELLING: Final = (
    "Activity", "Account", "AccountName", "UserPrincipalName", "Computer", "DeviceName", "EventID", "ActionType",
    "NewProcessName", "FileName", "ProcessCommandLine", "CommandLine", "IPAddress", "SourceIP", "RemoteIP", "AlertName",
)  # fmt: skip


def frame_of(data: Any) -> pd.DataFrame:
    """The frame behind what was passed: a result of a query, or anything that `frames` knows."""
    held = getattr(data, "df", None)
    return held if isinstance(held, pd.DataFrame) else to_frame(data)


def need(frame: pd.DataFrame, name: str) -> str:
    """The name, if the frame has that column."""
    if name in frame.columns:
        return name
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
    """A column as naive UTC times; what cannot be read as a time is missing."""
    found = pd.to_datetime(frame[name], errors="coerce", utc=True, format=None if _typed(frame[name]) else "ISO8601")
    return found.dt.tz_localize(None).astype("datetime64[us]")


def _typed(series: pd.Series[Any]) -> bool:
    return texts.kql_type(series) == "datetime"


def numbers(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """A column as numbers; what is none is missing."""
    if texts.kql_type(frame[name]) == "timespan":
        return np.asarray(frame[name].dt.total_seconds(), dtype=float)
    found: pd.Series[Any] = pd.to_numeric(frame[name], errors="coerce")
    return found.to_numpy(float, na_value=np.nan)


def labels(series: pd.Series[Any], limit: int = 60) -> NDArray[np.object_]:
    """The values of a column as texts that may be shown; each different value is made into text once."""
    codes, uniques = pd.factorize(_hashable(series), use_na_sentinel=True)
    shown = [texts.show(value, limit) or NONE for value in uniques]
    return np.asarray([*shown, NONE], dtype=object)[codes]


def _hashable(series: pd.Series[Any]) -> pd.Series[Any]:
    if texts.kql_type(series) != "dynamic":
        return series
    return series.map(lambda value: texts.show(value, 400), na_action="ignore")


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
