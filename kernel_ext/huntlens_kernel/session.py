"""What one kernel keeps between cells: connections by name, the time range, saved queries, the last error.

Nothing of it is global; the extension makes one session for its shell and passes it to every magic.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from huntlens.errors import ConfigError
from huntlens.timespan import TimeRange

if TYPE_CHECKING:
    from collections.abc import Callable

    from huntlens.catalog.collection import Catalog

DEFAULT: Final = "local"


@dataclass(slots=True)
class Connection:
    """A named source of data; `variable` says that it is the value of a Python variable of that name."""

    name: str
    environment: str
    provider: Any
    variable: bool = False
    options: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(slots=True, repr=False)
class Session:
    """The state of the extension in one shell."""

    shell: Any
    own: dict[str, Connection] = field(default_factory=dict)
    current: str = ""
    timespan: str = ""
    saved: dict[str, str] = field(default_factory=dict)
    catalog: Catalog | None = None
    last_error: BaseException | None = None
    undo: list[Callable[[], None]] = field(default_factory=list)
    library_cell: str = ""
    """The cell whose output brought the drawing library; empty while none has."""

    def __repr__(self) -> str:
        return f"<huntlens session: {', '.join(self.connections) or 'nothing connected'}>"

    @property
    def names(self) -> dict[str, Any]:
        """The user's variables."""
        found: dict[str, Any] = self.shell.user_ns
        return found

    @property
    def connections(self) -> dict[str, Connection]:
        """Connections by name: those made with `%hunt connect`, and the user's variables that hold a provider."""
        found = dict(self.own)
        for name, value in list(self.names.items()):
            if not name.startswith("_") and is_provider(value):
                environment = str(getattr(value, "environment", "") or DEFAULT)
                found.setdefault(name, Connection(name, environment, value, variable=True))
        return found

    @property
    def active(self) -> str:
        """The connection that is used where none is named: the current one, else the last; empty without any."""
        known = self.connections
        return self.current if self.current in known else next(reversed(known), "")

    def connection(self, name: str = "") -> Connection:
        """The connection of that name, the current one without a name; local data frames if there is none."""
        known = self.connections
        wanted = name or self.active or DEFAULT
        if wanted in known:
            return known[wanted]
        if wanted == DEFAULT:
            return self.connect(DEFAULT, DEFAULT)
        listed = ", ".join(sorted({*known, DEFAULT}))
        message = f"there is no connection '{wanted}'; there are: {listed}. %hunt connect makes one"
        raise ConfigError(message)

    def connect(self, name: str, environment: str, *, data: Any = (), **options: Any) -> Connection:
        """Make a connection and use it from now on."""
        from huntlens.providers import QueryProvider

        before = self.own.pop(name, None)
        if before is not None:
            before.provider.close()
        provider = QueryProvider(environment, data=data, name=name, catalog=self.catalogue(), **options)
        self.own[name] = Connection(name, environment, provider, options=dict(options))
        self.current = name
        return self.own[name]

    def catalogue(self) -> Catalog:
        """The catalogue of queries, read when it is first needed."""
        if self.catalog is None:
            from huntlens.catalog.discover import catalog

            self.catalog = catalog(workspace=".")
        return self.catalog

    def range(self, text: str = "") -> TimeRange | None:
        """The time range that a text, or else the session, names."""
        wanted = text or self.timespan
        if not wanted or wanted == "all":
            return None
        try:
            return TimeRange.parse(wanted)
        except ValueError as error:
            raise ConfigError(str(error)) from None

    def close(self) -> None:
        """Close the session's own connections; the user's variables are the user's."""
        for connection in self.own.values():
            connection.provider.close()
        self.own.clear()


def is_provider(value: object) -> bool:
    """Whether a value is a query provider, told without importing one."""
    kind = type(value)
    return kind.__name__ == "QueryProvider" and kind.__module__.startswith("huntlens.")


def is_frame(value: object) -> bool:
    """Whether a value is a table that a query may name, told without importing any library."""
    kind = type(value)
    return kind.__name__ in _FRAMES.get(kind.__module__.partition(".")[0], ())


_FRAMES: Final = {
    "pandas": ("DataFrame",),
    "polars": ("DataFrame", "LazyFrame"),
    "pyarrow": ("Table", "RecordBatch"),
    "duckdb": ("DuckDBPyRelation",),
    "_duckdb": ("DuckDBPyRelation",),
    "ibis": ("Table",),
}
