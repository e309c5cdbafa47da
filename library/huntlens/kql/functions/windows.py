"""Window functions: they need rows in an order, made by `sort` or `serialize`."""

from __future__ import annotations

from typing import Final

from huntlens.kql.functions import returns
from huntlens.kql.functions.row import Function, ReturnRule, special, unsupported

_TABLE: Final = "datatable(k: string, v: long)['a', 1, 'a', 3, 'b', 2] | serialize"


def _row(
    name: str, signature: str, rule: ReturnRule, doc: str, example: str, value: str, constant_only: tuple[str,
    ...] = (),
    *, table: str = _TABLE,
) -> Function:  # fmt: skip
    lower = special(name)
    session = unsupported("sessions over rows have no SQL on Spark")
    spark = session if name == "row_window_session" else lower
    return Function(
        name, signature, rule, doc, f"{table} | project r = {example}", value, lower, spark, "window",
        category="window", constant_only=constant_only,
    )  # fmt: skip


ROWS: Final = (
    _row("row_number", "startingIndex?: long, restart?: bool", "long",
         "The number of the row, beginning anew where the restart condition is true.", "row_number(1, prev(k) != k)",
         "1; 1; 2"),
    _row("row_cumsum", "term: number|timespan, restart?: bool", returns.absolute,
         "The running sum, beginning anew where the restart condition is true.", "row_cumsum(v)", "1; 4; 6"),
    _row("row_rank_dense", "term: scalar, restart?: bool", "long", "The rank of the row, without gaps.",
         "row_rank_dense(k)", "1; 1; 2"),
    _row("row_rank_min", "term: scalar, restart?: bool", "long", "The rank of the row, equal rows share the smallest.",
         "row_rank_min(k)", "1; 1; 3"),
    _row("row_rank", "column: scalar", "long", "The rank of the row, without gaps.", "row_rank(k)", "1; 1; 2"),
    _row("prev", "column: scalar, offset?: long, default_value?: scalar", "@0",
         "The value of a column in an earlier row.", "prev(v, 1, 0)", "0; 1; 3"),
    _row("next", "column: scalar, offset?: long, default_value?: scalar", "@0",
         "The value of a column in a later row.", "next(v)", "2; 3; null"),
    _row("row_window_session",
         "expr: datetime, maxDistanceFromFirst: timespan, maxDistanceBetweenNeighbors: timespan, restart?: bool",
         "datetime",
         "The first time of the session of the row: one ends after a gap, a total length or a restart.",
         "row_window_session(t, 1h, 5m, false)",
         "2026-01-01T00:00:00.0000000Z; 2026-01-01T00:00:00.0000000Z; 2026-01-01T00:20:00.0000000Z",
         table="datatable(t: datetime)[datetime(2026-01-01), datetime(2026-01-01 00:04), datetime(2026-01-01 00:20)]"
               " | serialize"),
)  # fmt: skip
