"""Rows unlike the rest: an isolation forest over the features of columns, and which column makes a row stand out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from huntlens.analyze.features import features, scaled
from huntlens.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_SAMPLE: Final = 256
_REASONS: Final = 3


def rank(
    data: pd.DataFrame, columns: Sequence[str] = (), *, most: int = 100, trees: int = 200, seed: int = 0
) -> pd.DataFrame:
    """The rows that stand out most, first the most unusual, each with the columns that make it so.

    `columns` are compared (all by default; see `features`). The columns of `data`, and `outlier` (0 to 1; about 0.5
    for the usual, see Liu, Ting and Zhou 2008) and `reasons`: up to three columns in which the row is far
    from the middle, and how far in units of the usual spread. The same `seed` gives the same result. Raises
    `DataError` if no column tells rows apart.

    >>> frame = pd.DataFrame({"sent": [float(n % 7) for n in range(50)] + [900.0], "same": 1})
    >>> rank(frame, most=1)["reasons"].tolist()
    [['sent +20.0']]
    """
    from sklearn.ensemble import IsolationForest

    if most < 1 or trees < 1:
        raise DataError("at least one row is shown and at least one tree is grown")
    if data.empty:
        return data.assign(outlier=pd.Series(dtype="float64"), reasons=pd.Series(dtype=object))
    numbers = features(data, columns)
    if not numbers.shape[1]:
        raise DataError("no column tells these rows apart; name columns with more than one value")
    values = scaled(numbers)
    points, place = np.unique(values, axis=0, return_inverse=True)
    sample = min(_SAMPLE, len(values))
    forest = IsolationForest(n_estimators=trees, max_samples=sample, random_state=seed).fit(values)
    scores = -forest.score_samples(points)[place.reshape(-1)]
    top = np.argsort(-scores, kind="stable")[:most]
    reasons = [_reasons(list(numbers.columns), values[at]) for at in top]
    return data.iloc[top].assign(
        outlier=scores[top].round(4), reasons=pd.Series(reasons, index=data.index[top], dtype=object)
    )


def _reasons(names: list[str], row: NDArray[np.float64]) -> list[str]:
    order = np.argsort(-np.abs(row), kind="stable")[:_REASONS]
    return [f"{names[at]} {row[at]:+.1f}" for at in order if abs(row[at]) >= 1]
