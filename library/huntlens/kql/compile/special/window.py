"""Window functions over the order of the serialized rows; a restart is a partition that the caller counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlglot import exp

from huntlens.kql.compile.literal import MISSING, cast_to, literal, sql_type
from huntlens.kql.compile.special.convert import to_type
from huntlens.kql.functions.signature import parameters

if TYPE_CHECKING:
    from huntlens.kql.compile.template import Call
    from huntlens.kql.functions.row import Function

__all__ = (
    "next", "prev", "row_cumsum", "row_number", "row_rank", "row_rank_dense", "row_rank_min", "row_window_session",
)  # fmt: skip


_FAR: Final = 2_000_000_000
"""Further than any row; what SQL takes as an offset has 32 bits."""


def restart_of(function: Function) -> int | None:
    """Which argument of a window function is its restart condition."""
    names = [parameter.name for parameter in parameters(function.signature)]
    return names.index("restart") if "restart" in names else None


def _over(call: Call, node: exp.Expr, *, running: bool = False, whole: bool = False) -> exp.Expr:
    """A function over the rows in order; `running` up to the row itself, `whole` across restarts."""
    if call.over is None:
        call.refuse("it needs rows in an order: put sort or serialize in front")
    window = exp.Window(this=node, order=call.over.order.copy())
    if call.over.group is not None and not whole:
        group = call.over.group.copy()
        parts = group.expressions if isinstance(group, exp.Tuple) else [group]
        window.set("partition_by", parts)
    if running:
        window.set("spec", exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW"))
    return window


def row_number(call: Call) -> exp.Expr:
    """`row_number(start, restart)`."""
    number = _over(call, call.sql("row_number()"))
    start = call.constant(0) if call.given(0) else 1
    if start == 1:
        return number
    first = call.node(0)
    if isinstance(start, int):
        return call.sql("{n} + {s} - 1", n=number, s=first)
    return exp.TryCast(
        this=call.sql("CAST({n} AS HUGEINT) + {s} - 1", n=number, s=first), to=exp.DataType.build("BIGINT")
    )


def row_cumsum(call: Call) -> exp.Expr:
    """`row_cumsum(term, restart)`."""
    kind, term = call.type(0), call.node(0)
    if kind in ("dynamic", "unknown"):
        kind, term = "real", to_type(term, kind, "real", call.target)
    summed = _over(call, call.sql("sum({v})", v=term), running=True)
    zero = literal(0, "real" if kind == "real" else "long", call.target)
    total = exp.Coalesce(this=summed, expressions=[zero])
    return (
        exp.TryCast(this=total, to=sql_type(kind, call.target)) if kind == "int" else cast_to(total, kind, call.target)
    )


def _neighbour(call: Call, name: str) -> exp.Expr:
    offset = call.node(1) if call.given(1) else literal(1, "long")
    if not isinstance(call.constant(1) if call.given(1) else 1, int):
        offset = call.sql(f"greatest(least({{o}}, {_FAR}), -{_FAR})", o=offset)
    value = call.node(0) if call.constant(0) is MISSING else cast_to(call.node(0), call.type(0), call.target)
    if call.given(2):
        default = to_type(call.node(2), call.type(2), call.type(0), call.target)
        return _over(call, call.sql(f"{name}({{v}}, {{o}}, {{d}})", v=value, o=offset, d=default), whole=True)
    return _over(call, call.sql(f"{name}({{v}}, {{o}})", v=value, o=offset), whole=True)


def prev(call: Call) -> exp.Expr:
    """`prev(column, offset, default)`."""
    return _neighbour(call, "lag")


def next(call: Call) -> exp.Expr:  # noqa: A001  (lowerings have the names of their rows)
    """`next(column, offset, default)`."""
    return _neighbour(call, "lead")


def _ranked(call: Call, name: str) -> exp.Expr:
    """The rank by value: the rows are in its order, rising or falling; the order of the rows tells which."""
    if call.over is None:
        call.refuse("it needs rows in an order: put sort or serialize in front")
    term = call.node(0)
    if call.type(0) == "string":
        term = call.sql("{v!}", v=term)
    ordered = call.sql(f"{name}()")
    falling = any(key.args.get("desc") and key.this == call.node(0) for key in call.over.order.expressions)
    window = exp.Window(this=ordered, order=exp.Order(expressions=[exp.Ordered(this=term, desc=falling)]))
    if call.over.group is not None:
        group = call.over.group.copy()
        window.set("partition_by", group.expressions if isinstance(group, exp.Tuple) else [group])
    return window


def row_rank_dense(call: Call) -> exp.Expr:
    """`row_rank_dense(term, restart)`."""
    return _ranked(call, "dense_rank")


def row_rank_min(call: Call) -> exp.Expr:
    """`row_rank_min(term, restart)`."""
    return _ranked(call, "rank")


def row_rank(call: Call) -> exp.Expr:
    """`row_rank(term)`."""
    return _ranked(call, "dense_rank")


def row_window_session(call: Call) -> exp.Expr:
    """`row_window_session(...)`: the start of the row's session, found by walking the times up to the row.

    The list of the times so far is folded to the start of its last session; a restart is a partition.
    """
    if call.target == "spark":
        call.refuse("sessions over rows have no SQL on Spark")
    micros = call.sql("epoch_us({t})", t=call.node(0))
    so_far = _over(call, call.sql("list({m})", m=micros), running=True)
    total, gap = (to_type(call.node(i), call.type(i), "timespan", call.target) for i in (1, 2))
    sql = (
        "make_timestamp(list_reduce(list_transform({l}, LAMBDA t : [t, t]), LAMBDA a, b : "
        "CASE WHEN b[1] - a[2] > {g} // 10 OR b[1] - a[1] > {w} // 10 THEN [b[1], b[1]] ELSE [a[1], b[1]] END)[1])"
    )
    return call.sql(sql, l=so_far, g=gap, w=total)
