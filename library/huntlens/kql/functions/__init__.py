"""Every function, operator, aggregate and plugin of KQL, found by name.

Rows are looked up here and written in the modules beside; nothing but the standard library is imported.
A few names stand for two rows, a scalar function and an aggregate (`hll_merge`); `kind` tells them apart.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from huntlens.kql.functions import (
    aggregates,
    convert,
    dynamic,
    encoding,
    geo,
    logic,
    math,
    network,
    operators,
    parsing,
    plugins,
    series,
    service,
    sketches,
    text,
    times,
    windows,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huntlens.kql.functions.row import Function, Kind

_TOPICS: Final = (
    operators, convert, logic, text, times, math, dynamic, parsing, network, encoding, sketches, series, geo, service,
    aggregates, windows, plugins,
)  # fmt: skip


@cache
def _table() -> Mapping[str, tuple[Function, ...]]:
    table: dict[str, tuple[Function, ...]] = {}
    for row in all_functions():
        table[row.name] = (*table.get(row.name, ()), row)
    return table


def find(name: str, kind: Kind | None = None) -> Function | None:
    """The row of that name, and of that kind where one is asked for; None if there is none. Names go by case.

    >>> find("nope") is None, find("count", "scalar") is None
    (True, True)
    """
    rows = _table().get(name, ())
    return next((row for row in rows if kind is None or row.kind == kind), None)


def all_functions() -> tuple[Function, ...]:
    """Every row, in the order of the topics."""
    return tuple(row for topic in _TOPICS for row in topic.ROWS)


@cache
def of_kind(kind: Kind) -> tuple[Function, ...]:
    """Every row of a kind."""
    return tuple(row for row in all_functions() if row.kind == kind)
