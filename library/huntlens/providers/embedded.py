"""KQL over local data: text in, rows out.

`query` and `sql` are the public doors; `compile_text` and `run_program` are what the local source runs as well.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Protocol
from uuid import UUID

import pyarrow as pa

from huntlens import frames
from huntlens.errors import KqlError, ParameterError, QueryError, UnsupportedError
from huntlens.kql.bind import bind
from huntlens.kql.compile import compile as compile_bound
from huntlens.kql.schema import Schema, shipped
from huntlens.providers import external, publish
from huntlens.providers.engine import Engine
from huntlens.providers.normalizing import known_table
from huntlens.providers.result import Result
from huntlens.providers.run import run_interruptible
from huntlens.providers.vectors import OverArrow
from huntlens.text import LineIndex

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from huntlens.kql.compile.program import Program, Statement, Work
    from huntlens.kql.compile.template import Target
    from huntlens.kql.diagnostics import Diagnostic, Edit
    from huntlens.kql.types import KqlType
    from huntlens.providers.source import Cancel

_PYTHON_TYPES: Final[dict[KqlType, tuple[type, ...]]] = {
    "bool": (bool,), "long": (int,), "real": (float,), "decimal": (Decimal,), "string": (str,), "guid": (UUID,),
    "datetime": (datetime,), "timespan": (timedelta,), "dynamic": (list, dict),
}  # fmt: skip
_LOOKS: Final = 20
"""How often a query may ask the data before it can be compiled; each `evaluate bag_unpack` asks once."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a text is compiled against: the tables, their SQL names, and values for declared parameters."""

    schema: Schema = field(default_factory=Schema)
    physical: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    parameters: Mapping[str, object] = field(default_factory=dict)
    external: Callable[[str], bytes] | None = None
    """How to get what `externaldata` names; local files where it is not told."""


class Runner(Protocol):
    """What runs the SQL of a program: an engine of this process, or Spark."""

    @property
    def dialect(self) -> Target:
        """The SQL that it takes."""

    def define(self, name: str, function: Callable[..., Any], parameters: Sequence[str], returns: str) -> None:
        """Make a Python function over Arrow arrays callable in SQL."""

    def fetch(self, sql: str, *, frames: Mapping[str, Any] | None = None, cancel: Cancel | None = None) -> pa.Table:
        """The rows of a query; `frames` stand before tables of the same name."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one statement."""

    statement: Statement
    table: pa.Table


def query(
    text: str,
    tables: Mapping[str, Any] | None = None,
    schema: Schema | None = None,
    parameters: Mapping[str, object] | None = None,
) -> Result:
    """The answer to a KQL text over data frames, nothing else set up.

    `tables` maps table names to frames: pandas, polars, Arrow, lists of records. A column that a table of this name
    is known for, by `schema` or as a table of Sentinel or Defender, is null where the frame lacks it.

    >>> query("T | where n > 1 | project doubled = n * 2", {"T": [{"n": 1}, {"n": 2}]}).rows
    [(4,)]
    """
    started = time.perf_counter()
    given = {name: _given(name, value, schema) for name, value in (tables or {}).items()}
    context = Context(
        schema=_schema_of(given, schema),
        physical={name: table.physical for name, table in given.items()},
        parameters=parameters or {},
        external=external.fetch,
    )
    data = {name: item for table in given.values() for name, item in publish.registered(table).items()}
    engine = _engine()
    answers = run_interruptible(lambda cancel: run_text(text, context, engine, data, cancel))
    results = [_result(answer, text, context, time.perf_counter() - started) for answer in answers]
    return _several(results) if results else Result(pa.table({}), {}, query=text, connection="local")


def sql(text: str, schema: Schema | None = None, dialect: Target = "duckdb") -> str:
    """The SQL that a KQL text becomes.

    >>> print(sql("SecurityEvent | where EventID == 4625 | project Account"))
    SELECT
      "Account"
    FROM "SecurityEvent"
    WHERE
      "EventID" = 4625
    """
    program = compile_text(text, Context(schema if schema is not None else shipped()), dialect, pretty=True)
    if program.look is not None:
        raise UnsupportedError(
            "the columns of this query depend on the data; write ': (name: type)' behind evaluate", text
        )
    return ";\n\n".join(statement.sql for statement in program.statements)


def compile_text(text: str, context: Context, dialect: Target = "duckdb", *, pretty: bool = False) -> Program:
    """The program for a text; what is wrong in it is raised as `KqlError` with its diagnostics."""
    kinds = {name: type_of(name, value) for name, value in context.parameters.items()}
    bound = bind(text, context.schema, kinds)
    wrong = [found for found in bound.diagnostics if found.severity == "error"]
    if wrong:
        raise KqlError(_message(text, wrong), text, wrong)
    try:
        return compile_bound(
            bound,
            dialect,
            physical=context.physical,
            parameters=context.parameters,
            external=context.external,
            pretty=pretty,
        )
    except KqlError as error:
        error.text = text
        raise


def type_of(name: str, value: object) -> KqlType:
    """The KQL type that a Python value has as a query parameter.

    >>> type_of("hosts", ["a", "b"])
    'dynamic'
    """
    for kind, types in _PYTHON_TYPES.items():
        if isinstance(value, types):
            return kind
    raise ParameterError.wrong_type(name, "text, number, time, list or dict", value)


def run_text(
    text: str,
    context: Context,
    engine: Runner,
    data: Mapping[str, Any],
    cancel: Cancel | None = None,
    *,
    limit: int | None = None,
) -> list[Rows]:
    """Compile a text and run it, asking the data first where the query needs that; `limit` bounds each result."""
    return run_program(program_for(text, context, engine, data, cancel), engine, data, cancel, limit=limit)


def program_for(
    text: str, context: Context, engine: Runner, data: Mapping[str, Any], cancel: Cancel | None = None
) -> Program:
    """The program for a text whose columns may depend on the data, which is asked then."""
    for _ in range(_LOOKS):
        program = compile_text(text, context, engine.dialect)
        if program.look is None:
            return program
        (found,) = run_program(program.look.program, engine, data, cancel)
        text = _edited(text, program.look.edits([tuple(row.values()) for row in found.table.to_pylist()]))
    raise QueryError("the query asks the data for its columns too often")


def run_program(
    program: Program,
    engine: Runner,
    data: Mapping[str, Any],
    cancel: Cancel | None = None,
    *,
    limit: int | None = None,
) -> list[Rows]:
    """Run a compiled program; the rows of each of its statements."""
    given = with_works(program, engine, data, cancel)
    return [
        Rows(statement, engine.fetch(bounded(statement.sql, limit), frames=given, cancel=cancel))
        for statement in program.statements
    ]


def with_works(program: Program, engine: Runner, data: Mapping[str, Any], cancel: Cancel | None) -> dict[str, Any]:
    """The frames that the statements of a program read, those included that Python makes first."""
    for function in program.functions:
        engine.define(function.name, OverArrow(function), function.parameters, function.returns)
    given = dict(data)
    for work in program.works:
        given[work.name] = _work(work, engine, given, cancel)
    return given


def bounded(sql: str, limit: int | None) -> str:
    """A statement that gives no more rows than that."""
    return sql if limit is None else f"SELECT * FROM ({sql}) LIMIT {limit}"


def _work(work: Work, engine: Runner, data: Mapping[str, Any], cancel: Cancel | None) -> pa.Table:
    return work.make([engine.fetch(statement, frames=data, cancel=cancel) for statement in work.inputs])


def _result(answer: Rows, text: str, context: Context, elapsed_s: float) -> Result:
    statement = answer.statement
    chart = statement.render
    return Result(
        answer.table,
        dict(statement.columns),
        render=(chart.kind, chart.options) if chart is not None else None,
        query=text,
        parameters=context.parameters,
        connection="local",
        elapsed_s=elapsed_s,
        sql=statement.sql,
    )


def _several(results: Sequence[Result]) -> Result:
    *others, last = results
    if not others:
        return last
    values = {name: getattr(last, name) for name in Result.__dataclass_fields__}
    return Result(**{**values, "more": tuple(others)})


def _as_table(value: Any) -> Any:
    return value if frames.is_frame(value) else frames.to_frame(value)


def _given(name: str, value: Any, schema: Schema | None) -> publish.Table:
    known = schema.table(name) if schema is not None else None
    return publish.from_frame(name, frames.to_arrow(_as_table(value)), known=known or known_table(name))


def _schema_of(given: Mapping[str, publish.Table], schema: Schema | None) -> Schema:
    base = schema if schema is not None else Schema()
    return base.with_tables(*(table.schema for name, table in given.items() if base.table(name) is None))


def _message(text: str, found: Sequence[Diagnostic]) -> str:
    first = found[0]
    place = LineIndex(text).position(first.start, "utf-32")
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return f"{first.code} line {place.line + 1}, column {place.column + 1}: {first.message}{more}"


def _edited(text: str, edits: Sequence[Edit]) -> str:
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


_shared: list[Engine] = []


def _engine() -> Engine:
    """The engine of this process for queries over frames; made on first use."""
    if not _shared:
        _shared.append(Engine())
    return _shared[0]
