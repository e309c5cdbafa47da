"""The session's connections as pivots and catalogue queries see them: with the notebook's data frames in reach."""

from __future__ import annotations

import sys
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from huntlens.catalog.collection import Catalog
    from huntlens_kernel.session import Session

    Tick = Callable[[float, str], None]

_LOADED_BY: Final = ("huntlens.entities", "huntlens.pivots")


class Reach:
    """A connection by name, made when it is first asked; what `huntlens.pivots` calls a provider."""

    def __init__(self, session: Session, name: str = "", timespan: str = "", tick: Tick | None = None) -> None:
        self._session, self._name, self._timespan, self._tick = session, name, timespan, tick

    @property
    def environment(self) -> str:
        """Where the queries run."""
        known = self._session.connections
        return known[self._name].environment if self._name in known else "local"

    @property
    def catalog(self) -> Catalog:
        """The queries that can run there."""
        return self._session.catalogue().of(self.environment)

    @property
    def queries(self) -> Reach:
        """The queries, by id."""
        return self

    def __getitem__(self, id_: str) -> Callable[..., Any]:
        return partial(self.run, id_)

    def run(self, id_: str, **values: Any) -> Any:
        """The result of a query; frames that it names are its tables where the connection is local."""
        from huntlens.providers.source import Options
        from huntlens_kernel.variables import frames

        connection = self._session.connection(self._name)
        query = connection.provider.catalog.get(id_)
        tables = frames(query.text, self._session.names) if connection.takes_frames else {}
        options = Options(tables=tables, tick=self._tick)
        return connection.provider.run(
            query, values, timespan=self._session.range(self._timespan, connection), options=options
        )


def reach(session: Session, name: str = "", timespan: str = "", tick: Tick | None = None) -> list[Reach]:
    """Every connection, the one of that name (or else the current one) last, where pivots look first."""
    first = session.connection(name).name if name else session.active
    names = [one for one in session.connections if one != first]
    return [Reach(session, one, timespan, tick) for one in [*names, first]]


def register(session: Session) -> None:
    """Entities in Python cells (`Host("web01").windows.logons()`) ask the connections of the session."""
    events = session.shell.events

    def before_cell(info: Any = None) -> None:
        text = str(getattr(info, "raw_cell", "") or "")
        if "huntlens" in text or any(name in sys.modules for name in _LOADED_BY):
            from huntlens.pivots.session import use

            use(*reach(session))
        if ".hunt" in text:
            import_module("huntlens.pivots.accessor")  # it gives frames their `df.hunt`

    events.register("pre_run_cell", before_cell)
    session.undo.append(partial(events.unregister, "pre_run_cell", before_cell))
