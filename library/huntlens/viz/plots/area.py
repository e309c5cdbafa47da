"""Areas over time or numbers, one upon the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from huntlens.viz import axes, theme
from huntlens.viz.figure import Figure
from huntlens.viz.series import arrange

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["area"]


def area(
    data: Any, *, x: str = "", y: Sequence[str] = (), series: Sequence[str] = (), title: str = "", x_title: str = "",
    y_title: str = "", legend: bool = True, stacked: bool = True,
) -> Figure:  # fmt: skip
    """An area for each series; `stacked` puts each upon the one before it."""
    drawn = arrange(data, x, y, series)
    names = [str(value) for value in drawn.x] if drawn.kind == "category" else []
    at = np.arange(len(drawn.x)) if names else drawn.x
    plot = axes.canvas(title, x="datetime" if drawn.kind == "datetime" else "linear")
    if names:
        axes.name_ticks(plot.xaxis, names)
    floor = np.zeros(len(at))
    entries = []
    for index, name, values in drawn.items():
        heights = np.nan_to_num(values)
        bottom = floor if stacked else np.zeros(len(at))
        top = bottom + heights
        floor = np.where(np.isfinite(top), top, floor)
        source = axes.source(
            x=at, bottom=bottom, top=top, y=heights, label=np.asarray(names or [""] * len(at), dtype=object)
        )
        colour = theme.colour(index)
        fill = plot.varea("x", "bottom", "top", source=source, fill_color=colour, fill_alpha=0.55 if stacked else 0.3)
        edge = plot.line("x", "top", source=source, line_color=colour, line_width=1.5)
        dots = plot.scatter("x", "top", source=source, size=8, fill_color=colour, line_color=None, fill_alpha=0)
        point = {"datetime": "@x{%F %T}", "number": "@x{0,0.[000]}", "category": "@label"}[drawn.kind]
        axes.hover(plot, [dots], {drawn.x_name: point, name: axes.number("y", drawn.unit)})
        entries.append((name, [fill, edge, dots]))
    if (floor >= 0).all():
        plot.y_range.start = 0
    if legend and len(entries) > 1:
        axes.legend(plot, entries)
    axes.count_in(plot.yaxis, drawn.unit)
    axes.label_axes(plot, x_title or drawn.x_name, y_title or drawn.y_name)
    summary = f"{title or 'Areas'}: {len(drawn.values)} series over {len(drawn.x):,} values of {drawn.x_name}"
    return Figure.of(plot, title=title or "Areas", summary=summary, height=plot.height)
