"""Texts from what a caller passes: one, a list, a Series, or a column of a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from huntlens.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable


def as_series(data: Any, column: str | None = None) -> pd.Series[Any]:
    """The values as a Series; `column` names the one of a frame. Raises `DataError` if it does not have it.

    >>> as_series("a").tolist(), as_series(["a", None]).isna().tolist()
    (['a'], [False, True])
    """
    if isinstance(data, pd.DataFrame):
        if column is None or column not in data.columns:
            known = ", ".join(map(str, data.columns))
            asked = "name the column that holds the texts" if column is None else f"the frame has no column '{column}'"
            raise DataError(f"{asked}; it has: {known}")
        return data[column]
    if isinstance(data, pd.Series):
        return data
    values: Iterable[object] = [data] if isinstance(data, str) else data
    return pd.Series(list(values), dtype="object")
