"""What a running kernel has published: its connections, tables, columns and data frames, by name and type.

The kernel writes one small JSON file after a cell has run, the editor reads it: one way, no port, and it keeps
answering while the kernel is busy. Values are never written. Layout of a file, `<folder>/<name>.json`:

    {"version": 1, "pid": 4711, "cwd": "/home/ana/hunt", "notebook": "/home/ana/hunt/case.ipynb",
     "written": 1795233600.0,
     "frames": {"df": {"columns": {"Host": "string"}}},
     "connections": {"local": {"environment": "local", "variable": "qp", "current": true, "timespan": "7d",
                               "tables": {"SecurityEvent": {"Computer": "string"}}}}}

Types are those of KQL. A file whose process is gone is no longer believed.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field, fields
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huntlens.kql.schema import ColumnSchema, TableSchema
from huntlens.kql.types import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VERSION = 1
_MAX_BYTES = 8_000_000
_MAX_NAME = 512
_WRITING_S = 60


@dataclass(frozen=True)
class Connection:
    """A connection of the kernel; `variable` is the Python name that holds it, empty where none does."""

    environment: str
    variable: str = ""
    current: bool = False
    timespan: str = ""
    tables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Frame:
    """A variable that holds a table."""

    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Session:
    """What one kernel has published; the empty session where none runs."""

    pid: int = 0
    cwd: str = ""
    notebook: str = ""
    written: float = 0.0
    frames: Mapping[str, Frame] = field(default_factory=dict)
    connections: Mapping[str, Connection] = field(default_factory=dict)

    @cached_property
    def tables(self) -> tuple[TableSchema, ...]:
        """Frames and the tables of the current connection, as the binder takes them; frames come last and win."""
        found = [
            _table(name, columns, connection.environment)
            for connection in self.connections.values()
            if connection.current or len(self.connections) == 1
            for name, columns in connection.tables.items()
        ]
        return (*found, *(_table(name, frame.columns, "data frame") for name, frame in self.frames.items()))


EMPTY = Session()


def folder() -> Path:
    """Where sessions are published: a folder of the user's own, one that ends with the log-in where there is one."""
    chosen = os.environ.get("HUNTLENS_RUNTIME_DIR")
    if chosen:
        return Path(chosen)
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime:
        return Path(runtime) / "huntlens"
    from platformdirs import user_state_path  # not before it is needed: loading a kernel extension waits for it

    return user_state_path("huntlens", appauthor=False) / "sessions"


def publish(session: Session, *, name: str = "", into: Path | None = None) -> Path:
    """Write a session, for its owner's eyes only and in one step, and say where."""
    into = into or folder()
    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = into / f"{name or session.pid}.json"
    body = json.dumps({"version": VERSION, **_values(session)}, default=_values).encode()
    handle, temporary = tempfile.mkstemp(dir=into, suffix=".part")
    with os.fdopen(handle, "wb") as file:
        file.write(body)
    Path(temporary).replace(path)
    return path


def _values(value: Session | Connection | Frame) -> dict[str, Any]:
    return {one.name: getattr(value, one.name) for one in fields(value)}


def sweep(within: Path | None = None) -> None:
    """Remove the files of this user's kernels that ended without doing so, and what was left half written."""
    for path in (within or folder()).glob("*.*"):
        with suppress(OSError, ValueError, TypeError, AttributeError):
            if path.suffix == ".part" and time.time() - path.stat().st_mtime > _WRITING_S:
                path.unlink()
            if path.suffix == ".json" and path.is_file() and path.stat().st_size <= _MAX_BYTES:
                pid = json.loads(path.read_bytes())["pid"]
                if isinstance(pid, int) and not _alive(pid):
                    path.unlink()


def read(path: Path) -> Session | None:
    """The session of a file; None where it is another user's, malformed, of another version or its kernel is gone."""
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode) or not _own(state):
            return None
        session = _read(path, state.st_mtime_ns, state.st_size)
    except (OSError, ValueError, RecursionError):
        return None
    return session if session and session.pid and _alive(session.pid) else None


def sessions(within: Path | None = None) -> list[Session]:
    """All sessions of living kernels, the newest first."""
    paths = (within or folder()).glob("*.json")
    return sorted(filter(None, map(read, paths)), key=lambda session: -session.written)


@lru_cache(maxsize=64)
def _read(path: Path, _changed: int, size: int) -> Session | None:
    """The session of a file as it was at a time; the editor looks at it every other second."""
    with path.open("rb") as file:
        value = json.loads(file.read(_MAX_BYTES)) if size <= _MAX_BYTES else None
    if not isinstance(value, dict) or value.get("version") != VERSION:
        return None
    return Session(
        pid=int(_number(value.get("pid"))),
        cwd=_text(value.get("cwd")),
        notebook=_text(value.get("notebook")),
        written=_number(value.get("written")),
        frames={name: Frame(_columns(frame.get("columns"))) for name, frame in _tables_of(value.get("frames"))},
        connections={name: _connection(one) for name, one in _tables_of(value.get("connections"))},
    )


def find(notebook: str, within: Path | None = None) -> Session:
    """The session for a notebook or file: the one that names it, else the newest that runs in its folder."""
    found = sessions(within)
    for session in found:
        if session.notebook and same_file(session.notebook, notebook):
            return session
    for session in found:
        if not session.notebook and session.cwd and same_file(session.cwd, str(Path(notebook).parent)):
            return session
    return EMPTY


def same_file(left: str, right: str) -> bool:
    """Whether two paths name the same place."""
    return os.path.normcase(os.path.realpath(left)) == os.path.normcase(os.path.realpath(right))


def _table(name: str, columns: Mapping[str, str], source: str) -> TableSchema:
    return TableSchema(
        name, tuple(ColumnSchema(column, canonical(kind)) for column, kind in columns.items()), source=source
    )


def _connection(value: Mapping[str, Any]) -> Connection:
    return Connection(
        environment=_text(value.get("environment")),
        variable=_text(value.get("variable")),
        current=value.get("current") is True,
        timespan=_text(value.get("timespan")),
        tables={name: _columns(columns) for name, columns in _tables_of(value.get("tables"))},
    )


def _tables_of(value: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, one in value.items() if isinstance(value, dict) else ():
        if isinstance(one, dict) and len(name) <= _MAX_NAME:
            yield name, one


def _columns(value: object) -> dict[str, str]:
    pairs = value.items() if isinstance(value, dict) else ()
    return {name: kind for name, kind in pairs if isinstance(kind, str) and len(name) <= _MAX_NAME}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15 else 0


def _own(state: os.stat_result) -> bool:
    """Whether a file belongs to this user: what others have put there is not believed."""
    return sys.platform == "win32" or state.st_uid == os.getuid()


def _alive(pid: int) -> bool:
    if sys.platform == "win32":  # sending signal 0 would end the process there
        return True
    with suppress(ProcessLookupError, OverflowError):
        try:
            os.kill(pid, 0)
        except PermissionError:
            return True
        return True
    return False
