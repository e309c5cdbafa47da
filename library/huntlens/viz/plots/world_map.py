"""Places on a map of the world that comes along."""

from __future__ import annotations

import gzip
import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from bokeh.models import Range1d

from huntlens.errors import DataError
from huntlens.viz import axes, theme
from huntlens.viz.data import frame_of, hover_columns, labels, need, numbers
from huntlens.viz.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

__all__ = ["world_map"]

_LATITUDES: Final = ("latitude", "lat", "y")
_LONGITUDES: Final = ("longitude", "lon", "long", "lng", "x")
_HEIGHT: Final = 440


def world_map(
    data: Any, *, latitude: str = "", longitude: str = "", value: str = "", columns: Sequence[str] = (), title: str = ""
) -> Figure:
    """A circle for each row at its latitude and longitude, as large as `value`.

    The outlines are Natural Earth's (1:110 million, public domain); nothing is fetched.
    """
    frame = frame_of(data)
    latitude, longitude = _named(frame, latitude, _LATITUDES), _named(frame, longitude, _LONGITUDES)
    up, across = numbers(frame, latitude), numbers(frame, longitude)
    kept = (np.abs(up) <= 90) & (np.abs(across) <= 180)
    frame, up, across = frame[kept], up[kept], across[kept]
    if frame.empty:
        raise DataError(f"no row has a place on earth in '{latitude}' and '{longitude}'")
    if len(frame) > axes.MAX_MARKS:
        raise DataError(f"{len(frame):,} places cannot be told apart; summarize them first")
    title = title or "Places"
    plot = axes.canvas(title, height=_HEIGHT, x_range=Range1d(-180, 180), y_range=Range1d(-58, 84))
    plot.axis.visible = False
    plot.grid.visible = False
    land = axes.source(**_outlines())
    style = {"fill_color": theme.QUIET, "fill_alpha": 0.22, "line_color": theme.QUIET, "line_width": 0.5}
    countries = plot.multi_polygons(xs="xs", ys="ys", source=land, **style)
    sizes = np.nan_to_num(numbers(frame, need(frame, value))) if value else np.ones(len(frame))
    share = np.sqrt(np.maximum(sizes, 0) / max(float(sizes.max()), 1e-12)) if value else 0.2 * sizes
    shown = hover_columns(frame, columns, leave_out=(latitude, longitude))
    fields = {f"c{index}": labels(frame[name], 80) for index, name in enumerate(shown)}
    dots = axes.source(x=across, y=up, size=6 + 16 * share, **fields)
    marks = plot.scatter(
        "x", "y", size="size", source=dots, fill_color=theme.ACCENT, line_color=theme.ACCENT, fill_alpha=0.5
    )
    axes.hover(plot, [marks], {name: f"@c{index}" for index, name in enumerate(shown)} or {"longitude": "@x"})
    axes.hover(plot, [countries], {"country": "@name"}, visible=False)
    summary = f"{title}: {len(frame):,} places"
    return Figure.of(plot, title=title, summary=summary, height=plot.height)


def _named(frame: pd.DataFrame, name: str, usual: Sequence[str]) -> str:
    if name:
        return need(frame, name)
    folded = {str(column).lower(): str(column) for column in frame.columns}
    found = next((folded[one] for one in usual if one in folded), "")
    if not found:
        raise DataError(f"no column is named {' or '.join(usual[:2])}; name them with latitude= and longitude=")
    return found


@cache
def _outlines() -> dict[str, list[Any]]:
    packed = (resources.files("huntlens.viz") / "assets" / "world110.json.gz").read_bytes()
    countries = json.loads(gzip.decompress(packed))
    return {
        "xs": [[[[x for x, _ in ring] for ring in part] for part in parts] for _, _, parts in countries],
        "ys": [[[[y for _, y in ring] for ring in part] for part in parts] for _, _, parts in countries],
        "name": [name for _, name, _ in countries],
    }
