"""Lines over time or numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from huntlens.viz import axes, levels, theme
from huntlens.viz.figure import Figure
from huntlens.viz.series import arrange

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["line"]


def line(
    data: Any, *, x: str = "", y: Sequence[str] = (), series: Sequence[str] = (), title: str = "", x_title: str = "",
    y_title: str = "", legend: bool = True, log: bool = False, accumulate: bool = False,
) -> Figure:  # fmt: skip
    """A line for each series; a short line shows its points, of a long one those are drawn that keep its shape."""
    drawn = arrange(data, x, y, series)
    names = [str(value) for value in drawn.x] if drawn.kind == "category" else []
    at = np.arange(len(drawn.x)) if names else drawn.x
    plot = axes.canvas(title, x="datetime" if drawn.kind == "datetime" else "linear", y="log" if log else "linear")
    if names:
        axes.name_ticks(plot.xaxis, names)
    few = len(drawn.x) <= 80
    entries = []
    for index, name, values in drawn.items():
        heights = np.nancumsum(values) if accumulate else values
        kept = levels.outline(heights)
        label = {"label": np.asarray(names, dtype=object)[kept]} if names else {}
        source = axes.source(x=at[kept], y=heights[kept], **label)
        colour, dash = theme.colour(index), theme.dash(index)
        marks = [plot.line("x", "y", source=source, line_color=colour, line_dash=dash, line_width=2)]
        dots = plot.scatter("x", "y", source=source, size=6 if few else 3, fill_color=colour, line_color=colour)
        dots.glyph.fill_alpha = dots.glyph.line_alpha = 1.0 if few else 0.0
        entries.append((name, [*marks, dots]))
        point = {"datetime": "@x{%F %T}", "number": "@x{0,0.[000]}", "category": "@label"}[drawn.kind]
        axes.hover(plot, [dots], {drawn.x_name: point, name: axes.number("y", drawn.unit)}, mode="mouse")
    if legend and len(entries) > 1:
        axes.legend(plot, entries)
    axes.count_in(plot.yaxis, drawn.unit)
    axes.label_axes(plot, x_title or drawn.x_name, y_title or drawn.y_name)
    low, high = (pick([pick(one, initial=0) for one in drawn.values.values()]) for pick in (np.nanmin, np.nanmax))
    if low >= 0 and high > 0 and not log:
        plot.y_range.start = 0
    summary = f"{title or 'Lines'}: {len(drawn.values)} series over {len(drawn.x):,} values of {drawn.x_name}"
    return Figure.of(plot, title=title or "Lines", summary=summary, height=plot.height)
