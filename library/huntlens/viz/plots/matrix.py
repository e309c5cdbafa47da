"""Two columns against each other: how often their values meet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from bokeh.models import Range1d

from huntlens.errors import DataError
from huntlens.viz import axes, theme
from huntlens.viz.data import OTHERS, frame_of, labels, need, numbers
from huntlens.viz.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["matrix"]

MOST: Final = 60


def matrix(
    data: Any, *, x: str, y: str, value: str = "", title: str = "", log: bool = True, rare: bool = False
) -> Figure:
    """A circle where two values meet, as large as they meet often, or as the sum of `value` is.

    `rare` turns sizes round, so that what happens seldom stands out; `log` keeps the large from hiding the small.
    """
    frame = frame_of(data)
    if frame.empty:
        raise DataError("there are no rows to draw")
    across, up = _few(labels(frame[need(frame, x)])), _few(labels(frame[need(frame, y)]))
    weights = numbers(frame, need(frame, value)) if value else np.ones(len(frame))
    table = pd.DataFrame({"x": across, "y": up, "n": np.nan_to_num(weights)})
    cells = table.groupby(["x", "y"], sort=False)["n"].sum().reset_index()
    columns, rows = _order(cells, "x"), _order(cells, "y")
    sizes = cells["n"].to_numpy(float)
    scale = np.log1p(np.abs(sizes)) if log else np.abs(sizes)
    share = scale / max(float(scale.max()), 1e-12)
    share = 1.05 - share if rare else share
    plot = axes.canvas(
        title or f"{y} and {x}", height=int(min(1200, 100 + _room(columns) + 18 * max(2, len(rows)))),
        x_range=Range1d(-0.7, len(columns) - 0.3), y_range=Range1d(len(rows) - 0.3, -0.7),
    )  # fmt: skip
    axes.name_ticks(plot.xaxis, columns)
    axes.name_ticks(plot.yaxis, rows)
    plot.xaxis.major_label_orientation = 0.9
    column, row = {name: i for i, name in enumerate(columns)}, {name: i for i, name in enumerate(rows)}
    source = axes.source(
        x=[column[name] for name in cells["x"]], y=[row[name] for name in cells["y"]], n=sizes,
        size=4 + 18 * np.sqrt(share), left=cells["x"].to_numpy(object), right=cells["y"].to_numpy(object),
    )  # fmt: skip
    colour = theme.ACCENT if rare else theme.PALETTE[0]
    style = {"fill_color": colour, "line_color": colour, "fill_alpha": 0.6}
    marks = plot.scatter("x", "y", size="size", source=source, **style)
    axes.hover(plot, [marks], {x: "@left", y: "@right", value or "times": "@n{0,0.[00]}"})
    axes.label_axes(plot, x, y)
    summary = f"{title or f'{y} and {x}'}: {len(cells):,} pairs of {len(columns)} and {len(rows)} values"
    return Figure.of(plot, title=title or f"{y} and {x}", summary=summary, height=plot.height)


def _few(names: NDArray[np.object_]) -> NDArray[np.object_]:
    """The most frequent names; the rest under one."""
    codes, uniques = pd.factorize(names)
    if len(uniques) <= MOST:
        return names
    order = np.argsort(-np.bincount(codes), kind="stable")
    kept = set(order[: MOST - 1].tolist())
    shown = np.asarray([one if index in kept else OTHERS for index, one in enumerate(uniques)], dtype=object)
    return shown[codes]


def _room(names: Sequence[str]) -> int:
    """The height that names written aslant take, in pixels."""
    return int(5 * min(40, max(map(len, names))))


def _order(cells: pd.DataFrame, side: str) -> list[str]:
    """Names by how much there is of them, the rest at the end."""
    sums = cells.groupby(side, sort=False)["n"].sum().sort_values(ascending=False, kind="stable")
    return sorted(map(str, sums.index), key=lambda name: name == OTHERS)
