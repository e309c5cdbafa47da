"""Who meets whom: two columns as a graph of their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from huntlens.errors import DataError
from huntlens.viz import axes, graph, theme
from huntlens.viz.data import frame_of, labels, need, numbers, unit_of
from huntlens.viz.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["network"]


def network(
    data: Any, *, source: str, target: str, value: str = "", title: str = "", most: int = graph.MOST_NODES
) -> Figure:
    """A graph with a node for each value of two columns and an edge where they meet, wider where they meet often.

    `value` is a column of numbers to add up instead of rows. Beyond `most` nodes those with the fewest meetings are
    left out.
    """
    frame = frame_of(data)
    if frame.empty:
        raise DataError("there are no rows to draw")
    if not 2 <= most <= 1_000:
        raise DataError(f"most={most} is not between 2 and 1,000 nodes, which is what a picture can hold")
    source, target = need(frame, source), need(frame, target)
    value = need(frame, value) if value else ""
    edges, left_out = _strongest(_edges(frame, source, target, value), most)
    ends, names = pd.factorize(np.concatenate([edges["a"].to_numpy(object), edges["b"].to_numpy(object)]))
    count = len(edges)
    first, second = ends[:count], ends[count:]
    weights = edges["n"].to_numpy(float)
    place = graph.layout(len(names), first, second, weights)
    title = title or f"{source} and {target}"
    plot = graph.canvas(title)
    lines = graph.edges(
        plot, place, first, second, weights, a=edges["a"].to_numpy(object), b=edges["b"].to_numpy(object)
    )
    tips = {source: "@a", target: "@b", value or "times": axes.number("n", unit_of(frame, value))}
    axes.hover(plot, [lines], tips, line_policy="interp")
    sides = dict.fromkeys(edges["b"], 0) | dict.fromkeys(edges["a"], 1)
    degree = np.bincount(ends, minlength=len(names))
    entries = []
    for side, label in ((1, source), (0, target)):
        mine = np.asarray([sides[name] == side for name in names], dtype=bool)
        if mine.any():
            entries.append((label, [_nodes(plot, place[mine], names[mine], degree[mine], side, label)]))
    graph.captions(plot, place, names.tolist(), degree)
    axes.legend(plot, entries)
    summary = f"{title}: {len(names):,} values, {count:,} pairs"
    summary += f"; {left_out:,} further pairs are left out" if left_out else ""
    return Figure.of(plot, title=title, summary=summary, height=plot.height)


def _edges(frame: pd.DataFrame, source: str, target: str, value: str) -> pd.DataFrame:
    weights = numbers(frame, value) if value else np.ones(len(frame))
    table = pd.DataFrame({"a": labels(frame[source]), "b": labels(frame[target]), "n": np.nan_to_num(weights)})
    return table.groupby(["a", "b"], sort=False)["n"].sum().reset_index()


def _strongest(edges: pd.DataFrame, most: int) -> tuple[pd.DataFrame, int]:
    """The strongest pairs whose ends are at most so many values."""
    ordered = edges.sort_values("n", ascending=False, kind="stable")
    seen: set[str] = set()
    kept = []
    for index, pair in enumerate(zip(ordered["a"], ordered["b"], strict=True)):
        if len(seen) + len(set(pair) - seen) <= most:
            seen.update(pair)
            kept.append(index)
    return ordered.iloc[kept], len(edges) - len(kept)


def _nodes(plot: Any, place: Any, names: Sequence[str], degree: Any, side: int, label: str) -> Any:
    colour = theme.colour(0 if side else 1)
    dots = axes.source(x=place[:, 0], y=place[:, 1], name=names, n=degree, size=graph.sizes(degree))
    style = {"fill_color": colour, "line_color": None, "fill_alpha": 0.9}
    mark = plot.scatter("x", "y", size="size", marker=theme.marker(0 if side else 1), source=dots, **style)
    axes.hover(plot, [mark], {label: "@name", "pairs": "@n"})
    return mark
