"""Queries of our own, run on the embedded engine; rows and types are compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cases import Case, cases
from huntlens.kql.schema import Schema
from huntlens.providers.embedded import query

FOLDER = Path(__file__).parent / "cases"


@pytest.mark.parametrize("case", cases(FOLDER))
def test_query(case: Case, update_cases: bool) -> None:
    tables, schema = _tables(case.blocks.get("table", ""))
    result = query(case.blocks["kql"], tables, schema)
    head = ", ".join(f"{name}: {kind}" for name, kind in result.types.items())
    lines = [" | ".join(_cell(value) for value in row) for row in result.rows]
    case.check("result", "\n".join([head, *lines]), update=update_cases)


def _tables(text: str) -> tuple[dict[str, Any], Schema]:
    """`Name(column: type, ...)` and JSON arrays, one a row."""
    tables: dict[str, list[dict[str, Any]]] = {}
    types: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        if line.startswith("["):
            name = list(types)[-1]
            tables[name].append(dict(zip(types[name], json.loads(line), strict=True)))
        elif line.strip():
            name, _, columns = line.rstrip(")").partition("(")
            pairs = [column.split(":") for column in columns.split(",")]
            types[name] = {column.strip(): kind.strip() for column, kind in pairs}
            tables[name] = []
    schema = Schema.from_dict({"tables": types})
    return {name: _arrow(rows, types[name]) for name, rows in tables.items()}, schema


def _arrow(rows: list[dict[str, Any]], types: dict[str, str]) -> Any:
    from datetime import datetime

    import pyarrow as pa

    kinds = {
        "bool": pa.bool_(), "int": pa.int32(), "long": pa.int64(), "real": pa.float64(),
        "datetime": pa.timestamp("us"), "timespan": pa.int64(),
    }  # fmt: skip
    columns = {}
    for name, kind in types.items():
        values = [row[name] for row in rows]
        if kind == "datetime":
            values = [datetime.fromisoformat(value) if value else None for value in values]
        if kind == "dynamic":
            values = [None if value is None else json.dumps(value) for value in values]
        columns[name] = pa.array(values, kinds.get(kind, pa.string()))
    return pa.table(columns)


def _cell(value: object) -> str:
    if isinstance(value, str):
        return repr(value)
    if isinstance(value, dict | list):
        return json.dumps(value)
    return "null" if value is None else str(value)
