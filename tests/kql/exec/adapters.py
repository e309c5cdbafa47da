"""The doors that the conformance scripts beside the repository call; see their README.

python run_exec.py      --engine tests.kql.exec.adapters:answer
python run_translate.py --engine tests.kql.exec.adapters:translate --schema editor/schema.json
python run_empty.py     --engine tests.kql.exec.adapters:over_empty_tables
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from huntlens.kql.schema import Schema
from huntlens.providers.embedded import Context, compile_text, query, run_text
from huntlens.providers.engine import Engine
from huntlens.providers.result import Result

if TYPE_CHECKING:
    from collections.abc import Callable

_EMPTY = {
    "bool": pa.bool_(), "int": pa.int32(), "long": pa.int64(), "real": pa.float64(), "decimal": pa.decimal128(38, 18),
    "datetime": pa.timestamp("us"), "timespan": pa.int64(),
}  # fmt: skip

Rows = tuple[list[str], list[tuple[Any, ...]]]


def answer(text: str) -> Rows:
    """Columns and rows of a query that needs no table."""
    result = query(text)
    return result.columns, result.rows


def translate(text: str, schema: dict[str, dict[str, str]] | None) -> str:
    """The SQL of a query; raises where there is none."""
    known = Schema.from_dict({"tables": schema}) if schema else Schema(strict=False)
    program = compile_text(text, Context(known))
    return ";".join(statement.sql for statement in program.statements)


def over_empty_tables(schema: dict[str, dict[str, str]]) -> Callable[[str], Rows]:
    """A function that runs queries over tables without rows; what `externaldata` names is an empty file."""
    known = Schema.from_dict({"tables": schema})
    engine = Engine()
    for table in known.tables.values():
        columns = pa.schema([(column.name, _EMPTY.get(column.type, pa.string())) for column in table.columns])
        engine.load(f'create table "{table.name}" as select * from empty', frames={"empty": columns.empty_table()})
        for column in table.columns:
            if column.type == "dynamic":
                engine.load(f'alter table "{table.name}" alter "{column.name}" type json')
    context = Context(known, external=lambda _: b"")

    def run(text: str) -> Rows:
        answers = run_text(text, context, engine, {})
        if not answers:
            return [], []
        rows = answers[-1]
        result = Result(rows.table, rows.statement.columns)
        return result.columns, result.rows

    return run
