"""Spark as a source: tables of its catalogue, files that it reads, and data frames, queried in KQL."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from huntlens.errors import DataError, KqlError
from huntlens.frames import is_frame, to_arrow, to_frame, unique_names
from huntlens.kql.compile.literal import SQL_TYPES
from huntlens.kql.schema import ColumnSchema, Schema, TableSchema
from huntlens.providers import external
from huntlens.providers.embedded import Context, run_text
from huntlens.providers.engine import View
from huntlens.providers.files import table_name
from huntlens.providers.normalizing import known_table
from huntlens.providers.source import TIME_COLUMNS, Answer, Cancel, Request
from huntlens.providers.sources.local import Local

if TYPE_CHECKING:
    import pyarrow as pa

    from huntlens.config.secrets import Secret
    from huntlens.kql.types import KqlType
    from huntlens.providers.embedded import Rows
    from huntlens.providers.spark_engine import SparkEngine

__all__ = ["Spark"]

_AS_IS: Final[dict[str, KqlType]] = {
    "boolean": "bool", "int": "int", "bigint": "long", "double": "real", "string": "string", "timestamp": "datetime",
}  # fmt: skip
_FORMATS: Final = {
    ".parquet": "parquet", ".json": "json", ".jsonl": "json", ".ndjson": "json", ".csv": "csv", ".orc": "orc",
}  # fmt: skip
_READING: Final[dict[str, dict[str, str]]] = {
    "json": {"mode": "FAILFAST"},
    "csv": {"mode": "FAILFAST", "header": "true", "inferSchema": "true", "escape": '"', "multiLine": "true"},
}
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
_STORED_TIME: Final = "TRY_CAST(regexp_replace({c}, '([.][0-9]{6})[0-9]+', '$1') AS TIMESTAMP)"


class Spark:
    """Tables on Spark by name.

    `session` is a SparkSession that you have, `remote` the address of a Spark Connect server (`sc://host:15002`), with
    a `token` where it asks for one; without either, Spark starts in this process on `master`, with `config` as its
    settings. `database` says where tables are looked up.
    """

    language = "kql"

    def __init__(
        self,
        data: Any = (),
        *,
        session: Any = None,
        remote: str = "",
        token: Secret | str = "",
        master: str = "local[*]",
        database: str = "",
        config: Mapping[str, str] | None = None,
    ) -> None:
        from huntlens.providers.spark_engine import SparkEngine

        self.engine = SparkEngine(session, remote=remote, token=token, master=master, config=config)
        self._known: dict[str, TableSchema] = {}
        try:
            if database:
                self.engine.use(database)
            self.add(data)
        except BaseException:
            self.close()
            raise

    def add(self, data: Any, name: str = "", *, normalize: bool = False) -> list[str]:
        """Add a frame (also of Spark), a path, or a dict of those; gives the table names.

        Spark reads Parquet, Delta, JSON and CSV where they are. `normalize=True` reads files as the local source does
        (raw logs become known tables, archives are unpacked) and hands the rows over; they pass through this process.
        """
        if isinstance(data, Mapping):
            return [table for key, value in data.items() for table in self.add(value, str(key), normalize=normalize)]
        if isinstance(data, str | os.PathLike):
            where = os.fspath(data)
            return self._add_read(where, name) if normalize else [self._add_path(where, name)]
        if _is_spark_frame(data) or is_frame(data) or _is_records(data):
            if not name:
                raise DataError("a data frame needs a name: pass {'name': frame}")
            return [self._add_frame(data, name)]
        if isinstance(data, list | tuple):
            return [table for item in data for table in self.add(item, name, normalize=normalize)]
        raise DataError(f"{type(data).__name__} is no data for Spark: give a frame, a path, or a dict of name to those")

    def put(self, table: TableSchema, rows: pa.Table) -> str:
        """Make rows the table that a schema describes, its columns in that order."""
        names = [column.name for column in table.columns]
        self.engine.view(table.name, self.engine.frame(rows).toDF(*names))
        return self._keep(table)

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
        context = Context(schema, physical, request.parameters, external.fetch)
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
        """Files that Spark reads itself; paths that it alone can reach may be named."""
        path = Path(where).expanduser()
        given = str(path.resolve()) if path.exists() else where
        form = _format(path)
        read = self.engine.session.read
        if form == "delta":
            hint = "; Delta needs delta-spark and its package in `config`, see docs/spark.md"
            return self._publish(
                name or table_name(path.name), self.engine.reading(lambda: read.format("delta").load(given), hint)
            )
        if not form:
            raise DataError(f"Spark reads no {path.suffix} files; add_data(path, normalize=True) reads them here")
        options = _READING.get(form, {}) | ({"multiLine": "true"} if form == "json" and _is_array(path) else {})
        frame = self.engine.reading(lambda: read.format(form).options(**options).load(given))
        return self._publish(name or table_name(path.name), frame)

    def _add_read(self, where: str, name: str) -> list[str]:
        """Files as the local source reads them, handed to Spark as Arrow."""
        local = Local({name: where} if name else where)
        try:
            for table in local.tables:
                answer = local.run(Request(f"['{table}']"), Cancel())
                columns = tuple(ColumnSchema(column, kind) for column, kind in answer.columns.items())
                self.put(TableSchema(table, columns, source=where), to_arrow(answer.table).data)
            return list(local.tables)
        finally:
            local.close()

    def _add_frame(self, data: Any, name: str) -> str:
        if _is_spark_frame(data):
            return self._publish(name, self.engine.frame(data))
        frame = to_arrow(data if is_frame(data) else to_frame(data))
        columns = tuple(ColumnSchema(column, kind) for column, kind in frame.types.items())  # type: ignore[arg-type]  # KQL types
        return self.put(TableSchema(name, columns, source="data frame"), frame.data)

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
        """Make a frame of Spark the table of that name, its values in the types that queries know.

        A table of a known name gets the columns and types that it is known for, as a local one does.
        """
        known = known_table(name)
        frame = frame.toDF(*unique_names(frame.columns))
        types: dict[str, KqlType] = {column.name: column.type for column in known.columns} if known else {}
        held = {item.name: item.dataType.simpleString() for item in frame.schema.fields}
        columns, items = [], []
        for column in dict.fromkeys((*held, *types)):
            kind, sql = _converted(held.get(column, ""), types.get(column, "unknown"))
            columns.append(ColumnSchema(column, kind))
            quoted = self.engine.quote(column)
            items.append(f"{sql.replace('{c}', quoted)} AS {quoted}")
        self.engine.view(name, frame.selectExpr(*items))
        return self._keep(TableSchema(name, tuple(columns), source="spark"))

    def _keep(self, table: TableSchema) -> str:
        self._known[table.name] = table
        return table.name


def _converted(stored: str, wanted: KqlType) -> tuple[KqlType, str]:
    """The KQL type for a Spark type, and the SQL that gives its values; `wanted` is what the table's name promises."""
    if not stored:
        return wanted, f"CAST(NULL AS {SQL_TYPES['spark'][wanted]})"
    if stored == "string" and wanted == "dynamic":
        return "dynamic", _STORED_JSON
    kind, sql = _as_stored(stored)
    if wanted in ("unknown", kind):
        return kind, sql
    if wanted == "datetime" and kind == "string":
        return wanted, _STORED_TIME
    if wanted == "dynamic":
        return wanted, f"to_json({sql})" if kind != "string" else sql
    if kind in ("datetime", "timespan", "dynamic") and wanted != "string":
        return kind, sql
    return wanted, f"TRY_CAST({sql} AS {SQL_TYPES['spark'][wanted]})"


def _as_stored(stored: str) -> tuple[KqlType, str]:
    if stored in _AS_IS:
        return _AS_IS[stored], "{c}"
    for start, kind, sql in _CONVERTED:
        if stored.startswith(start):
            return kind, sql
    return "string", "CAST({c} AS STRING)"


def _format(path: Path) -> str:
    """What Spark is to read a path as; nothing where it has no reader for it."""
    if (path / "_delta_log").is_dir():
        return "delta"
    names = (file.name for file in sorted(path.rglob("*")) if file.is_file()) if path.is_dir() else (path.name,)
    endings = [suffix for name in names for suffix in Path(name).suffixes if not name.startswith((".", "_"))]
    known = [_FORMATS[ending.lower()] for ending in endings if ending.lower() in _FORMATS]
    return known[0] if known else "" if endings and not path.is_dir() else "parquet"


def _is_array(path: Path) -> bool:
    """Whether a file of JSON is one array rather than a document a line."""
    if not path.is_file() or path.suffix in (".gz", ".bz2", ".zst"):
        return False
    with path.open("rb") as file:
        return file.read(1000).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"[")


def _in_time(request: Request, schema: Schema, engine: SparkEngine) -> dict[str, Any]:
    """What stands for the tables that a query may read, where only a time range of them is asked for."""
    span = request.timespan
    assert span is not None
    given: dict[str, Any] = {}
    for name in schema.table_names():
        found = schema.table(name) if name in request.text or "*" in request.text else None
        time = next((item for item in TIME_COLUMNS if found is not None and _type_in(found, item) == "datetime"), None)
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
