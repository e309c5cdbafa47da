"""What is hidden in encoded text: base64, hex, URL encoding, archives and compressed streams, one inside the other.

Nothing is executed and nothing is written; `Limits` bounds depth, number and size of what is unpacked, so that a
small text that grows to gigabytes costs a bounded amount.
"""

from __future__ import annotations

import base64
import binascii
import bz2
import hashlib
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

_BASE64: Final = re.compile(
    r"(?<![A-Za-z0-9+/_=-])(?:[A-Za-z0-9+/]{20,}|[A-Za-z0-9_-]{20,})={0,2}(?![A-Za-z0-9+/_=-])",
    re.ASCII,
)
# What `certutil -encode` and mail write: lines of one length, the last one shorter.
_WRAPPED: Final = re.compile(
    r"(?<![A-Za-z0-9+/=])(?:[A-Za-z0-9+/]{60,76}\r?\n){1,65536}[A-Za-z0-9+/]{1,76}={0,2}(?![A-Za-z0-9+/=])"
)
# What PowerShell takes after -e, -ec, -enc ... -EncodedCommand is UTF-16 however short it is.
_POWERSHELL: Final = re.compile(
    r"(?i)(?<=\s)[-/]e(?:c|nc?|nco[a-z]*)?\s+[\"']?([A-Za-z0-9+/]{4,}={0,2})(?![A-Za-z0-9+/])"
)
_HEX: Final = re.compile(r"(?<![0-9A-Fa-f])(?:0x)?((?:[0-9A-Fa-f]{2}){24,})(?![0-9A-Fa-f])")
# The look-behind keeps this linear: without it every character of a long token would start a search to its end.
_ESCAPED: Final = re.compile(
    r"(?<![A-Za-z0-9._~/+%-])(?:[A-Za-z0-9._~/+-]*%[0-9A-Fa-f]{2}){4,}[A-Za-z0-9._~/+-]*", re.ASCII
)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]")
_SAMPLE: Final = 4_096
_HASH_LENGTHS: Final = frozenset((32, 40, 56, 64, 96, 128))
_MAGIC: Final = (
    (b"\x1f\x8b", "gzip"), (b"PK\x03\x04", "zip"), (b"BZh", "bz2"), (b"\xfd7zXZ\x00", "xz"), (b"MZ", "exe"),
    (b"\x7fELF", "elf"), (b"%PDF", "pdf"), (b"7z\xbc\xaf\x27\x1c", "7z"), (b"Rar!", "rar"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"), (b"MSWIM\x00", "wim"),
)  # fmt: skip
COLUMNS: Final = (
    "row", "path", "depth", "encoding", "kind", "name", "source", "text", "size", "md5", "sha1", "sha256", "start",
    "end",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Limits:
    """How far unpacking goes: nesting, number of items, bytes of all items, growth of one stream."""

    depth: int = 12
    items: int = 200
    size: int = 16_000_000
    ratio: int = 1_000


@dataclass(frozen=True, slots=True)
class Item:
    """Something that was unpacked.

    `path` numbers it within its parents (`1.2`); `encoding` is how it was hidden (`base64`, `gzip`, `zip`, ...);
    `kind` what it is (`text`, `utf-16 text`, `exe`, `zip`, `binary`, or `too large`); `text` its text, if it is one;
    `start` and `end` the span within the outermost text, for items found there.
    """

    path: str
    depth: int
    encoding: str
    kind: str
    name: str
    source: str
    data: bytes
    text: str
    start: int
    end: int


class _Budget:
    """What is left of the limits while one text is unpacked."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self.items, self.size = limits, limits.items, limits.size

    def allows(self, depth: int) -> bool:
        return depth <= self.limits.depth and self.items > 0 and self.size > 0

    def room(self, packed: int) -> int:
        return min(self.size, max(packed * self.limits.ratio, 4_096))

    def spend(self, size: int) -> None:
        self.items -= 1
        self.size -= size


def unpack(text: str, *, limits: Limits | None = None) -> list[Item]:
    """What is hidden in a text, parents before what they hold.

    >>> [item.text for item in unpack("powershell -enc aABpACAAdABoAGUAcgBlAA==")]
    ['hi there']
    """
    return list(_unpack_text(text, "", 1, _Budget(limits or Limits())))


def decode(data: object, column: str | None = None, *, limits: Limits | None = None) -> pd.DataFrame:
    """What is hidden in a text, a list, a Series or a column of a frame: one row for each item.

    Columns: `row` (index label of the input), `path`, `depth`, `encoding`, `kind`, `name`, `source` (the encoded
    text, cut at 200 characters), `text`, `size` in bytes, `md5`, `sha1`, `sha256`, `start`, `end`. Missing values
    hold nothing. Raises `DataError` for an unknown column.

    >>> decode(["cmd /c echo aGVsbG8gd29ybGQsIGhlbGxv", None]).text.tolist()
    ['hello world, hello']
    """
    import pandas as pd

    from huntlens.analyze.texts import as_series

    series = as_series(data, column)
    found: dict[str, list[Item]] = {}
    rows = []
    for label, value in series.dropna().items():
        text = str(value)
        if text not in found:
            found[text] = unpack(text, limits=limits)
        rows += [(label, *_row(item)) for item in found[text]]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(item: Item) -> tuple[object, ...]:
    data = item.data
    hashes = (hashlib.md5(data, usedforsecurity=False), hashlib.sha1(data, usedforsecurity=False), hashlib.sha256(data))
    return (
        item.path, item.depth, item.encoding, item.kind, item.name, item.source[:200], item.text, len(data),
        *(value.hexdigest() for value in hashes), item.start, item.end,
    )  # fmt: skip


# --- texts -----------------------------------------------------------------------------------------------------


def _unpack_text(text: str, prefix: str, depth: int, budget: _Budget) -> Iterator[Item]:
    for number, (start, end, encoding, data) in enumerate(_hidden(text), start=1):
        if not budget.allows(depth):
            return
        path = f"{prefix}{number}"
        yield from _unpack_bytes(data, path, depth, encoding, "", text[start:end], (start, end), budget)


def _hidden(text: str) -> Iterator[tuple[int, int, str, bytes]]:
    """The encoded stretches of a text, as (start, end, encoding, bytes); they do not overlap."""
    taken: list[tuple[int, int]] = []
    for finder in (_powershell, _wrapped, _base64, _hex, _escaped):
        for start, end, encoding, data in finder(text):
            if all(end <= low or start >= high for low, high in taken):
                taken.append((start, end))
                yield start, end, encoding, data


def _powershell(text: str) -> Iterator[tuple[int, int, str, bytes]]:
    for match in _POWERSHELL.finditer(text):
        data = _from_base64(match[1])
        if data is not None and (_is_utf16(data) or _kind_of(data) != "binary"):
            yield match.start(1), match.end(1), "powershell", data


def _wrapped(text: str) -> Iterator[tuple[int, int, str, bytes]]:
    for match in _WRAPPED.finditer(text) if "\n" in text else ():
        data = _from_base64("".join(match[0].split()))
        if data is not None and _kind_of(data) != "binary":
            yield match.start(), match.end(), "base64", data


def _base64(text: str) -> Iterator[tuple[int, int, str, bytes]]:
    for match in _BASE64.finditer(text):
        if _is_hash(match[0]):
            continue
        data = _from_base64(match[0])
        if data is not None and _kind_of(data) != "binary":
            yield match.start(), match.end(), "base64", data


def _hex(text: str) -> Iterator[tuple[int, int, str, bytes]]:
    for match in _HEX.finditer(text):
        data = bytes.fromhex(match[1])
        if not _is_hash(match[1]) and _kind_of(data) != "binary":
            yield match.start(), match.end(), "hex", data


def _escaped(text: str) -> Iterator[tuple[int, int, str, bytes]]:
    if "%" not in text:
        return
    for match in _ESCAPED.finditer(text):
        data = unquote_to_bytes(match[0])
        if _kind_of(data) != "binary":
            yield match.start(), match.end(), "url", data


def _is_hash(text: str) -> bool:
    return len(text) in _HASH_LENGTHS and re.fullmatch(r"[0-9A-Fa-f]+", text) is not None


def _from_base64(text: str) -> bytes | None:
    body = text.rstrip("=").replace("-", "+").replace("_", "/")
    if len(body) % 4 == 1:
        body = body[:-1]
    try:
        return base64.b64decode(body + "=" * (-len(body) % 4), validate=True)
    except binascii.Error:
        return None


# --- bytes -----------------------------------------------------------------------------------------------------


def _unpack_bytes(
    data: bytes, path: str, depth: int, encoding: str, name: str, source: str, span: tuple[int, int], budget: _Budget
) -> Iterator[Item]:
    """One item and what it holds."""
    budget.spend(len(data))
    kind = _kind_of(data)
    text = _text_of(data, kind)
    yield Item(path, depth, encoding, kind, name, source, data, text, *span)
    if not budget.allows(depth + 1):
        return
    if text:
        yield from _unpack_text(text, f"{path}.", depth + 1, budget)
        return
    for number, (member, inner) in enumerate(_contents(data, kind, budget), start=1):
        below = f"{path}.{number}"
        if inner is None:
            yield Item(below, depth + 1, kind, "too large", member, "", b"", "", *span)
        elif budget.allows(depth + 1):
            yield from _unpack_bytes(inner, below, depth + 1, kind, member, "", span, budget)


def _kind_of(data: bytes) -> str:
    for magic, kind in _MAGIC:
        if data.startswith(magic) and (kind != "exe" or b"PE\0\0" in data[:1024] or b"DOS mode" in data[:256]):
            return kind
    if data[257:262] == b"ustar":
        return "tar"
    if data[:1] == b"\x78" and len(data) > 2 and int.from_bytes(data[:2], "big") % 31 == 0:
        return "zlib"
    if _is_utf16(data):
        return "utf-16 text"
    if _is_text(data):
        return "text"
    return "deflate" if _is_deflate(data) else "binary"


def _is_deflate(data: bytes) -> bool:
    """Whether bytes are a whole stream without a header, as `IO.Compression.DeflateStream` of PowerShell writes it."""
    # The bits of a block's head say which kind it is; the fourth kind does not exist, so most chance bytes stop here.
    if len(data) < 12 or data[0] & 0b110 == 0b110:
        return False
    stream = zlib.decompressobj(-15)
    try:
        start = stream.decompress(data, _SAMPLE)
    except zlib.error:
        return False
    whole = stream.eof or bool(stream.unconsumed_tail)
    return whole and not stream.unused_data and len(start) > 8 and (_is_utf16(start) or _is_text(start))


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    if len(text) < 2 or _CONTROL.search(text):
        return False
    # Chance gives any UTF-8 at all now and then; real text is mostly letters, digits, spaces and ASCII.
    sample = text[:_SAMPLE]
    return sum((char.isprintable() and char < "\u0250") or char in "\t\r\n" for char in sample) >= 0.9 * len(sample)


def _is_utf16(data: bytes) -> bool:
    """Whether every second byte is nearly always zero, as it is in UTF-16 of what hunters read."""
    body = data[2:] if data[:2] == b"\xff\xfe" else data
    if len(body) < 4 or len(body) % 2:
        return False
    return body[1::2].count(0) >= 0.8 * (len(body) // 2) and _is_text(body[::2].replace(b"\0", b"\1"))


def _text_of(data: bytes, kind: str) -> str:
    if kind == "utf-16 text":
        return data.decode("utf-16-le", "replace").lstrip("\ufeff")
    return data.decode("utf-8", "replace") if kind == "text" else ""


def _contents(data: bytes, kind: str, budget: _Budget) -> Iterator[tuple[str, bytes | None]]:
    """What a packed item holds, as (name, bytes); None for bytes past the limits. A broken item holds nothing."""
    opener = _OPENERS.get(kind)
    if opener is None:
        return
    try:
        yield from opener(data, budget)
    except (
        OSError,
        EOFError,
        ValueError,
        RuntimeError,
        zlib.error,
        lzma.LZMAError,
        zipfile.BadZipFile,
        tarfile.TarError,
    ):
        # A download cut off in the middle is still worth its hash, which the caller has already reported.
        return


def _zlib(wbits: int) -> Callable[[bytes, _Budget], Iterator[tuple[str, bytes | None]]]:
    def open_stream(data: bytes, budget: _Budget) -> Iterator[tuple[str, bytes | None]]:
        stream, room = zlib.decompressobj(wbits), budget.room(len(data))
        out = stream.decompress(data, room)
        yield "", None if stream.unconsumed_tail else out

    return open_stream


def _bz2(data: bytes, budget: _Budget) -> Iterator[tuple[str, bytes | None]]:
    stream = bz2.BZ2Decompressor()
    out = stream.decompress(data, budget.room(len(data)))
    yield "", out if stream.eof else None


def _xz(data: bytes, budget: _Budget) -> Iterator[tuple[str, bytes | None]]:
    stream = lzma.LZMADecompressor(memlimit=64_000_000)
    out = stream.decompress(data, budget.room(len(data)))
    yield "", out if stream.eof else None


def _zip(data: bytes, budget: _Budget) -> Iterator[tuple[str, bytes | None]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            if budget.items <= 0:
                return
            if not member.is_dir():
                with archive.open(member) as stream:
                    room = budget.room(max(member.compress_size, 1))
                    out = stream.read(room + 1)
                yield member.filename, None if len(out) > room else out


def _tar(data: bytes, budget: _Budget) -> Iterator[tuple[str, bytes | None]]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            stream = archive.extractfile(member) if member.isfile() else None
            if stream is not None:
                yield member.name, None if member.size > budget.size else stream.read()


_OPENERS: Final[dict[str, Callable[[bytes, _Budget], Iterator[tuple[str, bytes | None]]]]] = {
    "gzip": _zlib(31),
    "zlib": _zlib(15),
    "deflate": _zlib(-15),
    "bz2": _bz2,
    "xz": _xz,
    "zip": _zip,
    "tar": _tar,
}
