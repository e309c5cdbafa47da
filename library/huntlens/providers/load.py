"""Files into tables of the embedded engine.

Reading is the engine's work: lines go in as text, DuckDB parses the JSON, takes a census of the keys and gives each
its column. Raw event logs are handed to `normalize`, which makes the tables that queries know.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import pyarrow as pa

from huntlens.errors import DataError, MissingExtraError
from huntlens.frames import FrameTable, physical_names, to_arrow
from huntlens.kql.schema import ColumnSchema, TableSchema
from huntlens.providers.archives import Limits
from huntlens.providers.engine import Engine, literal, quote
from huntlens.providers.files import Found, Lines, documents, separator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from huntlens.kql.types import KqlType

OnError = Literal["raise", "skip"]

SQL_TYPES: Final[dict[str, str]] = {
    "bool": "BOOLEAN", "int": "INTEGER", "long": "BIGINT", "real": "DOUBLE", "decimal": "DECIMAL(38,18)",
    "string": "VARCHAR", "datetime": "TIMESTAMP", "timespan": "BIGINT", "guid": "VARCHAR", "dynamic": "JSON",
}  # fmt: skip
_JSON_KINDS: Final[dict[str, KqlType]] = {
    "BIGINT": "long", "UBIGINT": "long", "HUGEINT": "long", "DOUBLE": "real", "BOOLEAN": "bool", "VARCHAR": "string",
    "NULL": "string",
}  # fmt: skip
_ISO: Final = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$"


@dataclass(frozen=True, slots=True)
class Table:
    """A table in reach of local queries.

    `physical` maps KQL names to SQL names; `frame` is what to register for a query, None where the engine holds it.
    """

    schema: TableSchema
    physical: Mapping[str, str]
    frame: pa.Table | None = None
    problems: tuple[str, ...] = field(default=())

    @property
    def name(self) -> str:
        """What queries call it."""
        return self.schema.name


def from_frame(name: str, frame: FrameTable, source: str = "data frame") -> Table:
    """A frame as a table of that name; the data stays where it is."""
    return Table(_schema(name, frame.types, source), frame.physical, frame.data)


def time_sql(text: str) -> str:
    """SQL that reads a text as UTC time to the microsecond; the seventh digit is cut off, as Kusto does."""
    return f"try_cast(regexp_replace({text}, '(\\.\\d{{6}})\\d+', '\\1') as timestamp)"


def load_lines(engine: Engine, found: Found, name: str, on_error: OnError) -> tuple[str, str]:
    """Read text lines or JSON documents into the engine.

    Gives the name of a table of `line` and `doc` (JSON), or of `line` and `text`, and a sentence on what was skipped.
    """
    with found.piece.open() as stream:
        lines = Lines(stream, found.piece.name)
        if lines.start not in ("{", "["):
            engine.load(
                f"create table {quote(name)} as select line, rtrim(text, chr(10) || chr(13)) as text from lines "
                "where trim(text, chr(10) || chr(13) || ' ') <> ''", frames={"lines": lines.reader()},
            )  # fmt: skip
            return "text", ""
        if not lines.is_json_lines:
            return "doc", _load_documents(engine, lines, name, on_error)
        engine.load(
            f"create table {quote(name)} as select line, try_cast(text as JSON) as doc, "
            "case when doc is null then left(text, 80) end as bad from lines "
            "where length(text) > 2 or trim(text, chr(10) || chr(13) || ' ') <> ''", frames={"lines": lines.reader()},
        )  # fmt: skip
    return "doc", _check_lines(engine, name, found, on_error)


def _check_lines(engine: Engine, name: str, found: Found, on_error: OnError) -> str:
    table = quote(name)
    counts = engine.load(
        f"select count(bad) as bad, min(line) filter (bad is not null) as first, count(*) as n from {table}"
    )
    bad, first, total = (counts[column][0].as_py() for column in ("bad", "first", "n"))
    if not bad:
        return ""
    where = f"{found.piece.name}, line {first}: the JSON is broken or cut off"
    more = f" (and {bad - 1:,} more lines)" if bad > 1 else ""
    if on_error == "raise" or bad == total:
        engine.load(f"drop table {table}")
        raise DataError(f'{where}{more}; {total - bad:,} lines are good: on_error="skip" keeps them')
    engine.load(f"delete from {table} where bad is not null")
    return f"{where}{more}; {total - bad:,} lines were kept"


def _load_documents(engine: Engine, lines: Lines, name: str, on_error: OnError) -> str:
    """JSON that is not one document a line; DuckDB takes an array in one go, the rest is cut up here."""
    text, problem = lines.text(), ""
    kept: list[str] = []
    if text.lstrip()[:1] == "[" and _load_array(engine, text, name):
        return ""
    try:
        kept.extend(documents(text, lines.name))
    except DataError as error:
        kept = list(_documents_before_error(text, lines.name))
        problem = f"{error}; {len(kept):,} events were kept"
        if on_error == "raise" or not kept:
            raise DataError(f'{error}; {len(kept):,} events are good: on_error="skip" keeps them') from error
    table = pa.table({"line": pa.array(range(1, len(kept) + 1), pa.int64()), "text": pa.array(kept, pa.string())})
    engine.load(
        f"create table {quote(name)} as select line, try_cast(text as JSON) as doc from docs", frames={"docs": table}
    )
    return problem


def _load_array(engine: Engine, text: str, name: str) -> bool:
    """An array of objects, parsed by the engine; False where it is none."""
    valid = engine.load("select json_valid(text) as ok from whole", frames={"whole": pa.table({"text": [text]})})
    if not valid["ok"][0].as_py():
        return False
    engine.load(
        f"create table {quote(name)} as select row_number() over () as line, doc from "
        """(select unnest(from_json(text, '["JSON"]')) as doc from whole)""",
        frames={"whole": pa.table({"text": [text]})},
    )
    return True


def _documents_before_error(text: str, name: str) -> Iterator[str]:
    try:
        yield from documents(text, name)
    except DataError:
        return


def typed_from_documents(engine: Engine, raw: str, name: str, source: str) -> Table:
    """A table with a column for each key of the documents in table `raw`, typed by what all values are."""
    structure = engine.load(f"select json_group_structure(doc) as s from {quote(raw)}")["s"][0].as_py()
    keys = json.loads(structure) if structure else {}
    if not isinstance(keys, dict) or not keys:
        raise DataError(f"{source} holds no JSON objects with keys")
    types = _kinds(engine, raw, keys)
    physical = physical_names(types)
    values = [f"json_extract(doc, {literal(path(key))})" for key in types]
    columns = ", ".join(
        f"{_typed(value, types[key])} as {quote(physical[key])}" for key, value in zip(types, values, strict=True)
    )
    engine.load(f"create or replace table {quote(name)} as select {columns} from {quote(raw)} order by line")
    return Table(_schema(name, types, source), physical)


def path(key: str) -> str:
    """The JSON path of a key, whatever characters are in it."""
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'$."{escaped}"'


def _typed(value: str, kind: str) -> str:
    text = f"({value} ->> '$')"
    if kind == "datetime":
        return time_sql(text)
    if kind == "dynamic":
        return f"case when json_type({value}) <> 'NULL' then {value} end"
    return text if kind == "string" else f"try_cast({text} as {SQL_TYPES[kind]})"


def _kinds(engine: Engine, raw: str, keys: dict[str, Any]) -> dict[str, KqlType]:
    """The KQL type of each key; texts that all are times become times, integers that do not fit stay text."""
    kinds: dict[str, KqlType] = {
        key: _JSON_KINDS.get(kind, "dynamic") if isinstance(kind, str) else "dynamic" for key, kind in keys.items()
    }
    checks = {key: _check(key, kind, keys[key]) for key, kind in kinds.items()}
    wanted = {key: check for key, check in checks.items() if check}
    if wanted:
        sql = ", ".join(f"bool_and({check}) as c{index}" for index, check in enumerate(wanted.values()))
        answer = engine.load(f"select {sql} from {quote(raw)}").to_pylist()[0]
        for index, key in enumerate(wanted):
            fits = answer[f"c{index}"]
            if kinds[key] == "string":
                kinds[key] = "datetime" if fits else "string"
            elif not fits:
                kinds[key] = "string"
    return kinds


def _check(key: str, kind: str, json_kind: object) -> str:
    text = f"(doc ->> {literal(path(key))})"
    if kind == "string" and json_kind == "VARCHAR":
        return f"{text} is null or (regexp_matches({text}, {literal(_ISO)}) and {time_sql(text)} is not null)"
    if json_kind in ("UBIGINT", "HUGEINT"):
        return f"{text} is null or try_cast({text} as bigint) is not null"
    return ""


def load_csv(engine: Engine, found: Found, name: str, source: str) -> Table:
    """A table of text with a header line; types are sniffed over all rows."""
    with Loader(found, engine) as (loader, file):
        sql = (
            "select * from read_csv(?, header=true, sample_size=-1, all_varchar=false, "
            f"delim={literal(separator(found.piece))}, quote='\"', escape='\"', null_padding=true, "
            "strict_mode=false, parallel=false)"
        )
        return _stream_in(engine, loader.batches(sql, [file]), name, source)


def load_parquet(engine: Engine, found: Found, name: str, source: str) -> Table:
    """A Parquet file: read in place where the engine may, else copied in."""
    with Loader(found, engine) as (loader, file):
        return _stream_in(engine, loader.batches("select * from read_parquet(?)", [file]), name, source)


def load_evtx(engine: Engine, found: Found, name: str) -> None:
    """The records of a Windows event log, as documents."""
    try:
        from evtx import PyEvtxParser
    except ImportError as error:
        raise MissingExtraError("evtx", "reading .evtx files") from error
    with Loader(found, engine) as (_, file):
        try:
            records: list[str] = [record["data"] for record in PyEvtxParser(file).records_json() if record]
        except (RuntimeError, OSError, ValueError) as error:
            raise DataError(f"{found.piece.name} is no readable event log: {error}") from error
    table = pa.table({"line": pa.array(range(1, len(records) + 1), pa.int64()), "text": pa.array(records, pa.string())})
    engine.load(
        f"create table {quote(name)} as select line, try_cast(text as JSON) as doc from docs", frames={"docs": table}
    )


class Loader:
    """A second engine that may open files, and the path of the file to read; pieces of archives get one in scratch."""

    def __init__(self, found: Found, engine: Engine) -> None:
        self._piece, self._scratch = found.piece, engine.scratch
        self._copy = None if found.piece.path is not None else engine.scratch / f"piece{found.piece.suffix}"
        self._engine: Engine | None = None

    def __enter__(self) -> tuple[Engine, str]:
        self._engine = Engine(reads_files=True)
        if self._copy is None:
            return self._engine, str(self._piece.path)
        with self._piece.open() as stream, self._copy.open("wb") as out:
            while data := stream.read(1_000_000):
                out.write(data)
        return self._engine, str(self._copy)

    def __exit__(self, *_: object) -> None:
        if self._engine is not None:
            self._engine.close()
        if self._copy is not None:
            self._copy.unlink(missing_ok=True)


def _stream_in(engine: Engine, batches: Iterator[pa.RecordBatch], name: str, source: str) -> Table:
    """Copy a stream of rows into the engine; its first batch tells the columns."""
    shape: FrameTable | None = None
    for batch in batches:
        part = to_arrow(batch)
        if shape is None:
            shape = part
            engine.load(f"create or replace table {quote(name)} as select * from part", frames={"part": part.data})
        else:
            engine.load(f"insert into {quote(name)} select * from part", frames={"part": part.data})
    if shape is None:
        raise DataError(f"{source} holds no columns")
    return Table(_schema(name, shape.types, source), shape.physical)


def _schema(name: str, types: Mapping[str, str], source: str) -> TableSchema:
    columns = tuple(ColumnSchema(column, kind) for column, kind in types.items())  # type: ignore[arg-type]  # KQL types
    return TableSchema(name, columns, source=source)


__all__ = ["Limits", "Loader", "OnError", "Table", "from_frame", "load_csv", "load_evtx", "load_lines", "load_parquet"]
