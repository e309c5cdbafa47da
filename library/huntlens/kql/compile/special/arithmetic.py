"""Arithmetic over numbers, datetimes and timespans.

An integer that leaves its type's range gives null, where Kusto wraps around: a query then never stops for one row,
and no wrong number comes out. Division by zero gives null for integers and infinity for reals, as in Kusto.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlglot import exp

from huntlens.kql.compile.literal import cast_to, constant, sql_type
from huntlens.kql.compile.special.convert import to_type
from huntlens.kql.compile.template import grouped, tried

if TYPE_CHECKING:
    from huntlens.kql.compile.template import Call
    from huntlens.kql.types import KqlType

__all__ = ("arithmetic", "get")

_INTEGERS: Final = ("int", "long", "timespan")
_UNITS: Final = (
    (864_000_000_000, "DAY"), (36_000_000_000, "HOUR"), (600_000_000, "MINUTE"), (10_000_000, "SECOND"),
    (10_000, "MILLISECOND"), (10, "MICROSECOND"),
)  # fmt: skip
# Spark gives null for a division by zero, also of reals.
_SPARK_QUOTIENT: Final = (
    "CASE WHEN {b} = 0 THEN CASE WHEN {a} > 0 THEN CAST('Infinity' AS DOUBLE) WHEN {a} < 0 "
    "THEN CAST('-Infinity' AS DOUBLE) WHEN {a} = 0 THEN CAST('NaN' AS DOUBLE) END ELSE {a} / {b} END"
)
_BY_KEY: Final = "json_extract({s}, concat('/', replace(replace({k!}, '~', '~0'), '/', '~1')))"
"""A key of the data as a JSON pointer, which takes any character."""
_PLAIN: Final[dict[str, type[exp.Binary]]] = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul}


def arithmetic(call: Call) -> exp.Expr:
    """`+ - * / %` and the changed sign."""
    op = call.options[0]
    if op == "unary +":
        return _number(call, 0)[0]
    if op == "unary -" or (op == "-" and len(call) == 1):
        return exp.Neg(this=grouped(_number(call, 0)[0]))
    if op in "+-" and "datetime" in (call.type(0), call.type(1)):
        return _moved(call, op)
    left, left_kind = _number(call, 0)
    right, right_kind = _number(call, 1)
    if op == "/":
        return _divided(call, left, left_kind, right, right_kind)
    if op == "%":
        return _remainder(call, left, left_kind, right, right_kind)
    if op == "*" and "timespan" in (left_kind, right_kind) and not {left_kind, right_kind} <= set(_INTEGERS):
        product = exp.Mul(this=grouped(left), expression=grouped(right))
        return exp.TryCast(this=call.sql("round({v})", v=product), to=exp.DataType.build("BIGINT"))
    if {left_kind, right_kind} == {"decimal", "real"}:
        left, right = (cast_to(side, "real", call.target) for side in (left, right))
    result = _PLAIN[op](this=grouped(left), expression=grouped(right))
    if op == "*" and {left_kind, right_kind} == {"decimal"}:
        return exp.TryCast(this=result, to=sql_type("decimal", call.target))
    exact = left_kind in _INTEGERS and right_kind in _INTEGERS
    return tried(result, call.target) if exact else result


def _number(call: Call, index: int) -> tuple[exp.Expr, KqlType]:
    kind = call.type(index)
    if kind in ("dynamic", "unknown", "string"):
        return to_type(call.node(index), kind, "real", call.target), "real"
    if kind == "bool":
        return to_type(call.node(index), kind, "long", call.target), "long"
    return call.node(index), kind


def _divided(call: Call, left: exp.Expr, left_kind: KqlType, right: exp.Expr, right_kind: KqlType) -> exp.Expr:
    if left_kind == right_kind == "timespan":
        sql = "CAST({a} AS DOUBLE) / {b}" if call.target == "duckdb" or is_positive(right) else _SPARK_QUOTIENT
        return call.sql(sql, a=left, b=right)
    if left_kind == "timespan":
        sql = "{a} DIV {b}" if right_kind in ("int", "long") else "TRY_CAST({a} / {b} AS BIGINT)"
        if call.target == "duckdb":
            sql = "{a} // {b}" if right_kind in ("int", "long") else "CAST(trunc({a} / {b}) AS BIGINT)"
        return call.sql(sql, a=left, b=_nonzero(call, right))
    if left_kind in ("int", "long") and right_kind in ("int", "long"):
        sql = "{a} // {b}" if call.target == "duckdb" else "CAST({a} div {b} AS BIGINT)"
        return call.sql(sql, a=left, b=_nonzero(call, right))
    if "real" in (left_kind, right_kind):
        left, right = (
            side if kind == "real" else cast_to(side, "real", call.target)
            for side, kind in ((left, left_kind), (right, right_kind))
        )
        if call.target == "spark" and not is_positive(right):
            return call.sql(_SPARK_QUOTIENT, a=left, b=right)
        return call.sql("{a} / {b}", a=left, b=right)
    quotient = call.sql("CAST({a} AS DOUBLE) / CAST({b} AS DOUBLE)", a=left, b=_nonzero(call, right))
    return exp.TryCast(this=quotient, to=sql_type("decimal", call.target))


def _nonzero(call: Call, node: exp.Expr) -> exp.Expr:
    if is_positive(node):
        return node
    return call.sql("nullif({v}, 0)", v=node)


def is_positive(node: exp.Expr) -> bool:
    """Whether a node is a constant above zero."""
    value = constant(node)
    return isinstance(value, int | float) and value > 0


def _remainder(call: Call, left: exp.Expr, left_kind: KqlType, right: exp.Expr, right_kind: KqlType) -> exp.Expr:
    """Kusto gives `0 <= n % d < abs(d)`."""
    if {left_kind, right_kind} == {"decimal", "real"}:
        left, right = (cast_to(side, "real", call.target) for side in (left, right))
    if is_positive(right):
        return call.sql("(({a} % {b}) + {b}) % {b}", a=left, b=right)
    # DuckDB computes what stands here twice in front of the TRY around it, so abs has one of its own.
    size = tried(call.sql("abs({b})", b=right), call.target)
    return call.sql("(({a} % {b}) + {s}) % {s}", a=left, b=_nonzero(call, right), s=size)


def _moved(call: Call, op: str) -> exp.Expr:
    left, right = call.node(0), call.node(1)
    if call.type(0) == call.type(1) == "datetime":
        sql = "(epoch_us({a}) - epoch_us({b})) * 10"
        if call.target == "spark":
            sql = "(unix_micros({a}) - unix_micros({b})) * 10"
        return call.sql(sql, a=left, b=right)
    if call.type(1) == "datetime":
        left, right = right, left
        shift, kind = right, call.type(0)
    else:
        shift, kind = right, call.type(1)
    if kind != "timespan":
        shift = to_type(shift, kind, "timespan", call.target)
    interval = interval_of(shift)
    if interval is not None:
        return _PLAIN[op](this=grouped(left), expression=interval)
    sql = f"{{a}} {op} to_microseconds({{b}} // 10)"
    if call.target == "spark":
        sql = f"timestamp_micros(unix_micros({{a}}) {op} {{b}} div 10)"
    return call.sql(sql, a=left, b=shift)


def interval_of(node: exp.Expr) -> exp.Expr | None:
    """A constant timespan as an interval of the largest unit that says it."""
    ticks = constant(node)
    if not isinstance(ticks, int) or isinstance(ticks, bool) or ticks < 0:
        return None
    for size, unit in _UNITS:
        if ticks % size == 0:
            return exp.Interval(this=exp.Literal.string(str(ticks // size)), unit=exp.Var(this=unit))
    return exp.Interval(this=exp.Literal.string(str(ticks // 10)), unit=exp.Var(this="MICROSECOND"))


def get(call: Call) -> exp.Expr:
    """`source[key]` of a dynamic value: by a constant as a JSON path, else by the path that the value makes."""
    key = call.constant(1)
    if call.target == "spark":
        return call.sql("kql_get({s}, {k})", s=call.node(0), k=to_type(call.node(1), call.type(1), "string", "spark"))
    if isinstance(key, str):
        return call.sql("json_extract({s}, {p})", s=call.node(0), p=exp.Literal.string(path_of(key)))
    if isinstance(key, int):
        place = f"$[{key}]" if key >= 0 else f"$[#{key}]"
        return call.sql("json_extract({s}, {p})", s=call.node(0), p=exp.Literal.string(place))
    if call.type(1) in ("int", "long"):
        return call.sql("json_extract({s}, CAST({k} AS BIGINT))", s=call.node(0), k=call.node(1))
    text = to_type(call.node(1), call.type(1), "string", call.target)
    if call.type(1) == "string":
        return call.sql(f"CASE WHEN json_type({{s}}) = 'OBJECT' THEN {_BY_KEY} END", s=call.node(0), k=text)
    sql = (
        f"CASE json_type({{d}}) WHEN 'VARCHAR' THEN CASE WHEN json_type({{s}}) = 'OBJECT' THEN {_BY_KEY} END "
        "WHEN 'BIGINT' THEN json_extract({s}, TRY_CAST({k} AS BIGINT)) "
        "WHEN 'UBIGINT' THEN json_extract({s}, TRY_CAST({k} AS BIGINT)) END"
    )
    return call.sql(sql, s=call.node(0), k=text, d=call.node(1))


def path_of(key: str) -> str:
    """The path of a key: `$."key"`, or a JSON pointer where the key has no such form.

    >>> path_of("a b"), path_of(""), path_of('a/"b')
    ('$."a b"', '/', '/a~1"b')
    """
    if key not in ("", "*") and '"' not in key and "\\" not in key:
        return f'$."{key}"'
    return "/" + key.replace("~", "~0").replace("/", "~1")
