"""Values at the ends of their types: no function stops a query for them."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
import pytest

from huntlens.errors import KqlError
from huntlens.kql.schema import Schema
from huntlens.providers import query

_END = 2**63
_COLUMNS = {
    "l": ("long", pa.int64(), [0, -1, _END - 1, -_END, None, 64]),
    "m": ("long", pa.int64(), [_END - 1, -_END, -1, -1, 7, None]),
    "i": ("int", pa.int32(), [0, -1, 2**31 - 1, -(2**31), None, 7]),
    "r": ("real", pa.float64(), [-0.0, float("nan"), float("inf"), None, 1e308, 5e-324]),
    "s": ("string", pa.string(), ["", "'", '"\\\\', "\\x00", None, "[1,{"]),
    "t": ("datetime", pa.timestamp("us"), [
        datetime(1, 1, 1), datetime(9999, 12, 31, 23), datetime(1969, 12, 31, 23), None, datetime(2024, 2, 29),
        datetime(1600, 1, 1)]),
    "p": ("timespan", pa.int64(), [0, -1, _END - 1, -_END, None, 864_000_000_000]),
    "d": ("dynamic", pa.string(), ["null", "[]", '[1,"a",null]', '{"a":1,"\'":2}', None, "12345678901234567890"]),
}  # fmt: skip
_EXPRESSIONS = """
l + m; l - m; l * m; l / m; l % m; -l; i + i; i * i; -i; i / i; i % i; p + p; p - p; p * l; p * r; p / p; p / l; p % p
-p; t + p; t - p; t - t; t + 365000d; abs(l); abs(i); abs(p); bin(l, 7); bin(l, m); bin(p, 1h); bin(p, p); bin(t, p)
bin(l, p); bin(r, r); bin_at(l, m, l); bin_at(t, p, t); bin_at(p, 1h, p); p / -1; l / -1; l % -1; r % r; r / r
tolong(r); toint(r); toint(l); totimespan(l); totimespan(r); totimespan(d); todatetime(l); todatetime(s); tostring(p)
tostring(t); tostring(r); binary_shift_left(l, m); binary_shift_right(l, m); substring(s, l, m); substring(s, m)
make_timespan(l, m); make_timespan(i, m); make_datetime(l, m, i); range(l, m, l); tohex(l)
startofday(t, l); endofmonth(t, m); datetime_add('day', l, t); datetime_diff('second', t, t); isascii(l); isutf8(t)
around(l, m, l); d.a * l; -tolong(d); row_cumsum(l); exp(r); log(r); sqrt(r); pow(r, r); round(r, 2)
format_timespan(p, 'd'); format_datetime(t, 'yyyy'); dayofyear(t); estimate_data_size(s, l, d)
array_length(range(0, l, 1)); hash(l, 10)
""".replace("\n", ";")


def _table() -> tuple[pa.Table, Schema]:
    table = pa.table({name: pa.array(values, kind) for name, (_, kind, values) in _COLUMNS.items()})
    return table, Schema.from_dict({"tables": {"T": {name: kind for name, (kind, _, _) in _COLUMNS.items()}}})


@pytest.mark.parametrize("expression", [text.strip() for text in _EXPRESSIONS.split(";") if text.strip()])
def test_no_value_stops_a_query(expression: str) -> None:
    table, schema = _table()
    result = query(f"T | serialize | extend answer = {expression} | project answer", {"T": table}, schema)
    assert len(result.rows) == table.num_rows


def test_nanoseconds_are_refused() -> None:
    with pytest.raises(KqlError, match="microsecond"):
        query("print datetime_diff('nanosecond', now(), now())")
