"""Columns, types and findings of the binder, as cases; and what must hold for any text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import Case, cases
from huntlens.kql import tree
from huntlens.kql.bind import bind, plan
from huntlens.kql.bind.dispatch import BINDERS
from huntlens.kql.schema import FunctionSchema, Schema, TableSchema

SCHEMA = Schema.from_dict(
    {
        "tables": {
            "T": {"a": "string", "b": "long", "t": "datetime", "d": "dynamic"},
            "U": {"a": "string", "b": "long", "c": "real"},
            "V": {"a": "long", "x": "bool"},
            "Edges": {"source": "string", "target": "string", "weight": "long"},
            "Nodes": {"name": "string", "role": "string"},
        }
    }
)


def outline(text: str, schema: Schema = SCHEMA) -> tuple[str, str]:
    bound = bind(text, schema)
    columns = "\n".join(f"{name}: {kind}" for name, kind in bound.columns.items())
    found = "\n".join(f"{item.start} {item.name}: {item.message}" for item in bound.diagnostics)
    return columns + ("\n..." if bound.open else ""), found


@pytest.mark.parametrize("case", cases(Path(__file__).parent / "cases"))
def test_case(case: Case, update_cases: bool):
    columns, found = outline(case.blocks["kql"])
    case.check("columns", columns, update=update_cases)
    if found or "diagnostics" in case.blocks:
        case.check("diagnostics", found, update=update_cases)


def test_every_operator_has_a_binder():
    operators = {kind for kind in vars(tree).values() if isinstance(kind, type) and issubclass(kind, tree.Operator)}
    assert operators - {tree.Operator} == set(BINDERS)


def test_use_of_a_shared_table_has_columns_of_its_own():
    (join,) = bind("let X = T; X | join kind=inner X on a", SCHEMA).results
    assert isinstance(join, plan.Join)
    left, right = join.left, join.right
    assert isinstance(left, plan.Reference)
    assert isinstance(right, plan.Reference)
    assert left.definition is right.definition
    assert not set(left.columns) & set(right.columns)


def test_passed_columns_stay_the_same_objects():
    (result,) = bind("T | where b > 1 | extend e = 1 | project a, e", SCHEMA).results
    assert isinstance(result, plan.Project)
    extend = result.input
    assert isinstance(extend, plan.Project)
    assert result.columns[0] is extend.columns[0]
    assert all(value.column is column for column, value in zip(extend.columns[:4], extend.values[:4], strict=True))


def test_arg_max_is_spread_over_one_value():
    (result,) = bind("T | summarize arg_max(t, a, b)", SCHEMA).results
    assert isinstance(result, plan.Summarize)
    firsts = {id(value.arguments[0]) for value in result.aggregates}
    assert len(result.aggregates) == 3
    assert len(firsts) == 1


def test_open_columns_reach_the_source():
    schema = Schema(tables={"J": TableSchema("J", (), open=True)})
    (result,) = bind("J | where x == 1 | extend y = 2 | project x, y, z", schema).results
    current = result
    while isinstance(current, plan.Step):
        current = current.input
    assert [column.name for column in current.columns] == ["x", "z"]
    assert [column.type for column in result.columns] == ["unknown", "long", "unknown"]


def test_parameters_become_variables():
    bound = bind("T | where a == host and t > start", SCHEMA, {"host": "string", "start": "datetime"})
    assert not bound.diagnostics
    assert [(item.name, item.type) for item in bound.parameters] == [("host", "string"), ("start", "datetime")]


def test_declared_parameters_have_defaults():
    bound = bind("declare query_parameters(n: long = 5, s: string); print n, s", SCHEMA)
    assert bound.columns == {"print_0": "long", "print_1": "string"}
    first = bound.parameters[0]
    assert first.default is not None
    assert first.default.value == 5


def test_stored_functions_are_expanded():
    stored = FunctionSchema("Recent", "n: long", "T | where b > n | project a")
    schema = Schema(tables=SCHEMA.tables, functions={"Recent": stored})
    assert bind("Recent(5) | count", schema).columns == {"Count": "long"}
    assert bind("Recent(5)", schema).columns == {"a": "string"}


def test_without_a_schema_nothing_is_wrongly_an_error():
    bound = bind("MyTable | where Anything > ago(1d) | invoke My_function(1) | project x = Some(1), y")
    assert not [item for item in bound.diagnostics if item.severity == "error"]
    assert bound.columns == {"x": "unknown", "y": "unknown"}


def test_slips_are_noticed_where_not_all_is_known():
    found = bind("SecurityEvent | where EventId == 4625 | where MyColumn == 'x'").diagnostics
    assert [(item.severity, item.name, item.fixes[0].edits[0].text) for item in found] == [
        ("warning", "doubtful-column", "EventID")
    ]


def test_long_chains_and_deep_nests_are_no_trouble():
    wide = "T | where " + " or ".join(f"b == {number}" for number in range(5000))
    assert not bind(wide, SCHEMA).diagnostics
    calls = "let f0 = (x: long) { x + 1 };\n" + "".join(
        f"let f{n} = (x: long) {{ f{n - 1}(x) + f{n - 1}(x) }};\n" for n in range(1, 30)
    )
    bound = bind(calls + "print f29(1)", SCHEMA)
    assert [item.name for item in bound.diagnostics] == ["too-deep"] * len(bound.diagnostics) != []
    deep = "print " + "(" * 10_000 + "1" + ")" * 10_000
    assert bind(deep, SCHEMA).diagnostics


WORDS = [
    "T",
    "U",
    "a",
    "b",
    "d",
    "|",
    "where",
    "extend",
    "project",
    "summarize",
    "by",
    "join",
    "kind=inner",
    "on",
    "(",
    ")",
    "=",
    "==",
    "count()",
    "let",
    ";",
    "x",
    "1",
    "'s'",
    ",",
    "union",
    "mv-expand",
    "parse",
    "with",
    "*",
    "[",
    "]",
    ".",
    "has",
    "in",
    "arg_max",
    "make-series",
    "evaluate",
    "bag_unpack",
    "search",
    "find",
    "{",
    "}",
    "=>",
    "$left",
    "scan",
    "partition",
    "graph-match",
    "make-graph",
    "-->",
    "top-nested",
    "of",
    "range",
    "from",
    "to",
    "step",
    "print",
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_any_text_is_bound(words: list[str]):
    text = " ".join(words)
    bound = bind(text, SCHEMA)
    for item in bound.diagnostics:
        assert 0 <= item.start <= item.end <= len(text)
    assert all(isinstance(name, str) for name in bound.columns)


@pytest.mark.shared
def test_columns_equal_those_of_the_official_analyzer(shared: Path):
    schema = Schema.from_dict(json.loads((shared / "kql/editor/schema.json").read_text("utf-8")))
    queries = {row["id"]: row["query"] for row in _rows(shared / "kql/parse/valid.jsonl")}
    right = total = wrongly = 0
    for row in _rows(shared / "kql/parse/analysis.schema.jsonl"):
        if row["id"] not in queries or row["diags"] or row.get("open") or not row.get("columns"):
            continue
        bound = bind(queries[row["id"]], schema)
        total += 1
        right += [[name, kind] for name, kind in bound.columns.items()] == row["columns"]
        wrongly += any(item.severity == "error" for item in bound.diagnostics)
    assert total > 1000
    assert right / total >= 0.99
    assert wrongly / total <= 0.005


def _rows(path: Path):
    return (json.loads(line) for line in path.read_text("utf-8").splitlines())
