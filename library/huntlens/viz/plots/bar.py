"""Bars, lying or standing, side by side or one upon the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from bokeh.models import Range1d

from huntlens.viz import axes, theme
from huntlens.viz.figure import Figure
from huntlens.viz.series import Series, arrange

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["bar"]

Layout = Literal["grouped", "stacked", "stacked100"]
_WIDTH: Final = 0.8


def bar(
    data: Any, *, x: str = "", y: Sequence[str] = (), series: Sequence[str] = (), title: str = "", x_title: str = "",
    y_title: str = "", legend: bool = True, lying: bool = False, layout: Layout = "grouped", log: bool = False,
) -> Figure:  # fmt: skip
    """A bar for each x and series; `lying` bars leave room for long names."""
    drawn = arrange(data, x, y, series, total=True)
    names = _names(drawn)
    value_axis = "log" if log and layout == "grouped" else "linear"
    slots = Range1d(len(names) - 0.4, -0.6) if lying else Range1d(-0.6, len(names) - 0.4)
    height = int(min(900, max(200, 110 + 24 * len(names)))) if lying else axes.HEIGHT
    kinds = {"x": value_axis, "y_range": slots} if lying else {"y": value_axis, "x_range": slots}
    plot = axes.canvas(title, height=height, **kinds)
    axes.name_ticks(plot.yaxis if lying else plot.xaxis, names)
    if not lying and len(names) > 8:
        plot.xaxis.major_label_orientation = 0.6
    (plot.ygrid if lying else plot.xgrid).grid_line_color = None
    entries = _bars(plot, drawn, names, lying=lying, layout=layout, floor=0.1 if value_axis == "log" else 0.0)
    if legend and len(entries) > 1:
        axes.legend(plot, entries)
    over, up = x_title or drawn.x_name, y_title or drawn.y_name
    axes.label_axes(plot, *((up, over) if lying else (over, up)))
    if value_axis == "linear":
        axes.count_in(plot.xaxis if lying else plot.yaxis, "" if layout == "stacked100" else drawn.unit)
        (plot.x_range if lying else plot.y_range).update(**_base(drawn))
    summary = f"{title or 'Bars'}: {len(drawn.values)} series over {len(names):,} values of {drawn.x_name}"
    summary += f"; {drawn.left_out:,} smaller ones are left out" if drawn.left_out else ""
    return Figure.of(plot, title=title or "Bars", summary=summary, height=plot.height)


def _base(drawn: Series) -> dict[str, float]:
    """Bars stand on zero."""
    low = min(float(np.nanmin(values, initial=0)) for values in drawn.values.values())
    high = max(float(np.nanmax(values, initial=0)) for values in drawn.values.values())
    if low >= 0:
        return {"start": 0}
    return {"end": 0} if high <= 0 else {}


def _names(drawn: Series) -> list[str]:
    if drawn.kind == "datetime":
        stamps = drawn.x.astype("datetime64[s]").astype(str)
        whole_days = all(stamp.endswith("T00:00:00") for stamp in stamps)
        return [stamp[:10] if whole_days else stamp.replace("T", " ") for stamp in stamps]
    return [f"{value:g}" for value in drawn.x] if drawn.kind == "number" else [str(value) for value in drawn.x]


def _bars(
    plot: Any, drawn: Series, names: Sequence[str], *, lying: bool, layout: Layout, floor: float
) -> list[tuple[str, list[Any]]]:
    slots = np.arange(len(names))
    sums = np.nansum(list(drawn.values.values()), axis=0)
    above, below = np.zeros(len(names)), np.zeros(len(names))
    width = _WIDTH / len(drawn.values) if layout == "grouped" else _WIDTH
    entries = []
    for index, name, values in drawn.items():
        heights = np.nan_to_num(values)
        if layout == "stacked100":
            heights = 100 * heights / np.where(sums == 0, 1, sums)
        base = np.full(len(names), floor) if layout == "grouped" else np.where(heights < 0, below, above)
        top = np.maximum(heights, floor) if floor else base + heights
        above, below = above + np.maximum(heights, 0), below + np.minimum(heights, 0)
        centre = slots - _WIDTH / 2 + width * (index + 0.5) if layout == "grouped" else slots
        source = axes.source(
            at=centre, base=base, top=top, y=np.nan_to_num(values), label=np.asarray(names, dtype=object)
        )
        style = {"source": source, "fill_color": theme.colour(index), "line_color": None, "fill_alpha": 0.9}
        mark = (
            plot.hbar(y="at", left="base", right="top", height=width * 0.94, **style)
            if lying
            else plot.vbar(x="at", bottom="base", top="top", width=width * 0.94, **style)
        )
        axes.hover(plot, [mark], {drawn.x_name: "@label", name: axes.number("y", drawn.unit)})
        entries.append((name, [mark]))
    return entries
