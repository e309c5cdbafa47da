"""Times as hunters write them."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huntlens.timespan import TimeRange, parse_length, parse_moment

NOW = datetime(2026, 3, 10, 15, 30, 45)

MOMENTS = {
    "now": NOW,
    "-3d": datetime(2026, 3, 7, 15, 30, 45),
    "-3d@d": datetime(2026, 3, 7),
    "-1mon@mon": datetime(2026, 2, 1),
    "-1y": datetime(2025, 3, 10, 15, 30, 45),
    "+2h": datetime(2026, 3, 10, 17, 30, 45),
    "-1d12h": datetime(2026, 3, 9, 3, 30, 45),
    "-1w@w": datetime(2026, 3, 2),
    "2026-02-28": datetime(2026, 2, 28),
    "2026-02-28T10:00:00Z": datetime(2026, 2, 28, 10),
    "2026-02-28T10:00:00+02:00": datetime(2026, 2, 28, 8),
    "2026-02-28T10:00:00.1234567": datetime(2026, 2, 28, 10, 0, 0, 123456),
}


@pytest.mark.parametrize(("text", "expected"), MOMENTS.items())
def test_moment(text: str, expected: datetime) -> None:
    assert parse_moment(text, now=NOW) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (-2, NOW - timedelta(days=2)),
        (timedelta(hours=-1), NOW - timedelta(hours=1)),
        (date(2026, 1, 2), datetime(2026, 1, 2)),
        (datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=1))), datetime(2026, 1, 1, 23)),
    ],
)
def test_moment_of_a_value(value, expected: datetime) -> None:
    assert parse_moment(value, now=NOW) == expected


def test_a_month_shorter() -> None:
    assert parse_moment("-1mon", now=datetime(2026, 3, 31)) == datetime(2026, 2, 28)


@pytest.mark.parametrize("text", ["garbage", "2024-02-30", "", "7x", "-d"])
def test_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match="is no time"):
        parse_moment(text, now=NOW)


RANGES = {
    "7d": (NOW - timedelta(days=7), NOW),
    "-7d": (NOW - timedelta(days=7), NOW),
    "-3d@d": (datetime(2026, 3, 7), NOW),
    "2026-03-01..2026-03-08": (datetime(2026, 3, 1), datetime(2026, 3, 8)),
    "2026-03-01/7d": (datetime(2026, 3, 1), datetime(2026, 3, 8)),
    "-2d..-1d": (NOW - timedelta(days=2), NOW - timedelta(days=1)),
}


@pytest.mark.parametrize(("text", "expected"), RANGES.items())
def test_range(text: str, expected: tuple[datetime, datetime]) -> None:
    found = TimeRange.parse(text, now=NOW)
    assert (found.start, found.end) == expected


def test_a_range_that_ends_before_it_starts() -> None:
    with pytest.raises(ValueError, match="must not end before it starts"):
        TimeRange.between("2026-03-02", "2026-03-01")


@pytest.mark.parametrize("text", ["1mon", "", "d", "7 days"])
def test_no_length(text: str) -> None:
    with pytest.raises(ValueError, match="length"):
        parse_length(text)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1)), st.integers(1, 500), st.integers(1, 90))
def test_pieces_join_to_the_whole(start: datetime, hours: int, step: int) -> None:
    whole = TimeRange(start, start + timedelta(hours=hours))
    pieces = whole.split(timedelta(hours=step))
    assert (pieces[0].start, pieces[-1].end) == (whole.start, whole.end)
    assert all(one.end == other.start for one, other in itertools.pairwise(pieces))


def test_aware_now_is_utc() -> None:
    assert parse_moment("now", now=datetime(2026, 3, 10, 12, tzinfo=UTC)) == datetime(2026, 3, 10, 12)
