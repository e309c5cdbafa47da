"""The built index: what a folder, file or archive of packs holds, as JSON lines that are read without YAML.

The first line says what the index was built from and where each query stands; a query's own line is decoded when it
is asked for. An index is valid as long as the files that it was built from have the size and time that they had.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from huntlens.catalog.model import EntityAttribute, Pack, Parameter, Pivot, Query
from huntlens.errors import PackError

if TYPE_CHECKING:
    from collections.abc import Sequence

_QUERY_FIELDS: Final = {item.name: item.default for item in fields(Query)}
_PARAMETER_FIELDS: Final = {item.name: item.default for item in fields(Parameter)}
_PIVOT_FIELDS: Final = {item.name: item.default for item in fields(Pivot)}
KEPT: Final = 64
"""How many indexes the cache folder holds."""
_LISTS: Final = frozenset({"tables", "techniques", "tags", "aliases", "environments", "values", "fixed"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A query of an index that has not been decoded: its id, where it runs and where its line stands."""

    id: str
    environments: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True)
class Index:
    """An index in memory."""

    fingerprint: str
    packs: tuple[Pack, ...]
    """The packs without their queries."""
    pivots: tuple[Pivot, ...]
    entries: tuple[Entry, ...]
    data: bytes

    @property
    def errors(self) -> tuple[PackError, ...]:
        """All errors of all packs."""
        return tuple(error for pack in self.packs for error in pack.errors)

    def query(self, entry: Entry) -> Query:
        """The query of an entry."""
        return _query(json.loads(self.data[entry.start : entry.end]))


def build(fingerprint: str, packs: Sequence[Pack], pivots: Sequence[Pivot] = ()) -> Index:
    """The index of packs."""
    body = bytearray()
    entries = []
    for pack in packs:
        for query in pack.queries:
            line = json.dumps(_query_row(query), ensure_ascii=False, separators=(",", ":"), default=str)
            start = len(body)
            body += line.encode("utf-8", "surrogatepass") + b"\n"
            entries.append(Entry(query.id, query.environments, start, len(body)))
    bare = tuple(Pack(pack.name, pack.description, pack.environments, (), pack.path, pack.errors) for pack in packs)
    return Index(fingerprint, bare, tuple(pivots), tuple(entries), bytes(body))


def save(index: Index, path: Path) -> None:
    """Write an index where it can be found again; where that fails the next start reads the YAML once more."""
    header = {
        "size": len(index.data),
        "fingerprint": index.fingerprint,
        "packs": [_pack_row(pack) for pack in index.packs],
        "pivots": [_row(pivot, _PIVOT_FIELDS) for pivot in index.pivots],
        "entries": [[entry.id, entry.environments, entry.start, entry.end] for entry in index.entries],
    }
    _write(path, json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" + index.data)
    _prune(path.parent)


def read(path: Path, fingerprint: str) -> Index | None:
    """The index at a path if it is there, whole, and was built from the same files."""
    try:
        content = path.read_bytes()
        first, _, data = content.partition(b"\n")
        header: dict[str, Any] = json.loads(first)
        if header["fingerprint"] != fingerprint or header["size"] != len(data):
            return None
        return Index(
            fingerprint,
            tuple(_pack(*row) for row in header["packs"]),
            tuple(Pivot(**_tuples(row)) for row in header["pivots"]),
            tuple(Entry(id_, tuple(environments), start, end) for id_, environments, start, end in header["entries"]),
            data,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def fingerprint(files: Sequence[tuple[str, int, int]], *more: str) -> str:
    """What a set of files is known by: their names, sizes and times.

    Two checksums, for it is chance that must not confuse two states, not malice; a digest would load OpenSSL.
    """
    first, second = 0, 0x5EED
    for line in (repr(more), *(f"{name}\0{size}\0{changed}" for name, size, changed in sorted(files))):
        data = line.encode("utf-8", "surrogatepass")
        first, second = crc32(data, first), crc32(data[::-1], second)
    return f"{len(files):x}-{first:08x}{second:08x}"


def _pack_row(pack: Pack) -> list[object]:
    return [pack.name, pack.description, pack.environments, pack.path, _error_rows(pack)]


def _error_rows(pack: Pack) -> list[list[object]]:
    return [[str(error).removeprefix(f"{error.path}:{error.line}: "), error.line] for error in pack.errors]


def _pack(name: str, description: str, environments: list[str], path: str, errors: list[tuple[str, int]]) -> Pack:
    return Pack(name, description, tuple(environments), (), path, tuple(PackError(text, path, n) for text, n in errors))


def _row(value: Query | Parameter | Pivot, defaults: dict[str, object]) -> dict[str, Any]:
    return {
        name: found for name, default in defaults.items() if (found := getattr(value, name)) not in (default, (), {})
    }


def _query_row(query: Query) -> dict[str, Any]:
    row = _row(query, _QUERY_FIELDS)
    if "parameters" in row:
        row["parameters"] = [_parameter_row(item) for item in query.parameters]
    return row


def _parameter_row(parameter: Parameter) -> dict[str, Any]:
    row = _row(parameter, _PARAMETER_FIELDS)
    if not parameter.required:
        row["required"] = False
        row["default"] = parameter.default
    return row


def _tuples(row: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if name in _LISTS else value for name, value in row.items()}


def _query(row: dict[str, Any]) -> Query:
    row["parameters"] = tuple(_parameter(item) for item in row.get("parameters", ()))
    return Query(**_tuples(row))


def _parameter(row: dict[str, Any]) -> Parameter:
    if "entity" in row:
        row["entity"] = EntityAttribute(*row["entity"])
    return Parameter(**_tuples(row))


def read_names(path: Path, key: str) -> tuple[str, ...] | None:
    """A kept list of names, if it was kept under the same key."""
    try:
        found = json.loads(path.read_bytes())
        return tuple(str(name) for name in found["names"]) if found["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save_names(path: Path, key: str, names: Sequence[str]) -> None:
    """Keep a list of names under a key."""
    _write(path, json.dumps({"key": key, "names": names}).encode())


def _write(path: Path, content: bytes) -> None:
    """Put a file in its place whole, or not at all where the folder cannot be written."""
    import tempfile

    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".packs-")
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)


def _prune(folder: Path) -> None:
    """Forget the indexes that were written longest ago: roots come and go, as temporary folders do."""
    with contextlib.suppress(OSError):
        known = sorted(folder.glob("packs-*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
        for path in known[:-KEPT]:
            path.unlink(missing_ok=True)
