"""What one kernel keeps between cells: connections by name, the time range, saved queries, the last error.

Nothing of it is global; the extension makes one session for its shell and passes it to every magic.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from huntlens.errors import ConfigError, ConnectionFailedError
from huntlens.kql.schema import shipped
from huntlens.timespan import TimeRange
from huntlens_kernel.configured import DEFAULT, Configured, Connection, read
from huntlens_kernel.view import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from huntlens.catalog.collection import Catalog
    from huntlens.kql.schema import Schema


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
    known: Configured | None = None
    view: View = field(default_factory=View)
    schemas: WeakKeyDictionary[Any, Schema] = field(default_factory=WeakKeyDictionary)
    """What services said of their tables, by provider; they are asked when a query first runs there."""

    def __repr__(self) -> str:
        return f"<huntlens session: {', '.join(self.connections) or 'nothing connected'}>"

    @property
    def names(self) -> dict[str, Any]:
        """The user's variables."""
        found: dict[str, Any] = self.shell.user_ns
        return found

    @property
    def connections(self) -> dict[str, Connection]:
        """Connections by name: of the settings, made with `%hunt connect`, and variables that hold a provider."""
        found = {**self.configured.connections, **self.own}
        for name, value in list(self.names.items()):
            if not name.startswith("_") and is_provider(value):
                environment = str(getattr(value, "environment", "") or DEFAULT)
                found.setdefault(name, Connection(name, environment, value, variable=True))
        return found

    @property
    def active(self) -> str:
        """The connection that is used where none is named: the current one, else the last that was made here.

        Without any it is the default of the settings; empty where they name none.
        """
        known = self.connections
        if self.current in known:
            return self.current
        made = (name for name, one in reversed(known.items()) if one.provider is not None)
        return next(made, self.configured.default)

    @property
    def configured(self) -> Configured:
        """What the settings say, read when it is first needed."""
        if self.known is None:
            self.known = read()
        return self.known

    def connection(self, name: str = "") -> Connection:
        """The connection of that name, the current one without a name; local data frames if there is none."""
        known = self.connections
        wanted = name or self.active or DEFAULT
        found = known.get(wanted)
        if found is not None and found.provider is not None:
            return found
        if found is not None or wanted == DEFAULT:
            return self.open(wanted)
        if self.configured.problem is not None:
            raise self.configured.problem
        listed = ", ".join(sorted({*known, DEFAULT}))
        message = f"there is no connection '{wanted}'; there are: {listed}. %hunt connect makes one"
        raise ConfigError(message)

    def engine(self, environment: str) -> Connection:
        """A connection to that environment: the current one, else the last, else a new one; what is current stays."""
        current = self.active or self.connection(DEFAULT).name
        fitting = [name for name, one in self.connections.items() if one.environment == environment]
        if fitting:
            return self.connection(current if current in fitting else fitting[-1])
        try:
            return self.connection(DEFAULT) if environment == DEFAULT else self.connect(environment, environment)
        finally:
            self.current = current

    def open(self, name: str) -> Connection:
        """Make the connection of that name as the settings have it; `local` needs none."""
        from huntlens.providers import QueryProvider

        settings = self.configured.settings
        options: dict[str, Any] = {"catalog": self.catalogue(), "packs": ()}
        if settings.where("limit") == "default" and not settings.section(f"connections.{name}").get("limit"):
            options["limit"] = None  # a notebook holds all rows, unless the settings say how many
        provider = QueryProvider.connect(name, settings=settings, **options)
        span, provider.timespan = provider.timespan, None  # kept here, where `all` can lift it
        in_settings = name in self.configured.connections
        self.own[name] = Connection(name, provider.environment, provider, timespan=span, configured=in_settings)
        self.current = name
        return self.own[name]

    def reopen(self, connection: Connection) -> Connection | None:
        """The connection made again after it broke; None where that is not the session's to do."""
        if connection.name not in self.own:
            return None
        connection.provider.close()
        del self.own[connection.name]
        if connection.configured or connection.name == DEFAULT:
            return self.open(connection.name)
        return self.connect(connection.name, connection.environment, **connection.options)

    def connect(self, name: str, environment: str, *, data: Any = (), **options: Any) -> Connection:
        """Make a connection and use it from now on."""
        from huntlens.providers import QueryProvider

        kept = {"data": data, **options}
        before = self.own.pop(name, None)
        if before is not None:
            before.provider.close()
        provider = QueryProvider(environment, data=data, name=name, catalog=self.catalogue(), **options)
        span, provider.timespan = provider.timespan, None
        self.own[name] = Connection(name, provider.environment, provider, options=kept, timespan=span)
        self.current = name
        return self.own[name]

    def catalogue(self) -> Catalog:
        """The catalogue of queries, read when it is first needed."""
        if self.catalog is None:
            from huntlens.catalog.discover import catalog

            self.catalog = catalog(self.configured.settings.get("packs"), workspace=".")
        return self.catalog

    def range(self, text: str = "", connection: Connection | None = None) -> TimeRange | None:
        """The time range that a text names, else the session, else the connection's settings; `all` is none."""
        wanted = text or self.timespan
        if wanted == "all":
            return None
        if not wanted:
            return connection.timespan if connection is not None else self.configured.timespan
        try:
            return TimeRange.parse(wanted)
        except ValueError as error:
            raise ConfigError(str(error)) from None

    def schema(self, connection: Connection) -> Schema:
        """The tables of a connection, asked for where they are not known yet; a service may refuse to tell."""
        provider = connection.provider
        if connection.takes_frames:
            found: Schema = provider.schema
            return found
        if provider not in self.schemas:
            try:
                self.schemas[provider] = provider.schema
            except ConnectionFailedError:
                return replace(shipped(), strict=False)
        return self.schemas[provider]

    def close(self) -> None:
        """Close the session's own connections; the user's variables are the user's."""
        for connection in self.own.values():
            connection.provider.close()
        self.own.clear()


def is_provider(value: object) -> bool:
    """Whether a value is a query provider, told without importing one."""
    kind = type(value)
    return kind.__name__ == "QueryProvider" and kind.__module__.startswith("huntlens.")
