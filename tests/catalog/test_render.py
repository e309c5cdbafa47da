"""Rendering: a value, however hostile, is one literal of its type in every language, and reads back as itself."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import huntlens
from huntlens.catalog.literals import WRITERS, kql_string
from huntlens.catalog.model import Parameter, Query
from huntlens.catalog.render import ALL_TIME, render
from huntlens.catalog.values import coerce, parse
from huntlens.errors import ParameterError
from huntlens.kql.parse import parse as parse_kql
from huntlens.kql.tree import Literal, walk

HOSTILE = st.one_of(
    st.text(),
    st.text(alphabet="'\"\\`|;{}$()[]/*-\n\r\t\x00\x1b\u2028\ufeff😈abc "),
    st.sampled_from(
        [
            '" | take 1 //',
            "' or 1 eq 1",
            "'; DROP TABLE T; --",
            '\\" | where true',
            "\\",
            "\\\\'",
            "x\n| take 1",
            '"); let start = datetime(null); //',
            "`macro`",
            "[search index=*]",
            "{host}",
            "{{host}}",
            "'''",
            "h'secret'",
            "```x```",
            "\ud800",
        ]
    ),
)
TEXT = Parameter("p", "string", wildcards=True)
TEXTS = Parameter("p", "string[]", wildcards=True)

# A literal of each language, as its documentation gives it; the whole text must be exactly one of these.
KQL_STRING = re.compile(r'"(?:[^"\\\r\n\x00-\x1f]|\\["\\nrt]|\\u[0-9a-f]{4})*"')
QUOTED = re.compile(r"'(?:[^']|'')*'")
BACKSLASHED = re.compile(r'"(?:[^"\\]|\\["\\])*"', re.DOTALL)


@given(HOSTILE)
def test_kql_strings_read_back(value: str) -> None:
    literal = kql_string(value)
    assert KQL_STRING.fullmatch(literal)
    assert json.loads(literal) == value
    query = Query("t.q", "T | where N == p", parameters=(TEXT,))
    assert render(query, {"p": value}).text == f"let p = {literal};\nT | where N == p"


@given(st.lists(HOSTILE, max_size=5))
def test_kql_lists_read_back(values: list[str]) -> None:
    literal = WRITERS["kql"](TEXTS, values)
    assert literal.startswith("dynamic([")
    assert json.loads(literal[len("dynamic(") : -1]) == values


@given(HOSTILE.filter(lambda text: "\x00" not in text))
@pytest.mark.parametrize(
    ("language", "pattern", "read"),
    [
        ("sql", QUOTED, lambda text: text[1:-1].replace("''", "'")),
        ("odata", QUOTED, lambda text: text[1:-1].replace("''", "'")),
        ("spl", BACKSLASHED, lambda text: re.sub(r"\\(.)", r"\1", text[1:-1])),
        ("sumo", BACKSLASHED, lambda text: re.sub(r"\\(.)", r"\1", text[1:-1])),
    ],
)
def test_other_languages_read_back(language: str, pattern: re.Pattern[str], read: object, value: str) -> None:
    query = Query("t.q", "a = {p} and {{p}}", language, parameters=(TEXT,))
    text = render(query, {"p": value}).text
    assert text.startswith("a = ")
    assert text.endswith(" and {p}")
    literal = text[len("a = ") : -len(" and {p}")]
    assert pattern.fullmatch(literal)
    assert read(literal) == value  # type: ignore[operator]


@given(HOSTILE.filter(lambda text: "\x00" not in text and text.isprintable()))
def test_sql_is_read_by_duckdb_as_it_was(value: str) -> None:
    text = render(Query("t.q", "SELECT {p}", "sql", parameters=(TEXT,)), {"p": value}).text
    if not any(0xD800 <= ord(letter) <= 0xDFFF for letter in value):
        assert duckdb.sql(text).fetchall() == [(value,)]


@pytest.mark.parametrize("language", ["sql", "odata", "spl", "sumo"])
def test_what_a_language_cannot_write_is_refused(language: str) -> None:
    query = Query("t.q", "a = {p}", language, parameters=(Parameter("p", "string"),))
    with pytest.raises(ParameterError, match="NUL"):
        render(query, {"p": "a\x00b"})


@pytest.mark.parametrize("language", ["spl", "sumo"])
def test_wildcards_are_for_those_who_ask(language: str) -> None:
    query = Query("t.q", "a = {p}", language, parameters=(Parameter("p", "string[]"),))
    with pytest.raises(ParameterError, match="wildcard"):
        render(query, {"p": ["a*"]})
    allowed = Query("t.q", "a IN {p}", language, parameters=(TEXTS,))
    assert render(allowed, {"p": ["a*", "b"]}).text == 'a IN ("a*", "b")'


@pytest.mark.parametrize(
    ("kind", "value", "literal"),
    [
        ("bool", True, "true"),
        ("bool", "false", "false"),
        ("int", "5", "int(5)"),
        ("long", -5, "long(-5)"),
        ("long", "0x1f", "long(31)"),
        ("long", np.int64(7), "long(7)"),
        ("real", 0.5, "real(0.5)"),
        ("real", math.inf, "real(+inf)"),
        ("real", -math.inf, "real(-inf)"),
        ("real", math.nan, "real(nan)"),
        ("decimal", "1.10", "decimal(1.10)"),
        ("decimal", Decimal("1e3"), "decimal(1000)"),
        ("string", 4624, '"4624"'),
        ("datetime", "2026-03-01", "datetime(2026-03-01T00:00:00.000000Z)"),
        ("datetime", pd.Timestamp("2026-03-01T01:00", tz="Europe/Berlin"), "datetime(2026-03-01T00:00:00.000000Z)"),
        ("timespan", "1d12h", "timespan(1.12:00:00.000000)"),
        ("timespan", timedelta(seconds=-1.5), "timespan(-0.00:00:01.500000)"),
        ("timespan", "-2.03:04:05.5", "timespan(-2.03:04:05.500000)"),
        ("guid", "74BE27DE-1E4E-49D9-B579-FE0B331D3642", "guid(74be27de-1e4e-49d9-b579-fe0b331d3642)"),
        ("dynamic", {"a": [1, None, "x", 1.5, True]}, 'dynamic({"a": [1, null, "x", 1.5, true]})'),
        ("long[]", "4624", "dynamic([4624])"),
        ("long[]", (1, "2", np.int64(3)), "dynamic([1, 2, 3])"),
        ("string[]", pd.Series(["a", "b"]), 'dynamic(["a", "b"])'),
        ("datetime[]", ["2026-03-01"], 'dynamic(["2026-03-01T00:00:00.000000Z"])'),
        ("string[]", [], "dynamic([])"),
    ],
)
def test_kql_literals(kind: str, value: object, literal: str) -> None:
    parameter = Parameter("p", kind)
    assert WRITERS["kql"](parameter, coerce(parameter, value)) == literal


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("bool", "maybe"),
        ("int", 2**31),
        ("long", 2**63),
        ("long", "5; drop"),
        ("long", 1.5),
        ("long", True),
        ("long", math.nan),
        ("real", "x"),
        ("decimal", "NaN"),
        ("string", ["a"]),
        ("string", math.nan),
        ("datetime", "2024-02-30"),
        ("datetime", "garbage"),
        ("datetime", "x); T | take 1 //"),
        ("timespan", "soon"),
        ("guid", "74be27de) | take 1"),
        ("long[]", ["1", "x"]),
        ("string[]", {"a": 1}),
    ],
)
def test_a_value_of_another_type_is_refused(kind: str, value: object) -> None:
    query = Query("t.q", "T | where a == p", parameters=(Parameter("p", kind),))
    with pytest.raises(ParameterError, match="parameter 'p' takes a") as caught:
        render(query, {"p": value})
    assert "drop" not in str(caught.value)


LEAVES = st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats() | HOSTILE
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(HOSTILE, inner, max_size=3), max_leaves=8
)


@given(JSON)
def test_dynamic_values_are_json(value: object) -> None:
    parameter = Parameter("p", "dynamic")
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return
    literal = WRITERS["kql"](parameter, coerce(parameter, value))
    finite = json.loads(json.dumps(value), parse_constant=lambda _: None)
    assert json.loads(literal[len("dynamic(") : -1]) == finite


@pytest.mark.parametrize(
    ("language", "kind", "value", "literal"),
    [
        ("sql", "datetime", "2026-03-01", "TIMESTAMP '2026-03-01 00:00:00.000000'"),
        ("sql", "long[]", [1, 2], "(1, 2)"),
        ("sql", "bool", True, "TRUE"),
        ("sql", "real", math.inf, "CAST('inf' AS DOUBLE)"),
        ("sql", "timespan", "90m", "INTERVAL '5400.000000' SECOND"),
        ("sql", "dynamic", {"a": "'"}, """'{"a": "''"}'"""),
        ("odata", "datetime", "2026-03-01", "2026-03-01T00:00:00.000000Z"),
        ("odata", "string[]", ["a'b", "c"], "('a''b', 'c')"),
        ("odata", "guid", "74be27de-1e4e-49d9-b579-fe0b331d3642", "74be27de-1e4e-49d9-b579-fe0b331d3642"),
        ("odata", "real", math.nan, "NaN"),
        ("odata", "timespan", "2s", "duration'PT2.000000S'"),
        ("spl", "datetime", datetime(1970, 1, 2, tzinfo=UTC), "86400.000000"),
        ("spl", "string", 'C:\\x "y"', r'"C:\\x \"y\""'),
        ("spl", "bool", False, "false"),
        ("spl", "timespan", "2s", "2.000000"),
    ],
)
def test_literals_of_other_languages(language: str, kind: str, value: object, literal: str) -> None:
    parameter = Parameter("p", kind)
    assert WRITERS[language](parameter, coerce(parameter, value)) == literal


QUERY = Query(
    "t.q",
    "T\n| where N == name // all",
    parameters=(
        Parameter("name", "string"),
        Parameter("start", "datetime", default="-1d", required=False),
        Parameter("end", "datetime", default="now", required=False),
    ),
)


def test_declared_parameters_travel_beside_the_text() -> None:
    rendered = render(QUERY, {"name": 'x"', **ALL_TIME}, "kusto")
    assert rendered.text.startswith("declare query_parameters(name:string, start:datetime, end:datetime);\nT\n")
    assert rendered.parameters["name"] == r'"x\""'
    assert rendered.parameters["start"] == "datetime(1900-01-01T00:00:00.000000Z)"


def test_defaults_are_the_last_day_and_typed() -> None:
    rendered = render(QUERY, {"name": "x", "end": None})
    start, end = rendered.parameters["start"], rendered.parameters["end"]
    assert isinstance(start, datetime)
    assert isinstance(end, datetime)
    assert abs((end - start) - timedelta(days=1)) < timedelta(seconds=1)
    assert rendered.types == {"name": "string", "start": "datetime", "end": "datetime"}


def test_added_items_follow_on_their_own_line() -> None:
    assert render(QUERY, {"name": "x"}, add_query_items="| take 5").text.endswith("// all\n| take 5")


def test_unknown_and_missing_parameters_are_named() -> None:
    with pytest.raises(ParameterError, match=r"t\.q needs a value for: name"):
        render(QUERY)
    with pytest.raises(ParameterError, match="has no parameter 'nmae'; it takes: name, start, end"):
        render(QUERY, {"nmae": "x"})
    with pytest.raises(ParameterError, match="written in kql, not in spl"):
        render(QUERY, {"name": "x"}, "spl")


def test_command_line_texts() -> None:
    assert parse(Parameter("p", "string[]"), "a, b,,c") == ["a", "b", "c"]
    assert parse(Parameter("p", "string"), "a, b") == "a, b"
    assert parse(Parameter("p", "bool"), "True") is True


@given(HOSTILE, st.lists(HOSTILE, max_size=3))
def test_our_own_parser_reads_the_values_back(value: str, values: list[str]) -> None:
    query = Query("t.q", "T | where N == p or N in (ps)", parameters=(TEXT, Parameter("ps", "string[]")))
    parsed = parse_kql(render(query, {"p": value, "ps": values}).text)
    assert not parsed.diagnostics
    first, second, *rest = [node for node in walk(parsed.query) if isinstance(node, Literal)]
    assert (first.type, first.value) == ("string", value)
    assert (second.type, second.value) == ("dynamic", values)
    assert rest == []


@pytest.mark.parametrize("value", ['a"b', "a\\", "'", "x | take 1", "multi\nline", "tab\t", "ünï 😈", "a\u2028b"])
def test_the_engine_gets_the_value(value: str) -> None:
    query = Query("t.q", "print v = p, n = array_length(ps)", parameters=(TEXT, Parameter("ps", "string[]")))
    assert huntlens.query(render(query, {"p": value, "ps": [value, value]}).text).rows == [(value, 2)]
