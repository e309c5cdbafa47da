"""Events along time, one lane for each group, or a value of each event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd
from bokeh.models import Range1d

from huntlens.errors import DataError
from huntlens.viz import axes, levels, theme
from huntlens.viz.data import frame_of, hover_columns, labels, lanes, need, numbers, time_column, times, unit_of
from huntlens.viz.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["timeline"]

MOST_LANES: Final = 40
_MOST_SERIES: Final = 12
_SERIES: Final = "series"
_MANY: Final = 400

Kind = Literal["points", "bars", "line"]


def timeline(
    data: Any,
    *,
    time: str = "",
    group: str = "",
    value: str = "",
    kind: Kind = "points",
    log: bool = False,
    columns: Sequence[str] = (),
    title: str = "",
    marker: axes.Markers = None,
    marker_label: str = "",
) -> Figure:
    """Events along time: a mark for each row, a lane for each value of `group`.

    `data` is a frame, a result, or a mapping of names to them, which become the lanes. With `value`, a column of
    numbers, the marks stand at its height and each group has a colour; `kind` is points, bars or a line, `log` is for
    values of all sizes above zero. `columns` are shown when one points at a mark. `marker` is a moment to draw a line
    at, a list of them, or a mapping of labels to them. Above 20,000 rows the marks are counts over stretches of time
    (with `value`, what lies between the lowest and the highest), finer as one zooms in.
    """
    frame, group, time = _prepare(data, group, time)
    when = times(frame, time)
    kept = when.notna().to_numpy()
    heights = numbers(frame, value := need(frame, value)) if value else np.zeros(len(frame))
    kept = kept & ~np.isnan(heights) & ((heights > 0) | (not log))
    frame, when, heights = frame[kept], when[kept], heights[kept]
    if frame.empty:
        raise DataError(f"no row has a time in '{time}'" + (f" and a number in '{value}'" if value else ""))
    lane, names = lanes(frame, group, _MOST_SERIES if value else MOST_LANES)
    title = title or f"{value or 'Events'} by {group}" * bool(group) or value or "Events"
    moments = axes.moments(marker, marker_label)
    reach = axes.span(*_reach(when, moments))
    shown = hover_columns(frame, columns, leave_out=(time, group, value))
    if value:
        plot = _values(frame, when, heights, lane, names, (title, value, kind, group, shown), reach, log=log)
    else:
        plot = axes.canvas(title, height=_height(len(names)), x="datetime", x_range=reach, y_range=_rows(names))
        axes.name_ticks(plot.yaxis, names)
        plot.yaxis.visible = len(names) > 1
        plot.ygrid.grid_line_color = None
        (_marks if len(frame) <= axes.MAX_MARKS else _counts)(plot, frame, when, lane, names, shown)
    axes.label_axes(plot, f"{time} (UTC)", value)
    axes.mark(plot, moments)
    return Figure.of(plot, title=title, summary=_summary(when, group, names, kept), height=plot.height)


def _prepare(data: Any, group: str, time: str) -> tuple[pd.DataFrame, str, str]:
    """One frame; of several, each with its name as the lane and its own time column."""
    if not isinstance(data, dict) or not data:
        frame = frame_of(data)
        return frame, group, time_column(frame, time)
    parts = []
    for name, one in data.items():
        frame = frame_of(one)
        part = frame.copy(deep=False)
        part["Time"], part[_SERIES] = times(frame, time_column(frame, time)), str(name)
        parts.append(part)
    return pd.concat(parts, ignore_index=True), group or _SERIES, "Time"


def _reach(when: pd.Series[Any], moments: Sequence[tuple[str, Any]]) -> tuple[Any, Any]:
    """From the first to the last event, and to the moments that are not far from them."""
    first, last = when.min(), when.max()
    far = max(last - first, pd.Timedelta("1h"))
    near = [moment for _, moment in moments if first - far <= moment <= last + far]
    return min([first, *near]), max([last, *near])


def _summary(when: pd.Series[Any], group: str, names: Sequence[str], kept: NDArray[np.bool_]) -> str:
    text = f"{len(when):,} events from {when.min():%Y-%m-%d %H:%M:%S} to {when.max():%Y-%m-%d %H:%M:%S} UTC"
    text += f" in {len(names)} lanes of {group}" if group else ""
    left_out = int((~kept).sum())
    return text + (f"; {left_out:,} rows without a time or a value are left out" if left_out else "")


def _height(count: int) -> int:
    return int(min(900, 130 + max(2, count) * (26 if count <= 12 else 20)))


def _rows(names: Sequence[str]) -> Any:
    return Range1d(len(names) - 0.4, -0.6)


def _colours(count: int) -> NDArray[np.object_]:
    return np.asarray([theme.colour(index) for index in range(count)], dtype=object)


def _tips(names: Sequence[str], group: str = "lane") -> Mapping[str, str]:
    return {group: "@name"} if len(names) > 1 else {}


def _marks(
    plot: Any, frame: pd.DataFrame, when: pd.Series[Any], lane: Any, names: Sequence[str], shown: Sequence[str]
) -> None:
    """A mark for each row, coloured by lane."""
    fields = {f"c{index}": labels(frame[name], 120) for index, name in enumerate(shown)}
    data = axes.source(
        x=when.to_numpy(), y=lane.astype(np.int32), name=np.asarray(names, dtype=object)[lane],
        fill=_colours(len(names))[lane], **fields,
    )  # fmt: skip
    many = len(frame) > _MANY
    style = {"fill_color": "fill", "line_color": None if many else "fill", "fill_alpha": 0.35 if many else 0.6}
    marks = plot.scatter("x", "y", source=data, size=7 if many else 9, hover_fill_alpha=1.0, **style)
    tips = {"time": "@x{%F %T.%3N}", **_tips(names), **{name: f"@c{index}" for index, name in enumerate(shown)}}
    axes.hover(plot, [marks], tips, point_policy="snap_to_data", attachment="below")


def _counts(
    plot: Any, frame: pd.DataFrame, when: pd.Series[Any], lane: Any, names: Sequence[str], shown: Sequence[str]
) -> None:
    """Counts over stretches of time; cells say how many rows, so columns are not shown."""
    del frame, shown

    def draw(found: levels.Cells) -> list[Any]:
        share = np.log1p(found.count) / np.log1p(found.count.max())
        data = axes.source(
            start=found.starts, x=found.middles, y=found.lane.astype(np.int32), n=found.count.astype(np.int32),
            a=(0.2 + 0.8 * share).astype(np.float32), fill=_colours(len(names))[found.lane],
            name=np.asarray(names, dtype=object)[found.lane],
        )  # fmt: skip
        style = {"fill_color": "fill", "fill_alpha": "a", "line_color": None}
        return [plot.rect("x", "y", width=found.width / 1000, height=0.78, source=data, **style)]

    drawn = levels.follow(plot, when, draw, lane)
    tips = {"from": "@start{%F %T}", "events": "@n{0,0}", **_tips(names)}
    axes.hover(plot, [one for level in drawn for one in level], tips)


def _values(
    frame: pd.DataFrame, when: pd.Series[Any], heights: NDArray[np.float64], lane: Any, names: Sequence[str],
    how: tuple[str, str, Kind, str, Sequence[str]], reach: Any, *, log: bool,
) -> Any:  # fmt: skip
    """Marks at the height of a value, a colour for each group."""
    title, value, kind, group, shown = how
    plot = axes.canvas(title, x="datetime", y="log" if log else "linear", x_range=reach)
    unit = unit_of(frame, value)
    axes.count_in(plot.yaxis, unit)
    if (heights >= 0).all() and not log:
        plot.y_range.start = 0
    if len(frame) > axes.MAX_MARKS:
        entries = _bands(plot, when, heights, lane, names, unit)
    else:
        draw = _points(plot, kind, float(heights.min()) if log else 0.0)
        entries = []
        for index, name in enumerate(names):
            mine = lane == index
            fields = {f"c{at}": labels(frame.loc[mine, one], 120) for at, one in enumerate(shown)}
            order = np.argsort(when[mine].to_numpy(), kind="stable")
            columns = {"x": when[mine].to_numpy(), "y": heights[mine], **fields}
            source = axes.source(**{key: column[order] for key, column in columns.items()})
            marks = draw(source, index)
            group_tip = {group: name} if group else {}
            tips = {"time": "@x{%F %T.%3N}", value: axes.number("y", unit), **group_tip}
            axes.hover(plot, marks[:1], {**tips, **{one: f"@c{at}" for at, one in enumerate(shown)}})
            entries.append((name, marks))
    if len(names) > 1:
        axes.legend(plot, entries, title=group, hides=len(frame) <= axes.MAX_MARKS)
    return plot


def _points(plot: Any, kind: Kind, base: float) -> Callable[[Any, int], list[Any]]:
    if kind not in ("points", "bars", "line"):
        raise DataError(f"kind='{kind}' is not known; there are: points, bars, line")

    def draw(source: Any, index: int) -> list[Any]:
        colour = theme.colour(index)
        style = {"source": source, "line_color": colour}
        dots = plot.scatter(
            "x", "y", size=7 if kind == "points" else 5, fill_color=colour, fill_alpha=0.6, marker=theme.marker(index),
            **style,
        )  # fmt: skip
        if kind == "line":
            return [dots, plot.line("x", "y", line_width=1.5, line_dash=theme.dash(index), **style)]
        stems = [plot.segment("x", base, "x", "y", line_width=2, line_alpha=0.6, **style)] if kind == "bars" else []
        return [dots, *stems]

    return draw


def _bands(
    plot: Any, when: pd.Series[Any], heights: NDArray[np.float64], lane: Any, names: Sequence[str], unit: str
) -> list[tuple[str, list[Any]]]:
    """From the lowest to the highest value of each stretch of time, the stronger the more rows there are."""
    order = np.asarray(names, dtype=object)

    def draw(found: levels.Cells) -> list[Any]:
        low, high = found.lowest(heights), found.highest(heights)
        share = np.log1p(found.count) / np.log1p(found.count.max())
        data = axes.source(
            left=found.starts, right=(found.start + found.width).astype("datetime64[us]"), low=low, high=high,
            n=found.count.astype(np.int32), a=(0.15 + 0.55 * share).astype(np.float32),
            fill=_colours(len(names))[found.lane], name=order[found.lane],
        )  # fmt: skip
        style = {"fill_color": "fill", "fill_alpha": "a", "line_color": "fill", "line_alpha": "a"}
        return [plot.quad("left", "right", "low", "high", source=data, **style)]

    drawn = [one for level in levels.follow(plot, when, draw, lane) for one in level]
    tips = {"from": "@left{%F %T}", "lowest": axes.number("low", unit), "highest": axes.number("high", unit)}
    axes.hover(plot, drawn, {**tips, "events": "@n{0,0}", **_tips(names, "group")})
    return [(name, [axes.swatch(plot, theme.colour(at))]) for at, name in enumerate(names)]
