"""Columns of a frame as numbers that can be compared: measures of texts, seconds of times, robustly scaled.

Each column is scaled by its own median and spread, so that none outweighs the others by its unit, and one absurd value
does not flatten the rest. What is missing stands at the median.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from huntlens.analyze.columns import need

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

TEXT: Final = ("length", "words", "separators", "digits", "symbols", "upper", "entropy")
"""What is measured of a column of texts."""
_WORDS: Final = re.compile(r"[A-Za-z0-9_]+")
_SEPARATORS: Final = re.compile(r"[\s\\/:.,;|=-]")
_FEW: Final = 12
_EXTREME: Final = 20.0


def features(data: pd.DataFrame, columns: Sequence[str] = ()) -> pd.DataFrame:
    """The numbers of each row, unscaled: one column for a number or time, `column.measure` for texts.

    Texts with at most twelve values and no blanks count as kinds: one column for each value. Columns of lists and of
    one value say nothing and are left out. Raises `DataError` for an unknown column.

    >>> features(pd.DataFrame({"text": ["a b", "B:1 -x"] * 9, "n": range(18)}), ["text"]).columns.tolist()[:3]
    ['text.length', 'text.words', 'text.separators']
    """
    names = list(columns) or [str(name) for name in data.columns]
    need(data, *names)
    found: dict[str, NDArray[np.float64]] = {}
    for name in names:
        found.update(_numbers(name, data[name]))
    kept = {name: values for name, values in found.items() if len(values) and np.nanmin(values) < np.nanmax(values)}
    return pd.DataFrame(kept, index=data.index)


def scaled(numbers: pd.DataFrame) -> NDArray[np.float64]:
    """Each column less its median, in units of its spread; the middle of what is missing, extremes drawn in."""
    values = numbers.to_numpy(dtype=np.float64, copy=True)
    for at in range(values.shape[1]):
        column = values[:, at]
        middle = np.nanmedian(column)
        low, high = np.nanpercentile(column, (25, 75))
        # What differs by rounding only does not differ.
        least = 1e-9 * max(1.0, abs(float(middle)))
        spread = next((one for one in ((high - low) / 1.349, float(np.nanstd(column))) if one > least), 1.0)
        column[np.isnan(column)] = middle
        values[:, at] = np.clip((column - middle) / spread, -_EXTREME, _EXTREME)
    return values


def _numbers(name: str, column: pd.Series[Any]) -> dict[str, NDArray[np.float64]]:
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
        numbers = column.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
        return {name: np.where(np.isfinite(numbers), numbers, np.nan)} if np.isfinite(numbers).any() else {}
    if pd.api.types.is_datetime64_any_dtype(column) or pd.api.types.is_timedelta64_dtype(column):
        missing = column.isna().to_numpy()
        seconds = column.astype("int64").to_numpy().astype(np.float64)
        return {} if missing.all() else {name: np.where(missing, np.nan, seconds)}
    texts = column.where(column.map(lambda value: isinstance(value, str)).astype(bool))
    # Not pandas' own index of texts: a log may hold halves of surrogate pairs, which that cannot.
    places, kinds = pd.factorize(texts.to_numpy(dtype=object))
    if len(kinds) <= _FEW and not any(" " in text for text in kinds):
        return (
            {f"{name}={kind}": (texts == kind).to_numpy(dtype=np.float64) for kind in kinds} if len(kinds) > 1 else {}
        )
    measured = np.array([_measures(text) for text in kinds])
    rows = np.where((places >= 0)[:, None], measured[places], np.nan)
    return {f"{name}.{measure}": rows[:, at] for at, measure in enumerate(TEXT)}


def _measures(text: str) -> tuple[float, ...]:
    """The measures of `TEXT`; lengths as logarithms, so that long lines do not stand alone by length."""
    size = max(1, len(text))
    counts = np.array(
        list({character: text.count(character) for character in sorted(set(text[:4096]))}.values()), dtype=float
    )
    shares = counts / counts.sum() if len(counts) else counts
    letters = sum(map(str.isalnum, text))
    return (
        float(np.log1p(len(text))),
        float(np.log1p(len(_WORDS.findall(text)))),
        float(np.log1p(len(_SEPARATORS.findall(text)))),
        sum(map(str.isdigit, text)) / size,
        (size - letters - text.count(" ")) / size,
        sum(map(str.isupper, text)) / size,
        float(-(shares * np.log2(shares)).sum()) if len(shares) else 0.0,
    )
