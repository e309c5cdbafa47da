"""Events along time, one lane for each group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from bokeh.models import CustomJS, Range1d

from huntlens.errors import DataError
from huntlens.viz import axes, theme
from huntlens.viz.data import frame_of, hover_columns, labels, lanes, time_column, times
from huntlens.viz.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from huntlens.timespan import Moment

__all__ = ["timeline"]

MOST_LANES: Final = 40
_SERIES: Final = "series"
_BINS: Final = (200, 1_600, 12_800)
_MOST_CELLS: Final = 25_000
_MANY: Final = 400


def timeline(
    data: Any,
    *,
    time: str = "",
    group: str = "",
    columns: Sequence[str] = (),
    title: str = "",
    marker: Moment | None = None,
    marker_label: str = "",
) -> Figure:
    """Events along time: a mark for each row, a lane for each value of `group`.

    `data` is a frame, a result, or a mapping of names to them, which become the lanes.
    `columns` are shown when one points at a mark; `marker` is a moment to draw a line at.
    Above 20,000 rows the marks are counts over stretches of time, finer as one zooms in.
    """
    frame, group, time = _prepare(data, group, time)
    when = times(frame, time)
    frame = frame[when.notna()]
    when = when[when.notna()]
    if frame.empty:
        raise DataError(f"no row has a time in '{time}'")
    lane, names = lanes(frame, group, MOST_LANES)
    title = title or f"Events by {group}" * bool(group) or "Events"
    plot = axes.canvas(
        title, height=_height(len(names)), x="datetime", y_range=Range1d(len(names) - 0.4, -0.6), x_range=_range(when)
    )
    axes.name_ticks(plot.yaxis, names)
    plot.ygrid.grid_line_color = None
    axes.label_axes(plot, f"{time} (UTC)", "")
    if len(frame) <= axes.MAX_MARKS:
        _marks(plot, frame, when, lane, names, hover_columns(frame, columns, leave_out=(time, group)))
    else:
        _counts(plot, when, lane, names)
    if marker is not None:
        axes.marker(plot, _moment(marker), marker_label)
    summary = f"{len(frame):,} events from {when.min():%Y-%m-%d %H:%M:%S} to {when.max():%Y-%m-%d %H:%M:%S} UTC"
    summary += f" in {len(names)} lanes of {group}" if group else ""
    return Figure.of(plot, title=title, summary=summary, height=plot.height)


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


def _height(count: int) -> int:
    return int(min(900, 130 + max(2, count) * (26 if count <= 12 else 20)))


def _range(when: pd.Series[Any]) -> Any:
    first, last = when.min(), when.max()
    pad = max((last - first) * 0.02, pd.Timedelta(seconds=1))
    return Range1d(first - pad, last + pad)


def _moment(marker: Moment) -> Any:
    from huntlens.timespan import parse_moment

    return parse_moment(marker)


def _marks(
    plot: Any, frame: pd.DataFrame, when: pd.Series[Any], lane: Any, names: Sequence[str], shown: Sequence[str]
) -> None:
    """A mark for each row, coloured by lane."""
    fields = {f"c{index}": labels(frame[name], 120) for index, name in enumerate(shown)}
    colours = np.asarray([theme.colour(index) for index in range(len(names))], dtype=object)
    data = axes.source(
        x=when.to_numpy(),
        y=lane.astype(np.int32),
        name=np.asarray(names, dtype=object)[lane],
        fill=colours[lane],
        **fields,
    )
    many = len(frame) > _MANY
    style = {"fill_color": "fill", "line_color": None if many else "fill", "fill_alpha": 0.35 if many else 0.6}
    marks = plot.scatter("x", "y", source=data, size=7 if many else 9, hover_fill_alpha=1.0, **style)
    tips: Mapping[str, str] = {
        "time": "@x{%F %T.%3N}",
        **({"lane": "@name"} if len(names) > 1 else {}),
        **{name: f"@c{index}" for index, name in enumerate(shown)},
    }
    axes.hover(plot, [marks], tips, point_policy="snap_to_data", attachment="below")


def _counts(plot: Any, when: pd.Series[Any], lane: Any, names: Sequence[str]) -> None:
    """Counts over stretches of time at three levels of detail; the range on view picks one."""
    stamps = when.to_numpy().astype("datetime64[us]").astype(np.int64)
    first, length = int(stamps.min()), max(int(np.ptp(stamps)), 1)
    levels: list[Any] = []
    for bins in _BINS:
        width = max(1, -(-length // bins))
        cells, counts = np.unique(lane.astype(np.int64) * (bins + 1) + (stamps - first) // width, return_counts=True)
        if levels and len(cells) > _MOST_CELLS:
            break
        levels.append(_level(plot, first, width, cells % (bins + 1), cells // (bins + 1), counts, names))
    for renderer in levels[1:]:
        renderer.visible = False
    code = """
        const zoom = full / Math.max(1, range.end - range.start);
        const level = Math.min(levels.length - 1, zoom > 32 ? 2 : zoom > 4 ? 1 : 0);
        levels.forEach((one, index) => { if (one.visible !== (index === level)) one.visible = index === level; });
    """
    follow = CustomJS(args={"levels": levels, "range": plot.x_range, "full": length / 1000}, code=code)
    plot.x_range.js_on_change("start", follow)
    plot.x_range.js_on_change("end", follow)
    tips = {"from": "@start{%F %T}", "events": "@n{0,0}", **({"lane": "@name"} if len(names) > 1 else {})}
    axes.hover(plot, levels, tips)


def _level(plot: Any, first: int, width: int, bucket: Any, lane: Any, counts: Any, names: Sequence[str]) -> Any:
    start = first + bucket * width
    scale = np.log1p(counts) / np.log1p(counts.max())
    data = axes.source(
        start=start.astype("datetime64[us]"), x=(start + width // 2).astype("datetime64[us]"), y=lane.astype(np.int32),
        n=counts.astype(np.int32), a=(0.2 + 0.8 * scale).astype(np.float32),
        fill=np.asarray([theme.colour(index) for index in range(len(names))], dtype=object)[lane],
        name=np.asarray(names, dtype=object)[lane],
    )  # fmt: skip
    return plot.rect(
        "x", "y", width=width / 1000, height=0.78, source=data, fill_color="fill", fill_alpha="a", line_color=None
    )
