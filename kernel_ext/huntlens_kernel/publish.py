"""Tells the editor what this kernel knows: names and types of frames, connections and tables, never a value."""

from __future__ import annotations

import atexit
import os
import re
import time
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from huntlens.assist import session as published
from huntlens_kernel.session import is_frame

if TYPE_CHECKING:
    from pathlib import Path

    from huntlens_kernel.session import Session

_MOST_COLUMNS: Final = 1_000
_MOST_TABLES: Final = 500


def register(session: Session) -> None:
    """Publish after every cell, and take the file away when the kernel ends."""
    publisher = Publisher(session)
    session.shell.events.register("post_run_cell", publisher)
    atexit.register(publisher.close)
    session.undo.append(partial(session.shell.events.unregister, "post_run_cell", publisher))
    session.undo.append(publisher.close)
    session.undo.append(partial(atexit.unregister, publisher.close))


class Publisher:
    """Writes the session's file when something has changed; a cell never fails because of it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._last = published.EMPTY
        self._path: Path | None = None

    def __call__(self, _result: object = None) -> None:
        now = snapshot(self._session)
        if now == self._last:
            return
        with suppress(OSError):
            self._path = published.publish(replace(now, written=time.time()), name=_kernel_name(self._session.shell))
            self._last = now

    def close(self) -> None:
        """Take the file away."""
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink()
            self._path, self._last = None, published.EMPTY


def snapshot(session: Session) -> published.Session:
    """What the kernel knows at this moment."""
    names = session.names
    hidden = getattr(session.shell, "user_ns_hidden", {})
    frames = {
        name: published.Frame(columns(value))
        for name, value in list(names.items())
        if not name.startswith("_") and name not in hidden and is_frame(value)
    }
    current = session.active
    connections = {
        name: published.Connection(
            environment=one.environment,
            variable=name if one.variable else "",
            current=name == current,
            timespan="" if session.timespan == "all" else session.timespan,
            tables={} if one.provider is None else _tables(one.provider, frames),
        )
        for name, one in session.connections.items()
    }
    return published.Session(
        pid=os.getpid(),
        cwd=_folder(),
        notebook=str(os.environ.get("JPY_SESSION_NAME") or names.get("__vsc_ipynb_file__") or ""),
        frames=frames,
        connections=connections,
    )


def columns(frame: Any) -> dict[str, str]:
    """The KQL types of a frame's columns, by name; the library that the frame is from is not imported."""
    known = getattr(frame, "attrs", {}).get("kql_types", {})
    schema: Any = getattr(frame, "schema", None)
    if hasattr(frame, "dtypes") and hasattr(frame, "iloc"):
        pairs = zip(frame.columns[:_MOST_COLUMNS], frame.dtypes.iloc[:_MOST_COLUMNS], strict=True)
    elif hasattr(schema, "items"):
        pairs = zip(*zip(*list(schema.items())[:_MOST_COLUMNS], strict=True), strict=True)
    elif hasattr(schema, "names"):
        pairs = zip(schema.names[:_MOST_COLUMNS], schema.types[:_MOST_COLUMNS], strict=True)
    else:
        pairs = zip(getattr(frame, "columns", ()), getattr(frame, "types", ()), strict=False)
    return {str(name): str(known.get(name) or _kql_type(str(dtype), frame, name)) for name, dtype in pairs}


_TYPES: Final = (
    (re.compile(r"u?int|bigint|hugeint|integer", re.IGNORECASE), "long"),
    (re.compile(r"float|double|real", re.IGNORECASE), "real"),
    (re.compile(r"bool", re.IGNORECASE), "bool"),
    (re.compile(r"datetime|timestamp|date", re.IGNORECASE), "datetime"),
    (re.compile(r"timedelta|duration|interval", re.IGNORECASE), "timespan"),
    (re.compile(r"decimal", re.IGNORECASE), "decimal"),
    (re.compile(r"list|struct|map|json", re.IGNORECASE), "dynamic"),
)


def _kql_type(dtype: str, frame: Any, name: object) -> str:
    for pattern, kind in _TYPES:
        if pattern.match(dtype):
            return kind
    if dtype != "object":
        return "string"
    column = frame[name]
    first = column.dropna().head(1).tolist() if getattr(column, "ndim", 0) == 1 else []
    return "dynamic" if first and isinstance(first[0], dict | list) else "string"


def _tables(provider: Any, frames: dict[str, published.Frame]) -> dict[str, dict[str, str]]:
    """The tables that a connection holds in memory; those of a remote schema are in the editor's own cache."""
    tables = getattr(provider.schema, "tables", {})
    return {
        name: {column.name: column.type for column in table.columns[:_MOST_COLUMNS]}
        for name, table in list(tables.items())[:_MOST_TABLES]
        if name not in frames
    }


def _folder() -> str:
    try:
        return os.getcwd()  # noqa: PTH109  (the text itself is wanted)
    except OSError:
        return ""


def _kernel_name(shell: Any) -> str:
    """The id of the kernel, as in the name of its connection file; a terminal has none."""
    found = None
    if getattr(shell, "kernel", None) is not None:
        from ipykernel.connect import get_connection_file

        with suppress(RuntimeError):
            found = re.search(r"kernel-([\w-]+)\.json$", get_connection_file())
    return found[1] if found else f"pid{os.getpid()}"
