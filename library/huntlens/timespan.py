"""Time ranges, as hunters write them; knows no data frame.

All times are UTC and naive inside a `TimeRange`; aware datetimes are converted, naive ones are taken as UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

Moment = datetime | date | str | float | timedelta

_UNITS: Final = {
    "ms": timedelta(milliseconds=1), "s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1),
    "d": timedelta(days=1), "w": timedelta(weeks=1),
}  # fmt: skip
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(mon|ms|[smhdwy])")
_RELATIVE: Final = re.compile(
    r"(?P<sign>[+-]?)(?P<length>(?:\d+(?:\.\d+)?(?:mon|ms|[smhdwy]))+)(?:@(?P<round>mon|[smhdwy]))?"
)


def parse_length(text: str) -> timedelta:
    """The length that a text such as `7d`, `1h30m` or `500ms` names.

    >>> parse_length("1d12h")
    datetime.timedelta(days=1, seconds=43200)
    """
    cleaned = text.strip().lower()
    parts = list(_PART.finditer(cleaned))
    if not parts or "".join(part[0] for part in parts) != cleaned:
        raise ValueError(f"'{text}' is no length of time; write 30m, 12h, 7d, 2w or 1d12h")
    if any(part[2] in ("mon", "y") for part in parts):
        raise ValueError(f"'{text}': months and years have no fixed length; write days")
    return sum((float(part[1]) * _UNITS[part[2]] for part in parts), timedelta())


def parse_moment(value: Moment, *, now: datetime | None = None) -> datetime:
    """The UTC time that a value names, naive.

    Takes datetimes, dates, ISO texts, numbers (days from now), lengths of time (from now), and relative texts with
    rounding: `-3d`, `-3d@d` (three days ago, at the start of that day), `-1mon@mon`, `now`.

    >>> parse_moment("-3d@d", now=datetime(2026, 3, 10, 15, 30))
    datetime.datetime(2026, 3, 7, 0, 0)
    """
    now = _naive(now) if now is not None else datetime.now(UTC).replace(tzinfo=None)
    if isinstance(value, datetime):
        return _naive(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, timedelta):
        return now + value
    if isinstance(value, int | float):
        return now + timedelta(days=value)
    return _parse_text(value.strip(), now)


def _parse_text(text: str, now: datetime) -> datetime:
    if text.lower() in ("now", "now()"):
        return now
    match = _RELATIVE.fullmatch(text.lower())
    if match is not None:
        sign = 1 if match["sign"] == "+" else -1
        moved = now
        for part in _PART.finditer(match["length"]):
            moved = _shift(moved, sign * float(part[1]), part[2])
        return _floor(moved, match["round"]) if match["round"] else moved
    try:
        return _naive(datetime.fromisoformat(_trim_fraction(text)))
    except ValueError:
        raise ValueError(f"'{text}' is no time; write 2026-03-01, 2026-03-01T10:00, -7d or -3d@d") from None


def _trim_fraction(text: str) -> str:
    """Kusto writes seven digits of a second; the seventh is cut off, not rounded."""
    return re.sub(r"(\.\d{6})\d+", r"\1", text)


def _naive(value: datetime) -> datetime:
    return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)


def _shift(moment: datetime, amount: float, unit: str) -> datetime:
    if unit not in ("mon", "y"):
        return moment + amount * _UNITS[unit]
    months = moment.year * 12 + moment.month - 1 + int(amount * (12 if unit == "y" else 1))
    year, month = divmod(months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (following - timedelta(days=1)).day
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def _floor(moment: datetime, unit: str) -> datetime:
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    floors = {
        "y": day.replace(month=1, day=1),
        "mon": day.replace(day=1),
        "w": day - timedelta(days=day.weekday()),
        "d": day,
        "h": moment.replace(minute=0, second=0, microsecond=0),
        "m": moment.replace(second=0, microsecond=0),
        "s": moment.replace(microsecond=0),
    }
    return floors[unit]


@dataclass(frozen=True, slots=True)
class TimeRange:
    """From `start` up to `end`, naive UTC.

    >>> TimeRange.between("2026-03-01", "2026-03-02").length
    datetime.timedelta(days=1)
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start > self.end:
            raise ValueError(f"a time range must not end before it starts: {self.start} .. {self.end}")

    @classmethod
    def ago(cls, length: str | timedelta, *, now: datetime | None = None) -> TimeRange:
        """The last `length` up to now: `TimeRange.ago("7d")`."""
        end = parse_moment("now", now=now)
        return cls(end - (parse_length(length.lstrip("-")) if isinstance(length, str) else length), end)

    @classmethod
    def between(cls, start: Moment, end: Moment = "now", *, now: datetime | None = None) -> TimeRange:
        """From one moment to another, each as `parse_moment` takes them."""
        return cls(parse_moment(start, now=now), parse_moment(end, now=now))

    @classmethod
    def parse(cls, text: str, *, now: datetime | None = None) -> TimeRange:
        """A range from a text: `7d`, `-3d@d`, `2026-03-01..2026-03-08`, `2026-03-01/7d`.

        >>> TimeRange.parse("2026-03-01/7d").end
        datetime.datetime(2026, 3, 8, 0, 0)
        """
        for separator in ("..", "/", " to "):
            start, found, end = text.partition(separator)
            if found:
                first = parse_moment(start, now=now)
                is_length = _RELATIVE.fullmatch(end.strip().lower()) and end.strip()[0] not in "+-"
                return cls(first, first + parse_length(end) if is_length else parse_moment(end, now=now))
        if re.fullmatch(r"-?(\d+(\.\d+)?(ms|[smhdw]))+", text.strip().lower()):
            return cls.ago(text.strip().lower().lstrip("-"), now=now)
        return cls.between(text, now=now)

    @property
    def length(self) -> timedelta:
        """How long the range is."""
        return self.end - self.start

    def split(self, step: timedelta) -> list[TimeRange]:
        """The range cut into pieces of `step`; each ends where the next begins."""
        if step <= timedelta():
            raise ValueError("a time range is split by a positive step")
        pieces, start = [], self.start
        while start < self.end:
            end = min(start + step, self.end)
            pieces.append(TimeRange(start, end))
            start = end
        return pieces

    def __str__(self) -> str:
        return f"{self.start.isoformat(sep=' ')} .. {self.end.isoformat(sep=' ')}"
