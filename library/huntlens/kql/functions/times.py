"""Datetimes and timespans: now, parts, starts and ends of periods, differences, formatting."""

from __future__ import annotations

from typing import Final

from huntlens.kql.functions import agreement, returns
from huntlens.kql.functions.row import Function, special

_PARTS: Final = "year quarter month week day hour minute second millisecond microsecond nanosecond"
_DATE_PARTS: Final = (
    "year quarter month week_of_year day dayOfYear hour minute second millisecond microsecond nanosecond"
)


def _part(name: str, doc: str, example: str, value: str, duckdb: str, spark: str, **more: str) -> Function:
    return Function(
        name, "date: datetime", "int", doc, example, value, f"CAST({duckdb} AS INTEGER)", f"CAST({spark} AS INT)",
        category="time", deprecated=more.get("deprecated", ""), hidden="deprecated" in more,
    )  # fmt: skip


def _edge(name: str, doc: str, example: str, value: str, *words: str) -> Function:
    return Function(
        name, "date: datetime, offset?: long", "datetime", doc, example, value, special("edge", *words),
        special("edge", *words), category="time", result_name="@0" if name == "startofday" else "",
    )  # fmt: skip


def _unix(unit: str, factor: int, example: str) -> Function:
    whole = "CAST({number} AS BIGINT) * " + str(factor) if factor > 0 else "CAST({number} AS BIGINT) // 1000"
    parted = "CAST(CAST({number} AS DOUBLE) * " + (f"{factor}e0" if factor > 0 else "1e-3") + " AS BIGINT)"
    duckdb = {"*": f"TRY(make_timestamp({parted}))", **dict.fromkeys(("int", "long"), f"TRY(make_timestamp({whole}))")}
    whole = whole.replace("//", "div")
    spark = {"*": f"timestamp_micros({parted})", **dict.fromkeys(("int", "long"), f"timestamp_micros({whole})")}
    return Function(
        f"unixtime_{unit}_todatetime", "number: number", "datetime", f"The datetime of a Unix time in {unit}.", example,
        "2026-03-01T00:00:00.0000000Z", duckdb, spark, category="time",
    )  # fmt: skip


ROWS: Final = (
    Function("now", "offset?: timespan", "datetime", "The time at which the query runs, UTC.", "now() > ago(1h)",
             "True",
             special("now"), special("now"), category="time"),
    Function("ago", "timespan: timespan", "datetime", "The time a timespan before now.", "ago(1d) < now(-23h)", "True",
             special("ago"), special("ago"), category="time"),
    Function("datetime_add", f"part: string = {_PARTS}, value: integer, datetime: datetime", "datetime",
             "The datetime moved by a number of calendar parts.", "datetime_add('month', 1, datetime(2026-01-31))",
             "2026-02-28T00:00:00.0000000Z", special("datetime_add"), special("datetime_add"), category="time",
             constant_only=("part",)),
    Function("datetime_diff", f"part: string = {_PARTS}, datetime1: datetime, datetime2: datetime", "long",
             "How many borders of a calendar part lie between two datetimes, first minus second.",
             "datetime_diff('hour', datetime(2026-01-01 10:05), datetime(2026-01-01 08:59))", "2",
             special("datetime_diff"), special("datetime_diff"), category="time", constant_only=("part",)),
    Function("datetime_part", f"part: string = {_DATE_PARTS}, date: datetime", "int", "A calendar part of a datetime.",
             "datetime_part('millisecond', datetime(2026-03-01 01:02:03.456))", "456", special("datetime_part"),
             special("datetime_part"), category="time", constant_only=("part",)),
    Function("datepart", f"part: string = {_DATE_PARTS}, date: datetime", "int", "A calendar part of a datetime.",
             "datepart('quarter', datetime(2026-05-01))", "2", special("datetime_part"), special("datetime_part"),
             category="time", deprecated="datetime_part", hidden=True, constant_only=("part",)),
    Function("dayofweek", "date: datetime", "timespan", "Days since the preceding Sunday, as a timespan.",
             "dayofweek(datetime(2026-03-03))", "2.00:00:00", "dayofweek({date}) * 864000000000",
             "(dayofweek({date}) - 1) * 864000000000", category="time"),
    _part("dayofmonth", "The day of the month.", "dayofmonth(datetime(2026-03-17))", "17", "day({date})",
          "day({date})"),
    _part("dayofyear", "The day of the year.", "dayofyear(datetime(2026-02-01))", "32", "dayofyear({date})",
          "dayofyear({date})"),
    _part("hourofday", "The hour of the day.", "hourofday(datetime(2026-03-01 17:30))", "17", "hour({date})",
          "hour({date})"),
    _part("monthofyear", "The month of the year.", "monthofyear(datetime(2026-03-01))", "3", "month({date})",
          "month({date})"),
    _part("getmonth", "The month of the year.", "getmonth(datetime(2026-03-01))", "3", "month({date})",
          "month({date})"),
    _part("getyear", "The year.", "getyear(datetime(2026-03-01))", "2026", "year({date})", "year({date})"),
    _part("week_of_year", "The week of the year by ISO 8601.", "week_of_year(datetime(2020-12-31))", "53",
          "weekofyear({date})", "weekofyear({date})"),
    _part("weekofyear", "The week of the year; week 1 holds January 1, weeks begin on Sunday.",
          "weekofyear(datetime(2026-01-05))", "2",
          "(dayofyear({date}) - 1 + dayofweek(date_trunc('year', {date}))) // 7 + 1",
          "(dayofyear({date}) - 2 + dayofweek(date_trunc('year', {date}))) div 7 + 1", deprecated="week_of_year"),
    _edge("startofday", "The start of the day, moved by a number of days.",
          "startofday(datetime(2026-03-03 10:30), -1)", "2026-03-02T00:00:00.0000000Z", "day", "start"),
    _edge("startofweek", "The start of the week (Sunday), moved by a number of weeks.",
          "startofweek(datetime(2026-03-04 10:30))", "2026-03-01T00:00:00.0000000Z", "week", "start"),
    _edge("startofmonth", "The start of the month, moved by a number of months.",
          "startofmonth(datetime(2026-03-04), 1)", "2026-04-01T00:00:00.0000000Z", "month", "start"),
    _edge("startofyear", "The start of the year, moved by a number of years.", "startofyear(datetime(2026-03-04), -1)",
          "2025-01-01T00:00:00.0000000Z", "year", "start"),
    _edge("endofday", "The last microsecond of the day, moved by a number of days.",
          "endofday(datetime(2026-03-03 10:30))",
          "2026-03-03T23:59:59.9999990Z", "day", "end"),
    _edge("endofweek", "The last microsecond of the week (Saturday), moved by a number of weeks.",
          "endofweek(datetime(2026-03-04))", "2026-03-07T23:59:59.9999990Z", "week", "end"),
    _edge("endofmonth", "The last microsecond of the month, moved by a number of months.",
          "endofmonth(datetime(2026-01-04), 1)", "2026-02-28T23:59:59.9999990Z", "month", "end"),
    _edge("endofyear", "The last microsecond of the year, moved by a number of years.",
          "endofyear(datetime(2026-03-04))",
          "2026-12-31T23:59:59.9999990Z", "year", "end"),
    Function("format_datetime", "date: datetime, format: string", "string",
             "A datetime as text by a format: yyyy MM dd HH hh mm ss f F tt and separators.",
             "format_datetime(datetime(2026-03-04 17:05:09.123), 'yy/M/d h:mm:ss.fff tt')", "26/3/4 5:05:09.123 PM",
             special("format_datetime"), special("format_datetime"), result_name="@0", category="time",
             constant_only=("format",)),
    Function("format_timespan", "timespan: timespan, format: string", "string",
             "A timespan as text by a format: d HH mm ss f F and separators.",
             "format_timespan(time(1.02:03:04.5), 'dd.hh:mm:ss [FF]')", "01.02:03:04 [5]", special("format_timespan"),
             special("format_timespan"), result_name="@0", category="time", constant_only=("format",)),
    Function("make_datetime",
             "year: number, month: number, day: number, hour?: number, minute?: number, second?: number",
             "datetime", "The datetime of its parts; null if there is none.", "make_datetime(2026, 2, 28, 12, 30)",
             "2026-02-28T12:30:00.0000000Z", special("make_datetime"), special("make_datetime"), result_name="",
             category="time"),
    Function("make_timespan", "days: integer, hours: integer, minutes?: number, seconds?: number", "timespan",
             "The timespan of its parts: hours, minutes, seconds, with days in front where there are four.",
             "make_timespan(1, 30, 55.123)", "01:30:55.1230000", special("make_timespan"), special("make_timespan"),
             category="time"),
    _unix("seconds", 1_000_000, "unixtime_seconds_todatetime(1772323200)"),
    _unix("milliseconds", 1000, "unixtime_milliseconds_todatetime(1772323200000)"),
    _unix("microseconds", 1, "unixtime_microseconds_todatetime(1772323200000000)"),
    _unix("nanoseconds", 0, "unixtime_nanoseconds_todatetime(1772323200000000000)"),
    Function("datetime_utc_to_local", "from: datetime, timezone: string", "datetime",
             "The wall clock of a time zone at a UTC datetime.",
             "datetime_utc_to_local(datetime(2026-07-01 10:00), 'Europe/Berlin')", "2026-07-01T12:00:00.0000000Z",
             special("zoned", "({t} AT TIME ZONE 'UTC') AT TIME ZONE {z}"), "from_utc_timestamp({from}, {timezone})",
             category="time"),
    Function("datetime_local_to_utc", "from: datetime, timezone: string", "datetime",
             "The UTC datetime at which the wall clock of a time zone shows a time.",
             "datetime_local_to_utc(datetime(2026-07-01 12:00), 'Europe/Berlin')", "2026-07-01T10:00:00.0000000Z",
             special("zoned", "({t} AT TIME ZONE {z}) AT TIME ZONE 'UTC'"), "to_utc_timestamp({from}, {timezone})",
             category="time"),
    Function("datetime_list_timezones", "", "dynamic", "The names of the time zones.",
             "array_length(datetime_list_timezones()) > 100", "True", "CAST(kql_timezones('') AS JSON)",
             "kql_timezones('')", category="time"),
    Function("datetime_to_locale_string", "date: datetime, culture: string, options?: dynamic", "string",
             "A datetime as text in the manner of a culture.",
             "datetime_to_locale_string(datetime(2026-03-04), 'en-US')",
             None, special("refuse", "the manners of cultures are not known here"),
             special("refuse", "the manners of cultures are not known here"), category="time", hidden=True,
             untested="not compiled"),
    Function("bin", "value: summable, roundTo: number|timespan", returns.binned,
             "The value rounded down to a multiple of a size; times count from year 1.",
             "bin(datetime(2026-03-04 17:47), 15m)", "2026-03-04T17:45:00.0000000Z", special("bin_"), special("bin_"),
             result_name="@0", category="rounding"),
    Function("floor", "value: summable, roundTo: number|timespan", returns.binned,
             "The value rounded down to a multiple of a size.", "floor(-7, 5)", "-10", special("bin_"), special("bin_"),
             result_name="@0", category="rounding"),
    Function("bin_at", "value: summable, bin_size: number|timespan, fixed_point: summable", returns.rounded,
             "The value rounded down to a bin whose borders lie around a fixed point.", "bin_at(6.5, 2.5, 7)", "4.5",
             special("bin_at"), special("bin_at"), result_name="@0", category="rounding",
             together=agreement.binned_at),
    Function("bin_auto", "value: summable", returns.rounded,
             "The value rounded down by the bin that the request sets.", "bin_auto(1)",
             duckdb=special("refuse", "bin_auto takes its size from the request; write bin(value, size)"),
             spark=special("refuse", "bin_auto takes its size from the request; write bin(value, size)"),
             result_name="@0", category="rounding", hidden=True, untested="depends on request properties"),
)  # fmt: skip
