"""Functions in Python for what SQL cannot say, under the names that SQL calls them by.

`used(node)` tells which of them a statement calls, so that an engine registers no others; `udfs()` is the whole
table. Most take their arguments as one JSON array, the form in which every value of KQL can be passed, and are written
as plain functions of Python values; see `packed`.
"""

from __future__ import annotations

import json
import math
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from huntlens.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Topics by the beginning of the names in them; the rest are looked up in the light ones, in this order.
_HEAVY: Final = {"kql_series_": "series", "kql_geo_": "geo", "kql_location": "location"}
_LIGHT: Final = ("direct", "arrays", "bags", "texts", "networks", "numbers", "parsing", "hashes")
_SQL: Final = {
    "dynamic": "VARCHAR", "string": "VARCHAR", "long": "BIGINT", "real": "DOUBLE", "bool": "BOOLEAN", "int": "INTEGER",
    "decimal": "VARCHAR", "guid": "VARCHAR", "timespan": "BIGINT", "datetime": "TIMESTAMP",
}  # fmt: skip


MISFITS: Final = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, ArithmeticError)
"""What a Python function raises for values that do not fit it."""


class CannotAnswerError(Exception):
    """A Python function would have to guess; the query stops with this message rather than give a wrong answer."""


@dataclass(frozen=True, slots=True)
class Udf:
    """A Python function for SQL: its SQL types are those of DuckDB (BIGINT, DOUBLE, VARCHAR, BOOLEAN, TIMESTAMP).

    `function` takes one Python value for each parameter, None for NULL, and gives one value; it never raises for
    what is in the data. `volatile` functions are called anew for each row.
    """

    name: str
    parameters: tuple[str, ...]
    returns: str
    function: Callable[..., object]
    volatile: bool = False


def find(name: str) -> Udf | None:
    """The function that SQL calls by that name."""
    return _topic_of(name).get(name)


def _topic_of(name: str) -> Mapping[str, Udf]:
    if "_h3cell" in name:
        return _topic("h3cells")
    for start, topic in _HEAVY.items():
        if name.startswith(start):
            return _topic(topic)
    for topic in _LIGHT:
        if name in _topic(topic):
            return _topic(topic)
    return {}


@cache
def _topic(topic: str) -> Mapping[str, Udf]:
    module = import_module(f"huntlens.kql.compile.udf.{topic}")
    table: dict[str, Udf] = {udf.name: udf for udf in getattr(module, "DIRECT", ())}
    for name, (returns, function) in getattr(module, "PACKED", {}).items():
        table[f"kql_{name}"] = Udf(f"kql_{name}", ("VARCHAR",), _SQL[returns], packed(function, returns))
    return table


@cache
def udfs() -> Mapping[str, Udf]:
    """Every Python function that SQL may call, by its name."""
    table = {name: udf for topic in (*_LIGHT, *_HEAVY.values()) for name, udf in _topic(topic).items()}
    with suppress(MissingExtraError):
        table |= _topic("h3cells")
    return table


def used(statement: exp.Expr) -> tuple[Udf, ...]:
    """Those that a statement calls."""
    names = {node.name.lower() for node in statement.find_all(exp.Anonymous)}
    found = (find(name) for name in sorted(names) if name.startswith("kql_"))
    return tuple(udf for udf in found if udf is not None)


def packed(function: Callable[..., object], returns: str) -> Callable[[str | None], object]:
    """A function of values as one of a JSON array of them; what the values do not fit gives None."""

    def unpacked(arguments: str | None) -> object:
        if arguments is None:
            return None
        try:
            result = function(*json.loads(arguments))
        except MISFITS:
            return None
        if returns == "dynamic":
            return None if result is None else to_json(result)
        return result

    return unpacked


def to_json(value: object) -> str:
    """A value as compact JSON; what JSON has no number for stands as text.

    >>> to_json({"a": [1, 2.0, float("nan")]})
    '{"a":[1,2.0,"NaN"]}'
    """
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:
        return json.dumps(_finite(value), ensure_ascii=False, separators=(",", ":"))


def _finite(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return value
