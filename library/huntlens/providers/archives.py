"""Files, and the files inside archives, as pieces to be read; every archive is taken as hostile.

Zip, tar (plain or compressed), gzip, bzip2 and xz, inside each other up to a depth. Nothing is unpacked to disk and
no name from an archive is used as a path. What is read is counted while it is read, so a lying header helps nobody.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, Final

from huntlens.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MB: Final = 1_000_000
_BROKEN: Final = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError)
_TAR: Final = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_SINGLE: Final[dict[str, Callable[[IO[bytes]], Any]]] = {
    ".gz": lambda stream: gzip.GzipFile(fileobj=stream),
    ".bz2": bz2.BZ2File,
    ".xz": lzma.LZMAFile,
}
_NOISE: Final = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")
_RATIO_FLOOR: Final = 10 * _MB
"""Below this size no ratio is suspicious: ten megabytes of the same log line are harmless."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may unpack to; `None` lifts a limit.

    `ratio` is unpacked to packed size (event logs reach 40; deflate at most 1,030), `depth` archives within archives.
    """

    total_bytes: int | None = 20_000 * _MB
    ratio: float | None = 250
    depth: int | None = 4
    members: int | None = 20_000


@dataclass(frozen=True, slots=True)
class Piece:
    """One file to read: what it is called, and how to open it. `path` is set where it lies on disk as it is."""

    name: str
    open: Callable[[], IO[bytes]]
    size: int = 0
    path: Path | None = None

    @property
    def file_name(self) -> str:
        """The last part of the name."""
        return PurePosixPath(self.name.replace("\\", "/")).name

    @property
    def suffix(self) -> str:
        """What the name ends in, lower case."""
        return PurePosixPath(self.file_name).suffix.lower()


@dataclass(slots=True)
class _Budget:
    """What one archive on disk has unpacked to so far."""

    limits: Limits
    archive: str
    packed: int
    unpacked: int = 0
    members: int = 0

    def spend(self, amount: int) -> None:
        self.unpacked += amount
        limits = self.limits
        if limits.total_bytes is not None and self.unpacked > limits.total_bytes:
            raise ArchiveError(
                f"{self.archive} unpacks to more than {limits.total_bytes / _MB:,.0f} MB; "
                "raise the limit with limits=Limits(total_bytes=...) if you trust it"
            )
        if limits.ratio is not None and self.unpacked > max(_RATIO_FLOOR, limits.ratio * self.packed):
            raise ArchiveError(
                f"{self.archive} unpacks to more than {limits.ratio:g} times its size, as a bomb does; "
                "raise the limit with limits=Limits(ratio=...) if you trust it"
            )

    def member(self) -> None:
        self.members += 1
        if self.limits.members is not None and self.members > self.limits.members:
            raise ArchiveError(
                f"{self.archive} holds more than {self.limits.members:,} files; "
                "raise the limit with limits=Limits(members=...) if you trust it"
            )


def pieces(path: Path, limits: Limits | None = None) -> Iterator[Piece]:
    """The file itself, or the files inside it where it is an archive."""
    piece = Piece(path.name, lambda: path.open("rb"), path.stat().st_size, path)
    yield from _expand(piece, _Budget(limits or Limits(), path.name, max(piece.size, 1)), 0)


def is_archive(name: str) -> bool:
    """Whether a file of that name holds other files or is compressed.

    >>> is_archive("logs.tar.gz"), is_archive("logs.json")
    (True, False)
    """
    lower = name.lower()
    return lower.endswith((".zip", *_TAR, *_SINGLE))


def _expand(piece: Piece, budget: _Budget, depth: int) -> Iterator[Piece]:
    lower = piece.file_name.lower()
    if not is_archive(lower):
        yield piece
        return
    if budget.limits.depth is not None and depth >= budget.limits.depth:
        raise ArchiveError(
            f"{piece.name} is an archive inside {depth} others; "
            "raise the limit with limits=Limits(depth=...) if you trust it"
        )
    if lower.endswith(".zip"):
        members = _zip(piece, budget)
    elif lower.endswith(_TAR):
        members = _tar(piece, budget)
    else:
        members = _single(piece, budget)
    for member in members:
        yield from _expand(member, budget, depth + 1)


def _zip(piece: Piece, budget: _Budget) -> Iterator[Piece]:
    with _reading(piece), piece.open() as stream, zipfile.ZipFile(_seekable(stream)) as archive:
        for info in archive.infolist():
            if info.is_dir() or _is_noise(info.filename):
                continue
            budget.member()
            if info.flag_bits & 1:
                raise ArchiveError(f"{piece.name}/{info.filename} is encrypted; unpack it first")

            def opened(info: zipfile.ZipInfo = info) -> IO[bytes]:
                return _counted(archive.open(info), budget, f"{piece.name}/{info.filename}")

            yield Piece(f"{piece.name}/{info.filename}", opened, info.file_size)


def _tar(piece: Piece, budget: _Budget) -> Iterator[Piece]:
    with _reading(piece), piece.open() as stream, tarfile.open(fileobj=stream, mode="r|*") as archive:
        for info in archive:
            if not info.isfile() or _is_noise(info.name):
                continue
            budget.member()
            inner = archive.extractfile(info)
            if inner is None:
                continue

            def opened(inner: IO[bytes] = inner, name: str = info.name) -> IO[bytes]:
                return _counted(inner, budget, f"{piece.name}/{name}")

            yield Piece(f"{piece.name}/{info.name}", opened, info.size)


def _single(piece: Piece, budget: _Budget) -> Iterator[Piece]:
    suffix = piece.suffix

    def opened() -> IO[bytes]:
        packed = piece.open()
        return _counted(_SINGLE[suffix](packed), budget, piece.name, packed)

    yield Piece(piece.name[: -len(suffix)], opened)


def _is_noise(name: str) -> bool:
    lower = name.lower()
    return lower.startswith(_NOISE[0]) or f"/{_NOISE[0]}" in lower or lower.endswith(_NOISE[1:])


def _seekable(stream: IO[bytes]) -> IO[bytes]:
    """A zip inside an archive is read into memory; what it counts against is the budget of the outer one."""
    return stream if stream.seekable() else io.BytesIO(stream.read())


@contextmanager
def _reading(piece: Piece) -> Iterator[None]:
    """Turns the many ways in which an archive can be broken into one error that names it."""
    try:
        yield
    except (FileNotFoundError, PermissionError):
        raise
    except _BROKEN as error:
        raise ArchiveError(f"{piece.name} is no readable archive: {error or type(error).__name__}") from error


class _Counted(io.RawIOBase):
    """A stream that counts what is read from it, and says in one way that it is broken."""

    def __init__(self, stream: IO[bytes], budget: _Budget, name: str, packed: IO[bytes] | None) -> None:
        self._stream, self._budget, self._name, self._packed = stream, budget, name, packed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._stream.read(len(buffer))
        except _BROKEN as error:
            raise ArchiveError(f"{self._name} is broken: {error or type(error).__name__}") from error
        self._budget.spend(len(data))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        if self._packed is not None:
            self._packed.close()
        super().close()


def _counted(stream: IO[bytes], budget: _Budget, name: str, packed: IO[bytes] | None = None) -> IO[bytes]:
    return io.BufferedReader(_Counted(stream, budget, name, packed), _MB)
