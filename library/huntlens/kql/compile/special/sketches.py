"""Sketches as plain arrays of their values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql.compile.special.convert import to_type
from huntlens.kql.types import canonical

if TYPE_CHECKING:
    from sqlglot import exp

    from huntlens.kql.compile.template import Call

__all__ = ("dcount_hll", "is_sketch", "percentile_tdigest", "percentiles_array_tdigest", "rank_tdigest")


def dcount_hll(call: Call) -> exp.Expr:
    """`dcount_hll(sketch)`."""
    return call.sql("CAST(json_array_length({s}) AS BIGINT)", s=call.node(0))


def is_sketch(call: Call) -> exp.Expr:
    """`hll_isvalid(value)`, `tdigest_isvalid(value)`."""
    if call.target == "spark":
        return call.sql("{s} LIKE '[%'", s=call.node(0))
    return call.sql("coalesce(json_type({s}) = 'ARRAY', FALSE)", s=call.node(0))


def _found(call: Call, shares: list[float]) -> exp.Expr:
    text = call.sql("CAST({s} AS VARCHAR)" if call.target == "duckdb" else "{s}", s=call.node(0))
    wanted = ", ".join(repr(share / 100) for share in shares)
    return call.sql(f"kql_percentiles({{t}}, '', '[{wanted}]')", t=text)


def _share(call: Call, index: int) -> list[float]:
    value = call.constant(index)
    items = value if isinstance(value, list) else [value]
    found = [float(item) for item in items if isinstance(item, int | float)]
    if len(found) < len(items):
        call.refuse("the percentiles have to be constant numbers")
    return found


def percentile_tdigest(call: Call) -> exp.Expr:
    """`percentile_tdigest(sketch, p, typeof(...))`."""
    found = _found(call, _share(call, 1))
    if call.target == "spark":
        item = call.sql("get_json_object({f}, '$[0]')", f=found)
    else:
        item = call.sql("json_extract(CAST({f} AS JSON), '$[0]')", f=found)
    kind = canonical(str(call.constant(2))) if call.given(2) else "dynamic"
    return item if kind in ("dynamic", "unknown") else to_type(item, "dynamic", kind, call.target)


def percentiles_array_tdigest(call: Call) -> exp.Expr:
    """`percentiles_array_tdigest(sketch, p...)`."""
    shares = [share for index in range(1, len(call)) for share in _share(call, index)]
    return call.sql("CAST({f} AS JSON)" if call.target == "duckdb" else "{f}", f=_found(call, shares))


def rank_tdigest(call: Call) -> exp.Expr:
    """`rank_tdigest(sketch, value)`, `percentrank_tdigest(sketch, value)`."""
    if call.target == "spark":
        call.refuse("ranks in a sketch have no SQL on Spark")
    value = to_type(call.node(1), call.type(1), "real", call.target)
    if call.type(1) in ("datetime", "timespan"):
        call.refuse("ranks are of numbers")
    numbers = call.sql("TRY_CAST({s} AS DOUBLE[])", s=call.node(0))
    sql = "CAST(len(list_filter({l}, LAMBDA x : x <= {v})) AS DOUBLE)"
    if "percent" in call.options:
        sql += " * 100e0 / len({l})"
    return call.sql(sql, l=numbers, v=value)
