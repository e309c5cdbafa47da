"""A value along time, what was expected, and the points that stand out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from huntlens.errors import DataError
from huntlens.viz import axes, levels, theme
from huntlens.viz.data import frame_of, need, numbers, time_column, times, unit_of
from huntlens.viz.figure import Figure
from huntlens.viz.series import kind_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["anomaly"]

_BASELINES: Final = ("baseline", "expected", "trend")
_FLAGS: Final = ("anomaly", "anomalies", "flag", "ad_flag", "is_anomaly")


def anomaly(
    data: Any, *, time: str = "", value: str = "", baseline: str = "", flag: str = "", title: str = "",
    low: str = "", high: str = "", y_title: str = "",
) -> Figure:  # fmt: skip
    """A value with its baseline; points whose `flag` is above zero stand out upward, below zero downward.

    Of long lines the points are drawn that keep their shape.

    `low` and `high` are columns of a band around what was expected. Columns that are not named are found by usual
    names (`baseline`, `anomalies`).
    """
    frame = frame_of(data)
    time = time_column(frame, time)
    value = need(frame, value) if value else _first_number(frame, time)
    when = times(frame, time)
    frame, when = frame[when.notna()].copy(deep=False), when[when.notna()]
    order = np.argsort(when.to_numpy(), kind="stable")
    frame, at = frame.iloc[order], when.to_numpy()[order]
    if frame.empty:
        raise DataError(f"no row has a time in '{time}'")
    baseline, flag = baseline or _usual(frame, _BASELINES, value), flag or _usual(frame, _FLAGS, value)
    title = title or f"{value} along time"
    plot = axes.canvas(title, x="datetime")
    y, unit = numbers(frame, value), unit_of(frame, value) or ("bytes" if "bytes" in y_title.lower() else "")
    axes.count_in(plot.yaxis, unit)
    entries = []
    if low and high:
        lows, highs = numbers(frame, need(frame, low)), numbers(frame, need(frame, high))
        kept = levels.outline(highs)
        band = axes.source(x=at[kept], low=lows[kept], high=highs[kept])
        style = {"fill_color": theme.QUIET, "fill_alpha": 0.18}
        entries.append(("expected range", [plot.varea("x", "low", "high", source=band, **style)]))
    if baseline:
        usual = numbers(frame, need(frame, baseline))
        kept = levels.outline(usual)
        expected = axes.source(x=at[kept], y=usual[kept])
        style = {"line_color": theme.QUIET, "line_dash": "dashed", "line_width": 1.5}
        entries.append((baseline, [plot.line("x", "y", source=expected, **style)]))
    kept = levels.outline(y)
    source = axes.source(x=at[kept], y=y[kept])
    shown = plot.line("x", "y", source=source, line_color=theme.PALETTE[0], line_width=1.6)
    dots = plot.scatter("x", "y", source=source, size=5, fill_color=theme.PALETTE[0], line_color=None, fill_alpha=0.001)
    axes.hover(plot, [dots], {"time": "@x{%F %T}", value: axes.number("y", unit)})
    entries.insert(0, (value, [shown, dots]))
    flags = np.nan_to_num(numbers(frame, flag)) if flag else np.zeros(len(frame))
    for name, mine, marker, colour in (
        ("above what was expected", flags > 0, "triangle", theme.ACCENT),
        ("below what was expected", flags < 0, "inverted_triangle", theme.PALETTE[3]),
    ):
        chosen = np.flatnonzero(mine)[: axes.MAX_MARKS]
        if len(chosen):
            points = axes.source(x=at[chosen], y=y[chosen])
            style = {"fill_color": colour, "line_color": None, "fill_alpha": 0.95}
            mark = plot.scatter("x", "y", source=points, size=12, marker=marker, **style)
            axes.hover(plot, [mark], {"time": "@x{%F %T}", value: axes.number("y", unit), "": name})
            entries.append((name, [mark]))
    axes.legend(plot, entries)
    axes.label_axes(plot, f"{time} (UTC)", y_title or value)
    found = int((flags != 0).sum())
    summary = f"{title}: {len(frame):,} points, {found:,} of them stand out"
    return Figure.of(plot, title=title, summary=summary, height=plot.height)


def _first_number(frame: pd.DataFrame, time: str) -> str:
    names = [str(name) for name in frame.columns if name != time and kind_of(frame[name]) == "number"]
    if not names:
        raise DataError("no column holds numbers to draw; name one with value=")
    return names[0]


def _usual(frame: pd.DataFrame, names: tuple[str, ...], value: str) -> str:
    folded = {str(name).lower(): str(name) for name in frame.columns if name != value}
    return next((folded[name] for name in names if name in folded), "")
