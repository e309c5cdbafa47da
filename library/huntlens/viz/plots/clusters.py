"""Rows that are alike, as clouds: the features of columns drawn along the two directions in which they differ most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from huntlens.analyze.features import features, scaled
from huntlens.errors import DataError
from huntlens.viz import axes, theme
from huntlens.viz import text as texts
from huntlens.viz.data import frame_of, hover_columns, labels, need, numbers
from huntlens.viz.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["clusters"]

_HEIGHT: Final = 440
_CLUSTER: Final = "cluster"
_MOST: Final = 8
_GRID: Final = 400


def clusters(
    data: Any, *, columns: Sequence[str] = (), cluster: str = "", show: Sequence[str] = (), distance: float = 0.5,
    least: int = 3, title: str = "",
) -> Figure:  # fmt: skip
    """A mark for rows that are alike, coloured by their cluster; a cross for each that is like no other.

    `columns` are compared (all by default), `show` are those to read when one points at a mark. `cluster` is the column
    that says which cluster a row is in (`cluster` where there is one); without it, `analyze.cluster.label` is asked,
    with `distance` and `least`. Rows at the same place are one mark, larger the more there are.
    """
    frame = frame_of(data)
    if frame.empty:
        raise DataError("there are no rows to draw")
    cluster = need(frame, cluster) if cluster else _CLUSTER if _CLUSTER in frame.columns else ""
    compared = [need(frame, name) for name in columns]
    compared = compared or [str(name) for name in frame.columns if name not in (cluster, "rows", "outlier", "reasons")]
    labelled = _labels(frame, cluster, compared, distance, least)
    found = features(frame, compared)
    if not found.shape[1]:
        raise DataError("no column tells these rows apart; name columns with more than one value")
    place, named = _directions(scaled(found), list(found.columns))
    title = title or "Clusters"
    plot = axes.canvas(title, height=_HEIGHT)
    shown = hover_columns(frame, show or compared, leave_out=(cluster,), most=4)[:8]
    entries = _draw(plot, frame, place, labelled, shown)
    axes.legend(plot, entries)
    axes.label_axes(plot, *named)
    count = int(labelled.max()) + 1
    alone = int((labelled < 0).sum())
    summary = f"{title}: {len(frame):,} rows in {count:,} clusters, {alone:,} like no other"
    return Figure.of(plot, title=title, summary=summary, height=plot.height)


def _labels(
    frame: pd.DataFrame, cluster: str, columns: Sequence[str], distance: float, least: int
) -> NDArray[np.int64]:
    if not cluster:
        from huntlens.analyze.cluster import label

        return np.asarray(label(frame, columns, distance=distance, least=least), dtype=np.int64)
    numbered = np.nan_to_num(numbers(frame, cluster), nan=-1)
    return np.asarray(pd.factorize(np.where(numbered < 0, np.nan, numbered), sort=True)[0], dtype=np.int64)


def _directions(values: NDArray[np.float64], names: list[str]) -> tuple[NDArray[np.float64], tuple[str, str]]:
    """Rows along the two directions in which they differ most (principal components).

    An axis is named after the feature that weighs most in it, with its share of all that differs.
    """
    centred = values - values.mean(axis=0)
    spread, vectors = np.linalg.eigh(centred.T @ centred)
    order = np.argsort(-spread, kind="stable")[:2]
    vectors = vectors[:, order] * np.where(vectors[np.abs(vectors[:, order]).argmax(axis=0), order] < 0, -1, 1)
    place = np.zeros((len(values), 2))
    place[:, : len(order)] = centred @ vectors
    shares = spread[order] / max(float(spread.sum()), 1e-12)
    labels = [
        f"{texts.short(names[int(np.abs(vectors[:, index]).argmax())], 28)}"
        f"{' and others' if len(names) > 1 else ''} ({shares[index]:.0%})"
        for index in range(len(order))
    ]
    return place, (labels[0], labels[1] if len(labels) > 1 else "")


def _draw(
    plot: Any, frame: pd.DataFrame, place: NDArray[np.float64], labelled: NDArray[np.int64], shown: Sequence[str]
) -> list[tuple[str, list[Any]]]:
    """A mark for each place of a cluster; clusters past the eighth share a colour, those like no other are crosses."""
    group = np.minimum(labelled, _MOST)
    reach = np.maximum(np.ptp(place, axis=0), 1e-12)
    step = reach / (_GRID if len(frame) > axes.MAX_MARKS else 100_000)
    cell = np.column_stack([np.round(place / step).astype(np.int64), labelled])
    _, first, counts = np.unique(cell, axis=0, return_index=True, return_counts=True)
    entries = []
    total = np.bincount(labelled[labelled >= 0], minlength=1)
    for index in [*range(int(group.max()) + 1), -1]:
        mine = first[group[first] == index]
        if not len(mine):
            continue
        n = counts[group[first] == index]
        fields = {f"c{at}": labels(frame[name].iloc[mine], 160) for at, name in enumerate(shown)}
        data = axes.source(
            x=place[mine, 0], y=place[mine, 1], n=n, cluster=labelled[mine], size=7 + 5 * np.log10(n), **fields
        )
        mark = plot.scatter("x", "y", size="size", source=data, **_style(index))
        tips = {"rows here": "@n{0,0}", **({"cluster": "@cluster"} if index >= 0 else {})}
        axes.hover(plot, [mark], {**tips, **{name: f"@c{at}" for at, name in enumerate(shown)}})
        entries.append((_name(index, total, int(n.sum())), [mark]))
    return entries


def _style(index: int) -> dict[str, Any]:
    if index < 0:
        return {"marker": "x", "line_color": theme.ACCENT, "line_width": 1.8, "fill_color": None}
    colour = theme.QUIET if index == _MOST else theme.CLOUDS[index % len(theme.CLOUDS)]
    return {"marker": theme.marker(index), "fill_color": colour, "line_color": colour, "fill_alpha": 0.45}


def _name(index: int, total: NDArray[np.int64], rows: int) -> str:
    if index < 0:
        return f"like no other ({rows:,})"
    return f"{len(total) - _MOST:,} more ({rows:,})" if index == _MOST else f"cluster {index} ({total[index]:,})"
