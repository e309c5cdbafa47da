"""Files of logs: which there are, what is in them, and their lines as a stream of Arrow batches.

Knows formats, not tables.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING, Final, Literal

import numpy as np
import pyarrow as pa

from huntlens.errors import DataError, HuntlensError
from huntlens.providers.archives import Limits, Piece, is_archive, pieces

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

Format = Literal["csv", "parquet", "evtx", "lines", "array", "document", "text"]

_CHUNK: Final = 8_000_000
_HEAD: Final = 10_000
_LONGEST: Final = 1_000_000_000
_CSV: Final = {".csv": ",", ".tsv": "\t", ".psv": "|"}
_LOGS: Final = {".json", ".jsonl", ".ndjson", ".log", ".txt", ".out", ".audit", ".har", ""}
_KNOWN: Final = {*_CSV, *_LOGS, ".parquet", ".evtx"}
_WHITE: Final = b" \t\r\n"
LINES: Final = pa.schema([("line", pa.int64()), ("text", pa.string())])


@dataclass(frozen=True, slots=True)
class Found:
    """A file to load, and what is in it."""

    piece: Piece
    format: Format

    @property
    def table(self) -> str:
        """The name of a table made from this file."""
        return table_name(self.piece.file_name)


def table_name(file_name: str) -> str:
    """A name that KQL takes without quotes, from the name of a file.

    >>> table_name("2023-08 events.json.gz")
    '_2023_08_events'
    """
    stem = file_name
    while (suffix := PurePath(stem).suffix) and (suffix.lower() in _KNOWN or is_archive(stem)):
        stem = stem.removesuffix(suffix)
    name = re.sub(r"\W+", "_", stem, flags=re.ASCII).strip("_") or "data"
    return name if not name[0].isdigit() else f"_{name}"


def find_paths(where: str | os.PathLike[str]) -> list[Path]:
    """The files that a path, folder or glob names, sorted; a folder is taken with all that is below it."""
    path = Path(where).expanduser()
    if path.is_dir():
        found = [item for item in sorted(path.rglob("*")) if item.is_file() and _is_data(item.name)]
    elif path.exists():
        return [path]
    else:
        found = sorted(item for item in _matching(path) if item.is_file())
    if not found:
        what = "holds no file of logs" if path.is_dir() else "does not exist"
        raise DataError(f"{where} {what}; give a file, a folder or a glob such as 'logs/**/*.json'")
    return found


def _matching(pattern: Path) -> Iterator[Path]:
    """What a glob names: it begins at the last folder that holds no wildcard."""
    fixed = [
        part
        for part, _ in takewhile(lambda pair: not pair[1], ((p, any(c in p for c in "*?[")) for p in pattern.parts))
    ]
    rest = pattern.parts[len(fixed) :]
    return Path(*fixed).glob("/".join(rest)) if rest else iter(())


def _is_data(name: str) -> bool:
    return not name.startswith(".") and (is_archive(name) or PurePath(name).suffix.lower() in _KNOWN)


def scan(where: str | os.PathLike[str], limits: Limits | None = None) -> Iterator[Found]:
    """The files to load, those inside archives included; what is no log at all is passed over inside archives."""
    for path in find_paths(where):
        for piece in pieces(path, limits):
            if piece.suffix in _KNOWN:
                yield Found(piece, _format(piece))
            elif piece.path is not None:
                raise DataError(
                    f"{path} is of no known kind; known are: {', '.join(sorted(_KNOWN - {''}))}, .zip, .tar.gz"
                )


def _format(piece: Piece) -> Format:
    if piece.suffix in _CSV:
        return "csv"
    if piece.suffix in (".parquet", ".evtx"):
        return "parquet" if piece.suffix == ".parquet" else "evtx"
    return "lines"


def separator(piece: Piece) -> str:
    """What parts the cells of a table of text."""
    return _CSV[piece.suffix]


class Lines:
    """The lines of a file as Arrow batches, in one pass; `count` and `start` are known while it is read.

    `start` is the first character that is no white space: it tells JSON from text.
    """

    def __init__(self, stream: IO[bytes], name: str, *, chunk: int = _CHUNK) -> None:
        self.name, self.count = name, 0
        self.error: HuntlensError | None = None
        """What stopped the reading; whoever reads the batches only learns that something did."""
        self._head = _recoded(stream, name, chunk)
        self._first = next(self._head, b"")
        self.is_json_lines = _starts_with_document(self._first)
        self.start = self._first.lstrip(_WHITE)[:1].decode("ascii", "replace")

    def zeek_fields(self) -> list[str]:
        """The names of the columns of a Zeek log of text, `_path` first; none where it is no such log."""
        head = self._first[:_HEAD].decode("utf-8", "replace").splitlines()
        told = dict(line.split("\t", 1) for line in head if line.startswith("#") and "\t" in line)
        return ["_path", *told["#fields"].split("\t")] if "#fields" in told else []

    def zeek_path(self) -> str:
        """Which log of Zeek it is: conn, dns, http, ..."""
        found = re.search(rb"^#path\t(\w+)", self._first[:_HEAD], re.MULTILINE)
        return found[1].decode() if found else ""

    def reader(self) -> pa.RecordBatchReader:
        """The stream: line number from 1, and its text with the line end."""
        return pa.RecordBatchReader.from_batches(LINES, self._batches())

    def text(self) -> str:
        """The whole file as one text."""
        return b"".join((self._first, *self._head)).decode("utf-8")

    def _batches(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._cut()
        except HuntlensError as error:
            self.error = error
            raise

    def _cut(self) -> Iterator[pa.RecordBatch]:
        """Batches that end where a line does."""
        rest = b""
        for chunk in self._chunks():
            cut = chunk.rfind(b"\n") + 1
            if cut:
                yield self._batch(rest + chunk[:cut])
                rest = chunk[cut:]
            else:
                rest += chunk
        if rest:
            yield self._batch(rest)

    def _chunks(self) -> Iterator[bytes]:
        yield self._first
        yield from self._head

    def _batch(self, data: bytes) -> pa.RecordBatch:
        if len(data) >= _LONGEST:
            raise DataError(f"{self.name}, line {self.count + 1} is longer than {_LONGEST // 1_000_000} MB")
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == 10).astype(np.int32) + 1
        if not len(ends) or ends[-1] != len(data):
            ends = np.append(ends, np.int32(len(data)))
        offsets = np.concatenate((np.zeros(1, np.int32), ends)).astype(np.int32)
        texts = pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(data))
        numbers = pa.array(np.arange(self.count + 1, self.count + len(ends) + 1, dtype=np.int64))
        self.count += len(ends)
        return pa.record_batch([numbers, texts], schema=LINES)


def _starts_with_document(data: bytes) -> bool:
    """Whether the first line that is not blank is a JSON object by itself."""
    line = data.lstrip(_WHITE).split(b"\n", 1)[0]
    if not line.startswith(b"{"):
        return False
    try:
        json.loads(line)
    except ValueError:
        return line.rstrip(_WHITE) != b"{" and line.count(b'"') > 2
    return True


def _recoded(stream: IO[bytes], name: str, chunk: int) -> Iterator[bytes]:
    """Chunks of valid UTF-8 that never cut a character; UTF-16 is told by its mark, bytes of neither are escaped."""
    head = stream.read(max(chunk, 4))
    encoding = "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"
    decoder = codecs.getincrementaldecoder(encoding)("backslashreplace" if encoding != "utf-16" else "replace")
    if b"\0" in head[:1000] and encoding != "utf-16":
        raise DataError(f"{name} is a binary file, not a log of text")
    head = head.removeprefix(codecs.BOM_UTF8)
    while head:
        yield decoder.decode(head).encode("utf-8")
        head = stream.read(chunk)
    yield decoder.decode(b"", final=True).encode("utf-8")


def documents(text: str, name: str) -> Iterator[str]:
    """The JSON documents of a text that is no JSON lines: one after the other, over as many lines as they take.

    The elements of an array are documents of their own, and so are those of the one list in `{"Records": [...]}`.
    """
    decoder, position, end = json.JSONDecoder(), 0, len(text)
    in_array = False
    while (position := _skip(text, position, ",]" if in_array else "")) < end:
        if not in_array and text[position] == "[":
            in_array, position = True, position + 1
            continue
        try:
            value, after = decoder.raw_decode(text, position)
        except json.JSONDecodeError as error:
            line = text.count("\n", 0, error.pos) + 1
            raise DataError(f"{name}, line {line}: the JSON is broken or cut off ({error.msg})") from error
        only = next(iter(value.values())) if isinstance(value, dict) and len(value) == 1 else None
        if isinstance(only, list) and only and all(isinstance(item, dict) for item in only):
            yield from (json.dumps(item, ensure_ascii=False) for item in only)
        else:
            yield text[position:after]
        position = after


def _skip(text: str, position: int, also: str) -> int:
    while position < len(text) and (text[position].isspace() or text[position] in also):
        position += 1
    return position
