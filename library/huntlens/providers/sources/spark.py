"""Spark as a source: tables of its catalogue, Parquet and Delta files, and data frames, queried in KQL."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from huntlens.errors import DataError, KqlError
from huntlens.frames import is_frame, to_arrow, to_frame, unique_names
from huntlens.kql.schema import ColumnSchema, Schema, TableSchema, shipped
from huntlens.providers.embedded import Context, run_text
from huntlens.providers.engine import View
from huntlens.providers.files import table_name
from huntlens.providers.source import Answer

if TYPE_CHECKING:
    from huntlens.kql.types import KqlType
    from huntlens.providers.embedded import Rows
    from huntlens.providers.source import Cancel, Request
    from huntlens.providers.spark_engine import SparkEngine

__all__ = ["Spark"]

_TIMES: Final = ("TimeGenerated", "Timestamp")
"""The columns that a time range is about, the first that a table has."""
_AS_IS: Final[dict[str, KqlType]] = {
    "boolean": "bool", "int": "int", "bigint": "long", "double": "real", "string": "string", "timestamp": "datetime",
}  # fmt: skip
_JSON: Final = "map('ignoreNullFields', 'false', 'timestampFormat', \"yyyy-MM-dd'T'HH:mm:ss.SSSSSS'0Z'\")"
_CONVERTED: Final[tuple[tuple[str, KqlType, str], ...]] = (
    ("tinyint", "int", "CAST({c} AS INT)"),
    ("smallint", "int", "CAST({c} AS INT)"),
    ("float", "real", "CAST({c} AS DOUBLE)"),
    ("date", "datetime", "CAST({c} AS TIMESTAMP)"),
    ("timestamp_ntz", "datetime", "CAST({c} AS TIMESTAMP)"),
    ("decimal", "decimal", "{c}"),
    ("struct", "dynamic", f"to_json({{c}}, {_JSON})"),
    ("array", "dynamic", f"to_json({{c}}, {_JSON})"),
    ("map", "dynamic", f"to_json({{c}}, {_JSON})"),
    ("variant", "dynamic", "to_json({c})"),
    ("interval day", "timespan", "unix_micros(TIMESTAMP '1970-01-01 00:00:00' + {c}) * 10"),
    ("interval hour", "timespan", "unix_micros(TIMESTAMP '1970-01-01 00:00:00' + {c}) * 10"),
    ("interval minute", "timespan", "unix_micros(TIMESTAMP '1970-01-01 00:00:00' + {c}) * 10"),
    ("interval second", "timespan", "unix_micros(TIMESTAMP '1970-01-01 00:00:00' + {c}) * 10"),
)
"""By the beginning of the name of a Spark type: the type in KQL, and how its values get there."""
_STORED_JSON: Final = """
CASE WHEN {c} IS NULL OR {c} = '' THEN NULL WHEN try_parse_json({c}) IS NOT NULL THEN {c}
ELSE substring(to_json(array({c})), 2, length(to_json(array({c}))) - 2) END
"""


class Spark:
    """Tables on Spark by name.

    `session` is a SparkSession that you have, `remote` the address of a Spark Connect server (`sc://host:15002`);
    without either, Spark starts in this process on `master`, with `config` as its settings. `database` says where
    tables are looked up.
    """

    language = "kql"

    def __init__(
        self,
        data: Any = (),
        *,
        session: Any = None,
        remote: str = "",
        master: str = "local[*]",
        database: str = "",
        config: Mapping[str, str] | None = None,
    ) -> None:
        from huntlens.providers.spark_engine import SparkEngine

        self.engine = SparkEngine(session, remote=remote, master=master, config=config)
        self._given: Any = session
        self._known: dict[str, TableSchema] = {}
        try:
            if database:
                self.engine.use(database)
            self.add(data)
        except BaseException:
            self.close()
            raise

    def add(self, data: Any, name: str = "") -> list[str]:
        """Add a frame (also of Spark), a path of Parquet or Delta, or a dict of those; gives the table names."""
        if isinstance(data, Mapping):
            return [table for key, value in data.items() for table in self.add(value, str(key))]
        if isinstance(data, str | os.PathLike):
            return [self._add_path(os.fspath(data), name)]
        if _is_spark_frame(data) or is_frame(data) or _is_records(data):
            if not name:
                raise DataError("a data frame needs a name: pass {'name': frame}")
            return [self._add_frame(data, name)]
        if isinstance(data, list | tuple):
            return [table for item in data for table in self.add(item, name)]
        raise DataError(f"{type(data).__name__} is no data for Spark: give a frame, a path, or a dict of name to those")

    def schema(self) -> Schema:
        """The tables that were added, and those of the catalogue, which are described when they are asked for."""
        return Schema(tables=dict(self._known), loader=self._find, names=self._names)

    def run(self, request: Request, cancel: Cancel) -> Answer:
        """Compile a KQL query to Spark SQL and run it."""
        schema = self.schema()
        frames: dict[str, Any] = {}
        physical: dict[str, Mapping[str, str]] = {}
        for name, value in request.tables.items():
            frame = to_arrow(value if is_frame(value) else to_frame(value))
            columns = tuple(ColumnSchema(column, kind) for column, kind in frame.types.items())  # type: ignore[arg-type]  # KQL types
            schema = schema.with_tables(TableSchema(name, columns))
            frames[name], physical[name] = frame.data, frame.physical
        frames.update(_in_time(request, schema, self.engine) if request.timespan is not None else {})
        context = Context(schema, physical, request.parameters)
        most = None if request.limit is None else request.limit + 1
        try:
            answers = run_text(request.text, context, self.engine, frames, cancel, limit=most)
        except KqlError as error:
            raise _with_tables(error, schema) from error
        *others, last = [_answer(rows, request.limit) for rows in answers]
        return replace(last, more=tuple(others))

    def stop(self) -> None:
        """Stop what is asked; called from another thread."""
        self.engine.stop()

    def close(self) -> None:
        """Let go of the session; a Spark that we started ends with its last user."""
        self.engine.close()

    def _add_path(self, where: str, name: str) -> str:
        """A folder or file of Parquet, or a folder that Delta keeps; paths that Spark alone can reach may be named."""
        path = Path(where).expanduser()
        read = self.engine.session.read
        delta = (path / "_delta_log").is_dir()
        given = str(path.resolve()) if path.exists() else where
        if delta:
            hint = "; Spark may have no Delta here: pip install delta-spark and give its package in `config`"
            frame = self.engine.reading(lambda: read.format("delta").load(given), hint)
        else:
            frame = self.engine.reading(lambda: read.parquet(given))
        return self._publish(name or table_name(path.name), frame)

    def _add_frame(self, data: Any, name: str) -> str:
        if _is_spark_frame(data):
            return self._publish(name, self.engine.frame(data))
        frame = to_arrow(data if is_frame(data) else to_frame(data))
        columns = tuple(ColumnSchema(column, kind) for column, kind in frame.types.items())  # type: ignore[arg-type]  # KQL types
        self.engine.view(name, self.engine.frame(frame.data).toDF(*frame.types))
        return self._keep(TableSchema(name, columns, source="data frame"))

    def _find(self, name: str) -> TableSchema | None:
        """A table of the catalogue; one whose name differs only in case is taken where it is the only one."""
        if name in self._known:
            return self._known[name]
        names = self.engine.tables()
        near = [name] if name in names else [other for other in names if other.casefold() == name.casefold()]
        if len(near) != 1:
            return None
        self._publish(name, self.engine.table(near[0]))
        return self._known[name]

    def _names(self) -> tuple[str, ...]:
        return tuple(name for name in self.engine.tables() if name not in self._known)

    def _publish(self, name: str, frame: Any) -> str:
        """Make a frame of Spark the table of that name, its values in the types that queries know."""
        wanted = shipped().table(name)
        columns, items = [], []
        frame = frame.toDF(*unique_names(frame.columns))
        for item in frame.schema.fields:
            known = wanted.column(item.name) if wanted is not None else None
            kind, sql = _converted(item.dataType.simpleString(), known.type if known is not None else "unknown")
            column = self.engine.quote(item.name)
            columns.append(ColumnSchema(item.name, kind))
            items.append(f"{sql.replace('{c}', column)} AS {column}")
        self.engine.view(name, frame.selectExpr(*items))
        return self._keep(TableSchema(name, tuple(columns), source="spark"))

    def _keep(self, table: TableSchema) -> str:
        self._known[table.name] = table
        return table.name


def _converted(stored: str, known: KqlType) -> tuple[KqlType, str]:
    """The KQL type for a Spark type, and the SQL that gives its values; `known` is what the table's name promises."""
    if stored == "string" and known == "dynamic":
        return "dynamic", _STORED_JSON
    if stored in _AS_IS:
        return _AS_IS[stored], "{c}"
    for start, kind, sql in _CONVERTED:
        if stored.startswith(start):
            return kind, sql
    return "string", "CAST({c} AS STRING)"


def _in_time(request: Request, schema: Schema, engine: SparkEngine) -> dict[str, Any]:
    """What stands for the tables that a query may read, where only a time range of them is asked for."""
    span = request.timespan
    assert span is not None
    given: dict[str, Any] = {}
    for name in schema.table_names():
        found = schema.table(name) if name in request.text or "*" in request.text else None
        time = next((item for item in _TIMES if found is not None and _type_in(found, item) == "datetime"), None)
        if time is None:
            continue
        column = engine.quote(time)
        bounds = f"{column} >= TIMESTAMP '{span.start}' AND {column} <= TIMESTAMP '{span.end}'"
        given[name] = View(f"SELECT * FROM {engine.quote(name)} WHERE {bounds}")
    return given


def _type_in(table: TableSchema, name: str) -> str:
    found = table.column(name)
    return found.type if found is not None else ""


def _with_tables(error: KqlError, schema: Schema) -> KqlError:
    """An unknown table is mostly one of another database, so the error says which are here."""
    if not any(getattr(found, "name", "") == "unknown-table" for found in error.diagnostics):
        return error
    names = schema.table_names()
    shown = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
    return type(error)(f"{error}; on Spark are: {shown or 'none'}", error.text, error.diagnostics)


def _answer(rows: Rows, limit: int | None) -> Answer:
    chart, table = rows.statement.render, rows.table
    truncated = limit is not None and table.num_rows > limit
    return Answer(
        table.slice(0, limit) if truncated else table,
        rows.statement.columns,
        (chart.kind, chart.options) if chart is not None else None,
        rows.statement.sql,
        truncated,
    )


def _is_spark_frame(value: object) -> bool:
    return hasattr(value, "createOrReplaceTempView") and hasattr(value, "sparkSession")


def _is_records(data: Any) -> bool:
    return isinstance(data, list | tuple) and bool(data) and all(isinstance(item, Mapping) for item in data)
