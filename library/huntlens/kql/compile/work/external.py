"""Reads the files that `externaldata` names, as rows of text.

Knows csv, tsv, psv, scsv, txt, raw, json, multijson and parquet, each also as .gz or .zip.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from huntlens.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_DELIMITERS: Final = {"csv": ",", "tsv": "\t", "tsve": "\t", "psv": "|", "scsv": ";", "sohsv": "\x01"}
_LIMIT: Final = 512 * 1024 * 1024
"""Bytes that one file may hold when it is unpacked."""


def local_file(uri: str) -> bytes:
    """The content of a local file, by path or `file:` address; other addresses are refused."""
    parts = urlsplit(uri.split(";", 1)[0])
    if len(parts.scheme) > 1 and parts.scheme != "file":
        raise DataError(
            f"externaldata reads local files only; save {parts.scheme}://{parts.netloc}/... and name the file"
        )
    path = Path(unquote(parts.path) if parts.scheme == "file" else uri)
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"externaldata cannot read {path}: {error.strerror}") from error


def read(
    uris: Sequence[str], columns: Sequence[str], options: Mapping[str, object], fetch: Callable[[str], bytes]
) -> pa.Table:
    """The files as one table of text columns named `c0`, `c1` ..."""
    rows: list[list[str | None]] = []
    for uri in uris:
        rows += _rows(uri, _unpacked(uri, fetch(uri)), columns, options)
    arrays = [pa.array([row[index] for row in rows], pa.string()) for index in range(len(columns))]
    return pa.table(arrays, names=[f"c{index}" for index in range(len(columns))])


def _unpacked(uri: str, data: bytes) -> bytes:
    name = urlsplit(uri.split(";", 1)[0]).path.lower()
    if not data:
        return data
    if name.endswith(".gz") or data[:2] == b"\x1f\x8b":
        with gzip.open(io.BytesIO(data)) as stream:
            return _limited(stream.read(_LIMIT + 1), uri)
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(archive.namelist()[0]) as member:
            return _limited(member.read(_LIMIT + 1), uri)
    return data


def _limited(data: bytes, uri: str) -> bytes:
    if len(data) > _LIMIT:
        raise DataError(f"externaldata: {uri} unpacks to more than {_LIMIT // 2**20} MB")
    return data


def _rows(uri: str, data: bytes, columns: Sequence[str], options: Mapping[str, object]) -> Iterator[list[str | None]]:
    kind = _format(uri, options)
    if not data:
        return
    if kind == "parquet":
        for record in pq.read_table(io.BytesIO(data)).to_pylist():
            yield [_text(record.get(name)) for name in columns]
        return
    text = data.decode("utf-8-sig", "replace")
    if kind in _DELIMITERS:
        yield from _separated(text, _DELIMITERS[kind], len(columns), skip=_is_true(options.get("ignorefirstrecord")))
    elif kind in ("json", "multijson"):
        for record in _documents(text):
            yield [_text(record.get(name)) for name in columns]
    elif kind == "raw":
        yield [text, *[None] * (len(columns) - 1)]
    elif kind == "txt":
        lines = text.splitlines()
        for line in lines[1:] if _is_true(options.get("ignorefirstrecord")) else lines:
            yield [line, *[None] * (len(columns) - 1)]
    else:
        raise DataError(f"externaldata does not read the format '{kind}'")


def _format(uri: str, options: Mapping[str, object]) -> str:
    named = options.get("format")
    if named:
        return str(named).lower()
    name = urlsplit(uri.split(";", 1)[0]).path.lower().removesuffix(".gz").removesuffix(".zip")
    suffix = name.rpartition(".")[2]
    return suffix if suffix in {*_DELIMITERS, "json", "parquet", "txt", "raw"} else "csv"


def _separated(text: str, delimiter: str, width: int, *, skip: bool) -> Iterator[list[str | None]]:
    for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter)):
        if row and not (skip and number == 0):
            yield [*row[:width], *[None] * (width - len(row))]


def _documents(text: str) -> Iterator[dict[str, Any]]:
    decoder, position = json.JSONDecoder(), 0
    while position < len(text):
        while position < len(text) and text[position] in " \t\r\n,":
            position += 1
        if position >= len(text):
            return
        value, position = decoder.raw_decode(text, position)
        for record in value if isinstance(value, list) else [value]:
            if isinstance(record, dict):
                yield record


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, default=str)


def _is_true(value: object) -> bool:
    return value is True or str(value).lower() == "true"
