"""Lowering as a whole: every relation has its function, names stay apart, refusals have a place."""

from __future__ import annotations

import pytest
import sqlglot

from huntlens.errors import KqlError, UnsupportedError
from huntlens.kql.bind import plan
from huntlens.kql.compile import LOWERERS
from huntlens.kql.compile.lower import snake
from huntlens.kql.schema import Schema
from huntlens.providers.embedded import Context, compile_text, query, sql

WITHOUT_SQL = {
    plan.Relation: "the base of all",
    plan.Step: "the base of most",
    plan.Input: "stands for rows that are there already",
    plan.Fork: "each branch is a statement of its own",
}


def test_every_relation_of_the_plan_is_lowered() -> None:
    relations = {kind for kind in vars(plan).values() if isinstance(kind, type) and issubclass(kind, plan.Relation)}
    missing = [f"lower_{snake(kind.__name__)}" for kind in relations - set(LOWERERS) - set(WITHOUT_SQL)]
    assert missing == []


def test_names_that_differ_in_case_stay_apart() -> None:
    result = query("T | extend ProcessID = 'b' | project ProcessId, ProcessID", {"T": [{"ProcessId": "a"}]})
    assert result.columns == ["ProcessId", "ProcessID"]
    assert result.rows == [("a", "b")]


def test_a_hostile_name_is_a_name() -> None:
    name = 'a"; drop table T; --'
    result = query("T | project x = ['" + name + "']", {"T": [{name: 1}]})
    assert result.rows == [(1,)]


@pytest.mark.parametrize("value", ["'", '"', "\\", "'; select 1; --", "a\nb", "\x00", "%_", "${x}", "é\u2028🔎"])
def test_a_hostile_value_stays_a_value(value: str) -> None:
    text = "declare query_parameters(v: string); print v"
    assert query(text, parameters={"v": value}).rows == [(value,)]


def test_only_used_columns_are_read() -> None:
    schema = Schema.from_dict({"tables": {"T": {"a": "long", "b": "string", "c": "dynamic"}}})
    text = sql("T | extend d = tostring(c) | where b has 'x' | summarize count() by a", schema)
    assert '"c"' not in text
    assert '"d"' not in text


def test_sql_for_spark_can_be_read() -> None:
    schema = Schema.from_dict({"tables": {"T": {"a": "long", "b": "string", "t": "datetime"}}})
    text = "T | where t > ago(1d) and b has 'x' | summarize n = count() by a, bin(t, 1h) | join (T) on a | top 3 by n"
    assert sqlglot.parse_one(sql(text, schema, dialect="spark"), dialect="spark") is not None


def test_a_refusal_tells_the_place() -> None:
    schema = Schema.from_dict({"tables": {"T": {"a": "long"}}})
    text = "T | scan declare (s: string) with (step x: true => s = tostring(x.a);)"
    with pytest.raises(UnsupportedError) as caught:
        compile_text(text, Context(schema))
    (finding,) = caught.value.diagnostics
    assert finding.code == "KQL301"
    assert text[finding.start : finding.end].startswith("tostring")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("T | where b matches regex '(?<=x)y'", "looks around"),
        (r"T | extend x = extract(@'(a)\1', 1, b)", "refers back"),
        ("T | extend x = replace_regex(b, '(?!x)', '')", "looks around"),
        ("_GetWatchlist('hosts') | count", "no watchlist 'hosts'"),
        ("T | invoke FileProfile(b)", "a table FileProfile"),
        ("T | extend x = datetime_utc_to_local(t, 'Mars/Olympus')", "no time zone"),
        ("T | summarize percentile(a, 101)", "between 0 and 100"),
        ("T | extend x = range(a, t)", "not defined for long, datetime"),
        ("T | extend x = binary_and(1.5, a)", "not a real"),
        ("T | extend x = case(t, 1, 2)", "a condition is needed"),
        ("T | where a between ('x' .. 'y')", "not defined for long and string"),
        ("T | where t in (1, 2)", "not defined for datetime and long"),
    ],
)
def test_what_cannot_be_is_told_before_it_runs(text: str, words: str) -> None:
    schema = Schema.from_dict({"tables": {"T": {"a": "long", "b": "string", "t": "datetime"}}})
    with pytest.raises(KqlError, match=words) as caught:
        compile_text(text, Context(schema))
    assert caught.value.diagnostics
