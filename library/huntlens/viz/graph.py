"""Graphs as pictures: where nodes stand, and which of their names can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from huntlens.viz import axes, theme
from huntlens.viz import text as texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Places = NDArray[np.float64]

MOST_NODES: Final = 300
HEIGHT: Final = 520
_WIDTH: Final = 900
_STEPS: Final = 160
_NAMED: Final = 60
_LONGEST: Final = 28
_MANY: Final = 4.0
"""The logarithm of how often is often: edges of a few meetings stay thin."""
_LETTER, _LINE = 5.6, 12.0


def canvas(title: str) -> Any:
    """An empty picture without axes."""
    plot = axes.canvas(title, height=HEIGHT)
    plot.axis.visible = False
    plot.grid.visible = False
    return plot


def strength(weights: Places) -> Places:
    """How strong pairs are between the weakest and the strongest, from 0 to 1."""
    found = np.log1p(np.abs(weights))
    low = float(found.min(initial=np.inf))
    return np.asarray((found - low) / max(float(found.max(initial=0)) - low, 1e-12), dtype=float)


def layout(count: int, first: Any, second: Any, weights: Places) -> Places:
    """Places of nodes, always the same: what hangs together is laid out by forces, and the parts side by side."""
    place = np.zeros((count, 2))
    pull = 0.5 + strength(weights)
    corners = _Shelves(count)
    for nodes in _parts(count, first, second):
        rank = np.full(count, -1)
        rank[nodes] = np.arange(len(nodes))
        mine = rank[first] >= 0
        own = _forces(len(nodes), rank[first[mine]], rank[second[mine]], pull[mine])
        side = np.sqrt(len(nodes))
        low, high = own.min(axis=0), own.max(axis=0)
        place[nodes] = (own - low) / np.maximum(high - low, 1e-9) * side + corners.next(side + 1)
    return place


def _parts(count: int, first: Any, second: Any) -> list[NDArray[np.intp]]:
    """The nodes of each part that hangs together, the largest part first."""
    label = np.arange(count)
    while True:
        before = label.copy()
        np.minimum.at(label, first, label[second])
        np.minimum.at(label, second, label[first])
        label = label[label]
        if (label == before).all():
            break
    found = [np.flatnonzero(label == name) for name in np.unique(label)]
    return sorted(found, key=len, reverse=True)


class _Shelves:
    """Squares in rows, from the top, in a rectangle as wide as a picture is."""

    def __init__(self, nodes: int) -> None:
        self._width = 1.5 * (np.sqrt(nodes) + 1)
        self._x = self._y = self._depth = 0.0

    def next(self, side: float) -> Places:
        """The corner of the next square."""
        if self._x and self._x + side > self._width:
            self._x, self._y, self._depth = 0.0, self._y - self._depth, 0.0
        corner = np.array([self._x, self._y - side])
        self._x += side
        self._depth = max(self._depth, side)
        return corner


def _forces(count: int, first: Any, second: Any, pull: Places) -> Places:
    """Nodes push each other away, edges pull, less where a node has many (after Fruchterman and Reingold 1991)."""
    place = np.random.default_rng(1).random((count, 2)) - 0.5
    if count == 1:
        return place * 0
    degree = np.bincount(np.concatenate([first, second]), minlength=count)
    pull = pull / np.sqrt(np.maximum(degree[first], degree[second]))
    ideal = 1.6 / np.sqrt(count)
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


def edges(plot: Any, place: Places, first: Any, second: Any, weights: Places, **fields: Any) -> Any:
    """Lines between nodes, the wider the stronger; `fields` are columns to show."""
    often = min(1.0, float(np.log1p(np.abs(weights).max(initial=0))) / _MANY)
    data = axes.source(
        xs=np.stack([place[first, 0], place[second, 0]], axis=1).tolist(),
        ys=np.stack([place[first, 1], place[second, 1]], axis=1).tolist(),
        width=0.6 + 3 * often * strength(weights), n=weights, **fields,
    )  # fmt: skip
    return plot.multi_line("xs", "ys", line_width="width", source=data, line_color=theme.QUIET, line_alpha=0.5)


def sizes(degree: NDArray[np.int64]) -> Places:
    """How large nodes are, in pixels."""
    return np.asarray(8 + 3 * np.sqrt(np.minimum(degree, 25)), dtype=float)


def captions(plot: Any, place: Places, names: Sequence[str], degree: NDArray[np.int64]) -> None:
    """Names beside the nodes, those first that have most to do with others; none over another, none past the edge."""
    shown: dict[int, list[int]] = {1: [], -1: []}
    boxes: list[tuple[float, float, float]] = []
    across, up = _WIDTH / _span(place[:, 0]), (HEIGHT - 70) / _span(place[:, 1])
    edge = float(place[:, 0].max()) - 0.12 * _span(place[:, 0])
    for node in np.argsort(-degree, kind="stable")[: 4 * _NAMED].tolist():
        side = -1 if place[node, 0] > edge else 1
        width = len(texts.short(names[node], _LONGEST)) * _LETTER
        left = place[node, 0] * across + (8 if side > 0 else -8 - width)
        box = (left, place[node, 1] * up, width)
        if len(boxes) < _NAMED and not any(_meet(box, other) for other in boxes):
            boxes.append(box)
            shown[side].append(node)
    for side, nodes in shown.items():
        words = [texts.short(names[node], _LONGEST) for node in nodes]
        source = axes.source(x=place[nodes, 0], y=place[nodes, 1], text=words)
        style = {"text_font_size": "10px", "text_color": theme.LIGHT.text, "x_offset": 8 * side, "y_offset": 4}
        mark = plot.text("x", "y", text="text", source=source, text_align="left" if side > 0 else "right", **style)
        mark.glyph.tags = [theme.INK_TAG]


def _span(values: Places) -> float:
    """How far values reach; the picture shows a tenth more on both sides."""
    return max(1.2 * float(np.ptp(values)), 1e-9)


def _meet(one: tuple[float, float, float], other: tuple[float, float, float]) -> bool:
    """Whether two texts would be written over each other: left end, height and width in pixels."""
    return abs(one[1] - other[1]) < _LINE and one[0] < other[0] + other[2] and other[0] < one[0] + one[2]
