"""Every function, operator, aggregate and plugin of KQL, found by name.

Rows are looked up here and written in the modules beside; nothing but the standard library is imported.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from huntlens.kql.functions import (
    operators,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huntlens.kql.functions.row import Function, Kind

_TOPICS: Final = (operators,)


@cache
def _table() -> Mapping[str, Function]:
    table: dict[str, Function] = {}
    for topic in _TOPICS:
        for row in topic.ROWS:
            table.setdefault(row.name, row)
    return table


def find(name: str) -> Function | None:
    """The row of that name, or None; KQL names are case-sensitive.

    >>> find("nope") is None
    True
    """
    return _table().get(name)


def all_functions() -> tuple[Function, ...]:
    """Every row, in the order of the topics."""
    return tuple(row for topic in _TOPICS for row in topic.ROWS)


@cache
def of_kind(kind: Kind) -> tuple[Function, ...]:
    """Every row of a kind."""
    return tuple(row for row in all_functions() if row.kind == kind)
