"""KQL constants as SQL nodes, and back.

Knows no functions; both directions agree, so that a special can see that an argument is constant.
"""

from __future__ import annotations

import json
import math
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from sqlglot import exp

if TYPE_CHECKING:
    from huntlens.kql.types import KqlType


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()
"""What `constant` gives for a node that is none; None is the null constant."""

SQL_TYPES: Final[dict[str, dict[str, str]]] = {
    "duckdb": {
        "bool": "BOOLEAN", "int": "INT", "long": "BIGINT", "real": "DOUBLE", "decimal": "DECIMAL(38, 18)",
        "string": "TEXT", "datetime": "TIMESTAMP", "timespan": "BIGINT", "guid": "TEXT", "dynamic": "JSON",
        "unknown": "JSON",
    },
    "spark": {
        "bool": "BOOLEAN", "int": "INT", "long": "BIGINT", "real": "DOUBLE", "decimal": "DECIMAL(38, 18)",
        "string": "STRING", "datetime": "TIMESTAMP", "timespan": "BIGINT", "guid": "STRING", "dynamic": "STRING",
        "unknown": "STRING",
    },
}  # fmt: skip
_NUMBERS: Final[dict[object, type[int | float]]] = {
    exp.DataType.Type.DOUBLE: float, exp.DataType.Type.BIGINT: int, exp.DataType.Type.INT: int,
}  # fmt: skip


def sql_type(kind: KqlType, target: str) -> exp.DataType:
    """The physical type of a KQL type."""
    return exp.DataType.build(SQL_TYPES[target][kind], dialect=target)


def literal(value: object, kind: KqlType, target: str = "duckdb") -> exp.Expr:
    """A constant of a KQL type.

    Takes what the parser gives: bool, int, float, Decimal, str, datetime (naive UTC), timedelta or int ticks,
    lists and dicts for dynamic, None.

    >>> literal(5, "long").sql("duckdb"), literal(1.5, "real").sql("duckdb"), literal("a'b", "string").sql("duckdb")
    ('5', '1.5e0', "'a''b'")
    """
    if value is None:
        return cast_to(exp.null(), kind, target)
    if kind in ("string", "guid"):
        return exp.Literal.string(str(value))
    if kind == "bool":
        return exp.Boolean(this=bool(value))
    if kind == "timespan":
        return _number(ticks(value) if isinstance(value, timedelta) else int(str(value)))
    if kind == "datetime" and isinstance(value, datetime):
        return cast_to(exp.Literal.string(value.isoformat(sep=" ")), kind, target)
    if kind in ("dynamic", "unknown"):
        return cast_to(exp.Literal.string(json.dumps(value, ensure_ascii=False, separators=(",", ":"))), kind, target)
    if kind == "real" and isinstance(value, int | float | Decimal):
        return _real(float(value), target)
    if kind == "decimal":
        return cast_to(exp.Literal.string(str(value)), kind, target)
    return _number(int(str(value)))


def ticks(length: timedelta) -> int:
    """A length of time in units of 100 nanoseconds."""
    return ((length.days * 86400 + length.seconds) * 1_000_000 + length.microseconds) * 10


def cast_to(node: exp.Expr, kind: KqlType, target: str) -> exp.Cast:
    """A node cast to the physical type of a KQL type."""
    return exp.Cast(this=node, to=sql_type(kind, target))


def _number(value: int) -> exp.Expr:
    plain: exp.Expr = exp.Literal.number(str(abs(value)))
    return plain if value >= 0 else exp.Neg(this=plain)


def _real(value: float, target: str) -> exp.Expr:
    if not math.isfinite(value):
        name = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        return cast_to(exp.Literal.string(name), "real", target)
    text = repr(abs(value))
    plain: exp.Expr = exp.Literal.number(text if "e" in text else f"{text}e0")
    return plain if value >= 0 else exp.Neg(this=plain)


def constant(node: exp.Expr) -> object:
    """The value of a constant node, or `MISSING`; times come back as datetime, dynamics as Python values.

    >>> constant(literal({"a": 1}, "dynamic")), constant(exp.column("a"))
    ({'a': 1}, MISSING)
    """
    if isinstance(node, exp.Literal):
        return node.this if node.is_string else _read_number(node.this)
    if isinstance(node, exp.Null):
        return None
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Paren):
        return constant(node.this)
    if isinstance(node, exp.Neg):
        value = constant(node.this)
        return -value if isinstance(value, int | float | Decimal) else MISSING
    if isinstance(node, exp.Cast | exp.TryCast):
        return _read_cast(constant(node.this), node.to)
    return MISSING


def _read_number(text: str) -> int | float:
    return float(text) if any(mark in text for mark in ".eE") else int(text)


def _read_cast(value: object, to: exp.DataType) -> object:
    if value is MISSING or value is None:
        return value
    kind = to.this
    if kind in (exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPTZ, exp.DataType.Type.TIMESTAMPNTZ):
        return datetime.fromisoformat(value) if isinstance(value, str) else MISSING
    if kind == exp.DataType.Type.JSON:
        return json.loads(str(value)) if isinstance(value, str) else MISSING
    if kind == exp.DataType.Type.DECIMAL:
        return Decimal(str(value))
    if kind in _NUMBERS and isinstance(value, bool | int | float):
        return _NUMBERS[kind](value)
    return value if kind == exp.DataType.Type.TEXT and isinstance(value, str) else MISSING
