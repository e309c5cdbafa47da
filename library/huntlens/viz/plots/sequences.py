"""Sessions by how unusual they are: each along time, and the rarest things that were done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from bokeh.layouts import column as below
from bokeh.models import Range1d

from huntlens.analyze.sequences import Command, score
from huntlens.errors import DataError
from huntlens.viz import axes, theme
from huntlens.viz import text as texts
from huntlens.viz.data import frame_of, hover_columns, labels, lanes, need, numbers, times
from huntlens.viz.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["sequences"]

_SCORES: Final = ("rarest_likelihood", "rarest_window")
_MOST_SERIES: Final = 8
_HEIGHT: Final = 300
_STEP: Final = 32
_ALL: Final = ("likelihood", "rarest_likelihood", "rarest_window")


def sequences(
    data: Any, *, column: str = "", time: str = "", group: str = "", columns: Sequence[str] = (), most: int = 12,
    title: str = "",
) -> Figure:  # fmt: skip
    """A mark for each session, the higher the rarer the rarest thing done in it, and below the `most` rarest ones.

    `data` is what `analyze.sequences.score` gave, or sessions with a `column` of lists of events, which are scored
    first. `time` is when a session began (`start` where there is one; else sessions stand in the order of their
    rows), `group` colours them. Of more than 20,000 sessions the rarest are marks.
    """
    frame = frame_of(data)
    if frame.empty:
        raise DataError("there are no sessions to draw")
    if not set(_SCORES) <= set(frame.columns):
        frame = _scored(frame, need(frame, column) if column else _lists(frame))
    likely = numbers(frame, "rarest_likelihood")
    frame = frame[(kept := likely > 0)]
    rarity = 1 / likely[kept]
    if frame.empty:
        raise DataError("no session has a likelihood; score them with analyze.sequences.score")
    time = need(frame, time) if time else next((name for name in ("start", "TimeGenerated") if name in frame), "")
    title = title or "Sessions"
    windows = _windows(frame["rarest_window"])
    upper = _scatter(frame, rarity, windows, (title, time, group, columns))
    lower = _bars(windows, rarity, most)
    figures = below(upper, lower, sizing_mode="stretch_width")
    rarest = windows[int(np.argmax(rarity))]
    summary = f"{title}: {len(frame):,} sessions; the rarest thing done: {texts.clip(rarest, 200)}"
    return Figure.of(figures, title=title, summary=summary, height=upper.height + lower.height)


def _scored(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """The sessions with their scores; an event that is neither a text nor a command counts as its text."""
    kept = frame[[isinstance(cell, list | tuple | np.ndarray) for cell in frame[column]]]
    if kept.empty:
        raise DataError(f"'{column}' holds no lists of events")
    events = np.empty(len(kept), dtype=object)
    events[:] = [
        [one if isinstance(one, str | Command) else texts.show(one, 400) or "" for one in cell] for cell in kept[column]
    ]
    return score(kept.assign(**{column: events}), column)


def _lists(frame: pd.DataFrame) -> str:
    found = [str(name) for name in frame.columns if isinstance(frame[name].iloc[0], list)]
    if not found:
        raise DataError("no column holds lists of events; analyze.sessions.sessionize makes one, or name it: column=")
    return found[0]


def _windows(series: pd.Series[Any]) -> NDArray[np.object_]:
    """The events of each window in a line; each event is cut so that all can be read."""
    found = np.empty(len(series), dtype=object)
    found[:] = [_line(value) for value in series]
    return found


def _line(value: Any) -> str:
    events = value if isinstance(value, list | tuple | np.ndarray) else [value]
    return " → ".join(texts.short(texts.show(event, 80) or "", 40) for event in events) or "(nothing)"


def _scatter(
    frame: pd.DataFrame, rarity: NDArray[np.float64], windows: NDArray[np.object_], how: tuple[str, str, str, Any]
) -> Any:
    title, time, group, columns = how
    order = np.argsort(-rarity, kind="stable")[: axes.MAX_MARKS]
    shown = hover_columns(frame, columns, leave_out=(time, group, *_ALL), most=3)
    lane, names = lanes(frame, group, _MOST_SERIES)
    if time:
        when = times(frame, time)
        order = order[when.notna().to_numpy()[order]]
        if not len(order):
            raise DataError(f"no session has a time in '{time}'")
        reach: dict[str, Any] = {"x": "datetime", "x_range": axes.span(when.min(), when.max())}
        across = when.to_numpy()
    else:
        reach, across = {}, np.arange(len(frame))
    plot = axes.canvas(title, height=_HEIGHT, y="log", **reach)
    entries = []
    for index, name in enumerate(names):
        mine = order[lane[order] == index]
        fields = {f"c{at}": labels(frame[one].iloc[mine], 120) for at, one in enumerate(shown)}
        source = axes.source(x=across[mine], y=rarity[mine], window=windows[mine], **fields)
        colour = theme.colour(index)
        style = {"fill_color": colour, "line_color": colour, "fill_alpha": 0.5, "marker": theme.marker(index)}
        mark = plot.scatter("x", "y", source=source, size=7, **style)
        tips = {"rarest": "@window", "one in": "@y{0,0.[0]}", **({group: name} if group else {})}
        at_time = {time: "@x{%F %T}"} if time else {}
        axes.hover(plot, [mark], {**at_time, **tips, **{one: f"@c{at}" for at, one in enumerate(shown)}})
        entries.append((name, [mark]))
    if len(names) > 1:
        axes.legend(plot, entries, title=group)
    axes.label_axes(plot, f"{time} (UTC)" if time else "session", "rarest step, one in")
    return plot


def _bars(windows: NDArray[np.object_], rarity: NDArray[np.float64], most: int) -> Any:
    """The rarest windows, each once, with how many sessions they stand in."""
    codes, names = pd.factorize(windows)
    count = np.bincount(codes)
    highest = np.zeros(len(names))
    np.maximum.at(highest, codes, rarity)
    top = np.argsort(-highest, kind="stable")[: max(1, most)]
    rows = np.arange(len(top))
    plot = axes.canvas(
        "", height=70 + _STEP * len(top), x="log", x_range=Range1d(0.9, max(float(highest.max()) * 1.3, 10)),
        y_range=Range1d(len(top) - 0.6, -0.9),
    )  # fmt: skip
    plot.yaxis.visible = False
    plot.ygrid.grid_line_color = None
    data = axes.source(y=rows, right=highest[top], name=names[top], n=count[top], base=np.full(len(top), 1.0))
    style = {"fill_color": theme.PALETTE[0], "line_color": None, "fill_alpha": 0.85}
    bars = plot.hbar(y="y", left="base", right="right", height=0.3, source=data, **style)
    style = {"text_font_size": "11px", "text_color": theme.LIGHT.text, "text_baseline": "bottom", "y_offset": -4}
    words = plot.text("base", "y", text="name", source=data, **style)
    words.glyph.tags = [theme.INK_TAG]
    axes.hover(plot, [bars], {"window": "@name", "one in": "@right{0,0.[0]}", "sessions": "@n{0,0}"})
    axes.label_axes(plot, "rarest windows: one in (per step)", "")
    return plot
