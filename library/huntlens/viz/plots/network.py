"""Who meets whom: two columns as a graph of their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from huntlens.errors import DataError
from huntlens.viz import axes, theme
from huntlens.viz.data import frame_of, labels, need, numbers
from huntlens.viz.figure import Figure

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["network"]

MOST_NODES: Final = 300
_STEPS: Final = 160
_HEIGHT: Final = 520
_NAMED: Final = 30


def network(data: Any, *, source: str, target: str, value: str = "", title: str = "", most: int = MOST_NODES) -> Figure:
    """A graph with a node for each value of two columns and an edge where they meet, wider where they meet often.

    Beyond `most` nodes those with the fewest meetings are left out.
    """
    frame = frame_of(data)
    if frame.empty:
        raise DataError("there are no rows to draw")
    edges = _edges(frame, need(frame, source), need(frame, target), value)
    edges, left_out = _strongest(edges, most)
    names, ends = pd.factorize(np.concatenate([edges["a"].to_numpy(object), edges["b"].to_numpy(object)]))[::-1]
    count = len(edges)
    first, second = ends[:count], ends[count:]
    weights = edges["n"].to_numpy(float)
    place = _layout(len(names), first, second, weights)
    title = title or f"{source} and {target}"
    plot = axes.canvas(title, height=_HEIGHT, match_aspect=True)
    plot.axis.visible = False
    plot.grid.visible = False
    widths = 0.6 + 4 * np.log1p(weights) / max(float(np.log1p(weights).max()), 1e-12)
    lines = axes.source(
        xs=[[place[a, 0], place[b, 0]] for a, b in zip(first, second, strict=True)],
        ys=[[place[a, 1], place[b, 1]] for a, b in zip(first, second, strict=True)],
        width=widths, a=edges["a"].to_numpy(object), b=edges["b"].to_numpy(object), n=weights,
    )  # fmt: skip
    drawn = plot.multi_line("xs", "ys", line_width="width", source=lines, line_color=theme.QUIET, line_alpha=0.5)
    axes.hover(plot, [drawn], {source: "@a", target: "@b", value or "times": "@n{0,0.[00]}"}, line_policy="interp")
    sides = dict.fromkeys(edges["b"], 0) | dict.fromkeys(edges["a"], 1)
    degree = np.bincount(ends, minlength=len(names))
    entries = []
    for side, label in ((1, source), (0, target)):
        mine = np.asarray([sides[name] == side for name in names], dtype=bool)
        if mine.any():
            entries.append((label, [_nodes(plot, place[mine], names[mine], degree[mine], side, label)]))
    _captions(plot, place, names, degree)
    axes.legend(plot, entries)
    summary = f"{title}: {len(names):,} values, {count:,} pairs"
    summary += f"; {left_out:,} further pairs are left out" if left_out else ""
    return Figure.of(plot, title=title, summary=summary, height=plot.height)


def _edges(frame: pd.DataFrame, source: str, target: str, value: str) -> pd.DataFrame:
    weights = numbers(frame, need(frame, value)) if value else np.ones(len(frame))
    table = pd.DataFrame({"a": labels(frame[source]), "b": labels(frame[target]), "n": np.nan_to_num(weights)})
    return table.groupby(["a", "b"], sort=False)["n"].sum().reset_index()


def _strongest(edges: pd.DataFrame, most: int) -> tuple[pd.DataFrame, int]:
    """The strongest pairs whose ends are at most so many values."""
    ordered = edges.sort_values("n", ascending=False, kind="stable")
    seen: set[str] = set()
    kept = []
    for index, (a, b) in enumerate(zip(ordered["a"], ordered["b"], strict=True)):
        if len(seen | {a, b}) <= most:
            seen |= {a, b}
            kept.append(index)
    return ordered.iloc[kept], len(edges) - len(kept)


def _layout(count: int, first: Any, second: Any, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places by forces: nodes push each other away, edges pull (Fruchterman and Reingold 1991). Always the same."""
    random = np.random.default_rng(1)
    place = random.random((count, 2)) - 0.5
    if count == 1:
        return place * 0
    ideal = 1.6 / np.sqrt(count)
    pull = 0.5 + np.log1p(weights) / max(float(np.log1p(weights).max()), 1e-12)
    for step in range(_STEPS):
        apart = place[:, None, :] - place[None, :, :]
        distance = np.maximum(np.hypot(apart[..., 0], apart[..., 1]), 1e-3)
        move = (apart * (ideal**2 / distance**2)[..., None]).sum(axis=1) - place * 0.04
        along = place[first] - place[second]
        force = along * (np.hypot(along[:, 0], along[:, 1]) / ideal * pull)[:, None]
        np.add.at(move, first, -force)
        np.add.at(move, second, force)
        length = np.maximum(np.hypot(move[:, 0], move[:, 1]), 1e-9)
        place += move / length[:, None] * np.minimum(length, 0.12 * (1 - step / _STEPS) + 0.002)[:, None]
    return np.asarray(place - place.mean(axis=0), dtype=float)


def _nodes(plot: Any, place: Any, names: Any, degree: Any, side: int, label: str) -> Any:
    colour = theme.PALETTE[0] if side else theme.PALETTE[1]
    dots = axes.source(x=place[:, 0], y=place[:, 1], name=names, n=degree, size=8 + 3 * np.sqrt(degree))
    style = {"fill_color": colour, "line_color": None, "fill_alpha": 0.9}
    mark = plot.scatter("x", "y", size="size", marker="circle" if side else "square", source=dots, **style)
    axes.hover(plot, [mark], {label: "@name", "pairs": "@n"})
    return mark


def _captions(plot: Any, place: Any, names: Any, degree: Any) -> None:
    """Names beside the nodes that have most to do with others."""
    shown = np.argsort(-degree, kind="stable")[:_NAMED]
    texts = [name if len(name) <= 28 else f"{name[:27]}…" for name in names[shown]]
    source = axes.source(x=place[shown, 0], y=place[shown, 1], text=texts)
    mark = plot.text(
        "x", "y", text="text", source=source, x_offset=8, y_offset=4, text_font_size="10px", text_color=theme.LIGHT.text
    )
    mark.glyph.tags = [theme.INK_TAG]
