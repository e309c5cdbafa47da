"""What the kernel has at this moment, by name and type, never a value: for completion, for help, for the editor.

It is looked at after every cell and for every completion, so what has not changed since is not read again.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from huntlens.assist import session as published
from huntlens_kernel.frames import MOST_COLUMNS, Frames, is_frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huntlens.assist.context import Context
    from huntlens_kernel.configured import Connection
    from huntlens_kernel.session import Session

_MOST_TABLES: Final = 500

Columns = dict[str, str]


class View:
    """The last look at a session; may be asked from several threads."""

    def __init__(self) -> None:
        self._frames = Frames()
        self._tables: dict[str, tuple[Mapping[str, Any], dict[str, Columns]]] = {}
        self._last = published.EMPTY
        self._context: Context | None = None

    def of(self, session: Session) -> published.Session:
        """What the session has; the same object as before where nothing has changed."""
        names, hidden = session.names, getattr(session.shell, "user_ns_hidden", {})
        frames = self._frames.of({
            name: value
            for name, value in list(names.items())
            if not name.startswith("_") and is_frame(value) and name not in hidden
        })  # fmt: skip
        current, timespan = session.active, "" if session.timespan == "all" else session.timespan
        connections = {
            name: published.Connection(
                environment=one.environment,
                variable=name if one.variable else "",
                current=name == current,
                timespan=timespan,
                tables=self._tables_of(session, one, frames),
            )
            for name, one in session.connections.items()
        }
        now = published.Session(
            pid=os.getpid(),
            cwd=_folder(),
            notebook=str(os.environ.get("JPY_SESSION_NAME") or names.get("__vsc_ipynb_file__") or ""),
            frames=frames,
            connections=connections,
        )
        if now != self._last:
            self._last = now
        return self._last

    def context(self, session: Session) -> Context:
        """What completion and help are answered from: the catalogue, and what the session has."""
        from huntlens.assist.context import Context

        catalog, now, last = session.catalogue(), self.of(session), self._context
        if last is None or last.catalog is not catalog or last.session is not now:
            last = self._context = Context(catalog, now, environment="local")
        return last

    def _tables_of(self, session: Session, connection: Connection, frames: Mapping[str, Any]) -> dict[str, Columns]:
        """The tables that are in memory, or that a service has told of before; nothing is asked for here."""
        provider = connection.provider
        if provider is None:
            return {}
        schema = provider.schema if connection.takes_frames else session.schemas.get(provider)
        tables = schema.tables if schema is not None else {}
        before = self._tables.get(connection.name)
        if before is None or before[0] != tables:
            first = list(tables.items())[:_MOST_TABLES]
            read = {key: {one.name: one.type for one in table.columns[:MOST_COLUMNS]} for key, table in first}
            before = self._tables[connection.name] = (tables, read)
        return {key: read for key, read in before[1].items() if key not in frames}


def _folder() -> str:
    try:
        return os.getcwd()  # noqa: PTH109  (the text itself is wanted)
    except OSError:
        return ""
