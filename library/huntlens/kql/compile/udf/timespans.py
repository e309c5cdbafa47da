"""Texts of times as Kusto reads them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

_CLOCK: Final = re.compile(r"(-)?(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7})\d*)?)?")
_UNIT: Final = re.compile(
    r"(-?\d+(?:\.\d+)?)\s*(d|days?|h|hours?|hrs?|m|min|minutes?|s|sec|seconds?|ms|milliseconds?|"
    r"microseconds?|micros?|us|ticks?)?"
)
_TICKS: Final = {
    "d": 864_000_000_000, "h": 36_000_000_000, "m": 600_000_000, "s": 10_000_000, "ms": 10_000, "mi": 10_000,
    "us": 10, "t": 1,
}  # fmt: skip

_MOST_TICKS: Final = 2**63


def parse_timespan(text: str | None) -> int | None:
    """The ticks that a text such as `1.02:03:04.5`, `7d` or `3` (days) names; None if it is no timespan.

    >>> parse_timespan("1.00:00:01"), parse_timespan("-1h"), parse_timespan("x")
    (864010000000, -36000000000, None)
    """
    cleaned = (text or "").strip().lower()
    clock = _CLOCK.fullmatch(cleaned)
    if clock is not None:
        hours, minutes, seconds = int(clock[3]), int(clock[4]), int(clock[5] or 0)
        if hours > 23 or minutes > 59 or seconds > 59:
            return None
        whole = ((int(clock[2] or 0) * 24 + hours) * 60 + minutes) * 60 + seconds
        ticks = whole * 10_000_000 + int((clock[6] or "").ljust(7, "0"))
        return -ticks if clock[1] else ticks
    unit = _UNIT.fullmatch(cleaned)
    if unit is None:
        return None
    exact = float(unit[1]) * _unit_ticks(unit[2] or "d")
    return round(exact) if abs(exact) < _MOST_TICKS else None


def _unit_ticks(unit: str) -> int:
    if unit.startswith("micro"):
        return 10
    if unit.startswith("milli"):
        return 10_000
    if unit in _TICKS:
        return _TICKS[unit]
    return _TICKS[unit[0]]


# What TIMESTAMP of SQL does not read: RFC 822, slashes, dates without separators, months and years alone.
_FORMATS: Final = (
    "%a, %d %b %Y %H:%M:%S %Z", "%a, %d %b %y %H:%M:%S %Z", "%d %b %Y %H:%M:%S %Z", "%a, %d %b %Y %H:%M:%S",
    "%d %b %Y %H:%M:%S", "%d %b %Y %H:%M", "%a, %d %b %Y %H:%M", "%d %b %Y", "%m/%d/%Y", "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%Y/%m/%d", "%Y/%m/%d %H:%M:%S", "%Y-%m",
    "%Y%m%d", "%Y %b %d", "%B %d, %Y", "%b %d, %Y", "%b %d %Y", "%b %d %Y %H:%M:%S", "%A %d %B %Y", "%d %B %Y",
    "%a %b %d %H:%M:%S %Y", "%a, %d %b %Y %H:%M:%S %z", "%m/%d/%Y %H:%M:%S.%f", "%m/%d/%Y %I:%M:%S.%f %p",
)  # fmt: skip
_FRACTION: Final = re.compile(r"(\.\d{6})\d+")


def parse_datetime(text: str | None) -> datetime | None:
    """The moment (naive UTC) that a text names; None if it is no datetime.

    >>> parse_datetime("Sat, 8 Nov 2014 15:05:02 GMT")
    datetime.datetime(2014, 11, 8, 15, 5, 2)
    """
    cleaned = (text or "").strip()
    if not cleaned or len(cleaned) > 64:
        return None
    cleaned = _FRACTION.sub(r"\1", cleaned)
    try:
        return _naive(datetime.fromisoformat(cleaned))
    except (ValueError, OverflowError):
        pass
    for form in _FORMATS:
        try:
            return _naive(datetime.strptime(cleaned, form))  # noqa: DTZ007  (a missing zone is UTC)
        except (ValueError, OverflowError):
            continue
    return None


def _naive(value: datetime) -> datetime:
    return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
