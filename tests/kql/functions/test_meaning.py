"""What the operators and functions mean, in the places where engines differ; checked by running."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huntlens.providers import query

MEANINGS = [
    # null and the empty text
    ("isnull('')", False), ("isempty('')", True), ("isnull(tolong('x'))", True), ("tolong('x') == 1", False),
    ("tolong('x') != 1", True), ("isnull(tolong('x') == tolong('y'))", True), ("isnull(tolong('x') + 1)", True),
    ("isnull(tolong('x') > 1)", True), ("strcat('a', tolong('x'), 'b')", "ab"), ("coalesce('', 'b')", "b"),
    ("isnotempty(dynamic(null))", False), ("isnull(dynamic({'a': null}).a)", True), ("tostring(dynamic(null))", ""),
    ("isnull(true and tobool('x'))", True), ("false and tobool('x')", False), ("true or tobool('x')", True),
    ("not(tobool('x')) == true", False), ("iff(tobool('x'), 1, 2)", 2), ("'' == tostring(tolong('x'))", True),
    # whole numbers
    ("7 / 2", 3), ("-7 / 2", -3), ("7.0 / 2", 3.5), ("isnull(1 / 0)", True), ("1.0 / 0", float("inf")),
    ("-7 % 3", 2), ("7 % -3", 1), ("isnull(7 % 0)", True), ("isnull(9223372036854775807 + 1)", True),
    ("2147483647 + 1", 2147483648), ("tolong(2.5)", 2), ("tolong(-2.5)", -2), ("tolong('12')", 12),
    ("tolong('0x1F')", 31), ("isnull(tolong('1_000'))", True), ("isnull(tolong('1e3'))", True), ("toint('5')", 5),
    ("isnull(toint(3000000000))", True), ("todouble('1e3')", 1000.0), ("isnull(todouble('1,5'))", True),
    ("bin(-7, 5)", -10), ("bin(7, 5)", 5), ("bin(-0.5, 1.0)", -1.0), ("bin(2.5, 2)", 2.0), ("round(-2.5)", -3.0),
    ("round(1234567, -3)", 1235000), ("isnull(bin(5, 0))", True), ("bin(-90m, 1h)", timedelta(hours=-2)),
    # times
    ("datetime(2026-01-01) + 1d", datetime(2026, 1, 2)), ("datetime(2026-01-02) - datetime(2026-01-01)", timedelta(1)),
    ("bin(datetime(1969-12-31 23:30), 1h)", datetime(1969, 12, 31, 23)),
    ("bin(datetime(2026-03-04), 7d)", datetime(2026, 3, 2)), ("1d / 1h", 24.0), ("1h * 2.5", timedelta(hours=2.5)),
    ("todatetime('2026-01-01 10:00:00.1234567')", datetime(2026, 1, 1, 10, 0, 0, 123456)),
    ("todatetime('2026-01-01T10:00:00+05:30')", datetime(2026, 1, 1, 4, 30)),
    ("todatetime('Sat, 8 Nov 2014 15:05:02 GMT')", datetime(2014, 11, 8, 15, 5, 2)),
    ("isnull(todatetime('soon'))", True), ("datetime(0001-01-01) < datetime(9999-12-31)", True),
    ("datetime_diff('week', datetime(2026-03-01), datetime(2026-02-28))", 1),
    ("datetime_diff('year', datetime(2026-01-01), datetime(2025-12-31))", 1),
    ("datetime_add('year', -1, datetime(2024-02-29))", datetime(2023, 2, 28)),
    ("startofweek(datetime(2026-03-01))", datetime(2026, 3, 1)), ("startofweek(datetime(2026-02-28))", datetime(2026,
    2, 22)),
    ("tostring(1d + 1tick)", "1.00:00:00.0000001"), ("tostring(-90s)", "-00:01:30"), ("totimespan('7d')", timedelta(7)),
    ("isnull(totimespan('25:00:00'))", True), ("dayofweek(datetime(2026-03-01))", timedelta(0)),
    ("format_datetime(datetime(2026-03-01 00:05), 'HH:mm')", "00:05"),
    ("format_timespan(90m, 'h:mm')", "1:30"), ("make_datetime(2026, 2, 30) == datetime(null)", None),
    ("datetime(2026-01-01) between (datetime(2025-12-31) .. 2d)", True),
    # text
    ("'a' == 'A'", False), ("'a' =~ 'A'", True), ("'ÄÖ' =~ 'äö'", True), ("'ÄÖ' contains 'äö'", True),
    ("'x' in~ ('X')", True), ("'a' has ''", True), ("'abc' has 'ab'", False), ("'ab_c' has 'ab'", True),
    ("'a.b-c' has 'B-C'", True), ("'abc.exe' has '.exe'", True), ("'a.exe1' has '.exe'", False),
    ("'50% off' contains '0% o'", True), ("'50x off' contains '0% o'", False), ("'a_b' startswith 'a_'", True),
    ("'axb' startswith 'a_'", False), ("'a' matches regex '^A$'", False), ("'A' matches regex '(?i)^a$'", True),
    ("'a1' has_any ('b', 'a1')", True), ("'x' has_all (dynamic([]))", True), ("dynamic('abc') has 'abc'", True),
    ("substring('abc', 1)", "bc"), ("substring('abc', 5)", ""), ("substring('abc', -2, 1)", "b"),
    ("indexof('abc', 'd')", -1), ("extract('b(.)', 1, 'abc')", "c"), ("extract('x(.)', 1, 'abc')", ""),
    ("split('a', ',')", ["a"]), ("split('', ',')", [""]), ("split('a,b', ',', 1)", ["b"]), ("strlen('é😀')", 2),
    ("trim(@'\\s+', '  a b ')", "a b"), ("replace_regex('aXbX', 'X', '')", "ab"), ("tolower('ÀB')", "àb"),
    ("toupper(1.5)", "1.5"), ("strcat('a', 1.0, true)", "a1.0true"),
    # dynamic
    ("dynamic({'a': [1, {'b': 'x'}]}).a[1].b", "x"), ("dynamic([1, 2, 3])[-1]", 3), ("isnull(dynamic([1])[5])", True),
    ("isnull(dynamic('text').a)", True), ("dynamic({'a b': 1})['a b']", 1), ("dynamic({'a': 1}).a + 1", 2),
    ("dynamic({'a': '5'}).a == '5'", True), ("dynamic({'a': 5}).a == 5", True), ("dynamic({'a': true}).a == true",
    True),
    ("parse_json('{bad')", "{bad"), ("isnull(parse_json(''))", True), ("parse_json('[1]')[0]", 1),
    ("tostring(parse_json('{\"a\":   1}'))", '{"a":1}'), ("array_length(dynamic({}))", None),
    ("bag_pack('t', datetime(2026-01-01)).t", "2026-01-01T00:00:00.0000000Z"), ("pack_array(1h)[0]", "01:00:00"),
    ("array_concat(dynamic([1]), dynamic(['a']))", [1, "a"]), ("gettype(dynamic({}))", "dictionary"),
    # addresses
    ("ipv4_is_private('192.168.1.1')", True), ("ipv4_is_private('8.8.8.8')", False),
    ("isnull(ipv4_is_private('x'))", True), ("isnull(parse_ipv4('1.2.3.256'))", True), ("parse_ipv4('1.2.3.4')",
    16909060),
    ("ipv4_is_in_range('10.0.0.255', '10.0.0.0/24')", True), ("ipv4_is_in_range('10.0.1.0', '10.0.0.0/24')", False),
    ("isnull(ipv4_is_in_range('x', '10.0.0.0/24'))", True),
    ("ipv4_is_in_range('10.0.0.4/30', '10.0.0.0/24')", True), ("ipv4_is_in_range('10.9.9.9', '10.1.2.3/8')", True),
    ("ipv6_compare('fe80::1', 'fe80::2')", -1), ("isnull(parse_ipv6('zz'))", False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), MEANINGS, ids=[text for text, _ in MEANINGS])
def test_meaning(text: str, value: object) -> None:
    ((found,),) = query(f"print x = {text}").rows
    if isinstance(value, float):
        assert found == pytest.approx(value)
    else:
        assert found == value
        assert isinstance(found, bool) == isinstance(value, bool)


TEXTS = st.text(alphabet="aAbB1_.- %\\ä\n", max_size=12)


def has(source: str, term: str, before: bool = True, after: bool = True) -> bool:
    first = "(?<![0-9A-Za-z])" if before and re.match("[0-9A-Za-z]", term) else ""
    last = "(?![0-9A-Za-z])" if after and re.search("[0-9A-Za-z]$", term) else ""
    return not term or re.search(first + re.escape(term.lower()) + last, source.lower()) is not None


@settings(max_examples=40, deadline=None)
@given(st.lists(TEXTS | st.none(), min_size=1, max_size=8), TEXTS)
def test_text_operators_agree_with_python(values: list[str | None], term: str) -> None:
    quoted = "'" + term.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"
    plain = [value or "" for value in values]
    low = term.lower()
    expected = {
        f"s has {quoted}": [has(value, term) for value in plain],
        f"s !has {quoted}": [not has(value, term) for value in plain],
        f"s hasprefix {quoted}": [has(value, term, after=False) for value in plain],
        f"s hassuffix {quoted}": [has(value, term, before=False) for value in plain],
        f"s contains {quoted}": [low in value.lower() for value in plain],
        f"s !contains {quoted}": [low not in value.lower() for value in plain],
        f"s startswith {quoted}": [value.lower().startswith(low) for value in plain],
        f"s endswith {quoted}": [value.lower().endswith(low) for value in plain],
        f"s contains_cs {quoted}": [term in value for value in plain],
        f"s == {quoted}": [value == term for value in plain],
        f"s != {quoted}": [value != term for value in plain],
        f"s =~ {quoted}": [value.lower() == low for value in plain],
        f"s in~ ({quoted}, 'b')": [value.lower() in (low, "b") for value in plain],
        f"s !in ({quoted}, 'b')": [value not in (term, "b") for value in plain],
        f"s has_any ({quoted}, 'b')": [has(value, term) or has(value, "b") for value in plain],
        f"s has_all ({quoted}, 'b')": [has(value, term) and has(value, "b") for value in plain],
    }
    frame = pd.DataFrame({"n": range(len(values)), "s": pd.Series(values, dtype="object")})
    items = ", ".join(f"c{place} = {text}" for place, text in enumerate(expected))
    rows = sorted(query(f"T | project n, {items}", tables={"T": frame}).rows)
    for place, (text, want) in enumerate(expected.items()):
        assert [row[place + 1] for row in rows] == want, text
    for text, want in list(expected.items())[:12]:
        kept = query(f"T | where {text} | project n", tables={"T": frame}).rows
        assert sorted(row[0] for row in kept) == [place for place, yes in enumerate(want) if yes], text


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=6), st.integers(-1000, 1000), st.integers(1, 10**9)
)
def test_whole_numbers_agree_with_python(values: list[int], other: int, size: int) -> None:
    frame = pd.DataFrame({"v": values})
    text = f"T | project a = v + {other}, b = v * {other}, c = v / {size}, d = v % {size}, e = bin(v, {size}), f = -v"
    rows = query(text, tables={"T": frame}).rows
    for value, row in zip(values, rows, strict=True):
        cut = abs(value) // size * (1 if value >= 0 else -1)
        assert row == (value + other, value * other, cut, value % size, value // size * size, -value)


@settings(max_examples=25, deadline=None)
@given(st.datetimes(datetime(1, 1, 2), datetime(9998, 1, 1)), st.integers(1, 10**13))
def test_times_agree_with_python(moment: datetime, micros: int) -> None:
    size = timedelta(microseconds=micros)
    text = (
        f"print t = datetime({moment.isoformat()}) | project b = bin(t, {micros}microseconds), d = startofday(t), "
        "m = startofmonth(t), y = startofyear(t), s = tostring(t), back = todatetime(tostring(t)) == t"
    )
    ((binned, day, month, year, printed, back),) = query(text).rows
    assert binned == datetime(1, 1, 1) + (moment - datetime(1, 1, 1)) // size * size
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    assert (day, month, year) == (midnight, midnight.replace(day=1), midnight.replace(month=1, day=1))
    assert printed == f"{moment.year:04}" + moment.strftime("-%m-%dT%H:%M:%S.%f0Z")
    assert back


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=6), st.integers(0, 32))
def test_address_ranges_agree_with_python(values: list[int], prefix: int) -> None:
    network = IPv4Network((values[0], prefix), strict=False)
    texts = [str(IPv4Address(value)) for value in values]
    frame = pd.DataFrame({"n": range(len(values)), "ip": texts})
    text = (
        f"T | project n, a = ipv4_is_in_range(ip, '{network}'), b = ipv4_is_in_any_range(ip, '1.1.1.1', '{network}'), "
        f"c = parse_ipv4(ip), d = ipv4_is_in_range(ip, strcat('{network}', ''))"
    )
    for row, value in zip(sorted(query(text, tables={"T": frame}).rows), values, strict=True):
        inside = IPv4Address(value) in network
        assert row[1:] == (inside, inside or value == 16843009, value, inside)


def test_aggregates_over_nothing() -> None:
    text = (
        "datatable(s: string, v: long, t: datetime)[] | summarize c = count(), d = dcount(s), u = sum(v), a = avg(v), "
        "m = max(t), l = make_list(v), e = make_set(s), x = countif(v > 1), q = percentile(v, 50), k = take_any(s)"
    )
    assert query(text).rows == [(0, 0, 0, None, None, [], [], 0, None, "")] or query(text).rows == [
        (0, 0, 0, None, None, [], [], 0, None, None)
    ]


def test_aggregates_count_the_empty_text() -> None:
    frame = pd.DataFrame({"s": ["a", None, "", "a"]})
    text = "T | summarize d = dcount(s), e = make_set(s), l = make_list(s), n = countif(isempty(s)), m = min(s)"
    ((d, e, items, n, m),) = query(text, tables={"T": frame}).rows
    assert (d, e, sorted(items), n, m) == (2, ["", "a"], ["", "", "a", "a"], 2, "")


def test_the_zone_of_the_machine_does_not_matter() -> None:
    code = (
        "from huntlens.providers import query; "
        "print(query(\"print a = todatetime('2026-01-01T10:00:00+05:30'), b = todatetime('2026-01-01 10:00'), "
        "c = abs(datetime_diff('minute', now(), todatetime(tostring(now())))) < 2\").rows[0])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "TZ": "America/New_York"},
        capture_output=True,
        text=True,
        check=True,
    )
    expected = (datetime(2026, 1, 1, 4, 30), datetime(2026, 1, 1, 10), True)
    assert done.stdout.strip() == str(expected)
