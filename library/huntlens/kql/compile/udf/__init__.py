"""Functions in Python for what SQL cannot say, under the names that templates call them by.

`udfs()` is the whole table; `used(node)` picks those that a statement calls, so that an engine registers no others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Udf:
    """A Python function for SQL: its SQL types are those of DuckDB (BIGINT, DOUBLE, VARCHAR, BOOLEAN).

    `function` takes one Python value for each parameter, None for NULL, and gives one value; it never raises for
    what is in the data. `volatile` functions are called anew for each row.
    """

    name: str
    parameters: tuple[str, ...]
    returns: str
    function: Callable[..., object]
    volatile: bool = False


@cache
def udfs() -> Mapping[str, Udf]:
    """Every Python function that templates may call, by its name in SQL."""
    return {}


def used(statement: exp.Expr) -> tuple[Udf, ...]:
    """Those that a statement calls."""
    table = udfs()
    names = {node.name.lower() for node in statement.find_all(exp.Anonymous)}
    return tuple(table[name] for name in sorted(names) if name in table)
