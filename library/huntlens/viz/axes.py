"""The frame of every figure: axes, grid, tools, legend and hover in one style."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from bokeh.models import (
    ColumnDataSource,
    CustomJSTickFormatter,
    DatetimeTickFormatter,
    HoverTool,
    Label,
    Legend,
    LegendItem,
    Range1d,
    Span,
    Title,
)
from bokeh.plotting import figure

from huntlens.timespan import parse_moment
from huntlens.viz import text as texts
from huntlens.viz import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.timespan import Moment

    Markers = Moment | Sequence[Moment] | Mapping[str, Moment] | None

HEIGHT: Final = 360
MAX_MARKS: Final = 20_000
LEGEND_MOST: Final = 20
MOST_MARKERS: Final = 60
_TOOLS: Final = "pan,xwheel_zoom,box_zoom,reset,save"
_NUMBER: Final = """
    const size = Math.abs(tick);
    if (size !== 0 && (size >= 1e15 || size < 1e-6)) return tick.toExponential(2);
    return tick.toLocaleString("en", {maximumFractionDigits: 9});
"""
_STEPS: Final = """
    let value = tick, at = 0;
    while (at < steps.length && Math.abs(value) >= steps[at]) value /= steps[at++];
    return value.toLocaleString("en", {maximumFractionDigits: 2}) + " " + names[at];
"""
_UNITS: Final[Mapping[str, Mapping[str, list[Any]]]] = {
    "bytes": {"steps": [1000] * 5, "names": ["B", "kB", "MB", "GB", "TB", "PB"]},
    "s": {"steps": [60, 60, 24], "names": ["s", "min", "h", "d"]},
}


def canvas(title: str, *, height: int = HEIGHT, x: str = "linear", y: str = "linear", **ranges: Any) -> Any:
    """An empty Bokeh figure in our style; `x` and `y` are kinds of axes, `ranges` go to Bokeh."""
    plot = figure(
        height=height, sizing_mode="stretch_width", x_axis_type=x, y_axis_type=y, tools=_TOOLS, active_drag="pan",
        active_scroll=None, toolbar_location="right", background_fill_color=None, border_fill_color=None, **ranges,
    )  # fmt: skip
    plot.toolbar.logo = None
    plot.toolbar.autohide = True
    if title:
        plot.title = Title(text=texts.visible(texts.clip(title, 160)), text_font_size="14px", text_font_style="bold")
    for axis in plot.axis:
        axis.axis_label_text_font_style = "normal"
        axis.minor_tick_line_color = None
        axis.major_label_text_font_size = "11px"
    if x == "datetime":
        plot.xaxis.formatter = _clock()
    for axis, kind in ((plot.yaxis, y), (plot.xaxis, x)):
        if kind != "datetime":
            axis.formatter = CustomJSTickFormatter(code=_NUMBER)
    _ink(plot)
    return plot


def _ink(plot: Any) -> None:
    """Write the light page's ink into the figure, so that the drawing script finds each property to change."""
    for name, properties in theme.attributes(theme.LIGHT).items():
        for model in [plot, plot.title, *plot.axis, *plot.grid]:
            if type(model).__name__.lower() == name.lower():
                model.update(**properties)


def _clock() -> Any:
    finer = dict.fromkeys(
        ("microseconds", "milliseconds", "seconds", "minsec", "minutes", "hourmin", "hours"), "%d %b %Y"
    )
    return DatetimeTickFormatter(
        microseconds="%H:%M:%S.%f", milliseconds="%H:%M:%S.%3N", seconds="%H:%M:%S", minsec="%H:%M:%S", minutes="%H:%M",
        hourmin="%H:%M", hours="%H:%M", days="%d %b", months="%b %Y", years="%Y", context_which="start",
        context_location="below", context=DatetimeTickFormatter(**finer, days="%Y", months="", years=""),
    )  # fmt: skip


def label_axes(plot: Any, x: str, y: str) -> None:
    """Name the axes."""
    plot.xaxis.axis_label = texts.short(x, 80) or None
    plot.yaxis.axis_label = texts.short(y, 50) or None


def count_in(axis: Any, unit: str) -> None:
    """Let an axis of numbers count in a unit: bytes as kB and MB, seconds as minutes and hours."""
    if unit in _UNITS and isinstance(axis[0].formatter, CustomJSTickFormatter):
        axis.formatter = CustomJSTickFormatter(args=dict(_UNITS[unit]), code=_STEPS)


def number(field: str, unit: str = "") -> str:
    """How a number is shown when one points at its mark."""
    return f"@{field}{{0,0.[000]}} {unit}".rstrip()


def name_ticks(axis: Any, names: Sequence[str]) -> None:
    """Show names at the whole numbers from zero."""
    shown = {index: texts.short(name, 40) for index, name in enumerate(names)}
    axis.ticker = list(shown)
    axis.formatter = CustomJSTickFormatter(args={"names": list(shown.values())}, code="return names[tick] ?? ''")


def hover(plot: Any, renderers: Sequence[Any], fields: Mapping[str, str], **options: Any) -> None:
    """Show fields for the mark that is pointed at: label to `@column` or `@column{format}`.

    Labels and values are put in as text by BokehJS; a format that would not (`{safe}`) is never written here.
    """
    tips = [(texts.clip(texts.visible(label), 40), value) for label, value in fields.items()]
    formatters = {value.split("{")[0]: "datetime" for _, value in tips if "{%" in value}
    plot.add_tools(HoverTool(renderers=list(renderers), tooltips=tips, formatters=formatters, **options))


def source(**columns: Any) -> Any:
    """Columns for marks."""
    return ColumnDataSource(data=columns)


def legend(plot: Any, entries: Sequence[tuple[str, Sequence[Any]]], *, title: str = "", hides: bool = True) -> None:
    """A legend beside the plot; a click on an entry `hides` its marks."""
    if not entries:
        return
    shown = [LegendItem(label={"value": texts.short(name, 32)}, renderers=list(marks)) for name, marks in entries]
    box = Legend(
        items=shown[:LEGEND_MOST], click_policy="hide" if hides else "none", label_text_font_size="11px", spacing=1,
        padding=6, glyph_height=14,
        title=texts.visible(title) or None, title_text_font_style="normal", title_text_font_size="11px",
    )  # fmt: skip
    box.update(**theme.attributes(theme.LIGHT)["Legend"])
    plot.add_layout(box, "right")


def swatch(plot: Any, colour: str, alpha: float = 1.0) -> Any:
    """A mark that stands only in the legend; one without a row would be empty there."""
    style = {"marker": "square", "size": 11, "fill_color": colour, "fill_alpha": alpha, "line_color": None}
    return plot.scatter([np.nan], [np.nan], **style)


def moments(given: Markers, label: str = "") -> list[tuple[str, Any]]:
    """The moments to mark, each with its label: one, several, or named ones."""
    if given is None:
        return []
    pairs: list[tuple[str, Any]] = [(label, given)]
    if isinstance(given, Mapping):
        pairs = list(given.items())
    elif isinstance(given, list | tuple | set | pd.Series | pd.Index):
        pairs = [(label, one) for one in given]
    found = [(str(name), pd.Timestamp(parse_moment(one))) for name, one in pairs if not pd.isna(one)]
    return sorted(found, key=lambda one: one[1])[:MOST_MARKERS]


def mark(plot: Any, moments: Sequence[tuple[str, Any]]) -> None:
    """Upright lines at moments; their labels go down step by step, so that near ones can be read."""
    for index, (label, moment) in enumerate(moments):
        at = moment.to_numpy().astype("datetime64[us]").astype("int64") / 1000
        line = Span(location=at, dimension="height", line_color=theme.ACCENT, line_dash="dashed", line_width=1.5)
        plot.add_layout(line)
        if label:
            words = {"text": texts.visible(texts.clip(label, 60)), "text_font_size": "11px"}
            place = {"x": at, "y": 4 + 15 * (index % 4), "y_units": "screen", "x_offset": 5}
            plot.add_layout(Label(**place, **words, **theme.attributes(theme.LIGHT)["Label"]))


def span(first: Any, last: Any) -> Any:
    """A range of time around two moments, in milliseconds as the browser counts them."""
    ends = np.array([first, last], dtype="datetime64[us]").astype("int64") / 1000
    pad = max((ends[1] - ends[0]) * 0.02, 1000.0)
    return Range1d(ends[0] - pad, ends[1] + pad)
