"""Rows that are alike, and rows that are like no other: density clusters (DBSCAN) over the features of columns.

Rows with the same features are one point with a weight, so memory follows the distinct rows, not the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from huntlens.analyze.features import features, scaled
from huntlens.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_CLOSE: Final = 1e-6
_MOST_POINTS: Final = 20_000


def label(data: pd.DataFrame, columns: Sequence[str] = (), *, distance: float = 0.5, least: int = 3) -> pd.Series[int]:
    """The cluster of each row, numbered from the largest; -1 for a row that is like no other.

    `columns` are compared (all by default; texts by their measures, see `features`). Rows are neighbours within
    `distance`, in units of the usual spread of a column; `least` neighbours make a cluster. Of more than 20,000
    distinct points the rest joins the cluster of its nearest, so that memory is bounded. Raises `DataError` if no
    column tells rows apart or a parameter makes no sense.

    >>> frame = pd.DataFrame({"sent": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0] * 3 + [90.0]})
    >>> label(frame).tolist()[-4:]
    [0, 0, 0, -1]
    """
    from sklearn.cluster import DBSCAN

    if distance <= 0 or least < 1:
        raise DataError("a distance is above 0, and at least one row makes a cluster")
    if data.empty:
        return pd.Series(_by_size(np.empty(0, dtype=np.int64)), index=data.index, name="cluster")
    numbers = features(data, columns)
    if numbers.empty or not numbers.shape[1]:
        raise DataError("no column tells these rows apart; name columns with more than one value")
    rounded = np.round(scaled(numbers) / (distance * _CLOSE)) * (distance * _CLOSE)
    points, place, weights = np.unique(rounded, axis=0, return_inverse=True, return_counts=True)
    points = points / np.sqrt(points.shape[1])
    kept = _sample(len(points))
    found = DBSCAN(eps=distance, min_samples=least).fit(points[kept], sample_weight=weights[kept]).labels_
    labels = _spread(points, kept, found, distance)[place.reshape(-1)]
    numbered: pd.Series[int] = pd.Series(_by_size(labels), index=data.index, name="cluster", dtype="int64")
    return numbered


def patterns(data: pd.DataFrame, columns: Sequence[str] = (), *, distance: float = 0.5, least: int = 3) -> pd.DataFrame:
    """One row of each cluster and every row that is like no other, the rarest first.

    The columns of `data`, and `cluster` and `rows` (how many are alike). The row shown is the first of its cluster.

    >>> frame = pd.DataFrame({"sent": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0] * 3 + [90.0]})
    >>> patterns(frame)[["sent", "cluster", "rows"]].values.tolist()
    [[90.0, -1.0, 1.0], [1.0, 0.0, 18.0]]
    """
    labels = label(data, columns, distance=distance, least=least)
    numbers = labels.to_numpy()
    shown = (numbers < 0) | ~pd.Series(numbers).duplicated().to_numpy()
    sizes = np.where(numbers < 0, 1, labels.map(labels.value_counts()).to_numpy())
    found = data[shown].assign(cluster=numbers[shown], rows=sizes[shown])
    return found.sort_values("rows", kind="stable")


def _sample(count: int) -> NDArray[np.int64]:
    """All points, or an even choice of them."""
    if count <= _MOST_POINTS:
        return np.arange(count)
    return np.sort(np.random.default_rng(0).choice(count, _MOST_POINTS, replace=False))


def _spread(
    points: NDArray[np.float64], kept: NDArray[np.int64], found: NDArray[np.int64], distance: float
) -> NDArray[np.int64]:
    """The labels of all points: those left out take the label of the nearest clustered point within the distance."""
    labels = np.full(len(points), -1, dtype=np.int64)
    labels[kept] = found
    rest = np.setdiff1d(np.arange(len(points)), kept)
    clustered = kept[found >= 0]
    if len(rest) and len(clustered):
        from sklearn.neighbors import NearestNeighbors

        far, near = NearestNeighbors(n_neighbors=1).fit(points[clustered]).kneighbors(points[rest])
        labels[rest] = np.where(far[:, 0] <= distance, labels[clustered][near[:, 0]], -1)
    return labels


def _by_size(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    names, counts = np.unique(labels[labels >= 0], return_counts=True)
    ranks = np.full(int(names.max()) + 2 if len(names) else 1, -1, dtype=np.int64)
    ranks[names[np.argsort(-counts, kind="stable")]] = np.arange(len(names))
    ranks[-1] = -1
    return ranks[labels]
