"""Places and countries on a map of the world that comes along."""

from __future__ import annotations

import gzip
import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from bokeh.models import Range1d

from huntlens.errors import DataError
from huntlens.viz import axes, theme
from huntlens.viz.data import frame_of, hover_columns, labels, need, numbers, unit_of
from huntlens.viz.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["world_map"]

_LATITUDES: Final = ("latitude", "lat", "y")
_LONGITUDES: Final = ("longitude", "lon", "long", "lng", "x")
_HEIGHT: Final = 440
_CELL: Final = 0.5


def world_map(
    data: Any, *, latitude: str = "", longitude: str = "", country: str = "", value: str = "",
    columns: Sequence[str] = (), title: str = "",
) -> Figure:  # fmt: skip
    """A circle at each latitude and longitude, or each `country` shaded, by how many rows there are or by `value`.

    `country` is a column of names or ISO codes (`Germany`, `DE`, `DEU`). Rows at one place (above 20,000: within half a
    degree) are one circle. The outlines are Natural Earth's (1:110 million, public domain); nothing is fetched.
    """
    frame = frame_of(data)
    if frame.empty:
        raise DataError("there are no rows to draw")
    value = need(frame, value) if value else ""
    weights = np.maximum(np.nan_to_num(numbers(frame, value)), 0) if value else np.ones(len(frame))
    title = title or (f"{value or 'Rows'} by country" if country else "Places")
    plot = axes.canvas(title, height=_HEIGHT, x_range=Range1d(-180, 180), y_range=Range1d(-58, 84))
    plot.axis.visible = False
    plot.grid.visible = False
    counted = value or "rows"
    tip = {counted: axes.number("n", unit_of(frame, value))}
    if country:
        words = _shade(plot, labels(frame[need(frame, country)]), weights, tip)
    else:
        words = _circles(plot, frame, (latitude, longitude), weights, columns, tip)
    return Figure.of(plot, title=title, summary=f"{title}: {words}", height=plot.height)


def _land(plot: Any, shares: NDArray[np.float64], sums: NDArray[np.float64], tip: dict[str, str]) -> None:
    """The countries, each shaded by its share."""
    fill = [theme.PALETTE[0] if share > 0 else theme.QUIET for share in shares]
    alpha = np.where(shares > 0, 0.25 + 0.75 * shares, 0.22)
    land = axes.source(**_outlines(), fill=fill, alpha=alpha, n=sums)
    style = {"fill_color": "fill", "fill_alpha": "alpha", "line_color": theme.QUIET, "line_width": 0.5}
    drawn = plot.multi_polygons(xs="xs", ys="ys", source=land, **style)
    axes.hover(plot, [drawn], {"country": "@name", **tip}, visible=False)


def _shade(plot: Any, names: NDArray[np.object_], weights: NDArray[np.float64], tip: dict[str, str]) -> str:
    known = _countries()
    codes, written = pd.factorize(names)
    place = np.asarray([known.get(str(name).strip().casefold(), -1) for name in written], dtype=np.intp)[codes]
    if not (place >= 0).any():
        raise DataError("no value of the column is a country; it takes names and ISO codes such as Germany, DE, DEU")
    count = len(_outlines()["name"])
    sums = np.asarray(np.bincount(place[place >= 0], weights=weights[place >= 0], minlength=count), dtype=float)
    shares = np.log1p(sums) / max(float(np.log1p(sums).max()), 1e-12)
    _land(plot, shares, sums, tip)
    axes.legend(plot, _swatches(plot, sums, shares), title=next(iter(tip)), hides=False)
    unknown = sorted({str(written[code]) for code in np.unique(codes[place < 0])})
    left_out = f"; not on the map: {', '.join(unknown[:5])}{' ...' if len(unknown) > 5 else ''}" if unknown else ""
    return f"{int((sums > 0).sum()):,} countries{left_out}"


def _swatches(plot: Any, sums: NDArray[np.float64], shares: NDArray[np.float64]) -> list[tuple[str, list[Any]]]:
    """The shades of the largest, the middle and the smallest sum."""
    order = np.argsort(-sums, kind="stable")[: int((sums > 0).sum())]
    picked = dict.fromkeys((order[0], order[len(order) // 2], order[-1])) if len(order) else {}
    shades = {at: 0.25 + 0.75 * float(shares[at]) for at in picked}
    return [(f"{sums[at]:,.10g}", [axes.swatch(plot, theme.PALETTE[0], shade)]) for at, shade in shades.items()]


def _circles(
    plot: Any, frame: pd.DataFrame, named: tuple[str, str], weights: NDArray[np.float64], columns: Sequence[str],
    tip: dict[str, str],
) -> str:  # fmt: skip
    latitude, longitude = _named(frame, named[0], _LATITUDES), _named(frame, named[1], _LONGITUDES)
    up, across = numbers(frame, latitude), numbers(frame, longitude)
    kept = (np.abs(up) <= 90) & (np.abs(across) <= 180)
    frame, up, across, weights = frame[kept], up[kept], across[kept], weights[kept]
    if frame.empty:
        raise DataError(f"no row has a place on earth in '{latitude}' and '{longitude}'")
    step = _CELL if len(frame) > axes.MAX_MARKS else 1e-4
    cell = np.column_stack([np.round(up / step), np.round(across / step)])
    _, first, place = np.unique(cell, axis=0, return_index=True, return_inverse=True)
    sums = np.bincount(place.reshape(-1), weights=weights)
    shown = hover_columns(frame, columns, leave_out=(latitude, longitude))
    fields = {f"c{index}": labels(frame[name].iloc[first], 80) for index, name in enumerate(shown)}
    size = 7 + 19 * np.sqrt(sums / max(float(sums.max()), 1e-12)) if len(np.unique(sums)) > 1 else np.full(len(sums), 9)
    _land(plot, np.zeros(len(_outlines()["name"])), np.zeros(len(_outlines()["name"])), {})
    dots = axes.source(x=across[first], y=up[first], size=size, n=sums, **fields)
    style = {"fill_color": theme.ACCENT, "line_color": theme.ACCENT, "fill_alpha": 0.5}
    marks = plot.scatter("x", "y", size="size", source=dots, **style)
    axes.hover(plot, [marks], {**tip, **{name: f"@c{index}" for index, name in enumerate(shown)}})
    return f"{len(frame):,} places" + (f" in {len(first):,} spots" if len(first) < len(frame) else "")


def _named(frame: pd.DataFrame, name: str, usual: Sequence[str]) -> str:
    if name:
        return need(frame, name)
    folded = {str(column).lower(): str(column) for column in frame.columns}
    found = next((folded[one] for one in usual if one in folded), "")
    if not found:
        raise DataError(f"no column is named {' or '.join(usual[:2])}; name them with latitude= and longitude=")
    return found


def _asset(name: str) -> bytes:
    return (resources.files("huntlens.viz") / "assets" / name).read_bytes()


@cache
def _outlines() -> dict[str, list[Any]]:
    countries = json.loads(gzip.decompress(_asset("world110.json.gz")))
    return {
        "xs": [[[[x for x, _ in ring] for ring in part] for part in parts] for _, _, parts in countries],
        "ys": [[[[y for _, y in ring] for ring in part] for part in parts] for _, _, parts in countries],
        "name": [name for _, name, _ in countries],
    }


@cache
def _countries() -> dict[str, int]:
    """What a country may be called, and its number among the outlines."""
    number = {name: index for index, name in enumerate(_outlines()["name"])}
    rows = [line.split("\t") for line in _asset("countries.tsv").decode().splitlines()]
    return {word.casefold(): number[row[0]] for row in rows for word in row if word}
