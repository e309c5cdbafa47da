"""`| render` of a query: the kind of chart that it names, with its options, as a figure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from huntlens.errors import DataError
from huntlens.viz.data import frame_of, times
from huntlens.viz.plots.anomaly import anomaly
from huntlens.viz.plots.area import area
from huntlens.viz.plots.bar import bar
from huntlens.viz.plots.durations import durations
from huntlens.viz.plots.line import line
from huntlens.viz.plots.pie import pie
from huntlens.viz.plots.scatter import scatter
from huntlens.viz.plots.timeline import timeline
from huntlens.viz.plots.world_map import world_map
from huntlens.viz.series import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from huntlens.viz.figure import Figure

Options = dict[str, Any]

# Shown as rows: a table says more than a chart of these, or there is nothing to draw.
ROWS: Final = ("table", "card", "plotly", "")


def render(result: Any) -> Figure | None:
    """The chart that a result asks for, `None` where it asks for none (or for a table or a card)."""
    if result.render is None:
        return None
    kind, options = result.render
    return draw(kind, frame_of(result), options)


def draw(kind: str, data: Any, options: Mapping[str, Any] | None = None) -> Figure | None:
    """A chart of a kind that `| render` knows, with Kusto's options (`title`, `xcolumn`, `series`, `kind`, ...)."""
    kind = kind.lower()
    if kind in ROWS:
        return None
    if kind not in KINDS:
        message = f"'{kind}' is no chart here; there are: {', '.join(KINDS)}"
        raise DataError(message)
    given = {name.lower(): value for name, value in (options or {}).items()}
    return KINDS[kind](unrolled(data), given)


def _common(options: Options) -> Options:
    """The options that all kinds share, in the words of our plots."""
    found: Options = {"title": str(options.get("title", ""))}
    found["legend"] = str(options.get("legend", "")).lower() != "hidden"
    if "xcolumn" in options:
        found["x"] = _names(options["xcolumn"])[0]
    if "ycolumns" in options:
        found["y"] = _names(options["ycolumns"])
    return found


def _axes(options: Options) -> Options:
    found = _common(options)
    found |= {"x_title": str(options.get("xtitle", "")), "y_title": str(options.get("ytitle", ""))}
    if "series" in options:
        found["series"] = _names(options["series"])
    return found


def _names(value: Any) -> list[str]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return [str(part) for part in value]


def _is_log(options: Options) -> bool:
    return str(options.get("yaxis", "")).lower() == "log"


def unrolled(data: Any) -> pd.DataFrame:
    """The frame with a row for each item of its arrays: what make-series gives, a row a series, becomes rows.

    Arrays of times come as texts, since JSON has no times; arrays of other texts are no series and stay as they are.
    """
    frame = frame_of(data)
    arrays = [str(name) for name in frame.columns if _is_series(frame[name])]
    if not arrays:
        return frame
    cells = {name: [_array(cell) for cell in frame[name]] for name in arrays}
    lengths = [len(cell) for cell in cells[arrays[0]]]
    if any([len(cell) for cell in one] != lengths for one in cells.values()):
        raise DataError(f"the arrays of a row have different lengths: {', '.join(arrays)}")
    rows = frame.drop(columns=arrays).iloc[np.repeat(np.arange(len(frame)), lengths)].reset_index(drop=True)
    items = {name: _items([item for cell in one for item in cell]) for name, one in cells.items()}
    return pd.DataFrame({name: items.get(str(name), rows.get(name)) for name in frame.columns})


def _is_series(column: pd.Series[Any]) -> bool:
    first = column.iloc[0] if len(column) else None
    if not isinstance(first, list | np.ndarray):
        return False
    known = [item for item in first if item is not None]
    return not known or not isinstance(known[0], str) or bool(pd.notna(pd.to_datetime(known[0], errors="coerce")))


def _array(cell: Any) -> list[Any]:
    """What a series may hold: numbers, and texts that may be times."""
    values = list(cell) if isinstance(cell, list | np.ndarray) else [cell]
    return [value if isinstance(value, str | int | float | np.number | datetime) else None for value in values]


def _items(items: list[Any]) -> pd.Series[Any]:
    """Items as numbers, else as times, else as they are."""
    values = pd.Series(items, dtype=object)
    known = int(values.notna().sum())
    found = pd.to_numeric(values, errors="coerce")
    if int(found.notna().sum()) >= known:
        return found
    moments = times(pd.DataFrame({"items": values}), "items")
    return moments if int(moments.notna().sum()) >= known else values


def _line(data: Any, options: Options) -> Figure:
    accumulate = str(options.get("accumulate", "")).lower() in ("true", "1")
    return line(data, **_axes(options), log=_is_log(options), accumulate=accumulate)


def _area(data: Any, options: Options) -> Figure:
    return area(data, **_axes(options), stacked=str(options.get("kind", "")).lower() in ("stacked", "stacked100"))


def _stacked_area(data: Any, options: Options) -> Figure:
    return area(data, **_axes(options), stacked=True)


def _bars(lying: bool) -> Callable[[Any, Options], Figure]:  # noqa: FBT001  (names a row of the table below)
    def draw_bars(data: Any, options: Options) -> Figure:
        layouts = {"stacked": "stacked", "stacked100": "stacked100", "unstacked": "grouped", "default": "grouped"}
        layout: Any = layouts.get(str(options.get("kind", "default")).lower(), "grouped")
        return bar(data, **_axes(options), lying=lying, layout=layout, log=_is_log(options))

    return draw_bars


def _pie(data: Any, options: Options) -> Figure:
    return pie(data, **_common(options))


def _scatter(data: Any, options: Options) -> Figure:
    if str(options.get("kind", "")).lower() == "map":
        return _map(data, options)
    found = _axes(options)
    frame = frame_of(data)
    series = found.pop("series", None) or [str(n) for n in frame.columns if kind_of(frame[n]) == "category"][:1]
    measures = found.pop("y", [""])
    return scatter(frame, **found, y=measures[0], series=series[0] if series else "", log=_is_log(options))


def _map(data: Any, options: Options) -> Figure:
    """Longitude is x and latitude is y, the first two numbers where they are not named; a third is the size."""
    found = _common(options)
    measures = [str(name) for name in data.columns if kind_of(data[name]) == "number"]
    x, y = found.get("x", ""), found.get("y", [""])[0]
    if not (x and y) and len(measures) >= 2:
        x, y = measures[:2]
    sizes = [name for name in measures if name not in (x, y)]
    return world_map(data, longitude=x, latitude=y, value=sizes[0] if sizes else "", title=found["title"])


def _anomaly(data: Any, options: Options) -> Figure:
    """The first value with its marks; without `anomalycolumns` a line is all that can be drawn."""
    found = _axes(options)
    flags = _names(options.get("anomalycolumns", "")) or [
        str(name) for name in data.columns if str(name).lower() in ("anomalies", "ad_flag", "flag")
    ]
    if not flags:
        return _line(data, options)
    values = found.get("y") or [
        str(name) for name in data.columns if kind_of(data[name]) == "number" and str(name) not in flags
    ]
    picked = {"title": found["title"], "y_title": found["y_title"], "time": found.get("x", "")}
    return anomaly(data, value=values[0] if values else "", flag=flags[0], **picked)


def _ladder(data: Any, options: Options) -> Figure:
    """The last two columns of times are start and end, the first that is no time names the lane."""
    moments = [str(name) for name in data.columns if kind_of(data[name]) == "datetime"]
    if len(moments) < 2:
        raise DataError("a ladder chart needs two columns of times: start and end")
    lanes = [str(name) for name in data.columns if kind_of(data[name]) == "category"]
    title = str(options.get("title", ""))
    return durations(data, start=moments[-2], end=moments[-1], group=lanes[0] if lanes else "", title=title)


def _time_pivot(data: Any, options: Options) -> Figure:
    lanes = [str(name) for name in data.columns if kind_of(data[name]) == "category"]
    series = _names(options.get("series", "")) or lanes
    return timeline(data, group=series[0] if series else "", title=str(options.get("title", "")))


KINDS: Final[dict[str, Callable[[Any, Options], Figure]]] = {
    "anomalychart": _anomaly,
    "areachart": _area,
    "barchart": _bars(lying=True),
    "columnchart": _bars(lying=False),
    "ladderchart": _ladder,
    "linechart": _line,
    "piechart": _pie,
    "scatterchart": _scatter,
    "stackedareachart": _stacked_area,
    "timechart": _line,
    "timepivot": _time_pivot,
}
