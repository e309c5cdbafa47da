"""Runs a query of a magic: the connection, what it takes from variables, progress while it runs, Ctrl-C."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from huntlens.errors import ConfigError, ConnectionFailedError, KqlError
from huntlens_kernel.errors import tell
from huntlens_kernel.progress import Progress
from huntlens_kernel.variables import Prepared, prepare

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huntlens.providers import Result
    from huntlens_kernel.configured import Connection
    from huntlens_kernel.session import Session


def ready(session: Session, connection: Connection, text: str) -> Prepared:
    """The query with what it takes from the session; data frames can be seen by local connections only."""
    schema = session.schema(connection)
    prepared = prepare(text, session.names, session.saved, schema)
    if connection.takes_frames:
        return prepared
    if missing := [name for name in prepared.tables if schema.table(name) is None]:
        message = (
            f"'{missing[0]}' is a data frame here, and {connection.name} ({connection.environment}) cannot see it; "
            "run the query on 'local', or pass a list of its values as a variable"
        )
        raise ConfigError(message)
    return replace(prepared, tables={})


def ask(
    session: Session,
    text: str,
    *,
    connection: str = "",
    engine: str = "",
    timespan: str = "",
    limit: int | None = None,
    timeout_s: float | None = None,
    parameters: Mapping[str, object] | None = None,
    whole_cell: bool = False,
) -> Result:
    """The answer to a KQL text; errors have places in the text as it was written."""
    used = chosen(session, connection, engine)
    prepared = ready(session, used, text)

    def send(to: Connection, progress: Progress) -> Result:
        result: Result = to.provider.exec_query(
            prepared.text,
            timespan=session.range(timespan, to),
            limit=limit,
            timeout_s=timeout_s,
            tables=prepared.tables,
            tick=progress.tick,
            **{**prepared.values, **(parameters or {})},
        )
        to.worked = True
        return result

    with Progress(session.shell, f"running on {used.name}", whole_cell=whole_cell) as progress:
        try:
            return send(used, progress)
        except KqlError as error:
            raise prepared.own(error) from None
        except ConnectionFailedError:
            again = session.reopen(used) if used.worked else None
            if again is None:
                raise
            tell(f"the connection {used.name} was lost; it is made again")
            return send(again, progress)


def chosen(session: Session, connection: str, engine: str) -> Connection:
    """The connection that a line names, or the one for an engine."""
    if not engine:
        return session.connection(connection)
    if connection:
        raise ConfigError(f"a query runs on '{connection}' or with --engine {engine}; leave one of them out")
    return session.engine(engine)
