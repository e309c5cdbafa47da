"""Counts over time: what is usual for the hour and the day, and what is not.

A series is split into trend, season and rest by STL (Cleveland et al., 1990), robustly, so that an attack does not
become a part of what is usual. A value is an anomaly where its rest lies further from the middle of all rests than
`threshold` of their robust deviations (1.4826 times the median distance), above or below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from huntlens.analyze.columns import need, times
from huntlens.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROBUST: Final = 1.4826
_LONG: Final = 10_000
"""Above this many points the smoothers of the fit are computed at every eighth of a season and interpolated."""
_CYCLES: Final = 31
"""How many seasons the seasonal smoother looks over: with the usual 7 it takes noise and attacks for season."""
_WEEKS: Final = 26
"""How much data a weekly season needs; with less, each hour of the week is seen too seldom."""


def series(data: pd.DataFrame, *, time: str = "", value: str = "", step: str = "1h") -> pd.Series[float]:
    """Rows as a regular series: counts of rows, or sums of `value`, over steps of time; empty steps are 0.

    >>> moments = pd.to_datetime(["2026-03-01 10:10", "2026-03-01 10:50", "2026-03-01 12:00"])
    >>> series(pd.DataFrame({"TimeGenerated": moments})).tolist()
    [2.0, 0.0, 1.0]
    """
    when = times(data, time)
    if value:
        need(data, value)
    values = data[value].astype("float64") if value else pd.Series(1.0, index=data.index)
    regular = pd.Series(values.to_numpy(), index=pd.DatetimeIndex(when)).loc[lambda found: found.index.notna()]
    return regular.resample(step).sum().rename(value or "count")


def decompose(
    data: pd.Series[Any] | pd.DataFrame,
    *,
    time: str = "",
    value: str = "",
    step: str = "1h",
    period: int = 0,
    threshold: float = 3.0,
) -> pd.DataFrame:
    """Trend, season, rest and anomalies of a series with regular times, or of rows (see `series`).

    The frame has `time`, `value`, `trend`, `seasonal`, `residual`, `baseline` (trend and season), `score` (signed, in
    robust deviations) and `anomaly` (1 above, -1 below, 0 none). `period` is the length of a season in steps: a day's
    by default, a week's with half a year of data. Raises `DataError` for a series shorter than two seasons.
    """
    regular = data if isinstance(data, pd.Series) else series(data, time=time, value=value, step=step)
    values: NDArray[np.float64] = np.asarray(regular, dtype=np.float64)
    season = period or _season(regular)
    if len(values) < 2 * season + 1:
        raise DataError(
            f"a season of {season} steps needs {2 * season + 1} values, there are {len(values)}; pass period="
        )
    if not np.isfinite(values).all():
        raise DataError("the series has missing values; fill them first")
    trend, seasonal = _stl(values, season)
    residual = values - trend - seasonal
    score = _scores(residual, values)
    return pd.DataFrame(
        {
            "time": regular.index,
            "value": values,
            "trend": trend,
            "seasonal": seasonal,
            "residual": residual,
            "baseline": trend + seasonal,
            "score": score,
            "anomaly": np.where(score > threshold, 1, np.where(score < -threshold, -1, 0)),
        }
    )


def _season(regular: pd.Series[Any]) -> int:
    """A day in steps, or a week where there is half a year of them."""
    if not isinstance(regular.index, pd.DatetimeIndex) or len(regular) < 3:
        raise DataError("the length of a season is not known; pass period=")
    gap = _gap(regular.index)
    day, week = round(86_400 / gap), round(604_800 / gap)
    found = week if len(regular) >= _WEEKS * week else day
    if found < 2:
        raise DataError("steps of a day or more have no daily season; pass period=7 for a weekly one")
    return found


def _gap(index: pd.DatetimeIndex) -> float:
    """The step in seconds."""
    return float((index[1:2] - index[0:1]).total_seconds()[0])


def _stl(values: NDArray[np.float64], period: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from statsmodels.tsa.seasonal import STL

    jump = max(1, period // 8) if len(values) > _LONG else 1
    model = STL(
        values, period=period, seasonal=_CYCLES, robust=True, seasonal_jump=jump, trend_jump=jump, low_pass_jump=jump
    )
    fit = model.fit(inner_iter=2, outer_iter=5)
    return np.asarray(fit.trend), np.asarray(fit.seasonal)


def _scores(residual: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    middle = float(np.median(residual))
    spread = _ROBUST * float(np.median(np.abs(residual - middle)))
    # A series that fits its season exactly has no spread of its own; rounding errors are not anomalies.
    floor = 1e-9 * max(1.0, float(np.abs(values).max()))
    return (residual - middle) / max(spread, floor)


def periods(found: pd.DataFrame, *, gap: int = 1) -> pd.DataFrame:
    """Runs of anomalies of one direction in the result of `decompose`; runs at most `gap` steps apart are one.

    Columns: `start`, `end` (of the last step's begin), `direction`, `steps`, `worst` (the score furthest from 0).
    """
    need(found, "time", "anomaly", "score")
    marked = found[found["anomaly"] != 0]
    at = np.flatnonzero(found["anomaly"].to_numpy() != 0)
    new = np.ones(len(at), dtype=bool)
    new[1:] = (np.diff(at) > gap) | (np.diff(marked["anomaly"].to_numpy()) != 0)
    groups = marked.groupby(np.cumsum(new))
    return pd.DataFrame(
        {
            "start": groups["time"].min(),
            "end": groups["time"].max(),
            "direction": groups["anomaly"].first(),
            "steps": groups.size(),
            "worst": groups["score"].agg(lambda scores: max(scores, key=abs)),
        }
    ).reset_index(drop=True)


def forecast(
    data: pd.Series[Any] | pd.DataFrame,
    steps: int,
    *,
    time: str = "",
    value: str = "",
    step: str = "1h",
    period: int = 0,
) -> pd.Series[float]:
    """What the season and the last level of the trend lead to expect of the next `steps`."""
    regular = data if isinstance(data, pd.Series) else series(data, time=time, value=value, step=step)
    found = decompose(regular, period=period)
    season = period or _season(regular)
    level = float(found["trend"].iloc[-1])
    cycle = found["seasonal"].to_numpy()[-season:]
    expected = level + cycle[np.arange(steps) % season]
    if isinstance(regular.index, pd.DatetimeIndex):
        ahead = pd.to_timedelta(_gap(regular.index) * np.arange(1, steps + 1), unit="s")
        index: pd.Index[Any] = pd.DatetimeIndex(regular.index[-1:].repeat(steps) + ahead)
    else:
        index = pd.RangeIndex(len(regular), len(regular) + steps)
    return pd.Series(expected, index=index, name="forecast")
