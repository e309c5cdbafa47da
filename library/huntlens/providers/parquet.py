"""Answers as Parquet files: batches go out as they come in, so that no more than one row group is in memory.

Knows KQL types and files, no engine.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from huntlens.errors import DataError
from huntlens.frames import no_rows
from huntlens.providers.result import typed
from huntlens.providers.source import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from huntlens.kql.types import KqlType

TYPES: Final = b"huntlens.types"
"""Where a file tells the KQL types of its columns, as JSON."""
_ROWS: Final = 122_880
_BYTES: Final = 64_000_000
"""A row group ends with the first of these."""
_SHOWN: Final = 1_000


def to_file(path: Path, batches: Iterable[pa.RecordBatch], types: Mapping[str, KqlType]) -> Answer:
    """Write rows to a file; the answer holds the first of them, and says how many there were.

    A file of that name is replaced when all rows are there, and stays as it is where something stops the writing.
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    shown: list[pa.RecordBatch] = []
    rows = 0
    try:
        with part.open("wb") as stream:
            for group in _groups(_typed(batches, types)):
                if not shown:
                    writer = pq.ParquetWriter(stream, group.schema)
                writer.write_table(group)
                if rows < _SHOWN:
                    shown += group.slice(0, _SHOWN - rows).to_batches() or [no_rows(group.schema)]
                rows += group.num_rows
            writer.close()
        part.replace(path)
    except OSError as error:
        raise DataError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    note = f"{rows:,} rows in {path}"
    return Answer(pa.Table.from_batches(shown), types, truncated=rows > _SHOWN, notes=(note,))


def table_to_file(path: Path, table: pa.Table, types: Mapping[str, KqlType]) -> Answer:
    """Write rows that are in memory already."""
    return to_file(path, table.to_batches() or [no_rows(table.schema)], types)


def _typed(batches: Iterable[pa.RecordBatch], types: Mapping[str, KqlType]) -> Iterator[pa.Table]:
    """The batches in the Arrow types of their KQL types, the same for each; lengths of time are nanoseconds."""
    told = {TYPES: json.dumps(dict(types))}
    for batch in batches:
        columns = [
            _length(data) if kind == "timespan" else typed(pa.chunked_array([data]), kind)
            for data, kind in zip(batch.columns, types.values(), strict=True)
        ]
        yield pa.table(columns, names=list(types)).replace_schema_metadata(told)


def _length(data: pa.Array) -> pa.Array:
    if pa.types.is_duration(data.type):
        return data.cast(pa.duration("ns"))
    try:
        return pc.multiply_checked(data.cast(pa.int64()), 100).cast(pa.duration("ns"))
    except pa.ArrowInvalid as error:
        raise DataError("a length of time is longer than 292 years, which a Parquet file cannot hold") from error


def _groups(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Tables put together to the size of a row group; one at least, which may be empty."""
    waiting: list[pa.Table] = []
    given = False
    for table in tables:
        waiting.append(table)
        if sum(item.num_rows for item in waiting) >= _ROWS or sum(item.nbytes for item in waiting) >= _BYTES:
            yield pa.concat_tables(waiting)
            waiting, given = [], True
    if not given or any(item.num_rows for item in waiting):
        yield pa.concat_tables(waiting)
