"""Beacons: connections that come again at a steady pace, whatever jitter hides them.

Two measures, each of its own strength: the gaps between calls (steady gaps have a small spread around their median),
and the periodogram of the calls (Fisher's g-test), which still sees a pace when calls are missing or mixed with others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from huntlens.analyze.columns import as_list, need, times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

COLUMNS: Final = ("calls", "first", "last", "period_s", "jitter", "coverage", "p_value", "score")
_BINS: Final = 4_096
_TERMS: Final = 50


def beacons(
    data: pd.DataFrame, by: str | Sequence[str], *, time: str = "", least_calls: int = 10, least_score: float = 0.0
) -> pd.DataFrame:
    """How steadily each group of rows comes, the steadiest first.

    `by` names the columns that make a connection (source, destination, process). One row a group, with those columns
    and: `calls`; `first` and `last`; `period_s`, the median gap in seconds; `jitter`, the median deviation of the gaps
    from it as a share of it; `coverage`, the share of the time from first to last that calls at that pace would
    fill; `p_value`, how likely as strong a pace is by chance (Fisher's g-test of the periodogram); `score` from 0
    to 1. Groups with fewer than `least_calls` distinct times are left out. Raises `DataError` for an unknown column.

    >>> calls = pd.date_range("2026-03-01", periods=50, freq="5min")
    >>> found = beacons(pd.DataFrame({"TimeGenerated": calls, "ip": "203.0.113.9"}), "ip")
    >>> found[["calls", "period_s", "jitter"]].to_numpy().tolist()
    [[50.0, 300.0, 0.0]]
    """
    keys = as_list(by)
    need(data, *keys)
    moments = times(data, time)
    frame = data.loc[moments.notna(), keys].assign(**{"\0s": moments[moments.notna()].astype("int64") / 1e6})
    frame = frame.drop_duplicates().sort_values("\0s", kind="stable")
    rows = []
    for key, group in frame.groupby(keys, sort=False, dropna=False):
        seconds = group["\0s"].to_numpy()
        if len(seconds) >= max(least_calls, 3):
            rows.append((*key, *_measures(seconds)))
    found = pd.DataFrame(rows, columns=[*keys, *COLUMNS])
    for name in ("first", "last"):
        found[name] = pd.to_datetime(found[name], unit="s").astype("datetime64[us]")
    found = found[found["score"] >= least_score]
    return found.sort_values(["score", "calls"], ascending=False, kind="stable", ignore_index=True)


def _measures(seconds: NDArray[np.float64]) -> tuple[Any, ...]:
    gaps = np.diff(seconds)
    period = float(np.median(gaps))
    jitter = float(np.median(np.abs(gaps - period)) / period) if period else 1.0
    span = float(seconds[-1] - seconds[0])
    coverage = min(1.0, period * (len(seconds) - 1) / span) if span else 0.0
    p_value = fisher_g(seconds)
    steady = max(0.0, 1 - 2 * jitter)
    score = round(coverage * max(steady, 0.5 * (p_value < 1e-6)), 4)
    return len(seconds), seconds[0], seconds[-1], period, round(jitter, 4), round(coverage, 4), p_value, score


def fisher_g(seconds: NDArray[np.float64]) -> float:
    """The chance that random calls show as strong a period as these do.

    Calls are counted into at most 4,096 bins; g is the share of the strongest frequency in the periodogram, and its
    distribution under noise is Fisher's (1929), summed while the terms matter.
    """
    span = float(seconds[-1] - seconds[0])
    if span <= 0:
        return 1.0
    gap = float(np.median(np.diff(seconds)))
    bins = int(min(_BINS, max(32, 4 * span / max(gap, span / _BINS))))
    counts, _edges = np.histogram(seconds, bins=bins)
    power = np.abs(np.fft.rfft(counts - counts.mean()))[1:] ** 2
    total = float(power.sum())
    if total <= 0:
        return 1.0
    g, n = float(power.max()) / total, len(power)
    return float(min(1.0, max(0.0, _tail(g, n))))


def _tail(g: float, n: int) -> float:
    """P(G > g) for n frequencies: the alternating sum of C(n, k) (1 - k g)^(n - 1)."""
    result, choose = 0.0, 1.0
    for k in range(1, min(int(1 / g), _TERMS) + 1):
        choose *= (n - k + 1) / k
        term = choose * (1 - k * g) ** (n - 1)
        result += term if k % 2 else -term
        if term < 1e-18:
            break
    return result
