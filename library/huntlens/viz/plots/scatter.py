"""Points over two axes of numbers or time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from huntlens.errors import DataError
from huntlens.viz import axes, theme
from huntlens.viz.data import frame_of, hover_columns, labels, lanes, need, numbers, times, unit_of
from huntlens.viz.figure import Figure
from huntlens.viz.series import kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

__all__ = ["scatter"]

_CELLS: Final = (240, 120)


def scatter(
    data: Any, *, x: str = "", y: str = "", series: str = "", columns: Sequence[str] = (), title: str = "",
    x_title: str = "", y_title: str = "", legend: bool = True, log: bool = False,
) -> Figure:  # fmt: skip
    """A point for each row, coloured by `series`; above 20,000 rows the counts of small cells."""
    frame = frame_of(data)
    x, y = _pick(frame, x, y)
    kind = kind_of(frame[x])
    across = times(frame, x).to_numpy() if kind == "datetime" else numbers(frame, x)
    up = numbers(frame, y)
    kept = ~(np.isnan(up) | np.isnan(across))
    frame, across, up = frame[kept], across[kept], up[kept]
    if frame.empty:
        raise DataError(f"no row has both {x} and {y}")
    plot = axes.canvas(title, x="datetime" if kind == "datetime" else "linear", y="log" if log else "linear")
    if len(frame) > axes.MAX_MARKS:
        _cells(plot, across, up, x, y)
    else:
        lane, names = lanes(frame, series, 8)
        shown = hover_columns(frame, columns, leave_out=(x, y, series))
        entries = [
            _points(plot, frame, across, up, lane == index, index, (x, y, *shown)) for index in range(len(names))
        ]
        if legend and len(names) > 1:
            axes.legend(plot, list(zip(names, entries, strict=True)), title=series)
    axes.count_in(plot.yaxis, unit_of(frame, y))
    axes.count_in(plot.xaxis, unit_of(frame, x))
    axes.label_axes(plot, x_title or x, y_title or y)
    return Figure.of(
        plot, title=title or "Points", summary=f"{len(frame):,} points of {y} over {x}", height=plot.height
    )


def _pick(frame: pd.DataFrame, x: str, y: str) -> tuple[str, str]:
    usable = [str(name) for name in frame.columns if kind_of(frame[name]) != "category"]
    x = (
        need(frame, x)
        if x
        else next(iter([n for n in usable if kind_of(frame[n]) == "datetime" and n != y] or usable), "")
    )
    y = need(frame, y) if y else next((name for name in usable if name != x and kind_of(frame[name]) == "number"), "")
    if not x or not y:
        raise DataError("a scatter needs two columns of numbers, or one of times and one of numbers")
    return x, y


def _points(
    plot: Any, frame: pd.DataFrame, across: Any, up: Any, mine: Any, index: int, shown: Sequence[str]
) -> list[Any]:
    fields = {f"c{number}": labels(frame.loc[mine, name], 120) for number, name in enumerate(shown)}
    colour = theme.colour(index)
    source = axes.source(x=across[mine], y=up[mine], **fields)
    mark = plot.scatter("x", "y", source=source, size=7, fill_color=colour, line_color=colour, fill_alpha=0.6)
    axes.hover(plot, [mark], {name: f"@c{number}" for number, name in enumerate(shown)})
    return [mark]


def _cells(plot: Any, across: Any, up: Any, x: str, y: str) -> None:
    """Counts of a grid of cells."""
    flat = across.astype("datetime64[us]").astype(np.int64) / 1000 if across.dtype.kind == "M" else across
    counts, x_edges, y_edges = np.histogram2d(flat, up, bins=_CELLS)
    column, row = np.nonzero(counts)
    n = counts[column, row]
    source = axes.source(
        left=x_edges[column], right=x_edges[column + 1], bottom=y_edges[row], top=y_edges[row + 1], n=n,
        a=(0.2 + 0.8 * np.log1p(n) / np.log1p(n.max())).astype(np.float32),
    )  # fmt: skip
    mark = plot.quad(
        "left", "right", "bottom", "top", source=source, fill_color=theme.PALETTE[0], fill_alpha="a", line_color=None
    )
    at = "@left{%F %T}" if across.dtype.kind == "M" else "@left{0,0.[000]}"
    axes.hover(plot, [mark], {x: at, y: "@bottom{0,0.[000]}", "points": "@n{0,0}"})
