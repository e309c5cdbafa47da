"""Rows into sessions: what one user, host or address did without a long pause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from huntlens.analyze.columns import as_list, need, time_column, times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


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
    moments = times(data, time)
    groups = data.groupby(keys, sort=False, dropna=False).ngroup().to_numpy()
    order = np.lexsort((moments.to_numpy(), groups))
    order = order[moments.notna().to_numpy()[order]]
    seconds = moments.to_numpy()[order].astype("int64") / 1e6
    owner = groups[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (owner[1:] != owner[:-1]) | (np.diff(seconds) > pd.Timedelta(pause).total_seconds())
    new = _cut_long(seconds, new, pd.Timedelta(longest).total_seconds())
    numbers = np.full(len(data), -1, dtype=np.int64)
    numbers[order] = np.cumsum(new) - 1
    return pd.Series(numbers, index=data.index, name="session")


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
    numbers = session_ids(data, keys, time=time, pause=pause, longest=longest).to_numpy()
    moments = times(data, time_column(data, time)).to_numpy()
    order = np.lexsort((moments, numbers))
    order = order[np.searchsorted(numbers[order], 0) :]
    first = np.flatnonzero(np.diff(numbers[order], prepend=-1))
    last = np.append(first[1:], len(order)) - 1
    start, end = moments[order[first]], moments[order[last]]
    found = data[keys].iloc[order[first]].reset_index(drop=True)
    found["start"], found["end"], found["duration"] = start, end, end - start
    found["number_events"] = last - first + 1
    for name in events:
        values = _shared(data[name].iloc[order])
        pieces = [values[at : to + 1] for at, to in zip(first.tolist(), last.tolist(), strict=True)]
        found[name] = pd.Series(pieces, dtype=object)
    return found.sort_values("start", kind="stable", ignore_index=True)


def _shared(column: pd.Series[Any]) -> list[Any]:
    """The values, texts that are alike as one object."""
    if not isinstance(column.dtype, pd.StringDtype):
        return column.tolist()
    codes, kinds = pd.factorize(column)
    texts = [*kinds.tolist(), None]
    return [texts[code] for code in codes.tolist()]
