"""Stretches of time as bars in lanes: sessions, connections, runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from bokeh.models import Range1d

from huntlens.errors import DataError
from huntlens.viz import axes, theme
from huntlens.viz.data import frame_of, hover_columns, labels, lanes, need, times
from huntlens.viz.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["durations"]

MOST_LANES: Final = 60


def durations(
    data: Any, *, start: str = "", end: str = "", group: str = "", time: str = "", columns: Sequence[str] = (),
    title: str = "",
) -> Figure:  # fmt: skip
    """A bar from `start` to `end` of each row, in a lane for each value of `group`.

    With `time` instead, the bar of a group reaches from its first to its last row, with how many there are.
    """
    frame = frame_of(data)
    if time:
        if not group:
            raise DataError("durations of events need group=, the column whose first and last rows make a bar")
        frame, start, end, columns = _spans(frame, need(frame, time), need(frame, group))
    first, last = times(frame, need(frame, start or "start")), times(frame, need(frame, end or "end"))
    kept = (first.notna() & last.notna()).to_numpy()
    frame, first, last = frame[kept], first[kept], last[kept]
    if frame.empty:
        raise DataError("no row has both a start and an end")
    if len(frame) > axes.MAX_MARKS:
        raise DataError(f"{len(frame):,} bars cannot be told apart; give time= and group= for one bar a group")
    lane, names = lanes(frame, group, MOST_LANES)
    title = title or (f"Durations by {group}" if group else "Durations")
    plot = axes.canvas(
        title, height=int(min(1000, 130 + max(2, len(names)) * 20)), x="datetime",
        x_range=axes.span(first.min(), last.max()), y_range=Range1d(len(names) - 0.4, -0.6),
    )  # fmt: skip
    axes.name_ticks(plot.yaxis, names)
    plot.ygrid.grid_line_color = None
    shown = hover_columns(frame, columns, leave_out=(start, end, group))
    fields = {f"c{index}": labels(frame[name], 120) for index, name in enumerate(shown)}
    colours = np.asarray([theme.colour(index) for index in range(len(names))], dtype=object)
    lasted = np.asarray([str(length).replace("0 days ", "") for length in last - first], dtype=object)
    source = axes.source(
        left=first.to_numpy(), right=last.to_numpy(), y=lane.astype(np.int32), fill=colours[lane], lasted=lasted,
        name=np.asarray(names, dtype=object)[lane], **fields,
    )  # fmt: skip
    style = {"fill_color": "fill", "line_color": "fill", "fill_alpha": 0.55, "line_width": 2}
    bars = plot.hbar("y", height=0.6, left="left", right="right", source=source, **style)
    tips = {"from": "@left{%F %T}", "to": "@right{%F %T}", "lasted": "@lasted", "lane": "@name"}
    axes.hover(plot, [bars], {**tips, **{name: f"@c{index}" for index, name in enumerate(shown)}})
    axes.label_axes(plot, "time (UTC)", "")
    summary = f"{title}: {len(frame):,} stretches of time in {len(names):,} lanes"
    return Figure.of(plot, title=title, summary=summary, height=plot.height)


def _spans(frame: pd.DataFrame, time: str, group: str) -> tuple[pd.DataFrame, str, str, list[str]]:
    """First and last time of each group, and the number of its rows."""
    moments = pd.DataFrame({"at": times(frame, time).to_numpy(), group: labels(frame[group])}).dropna(subset=["at"])
    spans = moments.groupby(group, sort=False)["at"].agg(["min", "max", "size"]).reset_index()
    spans.columns = pd.Index([group, "start", "end", "events"])
    return spans, "start", "end", ["events"]
