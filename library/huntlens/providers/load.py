"""Files into tables of the embedded engine.

Reading is the engine's work: lines go in as text, DuckDB parses the JSON, takes a census of the keys and gives each
its column. What is read becomes a table of staging, which `publish` gives its name.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Literal

import pyarrow as pa
from pyarrow import parquet

from huntlens.errors import DataError, HuntlensError, MissingExtraError
from huntlens.frames import FrameTable, no_rows, physical_names, to_arrow
from huntlens.providers.engine import Engine, literal, quote
from huntlens.providers.files import Found, Lines, documents, separator
from huntlens.providers.mapping import SQL_TYPES, json_path
from huntlens.providers.parquet import TYPES
from huntlens.providers.publish import Table, schema_of, time_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from huntlens.kql.types import KqlType
    from huntlens.providers.archives import Limits

OnError = Literal["raise", "skip"]

_JSON_KINDS: Final[dict[str, KqlType]] = {
    "BIGINT": "long", "UBIGINT": "long", "HUGEINT": "long", "DOUBLE": "real", "BOOLEAN": "bool", "VARCHAR": "string",
    "NULL": "string",
}  # fmt: skip
_ISO: Final = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$"
_LARGE: Final = 100_000_000
"""The bytes of a Parquet file that is not copied: a copy answers several times as fast, but takes memory."""
_BLANK: Final = "trim(text, chr(10) || chr(13) || chr(9) || ' ') = ''"


class DataWarning(UserWarning):
    """A part of the data could not be read and was left out."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How data is to be read; `in_place` leaves Parquet files where they are, None the large ones alone."""

    raw: bool = False
    on_error: OnError = "raise"
    limits: Limits | None = None
    in_place: bool | None = None

    def but(self, **options: Any) -> Reading:
        """The same with other options."""
        return replace(self, **{name: value for name, value in options.items() if value is not None})


# --- documents and lines ---------------------------------------------------------------------------------------


def stage(engine: Engine, found: Found, name: str, number: int, on_error: OnError) -> str:
    """Add the documents of a file to the table `name` of `line`, `doc` and `file`, which is `number`.

    Gives a sentence about what was left out, mostly "".
    """
    part = f"{name} part"
    problem = ""
    if found.format == "evtx":
        load_evtx(engine, found, part)
    else:
        problem = load_lines(engine, found, part, on_error)
    engine.load(f"create table if not exists {quote(name)} (line BIGINT, doc JSON, file INTEGER)")
    engine.load(f"insert into {quote(name)} select line, doc, {number} from {quote(part)}")
    engine.load(f"drop table {quote(part)}")
    return problem


def load_lines(engine: Engine, found: Found, name: str, on_error: OnError) -> str:
    """Read JSON documents, or lines of text as documents `{"text": ...}`, into a table of `line` and `doc`.

    Gives a sentence about what was left out, mostly "".
    """
    with found.piece.open() as stream:
        lines = Lines(stream, found.piece.name)
        fields = lines.zeek_fields() if lines.start == "#" else []
        if fields:
            _read(engine, name, _zeek(fields, lines.zeek_path()), lines)
            return ""
        if lines.start not in ("{", "["):
            doc = "json_object('text', rtrim(text, chr(10) || chr(13)))"
            _read(engine, name, f"select line, {doc} as doc from lines where not ({_BLANK})", lines)
            return ""
        if not lines.is_json_lines:
            return _load_documents(engine, lines, name, on_error)
        _read(
            engine,
            name,
            "select line, try_cast(text as JSON) as doc, case when doc is null then left(text, 80) end as bad "
            f"from lines where length(text) > 2 or not ({_BLANK})",
            lines,
        )
    problem = _check_lines(engine, name, found, on_error)
    _unwrap(engine, name)
    return problem


def _unwrap(engine: Engine, name: str) -> None:
    """Documents that only wrap others: one list of events (`{"Records": [...]}`), or `_source` of a search answer."""
    first = engine.load(
        "select json_keys(doc) as keys, json_type(doc, '$._source') as source, json_type(doc, '$.*') as kinds, "
        f"len(json_keys(json_extract(doc, '$.*[0]')[1])) as inner from {quote(name)} limit 1"
    ).to_pylist()
    if not first:
        return
    keys, source, kinds, inner = first[0].values()
    if source == "OBJECT" and _all(engine, name, "/_source", "OBJECT"):
        _create(engine, name, f"select line, doc -> '$._source' as doc from {quote(name)}")
    elif len(keys or ()) == 1 and kinds == ["ARRAY"] and inner and _all(engine, name, _path(keys[0]), "ARRAY"):
        events = f"unnest(from_json(doc -> {literal(_path(keys[0]))}, '[\"JSON\"]')) as doc"
        _create(engine, name, f"select row_number() over () as line, doc from (select {events} from {quote(name)})")


def _all(engine: Engine, name: str, path: str, kind: str) -> bool:
    """Whether all documents have a value of that kind there."""
    found = engine.load(f"select bool_and(json_type(doc, {literal(path)}) = {literal(kind)}) as yes from {quote(name)}")
    return bool(found["yes"][0].as_py())


def _read(engine: Engine, name: str, select: str, lines: Lines) -> None:
    try:
        _create(engine, name, select, lines=lines.reader())
    except HuntlensError as error:
        raise lines.error or error from None


def _create(engine: Engine, name: str, select: str, **given: Any) -> None:
    engine.load(f"create or replace table {quote(name)} as {select}", frames=given)


def _zeek(fields: list[str], path: str) -> str:
    """SQL that makes documents of the lines of a Zeek log of text, whose header names the columns."""
    cells = (
        "list_transform(string_split(rtrim(text, chr(10) || chr(13)), chr(9)), lambda t: nullif(nullif(t, '-'), ''))"
    )
    names = "[" + ", ".join(literal(field) for field in fields) + "]"
    pairs = f"list_zip({names}, list_prepend({literal(path)}, {cells}))"
    present = f"list_filter({pairs}, lambda p: p[1] is not null and p[2] is not null and p[2] <> '(empty)')"
    inside = f"list_transform({present}, lambda p: to_json(p[1]) || ':' || to_json(p[2]))"
    text = f"'{{' || array_to_string({inside}, ',') || '}}'"
    return f"select line, ({text})::JSON as doc from lines where text not like '#%' and not ({_BLANK})"


def _check_lines(engine: Engine, name: str, found: Found, on_error: OnError) -> str:
    table = quote(name)
    counts = engine.load(
        f"select count(bad) as bad, min(line) filter (bad is not null) as first, count(*) as n from {table}"
    )
    bad, first, total = (counts[column][0].as_py() for column in ("bad", "first", "n"))
    if not bad:
        return ""
    more = f" (and {bad - 1:,} more lines)" if bad > 1 else ""
    where = f"{found.piece.name}, line {first}: the JSON is broken or cut off{more}"
    if on_error == "raise" or bad == total:
        engine.load(f"drop table {table}")
        raise DataError(f'{where}; {total - bad:,} lines are good: on_error="skip" keeps them')
    engine.load(f"delete from {table} where bad is not null")
    return f"{where}; {total - bad:,} lines were kept"


def _load_documents(engine: Engine, lines: Lines, name: str, on_error: OnError) -> str:
    """JSON that is not one document a line; DuckDB takes an array in one go, the rest is cut up here."""
    text, problem = lines.text(), ""
    if text.lstrip()[:1] == "[" and _load_array(engine, text, name):
        return ""
    kept: list[str] = []
    try:
        kept.extend(documents(text, lines.name))
    except DataError as error:
        kept = list(_documents_before_error(text, lines.name))
        if on_error == "raise" or not kept:
            raise DataError(f'{error}; {len(kept):,} events are good: on_error="skip" keeps them') from error
        problem = f"{error}; {len(kept):,} events were kept"
    _store(engine, name, kept)
    return problem


def _load_array(engine: Engine, text: str, name: str) -> bool:
    """An array of objects, parsed by the engine; False where it is none."""
    whole = pa.table({"text": [text]})
    if not engine.load("select json_valid(text) as ok from whole", frames={"whole": whole})["ok"][0].as_py():
        return False
    elements = """select unnest(from_json(text, '["JSON"]')) as doc from whole"""
    _create(engine, name, f"select row_number() over () as line, doc from ({elements})", whole=whole)
    return True


def _documents_before_error(text: str, name: str) -> Iterator[str]:
    try:
        yield from documents(text, name)
    except DataError:
        return


def _store(engine: Engine, name: str, texts: list[str]) -> None:
    docs = pa.table({"line": pa.array(range(1, len(texts) + 1), pa.int64()), "text": pa.array(texts, pa.string())})
    _create(engine, name, "select line, try_cast(text as JSON) as doc from docs", docs=docs)


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
    _store(engine, name, records)


# --- columns from documents ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Export:
    """Documents that make one table: of one file, or exported from a table whose name they say."""

    table: str
    """The name that they say, "" where they say none."""
    file: int
    condition: str


def exports(engine: Engine, staging: str) -> list[Export]:
    """The tables that staged documents make.

    What was exported from a workspace says so: it has `Type`, `TenantId` and `TimeGenerated`.
    """
    exported = "(doc ->> '$.TenantId') is not null and (doc ->> '$.TimeGenerated') is not null"
    kind = (
        f"case when {exported} and regexp_matches(doc ->> '$.Type', '^[A-Z][A-Za-z0-9_]*$') then doc ->> '$.Type' end"
    )
    found = engine.load(
        f"select {kind} as name, file from {quote(staging)} group by all order by file, name"
    ).to_pylist()
    result = []
    for name, file in dict.fromkeys((row["name"], None if row["name"] else row["file"]) for row in found):
        condition = f"({kind}) = {literal(name)}" if name else f"({kind}) is null and file = {file}"
        result.append(Export(name or "", file or 0, condition))
    return result


def typed(engine: Engine, raw: str, source: str, condition: str) -> Table:
    """A table with a column for each key of the documents, typed by what all values are."""
    subset = f"(select line, doc, file from {quote(raw)} where {condition})"
    structure = engine.load(f"select json_group_structure(doc) as s from {subset}")["s"][0].as_py()
    keys = json.loads(structure) if structure else {}
    if not isinstance(keys, dict) or not keys:
        raise DataError(f"{source} holds no JSON objects with keys")
    types = _kinds(engine, subset, keys)
    physical = physical_names(types)
    nested = [key for key, kind in types.items() if kind == "dynamic"]
    columns = ", ".join(
        f"{_column(key, kind, list(types), nested)} as {quote(physical[key])}" for key, kind in types.items()
    )
    name = f"{raw} typed {abs(hash(condition)) % 10**6}"
    read = f"select file, line, {_texts(types)} as s, {_nested(nested)} as j from {subset}"
    _create(engine, name, f"select {columns} from ({read}) order by file, line")
    return Table(schema_of(name, types, source), physical)


def _texts(keys: Iterable[str]) -> str:
    """SQL for the values of keys as a list of texts: one pass over the document, however many keys."""
    return f"json_extract_string(doc, [{', '.join(literal(_path(key)) for key in keys)}])"


def _nested(keys: list[str]) -> str:
    return f"json_extract(doc, [{', '.join(literal(_path(key)) for key in keys)}])" if keys else "NULL"


def _path(key: str) -> str:
    return json_path(key.replace(".", "\\."))


def _column(key: str, kind: str, keys: list[str], nested: list[str]) -> str:
    if kind == "dynamic":
        value = f"j[{nested.index(key) + 1}]"
        return f"case when json_type({value}) <> 'NULL' then {value} end"
    text = f"s[{keys.index(key) + 1}]"
    if kind == "datetime":
        return time_sql(text)
    return text if kind == "string" else f"try_cast({text} as {SQL_TYPES[kind]})"


def _kinds(engine: Engine, raw: str, keys: dict[str, Any]) -> dict[str, KqlType]:
    """The KQL type of each key; texts that all are times become times, integers that do not fit stay text."""
    kinds: dict[str, KqlType] = {
        key: _JSON_KINDS.get(kind, "dynamic") if isinstance(kind, str) else "dynamic" for key, kind in keys.items()
    }
    wanted = [key for key, kind in kinds.items() if _check(kind, keys[key], "")]
    if not wanted:
        return kinds
    checks = [_check(kinds[key], keys[key], f"s[{place}]") for place, key in enumerate(wanted, start=1)]
    sql = ", ".join(f"bool_and({check}) as c{index}" for index, check in enumerate(checks))
    answer = engine.load(f"select {sql} from (select {_texts(wanted)} as s from {raw})").to_pylist()[0]
    for index, key in enumerate(wanted):
        fits = answer[f"c{index}"]
        if kinds[key] == "string":
            kinds[key] = "datetime" if fits else "string"
        elif not fits:
            kinds[key] = "string"
    return kinds


def _check(kind: str, json_kind: object, text: str) -> str:
    """SQL that tells whether a text fits a narrower type, "" where nothing is to be asked."""
    if kind == "string" and json_kind == "VARCHAR":
        return f"{text} is null or (regexp_matches({text}, {literal(_ISO)}) and {time_sql(text)} is not null)"
    if json_kind in ("UBIGINT", "HUGEINT"):
        return f"{text} is null or try_cast({text} as bigint) is not null"
    return ""


# --- tables of text and Parquet --------------------------------------------------------------------------------


def load_csv(engine: Engine, found: Found, name: str) -> Table:
    """A table of text with a header line; types are sniffed over all rows."""
    sql = (
        f"select * from read_csv(?, header=true, sample_size=-1, delim={literal(separator(found.piece))}, "
        "quote='\"', escape='\"', null_padding=true, strict_mode=false, parallel=false)"
    )
    with Loader(found, engine) as (loader, file):
        return _stream_in(engine, _named(loader.batches(sql, [file]), _header(found, file)), name, found.piece.name)


def _header(found: Found, file: str) -> list[str]:
    """The names in the first line, as they are written: the engine numbers those that differ only in case."""
    with Path(file).open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        return next(csv.reader(stream, delimiter=separator(found.piece)), [])


def _named(batches: Iterator[pa.RecordBatch], names: list[str]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        same = len(names) == batch.num_columns and all(names)
        yield batch.rename_columns(names) if same else batch


def load_parquet(engine: Engine, found: Found, name: str, *, in_place: bool | None = None) -> Table:
    """A Parquet file; Arrow reads it, since it keeps names that differ only in case.

    A large one stays where it is, if the engine may still be shown files and takes its columns as they are.
    """
    try:
        if (found.piece.size > _LARGE if in_place is None else in_place) and engine.is_open:
            table = _in_place(engine, found, name)
            if table is not None:
                return table
        with found.piece.open() as stream, parquet.ParquetFile(_whole(stream)) as file:
            empty = file.schema_arrow.empty_table().to_batches()
            batches = (_with_json(batch, file.schema_arrow) for batch in chain(empty, file.iter_batches()))
            return _stream_in(engine, batches, name, found.piece.name)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{found.piece.name} is no readable Parquet file: {error}") from error


def _in_place(engine: Engine, found: Found, name: str) -> Table | None:
    """A view over a file, where all columns have names and types that need no change."""
    path = found.piece.path
    if path is None or set(str(path)) & set("*?[]{}"):  # the engine would take it for a pattern
        return None
    schema = parquet.read_schema(path)
    shape = to_arrow(_with_json(no_rows(schema), schema))
    kinds = zip(schema.types, shape.data.schema.types, shape.types.values(), strict=True)
    plain = all(was == now or (kind == "dynamic" and pa.types.is_string(was)) for was, now, kind in kinds)
    if not plain or list(shape.physical) != list(shape.physical.values()):
        return None
    items = (
        f"try_cast({quote(column)} as JSON) as {quote(column)}" if kind == "dynamic" else quote(column)
        for column, kind in shape.types.items()
    )
    engine.read_in_place(path)
    engine.load(f"create view {quote(name)} as select {', '.join(items)} from read_parquet({literal(str(path))})")
    return Table(schema_of(name, shape.types, found.piece.name), shape.physical, in_place=True)


def _with_json(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Rows of a file that was written here: it tells which of its texts are dynamic values."""
    told = json.loads((schema.metadata or {}).get(TYPES, b"{}"))
    for index, name in enumerate(batch.schema.names):
        if told.get(name) == "dynamic" and pa.types.is_string(batch.column(index).type):
            made = pa.ExtensionArray.from_storage(pa.json_(pa.utf8()), batch.column(index))
            batch = batch.set_column(index, name, made)
    return batch


def _whole(stream: IO[bytes]) -> IO[bytes]:
    """Parquet is read from its end, which a piece of an archive cannot be."""
    return stream if stream.seekable() else io.BytesIO(stream.read())


class Loader:
    """A second engine that may open files, and the path of the file to read; pieces of archives get one in scratch."""

    def __init__(self, found: Found, engine: Engine) -> None:
        self._piece = found.piece
        self._copy = None if found.piece.path is not None else engine.scratch / f"piece{found.piece.suffix}"
        self._engine = Engine(reads_files=True)

    def __enter__(self) -> tuple[Engine, str]:
        if self._copy is None:
            return self._engine, str(self._piece.path)
        with self._piece.open() as stream, self._copy.open("wb") as out:
            while data := stream.read(1_000_000):
                out.write(data)
        return self._engine, str(self._copy)

    def __exit__(self, *_: object) -> None:
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
            _create(engine, name, "select * from part", part=part.data)
        else:
            engine.load(f"insert into {quote(name)} select * from part", frames={"part": part.data})
    if shape is None:
        raise DataError(f"{source} holds no rows")
    return Table(schema_of(name, shape.types, source), shape.physical)
