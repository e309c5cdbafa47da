"""`%hunt`: connections, tables, the catalogue, the time range and the state of this session."""

from __future__ import annotations

import traceback as traces
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from huntlens.catalog.render import render
from huntlens.catalog.values import parse
from huntlens.errors import ConfigError
from huntlens.providers.source import Options
from huntlens_kernel.display import Table
from huntlens_kernel.errors import tell, visible
from huntlens_kernel.frames import is_frame
from huntlens_kernel.progress import Progress
from huntlens_kernel.variables import frames

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from huntlens.assist.magic_line import Line
    from huntlens_kernel.session import Session

__all__ = ["hunt"]

AUTOLOAD: Final = "10-huntlens.py"
_AUTOLOAD_TEXT: Final = 'get_ipython().run_line_magic("load_ext", "huntlens_kernel")\n'


def hunt(session: Session, line: Line, cell: str | None) -> Any:
    """Carry out the action that the line names."""
    del cell
    action = line.value("action") or "status"
    return ACTIONS[action](session, line)


def _words(line: Line) -> tuple[list[str], dict[str, str]]:
    """The words after the action: those that stand alone, and `name=value` pairs."""
    alone = [word for word in line.values("values") if "=" not in word]
    pairs = (word.partition("=") for word in line.values("values") if "=" in word)
    return alone, {name: value for name, _, value in pairs}


def _one(line: Line, what: str) -> str:
    alone, _ = _words(line)
    if not alone:
        message = f"%hunt {line.value('action')} needs {what}"
        raise ConfigError(message)
    return alone[0]


def _frame(rows: Sequence[Sequence[Any]], columns: Sequence[str]) -> Any:
    import pandas as pd

    return pd.DataFrame(list(rows), columns=list(columns))


def _connect(session: Session, line: Line) -> Any:
    environment = _one(line, "an environment: %hunt connect local data/")
    alone, options = _words(line)
    name = options.pop("name", environment)
    data = alone[1:]
    if environment != "local" and data:
        message = f"'{data[0]}' is not understood: options of {environment} are written name=value"
        raise ConfigError(message)
    session.connect(name, environment, data=data, **options)
    return _tables(session, line) if data else _connections(session, line)


def _connections(session: Session, line: Line) -> Any:
    del line
    current = session.active
    rows = [
        (one.name, one.environment, "current" if one.name == current else "", one.kind)
        for one in session.connections.values()
    ]
    note = "" if rows else "none yet: queries run on the data frames of this notebook. %hunt connect makes one"
    problem = session.configured.problem
    note = f"the settings cannot be read: {problem}" if problem is not None else note
    return Table(_frame(rows, ("name", "environment", "state", "kind")), "Connections", note)


def _use(session: Session, line: Line) -> Any:
    name = _one(line, "the name of a connection")
    session.current = session.connection(name).name
    return _connections(session, line)


def _close(session: Session, line: Line) -> Any:
    name = _one(line, "the name of a connection")
    held = session.own.pop(name, None)
    if held is None:
        message = f"there is no connection '{name}' of this session to close"
        raise ConfigError(message)
    held.provider.close()
    session.current = "" if session.current == name else session.current
    return _connections(session, line)


def _tables(session: Session, line: Line) -> Any:
    alone, _ = _words(line)
    named = alone[0] if line.value("action") == "tables" and alone and alone[0] in session.connections else ""
    connection = session.connection(named)
    tables = connection.provider.schema.tables
    rows = [(name, len(table.columns), table.source) for name, table in sorted(tables.items())]
    note = "" if rows else "no tables; data frames of this notebook can be queried by name"
    return Table(_frame(rows, ("table", "columns", "source")), f"Tables of {connection.name}", note)


def _schema(session: Session, line: Line) -> Any:
    from huntlens.kql.schema import shipped

    name = _one(line, "the name of a table")
    table = session.connection().provider.schema.table(name) or shipped().table(name)
    if table is None:
        message = f"no table is named '{name}' here; %hunt tables lists them"
        raise ConfigError(message)
    rows = [(column.name, column.type, column.doc) for column in table.columns]
    return Table(_frame(rows, ("column", "type", "about")), table.name, table.doc)


def _queries(session: Session, line: Line) -> Any:
    words = [word.lower() for word in line.values("values")]
    found = [one for one in session.catalogue().queries if all(word in one.id.lower() for word in words)]
    return _listed(found, "Queries")


def _search(session: Session, line: Line) -> Any:
    words = " ".join(line.values("values"))
    hits = session.catalogue().search(words)
    return _listed([hit.query for hit in hits], f"Queries about {words}" if words else "Queries")


def _browse(session: Session, line: Line) -> Any:
    """The page of all queries, or of those that run on the connection that the line names."""
    from huntlens.viz.query_browser import QueryBrowser

    alone, _ = _words(line)
    named = alone[0] if alone else line.value("connection")
    known = session.catalogue()
    return QueryBrowser(known.of(session.connection(named).environment) if named else known)


def _listed(found: Sequence[Any], caption: str) -> Table:
    rows = [(one.id, one.summary, one.signature, ", ".join(one.tables)) for one in found]
    return Table(_frame(rows, ("query", "what it finds", "call", "tables")), caption, "%hunt run NAME parameter=value")


def _run(session: Session, line: Line) -> Any:
    name = _one(line, "the name of a query: %hunt run windows.logons host=web01")
    _, values = _words(line)
    connection = session.connection(line.value("connection"))
    query = connection.provider.catalog.get(name)
    read = {key: parse(query.parameter(key), text) if query.parameter(key) else text for key, text in values.items()}
    if line.given("dry-run"):
        tell(visible(render(query, read).text))
        return None
    with Progress(session.shell, f"{name} on {connection.name}") as progress:
        options = Options(
            limit=int(float(line.value("limit"))) if line.given("limit") else None,
            timeout_s=float(line.value("timeout")) if line.given("timeout") else None,
            tick=progress.tick,
            tables=frames(query.text, session.names) if connection.takes_frames else {},
        )
        return connection.provider.run(
            query, read, timespan=session.range(line.value("timespan"), connection), options=options
        )


def _timespan(session: Session, line: Line) -> Any:
    wanted = " ".join(line.values("values")) or line.value("timespan")
    if wanted:
        session.range(wanted)
        session.timespan = wanted
    tell(f"time range: {_span(session)}")


def _span(session: Session) -> str:
    """The time range in force for the current connection, and who says so."""
    current = session.connections.get(session.active)
    span = session.range(connection=current)
    said = session.timespan if session.timespan != "all" else ""
    return f"{span or 'all time'}{f' ({said})' if said else ' (settings)' if span is not None else ''}"


def _status(session: Session, line: Line) -> Any:
    import huntlens

    del line
    connections = session.connections
    frames = sorted(name for name, value in session.names.items() if not name.startswith("_") and is_frame(value))
    rows = [
        ("version", huntlens.__version__),
        ("connections", ", ".join(f"{one.name} ({one.environment})" for one in connections.values()) or "none yet"),
        ("current", session.active or "data frames of this notebook"),
        ("time range", _span(session)),
        ("data frames", ", ".join(frames) or "none"),
        ("saved queries", ", ".join(session.saved) or "none"),
        ("settings", str(session.configured.problem or "read")),
        ("last error", str(session.last_error or "none")),
    ]
    return Table(_frame(rows, ("what", "value")), "huntlens", "%hunt? lists what %hunt can do")


def _traceback(session: Session, line: Line) -> Any:
    del line
    if session.last_error is None:
        tell("there was no error")
        return
    tell(visible("".join(traces.format_exception(session.last_error))))


def _autoload(session: Session, line: Line) -> Any:
    """A file in the profile's startup folder loads the extension in every kernel and terminal of the profile."""
    wanted = _one(line, "on or off")
    folder = Path(session.shell.profile_dir.startup_dir)
    path = folder / AUTOLOAD
    if wanted == "on":
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(_AUTOLOAD_TEXT, "utf-8")
    elif wanted == "off":
        path.unlink(missing_ok=True)
    else:
        raise ConfigError("%hunt autoload is on or off")
    tell(f"the extension is loaded by itself: {'yes' if path.exists() else 'no'} ({path})")


def _doctor(session: Session, line: Line) -> Any:
    """What is installed, and what an extra would add."""
    from huntlens.config.installed import OPTIONAL, core, version

    del session, line
    rows = [(one.name, one.version, one.purpose, "" if one.version else one.remedy) for one in OPTIONAL]
    rows += [(name, version(name), "the core", "" if version(name) else f"pip install {name}") for name in core()]
    return Table(_frame(rows, ("package", "version", "for", "remedy")), "Installation")


ACTIONS: Final[dict[str, Callable[[Session, Line], Any]]] = {
    "autoload": _autoload,
    "browse": _browse,
    "close": _close,
    "connect": _connect,
    "connections": _connections,
    "doctor": _doctor,
    "queries": _queries,
    "run": _run,
    "schema": _schema,
    "search": _search,
    "status": _status,
    "tables": _tables,
    "timespan": _timespan,
    "traceback": _traceback,
    "use": _use,
}
