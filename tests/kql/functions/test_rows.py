"""Every row says what it is, and its example gives the value that stands beside it."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from huntlens.kql.compile import special, template, udf
from huntlens.kql.compile.literal import sql_type
from huntlens.kql.compile.udf.arrays import _span
from huntlens.kql.functions import all_functions, find, of_kind
from huntlens.kql.functions.returns import return_type
from huntlens.kql.functions.row import Function, Special, Unsupported
from huntlens.kql.functions.signature import WIDE, arity, parameter_at, parameters
from huntlens.kql.types import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROWS = all_functions()
QUERIES = ("aggregate", "window", "plugin", "tabular")
PYTHON = {
    "bool": bool, "int": int, "long": int, "real": float, "decimal": decimal.Decimal, "string": str, "guid": object,
    "datetime": dt.datetime, "timespan": dt.timedelta,
}  # fmt: skip


def name_of(row: Function) -> str:
    return f"{row.kind} {row.name}"


def text_of(value: Any, kind: str) -> str:
    """A value as `tostring()` prints it, null as `null`."""
    if value is None:
        return "null"
    if kind in ("dynamic", "unknown"):
        return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    if isinstance(value, dt.timedelta):
        return _span(((value.days * 86400 + value.seconds) * 1_000_000 + value.microseconds) * 10)
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S.%f}0Z"
    return format(value.normalize(), "f") if isinstance(value, decimal.Decimal) else str(value)


@pytest.mark.parametrize("row", [row for row in ROWS if not row.untested], ids=name_of)
def test_example(row: Function) -> None:
    if "h3" in row.name:
        pytest.importorskip("h3")
    from huntlens.providers import query

    result = query(row.example if row.kind in QUERIES else f"print x = {row.example}")
    kinds = list(result.types.values())
    rows = [", ".join(map(text_of, found, kinds)) for found in result.rows]
    want = str(row.value).split("; ")
    assert sorted(rows) == sorted(want)
    for found in result.rows:
        for value, kind in zip(found, kinds, strict=True):
            assert value is None or isinstance(value, PYTHON.get(kind, object)), (value, kind)


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_row_is_whole(row: Function) -> None:
    assert row.doc.endswith("."), "a summary of one sentence"
    assert "\n" not in row.doc
    assert len(row.doc) < 140
    assert row.category
    assert row.example, "an example, also where its value is not fixed"
    assert bool(row.untested) != (row.value is not None), "either a value or the reason why there is none"
    assert not row.deprecated or row.hidden
    names = [parameter.name for parameter in parameters(row.signature)]
    assert len(names) == len(set(names))
    assert set(row.constant_only) <= set(names)
    for parameter in parameters(row.signature):
        assert all(
            word in TYPES or word in WIDE or word in ("column", "table", "type", "lambda")
            for word in parameter.type.split("|")
        )
    least, most = arity(row.signature)
    assert most is None or least <= most


def templates(value: Any) -> Iterator[Any]:
    if hasattr(value, "values"):
        for inner in value.values():
            yield from templates(inner)
    else:
        yield value


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_templates_parse(row: Function) -> None:
    formal = parameters(row.signature)
    for target, form in (("duckdb", row.duckdb), ("spark", row.spark)):
        for part in templates(form):
            if isinstance(part, Unsupported):
                assert part.reason
                assert part.reason != "not compiled yet", f"{target}: neither SQL nor a reason"
            elif isinstance(part, Special):
                if row.kind != "plugin":
                    assert callable(special.find(part.name or row.name))
            else:
                holes = set(re.findall(r"\{(\w+)", part))
                assert holes <= {parameter.name for parameter in formal}
                tree, _ = template._parse(part, target, frozenset(holes))
                assert tree.sql(target)


def test_names_are_unique_in_their_kind() -> None:
    seen = [(row.name, row.kind) for row in ROWS]
    assert len(seen) == len(set(seen))
    twice = {name for name, _ in seen if sum(other == name for other, _ in seen) > 1}
    assert twice == {"hll_merge", "tdigest_merge", "merge_tdigest"}, "names of two rows: scalar and aggregate"


def test_return_rules_give_types() -> None:
    for row in ROWS:
        for kind in ("long", "string", "datetime", "dynamic", "unknown"):
            least, _ = arity(row.signature)
            found = return_type(row, [kind] * max(least, 1))
            assert found in (*TYPES, "unknown")


def test_find_and_kinds() -> None:
    assert find("hll_merge").kind == "scalar"
    assert find("hll_merge", "aggregate").kind == "aggregate"
    assert find("STRCAT") is None
    assert {row.kind for row in of_kind("window")} == {"window"}


def test_see_and_replacements_exist() -> None:
    for row in ROWS:
        for other in (*row.see, *re.findall(r"[a-z_0-9]+", row.deprecated.replace(" or ", " "))):
            assert find(other) is not None, f"{row.name} names {other}"


def test_python_functions_fit_their_calls() -> None:
    table: Mapping[str, udf.Udf] = udf.udfs()
    assert all(name.startswith("kql_") and udf.find(name) is made for name, made in table.items())
    for row in ROWS:
        for form in (row.duckdb, row.spark):
            for part in templates(form):
                if isinstance(part, Special) and part.name == "python":
                    assert f"kql_{part.options[0]}" in table, row.name
                if isinstance(part, str):
                    assert set(re.findall(r"\bkql_\w+", part)) <= set(table), row.name


@pytest.mark.parametrize("junk", ["", "null", "[]", "{}", "[null,null,null]", '["",-1,{}]', "[1]", "[[],[],[]]", None])
def test_python_functions_take_hostile_arguments(junk: str | None) -> None:
    for made in udf.udfs().values():
        if made.parameters == ("VARCHAR",) and made.name not in ("kql_canonical_json", "kql_location"):
            made.function(junk)


def test_signature_places() -> None:
    assert parameter_at("a: string, ...b: long, c: real", 0, 4).name == "a"
    assert [parameter_at("a: string, ...b: long, c: real", place, 4).name for place in (1, 2, 3)] == ["b", "b", "c"]
    assert parameter_at("a: string", 1, 2) is None
    with pytest.raises(ValueError, match="cannot read"):
        parameters("a string")


def test_every_type_has_a_place_in_sql() -> None:
    for kind in TYPES:
        assert sql_type(kind, "duckdb").sql("duckdb")
        assert sql_type(kind, "spark").sql("spark")
