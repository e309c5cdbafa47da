"""Rows into sessions: what one user, host or address did without a long pause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from huntlens.analyze.columns import as_list, need, time_column, times
from huntlens.frames import lean_arrow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@lean_arrow()
def session_ids(
    data: pd.DataFrame, by: str | Sequence[str], *, time: str = "", pause: str = "15min", longest: str = "1h"
) -> pd.Series[int]:
    """The number of the session that each row belongs to, with the index of the frame; -1 for rows without a time.

    A session of one `by` ends at a pause longer than `pause`, and after `longest` since it began.

    >>> times_of_day = pd.to_datetime(["2026-03-01 10:00", "2026-03-01 10:05", "2026-03-01 12:00"])
    >>> session_ids(pd.DataFrame({"user": "a", "time": times_of_day}), "user").tolist()
    [0, 0, 1]
    """
    keys = as_list(by)
    need(data, *keys)
    order, first, _ = _bounds(data, keys, times(data, time).to_numpy(), pause, longest)
    numbers = np.full(len(data), -1, dtype=np.int64)
    numbers[order] = np.repeat(np.arange(len(first)), np.diff(first, append=len(order)))
    return pd.Series(numbers, index=data.index, name="session")


def _bounds(
    data: pd.DataFrame, keys: list[str], moments: NDArray[np.datetime64], pause: str, longest: str
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The rows that have a time, session by session, and where in them each session begins and ends."""
    owners = _owners(data, keys)
    order = np.lexsort((moments, owners))
    order = order[~np.isnat(moments)[order]]
    seconds = moments[order].astype("int64") / 1e6
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(owners[order]) != 0) | (np.diff(seconds) > pd.Timedelta(pause).total_seconds())
    first = np.flatnonzero(_cut_long(seconds, new, pd.Timedelta(longest).total_seconds()))
    return order, first, np.append(first[1:], len(order))


def _owners(data: pd.DataFrame, keys: list[str]) -> NDArray[np.int64]:
    """A number for each row, the same where all keys are."""
    owners = np.zeros(len(data), dtype=np.int64)
    for at, key in enumerate(keys):
        codes, kinds = pd.factorize(data[key], use_na_sentinel=False)
        owners = pd.factorize(owners * len(kinds) + codes)[0] if at else codes
    return owners


def _cut_long(seconds: NDArray[np.float64], new: NDArray[np.bool_], longest: float) -> NDArray[np.bool_]:
    """Sessions that last too long begin anew; only they are walked through, cut by cut."""
    new = new.copy()
    starts = np.flatnonzero(new)
    ends = np.append(starts[1:], len(seconds))
    long = seconds[ends - 1] - seconds[starts] > longest if len(starts) else np.empty(0, dtype=bool)
    for start, end in zip(starts[long].tolist(), ends[long].tolist(), strict=True):
        at = start
        while seconds[end - 1] - seconds[at] > longest:
            at = int(np.searchsorted(seconds[at:end], seconds[at] + longest, side="right")) + at
            new[at] = True
    return new


@lean_arrow()
def sessionize(
    data: pd.DataFrame,
    by: str | Sequence[str],
    event: str | Sequence[str],
    *,
    time: str = "",
    pause: str = "15min",
    longest: str = "1h",
) -> pd.DataFrame:
    """The sessions, one row each, in order of their start.

    Columns: those of `by`, `start`, `end`, `duration`, `number_events`, and for each of `event` the list of its values
    in order of time.
    """
    keys, events = as_list(by), as_list(event)
    need(data, *keys, *events)
    moments = times(data, time_column(data, time)).to_numpy()
    order, first, end = _bounds(data, keys, moments, pause, longest)
    by_start = np.argsort(moments[order[first]], kind="stable")
    first, end = first[by_start], end[by_start]
    found = data[keys].iloc[order[first]].reset_index(drop=True)
    found["start"], found["end"] = moments[order[first]], moments[order[end - 1]]
    found["duration"] = found["end"] - found["start"]
    found["number_events"] = end - first
    for name in events:
        values = _shared(data[name].iloc[order])
        pieces = (values[at:to] for at, to in zip(first.data, end.data, strict=True))
        found[name] = np.fromiter(pieces, dtype=object, count=len(first))
    return found


def _shared(column: pd.Series[Any]) -> list[Any]:
    """The values, texts that are alike as one object."""
    if not isinstance(column.dtype, pd.StringDtype):
        return column.tolist()
    codes, kinds = pd.factorize(column)
    texts = [*kinds.tolist(), None]
    return [texts[code] for code in codes.data]
