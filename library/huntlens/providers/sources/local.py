"""Local data as a source: files and data frames, queried in KQL by the embedded engine."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from huntlens.errors import DataError, KqlError, QueryError
from huntlens.frames import is_frame, to_arrow, to_frame
from huntlens.kql.schema import Schema
from huntlens.providers import external, load, publish
from huntlens.providers.embedded import Context, Rows, bounded, program_for, run_text, with_works
from huntlens.providers.engine import Engine, View, literal, quote
from huntlens.providers.files import scan
from huntlens.providers.normalizing import known_table, normalize
from huntlens.providers.parquet import to_file
from huntlens.providers.source import TIME_COLUMNS, Answer

if TYPE_CHECKING:
    from pathlib import Path

    from huntlens.kql.compile.program import Statement
    from huntlens.kql.schema import TableSchema
    from huntlens.providers.archives import Limits
    from huntlens.providers.files import Found
    from huntlens.providers.source import Cancel, Request
    from huntlens.timespan import TimeRange

__all__ = ["Local"]


class Local:
    """Tables by name, over files and data frames.

    >>> import pandas as pd
    >>> local = Local({"T": pd.DataFrame({"Name": ["a"], "N": [1]})})
    >>> [(column.name, column.type) for column in local.schema().table("T").columns]
    [('Name', 'string'), ('N', 'long')]
    >>> local.close()
    """

    language = "kql"

    def __init__(
        self,
        data: Any = (),
        *,
        raw: bool = False,
        on_error: load.OnError = "raise",
        limits: Limits | None = None,
        in_place: bool | None = None,
        memory_limit: str = "",
        threads: int = 0,
    ) -> None:
        self.engine = Engine(memory_limit=memory_limit, threads=threads)
        self.tables: dict[str, publish.Table] = {}
        self._defaults = load.Reading(raw=raw, on_error=on_error, limits=limits, in_place=in_place)
        self._numbers = count()
        try:
            self.add(data)
        except BaseException:
            self.close()
            raise

    def add(self, data: Any, name: str = "", **options: Any) -> list[str]:
        """Add a frame, a file, a folder, a glob, a list of those, or a dict of name to those; gives the table names.

        `raw=True` leaves logs as they are, `on_error="skip"` passes over broken lines, `limits` bounds archives;
        `in_place=True` reads Parquet files where they lie each time, which large ones are anyhow, and `False` copies.
        """
        reading = self._defaults.but(**options)
        return list(dict.fromkeys(self._add(data, name, reading)))

    def schema(self) -> Schema:
        """The tables that are loaded."""
        return Schema(tables={name: table.schema for name, table in self.tables.items()})

    def run(self, request: Request, cancel: Cancel) -> Answer:
        """Compile a KQL query and run it."""
        context, frames, tables = self._reach(request)
        more = None if request.limit is None else request.limit + 1  # one row tells that there are others
        try:
            answers = run_text(request.text, context, self.engine, frames, cancel, limit=more)
        except KqlError as error:
            raise _with_tables(error, tables) from error
        if not answers:  # a text of definitions alone
            return Answer(pa.table({}), {})
        *others, last = [_answer(rows, request.limit) for rows in answers]
        return replace(last, more=tuple(others))

    def write(self, request: Request, path: Path, cancel: Cancel) -> Answer:
        """Compile a KQL query and write its rows to a Parquet file as they come; the answer is the first of them."""
        context, frames, tables = self._reach(request)
        try:
            program = program_for(request.text, context, self.engine, frames, cancel)
        except KqlError as error:
            raise _with_tables(error, tables) from error
        if len(program.statements) != 1:
            raise QueryError(f"a file takes the rows of one statement; here are {len(program.statements)}")
        (statement,) = program.statements
        given = with_works(program, self.engine, frames, cancel)
        batches = self.engine.batches(bounded(statement.sql, request.limit), frames=given, cancel=cancel)
        return replace(to_file(path, batches, statement.columns), render=_chart(statement), sql=statement.sql)

    def _reach(self, request: Request) -> tuple[Context, dict[str, Any], dict[str, publish.Table]]:
        """What the text of a request is compiled against, what to register for it, and the tables that it may name."""
        frames, tables = {}, dict(self.tables)
        for name, value in request.tables.items():
            tables[name] = publish.from_frame(
                name, to_arrow(value if is_frame(value) else to_frame(value)), known=known_table(name)
            )
        for table in tables.values():
            frames.update(_in_time(table, request.timespan))
        schema = Schema(tables={name: table.schema for name, table in tables.items()})
        physical = {name: table.physical for name, table in tables.items()}
        return Context(schema, physical, request.parameters, external.fetch), frames, tables

    def stop(self) -> None:
        """Stop what is being loaded or asked; called from another thread."""
        self.engine.stop()

    def close(self) -> None:
        """Let go of the memory."""
        self.engine.close()

    def _add(self, data: Any, name: str, reading: load.Reading) -> list[str]:
        if isinstance(data, Mapping):
            return [table for key, value in data.items() for table in self._add(value, str(key), reading)]
        if isinstance(data, str | os.PathLike):
            return self._add_files(data, name, reading)
        if is_frame(data) or _is_records(data):
            return [self._add_frame(data, name)]
        if isinstance(data, Iterable):
            return [table for item in data for table in self._add(item, name, reading)]
        raise DataError(f"{type(data).__name__} is no data: give a frame, a path, or a dict of name to those")

    def _add_frame(self, data: Any, name: str) -> str:
        if not name:
            raise DataError("a data frame needs a name: pass {'name': frame}")
        frame = data if is_frame(data) else to_frame(data)
        return self._put(publish.from_frame(name, to_arrow(frame), known=known_table(name)))

    def _add_files(self, where: str | os.PathLike[str], name: str, reading: load.Reading) -> list[str]:
        names: list[str] = []
        staging = f"huntlens staging {next(self._numbers)}"
        staged: list[tuple[str, str]] = []
        try:
            for found in scan(where, reading.limits):
                table = name or found.table
                if found.format in ("csv", "parquet"):
                    names.append(self._add_table(found, table, reading, append=table in names))
                    continue
                problem = load.stage(self.engine, found, staging, len(staged), reading.on_error)
                staged.append((table, found.piece.name))
                if problem:
                    warnings.warn(problem, load.DataWarning, stacklevel=6)
        finally:
            if staged:
                names += self._name_staged(staging, staged, raw=reading.raw, before=names)
        if not names:
            raise DataError(f"{where} holds no rows that can be read")
        return names

    def _add_table(self, found: Found, name: str, reading: load.Reading, *, append: bool) -> str:
        staging = f"huntlens staging {next(self._numbers)}"
        if found.format == "csv":
            made = load.load_csv(self.engine, found, staging)
        else:
            made = load.load_parquet(self.engine, found, staging, in_place=reading.in_place)
        return self._keep(made, name, append=append)

    def _name_staged(self, staging: str, staged: list[tuple[str, str]], *, raw: bool, before: list[str]) -> list[str]:
        """Make tables of the documents of all files that were read; those of one name become one table."""
        made = [] if raw else [self._put(_table(schema)) for schema in normalize(self.engine, staging)]
        new = [*before]
        for export in load.exports(self.engine, staging):
            table, source = staged[export.file]
            table = export.table or table
            part = load.typed(self.engine, staging, source, export.condition)
            made.append(self._keep(part, table, append=table in new or bool(export.table)))
            new.append(table)
        self.engine.load(f"drop table if exists {quote(staging)}")
        return made

    def _keep(self, made: publish.Table, name: str, *, append: bool) -> str:
        """Give a table that was just read its name; one of several files with that name adds to those before."""
        before = self.tables.get(name) if append else None
        before = before if before is not None and before.frame is None else None
        return self._put(publish.publish(self.engine, made, name, known_table(name), before))

    def _put(self, table: publish.Table) -> str:
        folded = {other.casefold(): other for other in self.tables if other != table.name}
        other = folded.get(table.name.casefold())
        if other is not None:
            raise DataError(f"tables '{other}' and '{table.name}' differ only in case; give one of them another name")
        self.tables[table.name] = table
        return table.name


def _in_time(table: publish.Table, span: TimeRange | None) -> dict[str, Any]:
    """What to register for a table: its frame, and where a time range is asked for, a view of what lies in it."""
    given: dict[str, Any] = {}
    source = f"memory.main.{quote(table.name)}"
    if table.frame is not None:
        source = quote(f"{table.name} all")
        given = {f"{table.name} all": table.frame}
    column = next((name for name in TIME_COLUMNS if table.types.get(name) == "datetime"), None)
    if span is not None and column is not None and column not in {missing.name for missing in table.lacks}:
        time = quote(table.physical[column])
        within = f"{time} >= {literal(str(span.start))}::TIMESTAMP and {time} <= {literal(str(span.end))}::TIMESTAMP"
        return {**given, table.name: View(f"{publish.filled(table, source)} where {within}")}
    return {} if table.frame is None else publish.registered(table)


def _with_tables(error: KqlError, tables: Mapping[str, publish.Table]) -> KqlError:
    """An unknown table is mostly one that was not loaded, so the error says which were."""
    if not any(getattr(found, "name", "") == "unknown-table" for found in error.diagnostics):
        return error
    loaded = ", ".join(tables) or "none; QueryProvider('local', data=...) or add_data(...) loads some"
    return type(error)(f"{error}; loaded are: {loaded}", error.text, error.diagnostics)


def _answer(rows: Rows, limit: int | None) -> Answer:
    statement, table = rows.statement, rows.table
    truncated = limit is not None and table.num_rows > limit
    kept = table.slice(0, limit) if truncated else table
    return Answer(kept, statement.columns, _chart(statement), statement.sql, truncated)


def _chart(statement: Statement) -> tuple[str, Mapping[str, object]] | None:
    return (statement.render.kind, statement.render.options) if statement.render is not None else None


def _table(schema: TableSchema) -> publish.Table:
    return publish.Table(schema, {column.name: column.name for column in schema.columns})


def _is_records(data: Any) -> bool:
    """Whether a value is a list of records, one dict a row, rather than a list of dicts of frames."""
    if not isinstance(data, list | tuple) or not data or not all(isinstance(item, Mapping) for item in data):
        return False
    return not any(is_frame(value) or isinstance(value, os.PathLike) for item in data for value in item.values())
