"""Every shipped query is valid, binds against the schema, compiles, and runs on empty tables of that schema."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import jsonschema
import pyarrow as pa
import pytest
import yaml

import huntlens
from huntlens import entities
from huntlens.catalog.discover import catalog
from huntlens.catalog.docs import coverage, reference
from huntlens.catalog.load import load_pack
from huntlens.catalog.render import render
from huntlens.catalog.write import entry, format_pack
from huntlens.kql.bind import bind
from huntlens.kql.edit.format import format as format_kql
from huntlens.kql.schema import Schema, shipped

if TYPE_CHECKING:
    from huntlens.catalog.model import Parameter, Query
    from huntlens.kql.schema import TableSchema

PACKS = Path(__file__).resolve().parents[2] / "queries/huntlens_queries"
CATALOG = catalog(cache=Path(mkdtemp()))
QUERIES = CATALOG.queries
KQL = [query for query in QUERIES if query.language == "kql"]
SCHEMA = replace(shipped(), strict=True)
RESOURCE_GRAPH = "resource_graph"

ARROW = {
    "bool": pa.bool_(), "int": pa.int32(), "long": pa.int64(), "real": pa.float64(), "decimal": pa.decimal128(38, 18),
    "string": pa.string(), "guid": pa.string(), "datetime": pa.timestamp("us"), "timespan": pa.int64(),
    "dynamic": pa.json_(pa.utf8()), "unknown": pa.string(),
}  # fmt: skip
SAMPLES: dict[str, Any] = {
    "bool": True, "int": 1, "long": 1, "real": 1.5, "decimal": "1.5", "string": "web01", "datetime": "2026-03-01",
    "timespan": "1h", "guid": "74be27de-1e4e-49d9-b579-fe0b331d3642", "dynamic": {"a": 1},
}  # fmt: skip


def ids(query: Query) -> str:
    return query.id


def sample(parameter: Parameter) -> Any:
    value = parameter.values[0] if parameter.values else SAMPLES[parameter.item_type]
    return [value] if parameter.is_list else value


@cache
def empty(table: str) -> pa.Table:
    known = SCHEMA.table(table)
    assert known is not None, f"no schema for {table}"
    return pa.table({column.name: pa.array([], ARROW[column.type]) for column in known.columns})


def tables_of(query: Query) -> tuple[str, ...]:
    """The tables of a query, or an example for one that takes any."""
    source = query.parameter("source")
    return query.tables or (source.values[:1] if source else ())


def own(query: Query) -> Schema:
    tables: list[TableSchema] = [found for name in tables_of(query) if (found := SCHEMA.table(name)) is not None]
    return Schema().with_tables(*tables)


def test_the_packs_have_no_errors() -> None:
    assert [str(error) for error in CATALOG.errors] == []
    assert len(QUERIES) >= 20


@pytest.mark.parametrize("path", sorted(PACKS.rglob("*.yaml")), ids=lambda path: path.stem)
def test_a_pack_fits_its_json_schema(path: Path) -> None:
    jsonschema.validate(yaml.safe_load(path.read_text()), json.loads((PACKS / "pack.schema.json").read_text()))


@pytest.mark.parametrize("path", sorted(PACKS.rglob("*.yaml")), ids=lambda path: path.stem)
def test_a_pack_is_laid_out(path: Path) -> None:
    text = path.read_text()
    assert format_pack(text, path=str(path), format_kql=format_kql) == text


@pytest.mark.parametrize("query", QUERIES, ids=ids)
def test_a_query_is_described(query: Query) -> None:
    assert query.summary
    assert not query.summary.endswith(".")
    assert len(query.summary) <= 110
    assert query.returns
    assert query.tables or query.language != "kql" or query.parameter("source")
    assert query.example.startswith("qp.")
    for item in query.parameters:
        assert item.doc, item.name
        if item.entity is not None:
            cls = entities.find(item.entity.entity)
            assert cls is not None
            assert hasattr(cls, item.entity.attribute), str(item.entity)
    assert query.group.partition(".")[0] not in {"identity", "links", "merge", "of", "attributes"}


@pytest.mark.parametrize("query", KQL, ids=ids)
def test_a_query_binds(query: Query) -> None:
    bound = bind(query.text, SCHEMA, query.types)
    assert [f"{item.code} {item.message}" for item in bound.diagnostics if item.severity == "error"] == []
    assert bound.columns
    if query.columns:
        assert bound.columns == query.columns


@pytest.mark.parametrize("query", KQL, ids=ids)
def test_a_parameter_hides_no_column(query: Query) -> None:
    names = {item.name for item in query.parameters}
    columns = {column.name for name in query.tables if (table := SCHEMA.table(name)) for column in table.columns}
    assert not names & columns
    assert not names & set(re.findall(r"\b(\w+)\s*=(?![=~>])", query.text))


@pytest.mark.parametrize("query", KQL, ids=ids)
def test_the_text_names_the_tables(query: Query) -> None:
    assert [name for name in query.tables if not re.search(rf"\b{name}\b", query.text)] == []


@pytest.mark.parametrize("given", ["defaults", "all"])
@pytest.mark.parametrize("query", [query for query in KQL if RESOURCE_GRAPH not in query.environments], ids=ids)
def test_a_query_runs_on_empty_tables(query: Query, given: str) -> None:
    chosen = query.required if given == "defaults" else query.parameters
    text = render(query, {item.name: sample(item) for item in chosen if item.name not in ("start", "end")}).text
    found = huntlens.query(text, {name: empty(name) for name in tables_of(query)}, own(query))
    assert len(found.columns) > 0
    bound = bind(query.text, SCHEMA, query.types)
    assert list(found.columns) == list(bound.columns)


NAMES = [
    tuple(line.split("\t"))
    for line in Path(__file__).with_name("msticpy_names.tsv").read_text().splitlines()[1:]
    if line
]


def test_every_purpose_of_msticpy_is_answered(repository: Path, update_cases: bool) -> None:
    page, open_ = coverage(CATALOG, NAMES)
    assert open_ == []
    place = repository / "docs/reference/coverage.md"
    if update_cases:
        place.write_text(page)
    assert place.read_text() == page, "the page is old: pytest tests/queries --update-cases"


def test_the_reference_states_every_query_and_its_columns(repository: Path, update_cases: bool) -> None:
    columns = {query.id: bind(query.text, SCHEMA, query.types).columns for query in KQL if query.tables}
    page = reference(CATALOG, columns)
    place = repository / "docs/reference/queries.md"
    if update_cases:
        place.write_text(page)
    assert without_columns(place.read_text()) == without_columns(page), "old: pytest tests/queries --update-cases"


def without_columns(page: str) -> str:
    """A page without what the binder says, which may become finer at any time."""
    return re.sub(r"^- Columns: .*\n", "", page, flags=re.MULTILINE)


@pytest.mark.parametrize("query", QUERIES, ids=ids)
def test_a_query_is_written_as_it_was_read(query: Query) -> None:
    text = f"pack: p\nenvironments: [local]\nqueries:\n{entry(query)}"
    pack = load_pack(text)
    assert [str(error) for error in pack.errors] == []
    (again,) = pack.queries
    for name in (
        "id",
        "text",
        "summary",
        "returns",
        "tables",
        "techniques",
        "tags",
        "aliases",
        "example",
        "environments",
    ):
        assert getattr(again, name) == getattr(query, name), name
    assert again.types == query.types
    assert [(p.name, p.default, p.entity, p.required) for p in again.parameters if p.name not in ("start", "end")] == [
        (p.name, p.default, p.entity, p.required) for p in query.parameters if p.name not in ("start", "end")
    ]
