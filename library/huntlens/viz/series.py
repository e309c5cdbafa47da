"""Rows as series: one x, some y, one line or stack of bars for each; what the plots with two axes share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd

from huntlens.errors import DataError
from huntlens.viz import text as texts
from huntlens.viz.data import OTHERS, frame_of, labels, need, numbers, times, unit_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

MOST_SERIES: Final = 20
MOST_CATEGORIES: Final = 60
MOST_Y: Final = 8
"""Columns of numbers that are drawn where none is named."""

Kind = Literal["datetime", "number", "category"]


@dataclass(frozen=True, slots=True)
class Series:
    """What is drawn: `values[series][x]` over `x`, which are times, numbers or names."""

    x: NDArray[Any]
    kind: Kind
    values: dict[str, NDArray[np.float64]]
    x_name: str
    y_name: str
    left_out: int = 0
    unit: str = ""
    """What all of the values count, where they count the same."""

    def items(self) -> Iterator[tuple[int, str, NDArray[np.float64]]]:
        """Number, name and values of each series."""
        return ((index, name, one) for index, (name, one) in enumerate(self.values.items()))


def kind_of(series: pd.Series[Any]) -> Kind:
    """Whether a column is an axis of time, of numbers, or of names."""
    kind = texts.kql_type(series)
    if kind == "datetime":
        return "datetime"
    return "number" if kind in ("long", "real", "int", "decimal", "timespan") else "category"


def arrange(
    data: Any, x: str = "", y: Sequence[str] = (), series: Sequence[str] = (), *, total: bool = False
) -> Series:
    """The series of a frame, with columns picked as Kusto picks them where they are not named.

    x is the first column (the first time, if there is one), y are the columns of numbers, the rest name the series.
    Rows that share x and series are added up; `total` leaves names past the largest sixty out of the axis.
    """
    frame = frame_of(data)
    if frame.empty:
        raise DataError("there are no rows to draw")
    x = need(frame, x) if x else _first_axis(frame, [*y, *series])
    y = [need(frame, name) for name in y] or _measures(frame, [x, *series])
    if not series and len(y) >= 1:
        series = [str(name) for name in frame.columns if name not in (x, *y) and kind_of(frame[name]) == "category"]
    keys = _series_names(frame, [need(frame, name) for name in series])
    kind = kind_of(frame[x])
    axis = times(frame, x) if kind == "datetime" else numbers(frame, x) if kind == "number" else labels(frame[x])
    table = _pivot(frame, np.asarray(axis), keys, y, ordered=kind != "category")
    if table.empty:
        raise DataError(f"no row has a value in '{x}'")
    left_out = 0
    if total and kind == "category" and len(table) > MOST_CATEGORIES:
        left_out = len(table) - MOST_CATEGORIES
        table = table.loc[table.sum(axis=1).nlargest(MOST_CATEGORIES).index]
    return Series(
        table.index.to_numpy(), kind, {str(name): table[name].to_numpy(float) for name in table.columns}, x,
        y[0] if len(y) == 1 else "", left_out, _unit({unit_of(frame, name) for name in y}),
    )  # fmt: skip


def _unit(units: set[str]) -> str:
    return units.pop() if len(units) == 1 else ""


def _first_axis(frame: pd.DataFrame, taken: Sequence[str]) -> str:
    free = [str(name) for name in frame.columns if name not in taken]
    if not free:
        raise DataError("no column is left for the x axis")
    return next((name for name in free if kind_of(frame[name]) == "datetime"), free[0])


def _measures(frame: pd.DataFrame, taken: Sequence[str]) -> list[str]:
    found = [str(name) for name in frame.columns if name not in taken and kind_of(frame[name]) == "number"][:MOST_Y]
    if not found:
        raise DataError("no column holds numbers to draw; summarize count() gives one")
    return found


def _series_names(frame: pd.DataFrame, columns: Sequence[str]) -> NDArray[np.object_] | None:
    if not columns:
        return None
    parts = [labels(frame[name], 40) for name in columns]
    return (
        parts[0] if len(parts) == 1 else np.asarray([", ".join(row) for row in zip(*parts, strict=True)], dtype=object)
    )


def _pivot(
    frame: pd.DataFrame, axis: NDArray[Any], keys: NDArray[np.object_] | None, y: Sequence[str], *, ordered: bool
) -> pd.DataFrame:
    """One row for each x, one column for each series."""
    tables = []
    most = max(2, MOST_SERIES // max(1, len(y)))
    for name in y:
        values = numbers(frame, name)
        if keys is None:
            one = pd.Series(values).groupby(axis, sort=ordered).sum(min_count=1).to_frame(name)
        else:
            flat = pd.Series(values).groupby([axis, keys], sort=ordered).sum(min_count=1)
            one = _few(flat.unstack(), most)
            one.columns = one.columns if len(y) == 1 else [f"{name}: {key}" for key in one.columns]
        tables.append(one)
    joined = pd.concat(tables, axis=1)
    return joined if ordered else joined.reindex(list(pd.unique(pd.Series(axis))))


def _few(table: pd.DataFrame, most: int) -> pd.DataFrame:
    """At most so many columns, the largest first; the rest are added up in one."""
    order = table.sum().sort_values(ascending=False, kind="stable").index
    if len(order) <= most:
        return table[order]
    kept = table[order[: most - 1]].copy()
    kept[f"{OTHERS}: {len(order) - most + 1:,} more"] = table[order[most - 1 :]].sum(axis=1)
    return kept
