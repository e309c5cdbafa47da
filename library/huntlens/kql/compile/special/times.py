"""Datetimes and timespans: what depends on constant parts, formats and sizes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from zoneinfo import available_timezones

from sqlglot import exp

from huntlens.kql.compile.literal import MISSING, cast_to, constant, literal
from huntlens.kql.compile.special.arithmetic import interval_of, is_positive
from huntlens.kql.compile.special.convert import to_type

if TYPE_CHECKING:
    from huntlens.kql.compile.template import Call

__all__ = (
    "ago", "bin_", "bin_at", "datetime_add", "datetime_diff", "datetime_part", "edge", "format_datetime",
    "format_timespan", "make_datetime", "make_timespan", "now", "refuse", "zoned",
)  # fmt: skip

# Microseconds from year 1, from which Kusto counts bins, to 1970.
_EPOCH: Final = 62135596800000000
_NOW: Final = {"duckdb": "now() AT TIME ZONE 'UTC'", "spark": "now()"}
_INTERVAL: Final = {
    "year": "to_years", "quarter": "to_quarters", "month": "to_months", "week": "to_weeks", "day": "to_days",
    "hour": "to_hours", "minute": "to_minutes", "second": "to_seconds", "millisecond": "to_milliseconds",
    "microsecond": "to_microseconds",
}  # fmt: skip


def refuse(call: Call) -> exp.Expr:
    """A row whose reason stands in its option."""
    call.refuse(call.options[0])


def now(call: Call) -> exp.Expr:
    """`now(offset)`; the start of the statement, the same in every row."""
    moment = call.sql(_NOW[call.target])
    return _shifted(call, moment, call.node(0), "+") if call.given(0) else moment


def ago(call: Call) -> exp.Expr:
    """`ago(timespan)`."""
    span = to_type(call.node(0), call.type(0), "timespan", call.target)
    return _shifted(call, call.sql(_NOW[call.target]), span, "-")


def _shifted(call: Call, moment: exp.Expr, span: exp.Expr, op: str) -> exp.Expr:
    length = interval_of(span)
    if length is not None:
        return call.sql(f"({{m}}) {op} {{s}}", m=moment, s=length)
    if isinstance(ticks := constant(span), int) and (length := interval_of(literal(-ticks, "timespan"))) is not None:
        return call.sql(f"({{m}}) {'-' if op == '+' else '+'} {{s}}", m=moment, s=length)
    if call.target == "spark":
        return call.sql(f"timestamp_micros(unix_micros({{m}}) {op} {{s}} div 10)", m=moment, s=span)
    return call.sql(f"({{m}}) {op} to_microseconds({{s}} // 10)", m=moment, s=span)


def _unit(call: Call) -> str:
    part = call.constant(0)
    if not isinstance(part, str):
        call.refuse("the part has to be a constant")
    return part.lower()


def datetime_add(call: Call) -> exp.Expr:
    """`datetime_add(part, count, datetime)`: months clamp to their last day."""
    unit = _unit(call)
    moment = to_type(call.node(2), call.type(2), "datetime", call.target)
    if unit == "nanosecond":
        sql = "{d} + to_microseconds({n} // 1000)" if call.target == "duckdb" else "{d}"
        return call.sql(sql, d=moment, n=call.node(1))
    if unit not in _INTERVAL:
        call.refuse(f"there is no part '{unit}'")
    if call.target == "spark":
        return _later_on_spark(call, moment, call.node(1), unit)
    if unit == "quarter":
        return call.sql("{d} + to_months(CAST(3 * {n} AS INTEGER))", d=moment, n=call.node(1))
    kind = "INTEGER" if unit in ("year", "month", "week", "day") else "DOUBLE" if unit == "millisecond" else "BIGINT"
    return call.sql(f"{{d}} + {_INTERVAL[unit]}(CAST({{n}} AS {kind}))", d=moment, n=call.node(1))


_MONTHS: Final = {"year": 12, "quarter": 3, "month": 1}
_MICROS: Final = {
    "week": 604_800_000_000, "day": 86_400_000_000, "hour": 3_600_000_000, "minute": 60_000_000, "second": 1_000_000,
    "millisecond": 1_000, "microsecond": 1,
}  # fmt: skip


def _later_on_spark(call: Call, moment: exp.Expr, count: exp.Expr, unit: str) -> exp.Expr:
    """A moment and so many units; null where no time is so far away."""
    if unit in _MONTHS:
        sql = f"try_add({{d}}, try_make_interval(0, try_multiply(TRY_CAST({{n}} AS INT), {_MONTHS[unit]})))"
    else:
        shift = f"try_multiply(CAST({{n}} AS BIGINT), CAST({_MICROS[unit]} AS BIGINT))"
        sql = f"timestamp_micros(try_add(unix_micros({{d}}), {shift}))"
    return call.sql(sql, d=moment, n=count)


def datetime_diff(call: Call) -> exp.Expr:
    """`datetime_diff(part, a, b)`: borders between b and a; weeks begin on Sunday."""
    unit = _unit(call)
    if unit == "nanosecond":
        call.refuse("times are kept to the microsecond; ask for 'microsecond'")
    first, second = (to_type(call.node(i), call.type(i), "datetime", call.target) for i in (1, 2))
    if unit not in _INTERVAL:
        call.refuse(f"there is no part '{unit}'")
    name = "date_diff" if call.target == "duckdb" else "timestampdiff"
    word = f"'{unit}'" if call.target == "duckdb" else unit.upper()
    if call.target == "spark":
        if unit in ("millisecond", "microsecond"):
            name = "unix_millis" if unit == "millisecond" else "unix_micros"
            return call.sql(f"{name}({{a}}) - {name}({{b}})", a=first, b=second)
        first, second = (_truncated(call, node, unit) for node in (first, second))
        return call.sql(f"{name}({word}, {{b}}, {{a}})", a=first, b=second)
    if unit == "week":
        first, second = (call.sql("date_trunc('week', {d} + INTERVAL '1' DAY)", d=node) for node in (first, second))
    return call.sql(f"{name}({word}, {{b}}, {{a}})", a=first, b=second)


_PART_SQL: Final = {
    "year": "year({d})", "quarter": "quarter({d})", "month": "month({d})", "week_of_year": "weekofyear({d})",
    "day": "day({d})", "dayofyear": "dayofyear({d})", "hour": "hour({d})", "minute": "minute({d})",
    "second": "second({d})", "millisecond": "epoch_us({d}) // 1000 % 1000", "microsecond": "epoch_us({d}) % 1000000",
}  # fmt: skip


def datetime_part(call: Call) -> exp.Expr:
    """`datetime_part(part, datetime)`."""
    sql = _PART_SQL.get(_unit(call))
    if _unit(call) == "nanosecond":
        call.refuse("times are kept to the microsecond; ask for 'microsecond'")
    if sql is None:
        call.refuse(f"there is no part '{_unit(call)}'")
    if call.target == "spark":
        sql = sql.replace("epoch_us", "unix_micros").replace("//", "div")
    moment = to_type(call.node(1), call.type(1), "datetime", call.target)
    return call.sql(f"CAST({sql} AS INTEGER)", d=moment)


def _truncated(call: Call, moment: exp.Expr, unit: str) -> exp.Expr:
    if unit == "week":
        return call.sql("date_trunc('week', {d} + INTERVAL '1' DAY) - INTERVAL '1' DAY", d=moment)
    return call.sql(f"date_trunc('{unit}', {{d}})", d=moment)


def edge(call: Call) -> exp.Expr:
    """`startofday` to `endofyear`, with the offset in the same unit."""
    unit, side = call.options
    moment = to_type(call.node(0), call.type(0), "datetime", call.target)
    start = _truncated(call, moment, unit)
    offset = call.constant(1) if call.given(1) else 0
    if isinstance(offset, int):
        steps = offset + (side == "end")
        if steps:
            amount = exp.Interval(this=exp.Literal.string(str(abs(steps))), unit=exp.Var(this=unit.upper()))
            start = call.sql(f"{{s}} {'+' if steps > 0 else '-'} {{i}}", s=start, i=amount)
    else:
        extra = " + 1" if side == "end" else ""
        if call.target == "spark":
            start = _later_on_spark(call, start, call.sql(f"{{n}}{extra}", n=call.node(1)), unit)
        else:
            start = call.sql(f"{{s}} + {_INTERVAL[unit]}(CAST({{n}}{extra} AS INTEGER))", s=start, n=call.node(1))
    return call.sql("{s} - INTERVAL '1' MICROSECOND", s=start) if side == "end" else start


# --- formats ---------------------------------------------------------------------------------------------------

_TOKEN: Final = re.compile(r"d+|f+|F+|h+|H+|m+|M+|s+|y+|tt?|.", re.DOTALL)
_STRFTIME: Final = {
    "d": "%-d", "dd": "%d", "ddd": "%a", "dddd": "%A", "h": "%-I", "hh": "%I", "H": "%-H", "HH": "%H", "m": "%-M",
    "mm": "%M", "M": "%-m", "MM": "%m", "MMM": "%b", "MMMM": "%B", "s": "%-S", "ss": "%S", "y": "%-y", "yy": "%y",
    "yyy": "%Y", "yyyy": "%Y", "tt": "%p",
}  # fmt: skip


def format_datetime(call: Call) -> exp.Expr:
    """`format_datetime(datetime, format)` as one STRFTIME, or several with the fractions between."""
    form = _format(call)
    moment = to_type(call.node(0), call.type(0), "datetime", call.target)
    if call.target == "spark":
        return call.sql("kql_format_datetime(unix_micros({d}), {f})", d=moment, f=call.node(1))
    pieces: list[exp.Expr] = []
    plain = ""
    for token in _TOKEN.findall(form):
        if token[0] in "fF":
            if plain:
                pieces.append(call.sql("strftime({d}, {f})", d=moment, f=exp.Literal.string(plain)))
                plain = ""
            pieces.append(_fraction(call, moment, token))
        else:
            plain += _STRFTIME.get(token, token.replace("%", "%%"))
    if plain:
        pieces.append(call.sql("strftime({d}, {f})", d=moment, f=exp.Literal.string(plain)))
    return pieces[0] if len(pieces) == 1 else call.sql("concat({p...})", p=pieces)


def _format(call: Call) -> str:
    form = call.constant(1)
    if not isinstance(form, str):
        call.refuse("the format has to be a constant")
    return form


def _fraction(call: Call, moment: exp.Expr, token: str) -> exp.Expr:
    digits = len(token)
    six = call.sql("strftime({d}, '%f')", d=moment)
    text = six if digits == 6 else call.sql(f"left(concat({{s}}, '0'), {digits})", s=six)
    return call.sql("rtrim({t}, '0')", t=text) if token[0] == "F" else text


_SIZE: Final = "abs(greatest({t}, -9223372036854775807))"
_SPAN: Final = {"d": 864_000_000_000, "h": 36_000_000_000, "m": 600_000_000, "s": 10_000_000}
_MODULUS: Final = {"h": 24, "m": 60, "s": 60}


def format_timespan(call: Call) -> exp.Expr:
    """`format_timespan(timespan, format)`."""
    form = _format(call)
    span = to_type(call.node(0), call.type(0), "timespan", call.target)
    if call.target == "spark":
        return call.sql("kql_format_timespan({t}, {f})", t=span, f=call.node(1))
    pieces: list[exp.Expr] = []
    for token in _TOKEN.findall(form):
        letter = token[0].lower()
        if letter == "f":
            text = call.sql(
                f"left(lpad(CAST({_SIZE} % 10000000 AS VARCHAR), 7, '0'), {len(token)})",
                t=span,
            )
            pieces.append(call.sql("rtrim({t}, '0')", t=text) if token[0] == "F" else text)
        elif letter in _SPAN and token[0] != "M":
            number = f"{_SIZE} // {_SPAN[letter]}"
            if letter in _MODULUS:
                number = f"({number}) % {_MODULUS[letter]}"
            pieces.append(call.sql(f"printf('%0{len(token)}d', {number})", t=span))
        else:
            pieces.append(exp.Literal.string(token))
    return call.sql("CASE WHEN {t} IS NULL THEN '' ELSE concat({p...}) END", t=span, p=pieces)


# --- making and rounding ---------------------------------------------------------------------------------------


def make_datetime(call: Call) -> exp.Expr:
    """`make_datetime(...)` of parts, or of one value."""
    if len(call) == 1:
        return to_type(call.node(0), call.type(0), "datetime", call.target)
    parts = [call.node(i) if call.given(i) else literal(0, "long") for i in range(6)]
    if call.target == "spark":
        return call.sql("make_timestamp({p...})", p=parts)
    whole = [
        cast_to(part, "long", call.target)
        if call.type(place) in ("int", "long") or not call.given(place)
        else exp.TryCast(this=part, to=exp.DataType.build("BIGINT"))
        for place, part in enumerate(parts[:5])
    ]
    return call.sql("TRY(make_timestamp({p...}, TRY_CAST({s} AS DOUBLE)))", p=whole, s=parts[5])


def make_timespan(call: Call) -> exp.Expr:
    """`make_timespan(...)`: hours, minutes, seconds, or with days in front."""
    if len(call) == 1:
        return to_type(call.node(0), call.type(0), "timespan", call.target)
    # The seconds alone may have a fraction: a third of three parts, or the last of four.
    nodes = [
        call.node(i) if i > 1 and i == len(call) - 1 else cast_to(call.node(i), "long", call.target)
        for i in range(len(call))
    ]
    days = nodes.pop(0) if len(nodes) == 4 else literal(0, "long")
    seconds = nodes[2] if len(nodes) == 3 else literal(0, "long")
    sql = "CAST(round((({d} * 24 + {h}) * 60 + {m}) * 600000000 + {s} * 10000000) AS BIGINT)"
    return call.sql(sql, d=days, h=nodes[0], m=nodes[1], s=seconds)


def zoned(call: Call) -> exp.Expr:
    """`datetime_utc_to_local` and its counterpart; a zone of the data that nobody knows gives null."""
    name = call.constant(1)
    if name is MISSING:
        known = "{z} IN (SELECT name FROM pg_timezone_names())"
        return call.sql(f"CASE WHEN {known} THEN {call.options[0]} END", t=call.node(0), z=call.node(1))
    if name not in available_timezones():
        call.refuse(f"there is no time zone '{name}'")
    return call.sql(call.options[0], t=call.node(0), z=call.node(1))


def bin_(call: Call) -> exp.Expr:
    """`bin(value, size)`: down to a multiple, also below zero; datetimes count from year 1, not from 1970."""
    kind, size_kind = call.type(0), call.type(1)
    if kind == "datetime":
        return _bin_datetime(call)
    value, size = call.node(0), call.node(1)
    if kind in ("int", "long", "timespan") and size_kind in ("int", "long", "timespan"):
        return _bin_integer(call, value, size)
    if kind in ("dynamic", "unknown", "string"):
        value = to_type(value, kind, "real", call.target)
    return call.sql("floor({v} / {b}) * {b}", v=value, b=_positive(call, size))


def _positive(call: Call, size: exp.Expr) -> exp.Expr:
    if is_positive(size):
        return size
    return call.sql("CASE WHEN {b} > 0 THEN {b} END", b=size)


def _bin_integer(call: Call, value: exp.Expr, size: exp.Expr) -> exp.Expr:
    return call.sql("{v} - (({v} % {b}) + {b}) % {b}", v=value, b=_positive(call, size))


def _bin_datetime(call: Call) -> exp.Expr:
    moment, size = call.node(0), call.node(1)
    ticks = call.constant(1)
    make, micros, div = "make_timestamp", "epoch_us", "//"
    if call.target == "spark":
        make, micros, div = "timestamp_micros", "unix_micros", "div"
    if isinstance(ticks, int) and ticks > 0:
        if ticks < 10:
            return moment
        step: exp.Expr = literal(ticks // 10, "long")
    else:
        step = call.sql(f"nullif({{b}} {div} 10, 0)", b=to_type(size, call.type(1), "timespan", call.target))
    return call.sql(f"{make}({micros}({{d}}) - ({micros}({{d}}) + {_EPOCH}) % {{b}})", d=moment, b=step)


def bin_at(call: Call) -> exp.Expr:
    """`bin_at(value, size, fixed)`."""
    kind = call.type(0)
    value, size, fixed = call.node(0), _positive(call, call.node(1)), call.node(2)
    if kind == "datetime":
        make, micros, div = "make_timestamp", "epoch_us", "//"
        if call.target == "spark":
            make, micros, div = "timestamp_micros", "unix_micros", "div"
        inner = f"({micros}({{d}}) - {micros}({{p}}))"
        rest = f"(({inner} % ({{b}} {div} 10)) + {{b}} {div} 10) % ({{b}} {div} 10)"
        return call.sql(f"{make}({micros}({{d}}) - {rest})", d=value, p=fixed, b=size)
    if kind in ("int", "long", "timespan") and call.type(1) in ("int", "long", "timespan"):
        return call.sql("{v} - ((({v} - {p}) % {b}) + {b}) % {b}", v=value, p=fixed, b=size)
    return call.sql("floor(({v} - {p}) / {b}) * {b} + {p}", v=value, p=fixed, b=size)
