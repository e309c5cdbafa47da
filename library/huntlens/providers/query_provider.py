"""A connection to a source of data, and the named queries that run on it.

>>> qp = QueryProvider("local", data={"T": [{"Name": "a", "N": 1}, {"Name": "b", "N": 2}]})
>>> qp.exec_query("T | where N > least", least=1).rows
[('b', 2)]
>>> qp.close()
"""

from __future__ import annotations

import time
from dataclasses import replace
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from huntlens import registry
from huntlens._lazy import resolve
from huntlens.catalog.discover import catalog as discover
from huntlens.catalog.render import ALL_TIME, render
from huntlens.config.settings import Settings
from huntlens.errors import ConfigError, KqlError, ParameterError
from huntlens.frames import is_frame
from huntlens.providers.adhoc import adhoc, check_items, told_in
from huntlens.providers.archives import Limits
from huntlens.providers.named import Group, NamedQuery
from huntlens.providers.result import Result
from huntlens.providers.run import run_interruptible
from huntlens.providers.source import Cancel, Options, Request
from huntlens.timespan import TimeRange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType

    from huntlens.catalog.collection import Catalog
    from huntlens.catalog.model import Query
    from huntlens.catalog.search import Hit
    from huntlens.kql.schema import Schema
    from huntlens.providers.source import Answer, Source

Span = TimeRange | str | None

_SOURCES: Final = "huntlens.providers.sources"
_GROUP: Final = "huntlens.sources"
_ALIASES: Final = {
    "localdata": "local",
    "mssentinel": "sentinel",
    "azuresentinel": "sentinel",
    "loganalytics": "sentinel",
    "resourcegraph": "resource_graph",
    "securitygraph": "graph",
    "msgraph": "graph",
    "mde": "defender",
    "m365d": "defender",
    "mdatp": "defender",
}


class QueryProvider:
    """A source of data by the name of its kind, with its queries as attributes: `qp.windows.logons(host="web01")`.

    `data` is for the local source: frames by name, files, folders, globs. `packs` are further folders or files of
    queries, beside those of the settings; `options` go to the source. `timespan`, `limit` and `timeout_s` hold for
    queries that are given none; `folder` is one with settings and packs of its own.
    """

    def __init__(
        self,
        environment: str,
        *,
        data: Any = (),
        packs: Iterable[Path | str] = (),
        name: str = "",
        timespan: Span = None,
        limit: int | None = None,
        timeout_s: float | None = None,
        catalog: Catalog | None = None,
        folder: Path | str | None = None,
        **options: Any,
    ) -> None:
        folded = environment.lower().replace("_", "")
        self.environment = _ALIASES.get(folded, environment.lower())
        self.name = name or self.environment
        self.timespan = as_range(timespan)
        self.limit, self.timeout_s = limit, timeout_s
        if catalog is None:
            catalog = discover((*Settings.load(folder).get("packs"), *packs), workspace=folder)
        self.catalog = catalog.of(self.environment)
        module = registry.load_member(_SOURCES, self.environment, group=_GROUP)
        make = registry.public_object(module)
        _check_options(self.environment, make, options)
        self.source: Source = make(**options)
        try:
            if is_frame(data) or data:
                self.add_data(data)
        except BaseException:
            self.close()
            raise

    @classmethod
    def connect(cls, name: str = "", *, settings: Settings | None = None, **options: Any) -> QueryProvider:
        """The connection of that name in the settings; without a name the default one, else local data."""
        settings = settings if settings is not None else Settings.load()
        known = settings.names("connections")
        chosen = name or next((item for item in known if settings.get(f"connections.{item}.default")), "local")
        if chosen not in known and chosen != "local":
            raise ConfigError(f"no connection is called '{chosen}'; settings know: {', '.join(known) or 'none'}")
        given = {key: value for key, value in settings.section(f"connections.{chosen}").items() if key != "default"}
        environment = given.pop("environment", "local")
        if environment == "local":
            given = {**_local_options(settings), **given}
        for key in ("timespan", "limit", "timeout_s", "packs"):
            given.setdefault(key, settings.get(key))
        return cls(environment, name=chosen, **{**given, **options})

    # --- queries by text ---

    def exec_query(
        self,
        text: str,
        *,
        timespan: Span = None,
        limit: int | None = None,
        timeout_s: float | None = None,
        add_query_items: str = "",
        tables: Mapping[str, Any] | None = None,
        tick: Callable[[float, str], None] | None = None,
        to: Path | str = "",
        **parameters: Any,
    ) -> Result:
        """Run a query text, or the query of that id.

        `parameters` are typed values for the names that the text uses; they never become a part of its syntax.
        `timespan` (`"7d"`, `"2026-03-01..2026-03-02"`, a `TimeRange`) filters the time column of every table.
        `to` is a Parquet file that all rows are written to, from local data as they come; the result is the first of
        them then.
        """
        named = self.catalog.find(text.strip()) if text.strip().replace(".", "").isidentifier() else None
        options = Options(add_query_items, limit, timeout_s, tick, tables or {}, str(to))
        if named is not None:
            return self.run(named, parameters, timespan=timespan, options=options)
        query = adhoc(text, parameters, self.source.language)
        return self._send(query, text, parameters, self._range(timespan), options, filtered=True)

    def run(
        self,
        query: Query | str,
        values: dict[str, Any] | None = None,
        *,
        timespan: Span = None,
        options: Options | None = None,
    ) -> Result:
        """Run a query of the catalogue; `start` and `end` come from `timespan` where they are not given."""
        if isinstance(query, str):
            query = self.catalog.get(query)
        given = dict(values or {})
        span = self._range(timespan)
        for name in ("start", "end"):
            if query.parameter(name) is not None and given.get(name) is None:
                given[name] = getattr(span, name) if span is not None else self._open_end(query, name)
        takes_time = query.parameter("start") is not None
        result = self._send(query, query.text, given, span, options or Options(), filtered=not takes_time)
        return replace(result, parameters=dict(values or {}))

    def _open_end(self, query: Query, name: str) -> Any:
        """Local data is a bounded set, so all of it is meant; other sources take what the query says."""
        parameter = query.parameter(name)
        return ALL_TIME[name] if self.environment == "local" or parameter is None else parameter.default

    def _send(
        self,
        query: Query,
        text: str,
        values: dict[str, Any],
        span: TimeRange | None,
        options: Options,
        *,
        filtered: bool,
    ) -> Result:
        items = check_items(options.add_query_items, self.source.language) if options.add_query_items else ""
        rendered = render(query, values, add_query_items=items)
        timeout_s = options.timeout_s if options.timeout_s is not None else self.timeout_s
        limit = options.limit if options.limit is not None else self.limit
        request = Request(rendered.text, {}, options.tables, span if filtered else None, limit, timeout_s)
        started = time.perf_counter()
        try:
            answer = run_interruptible(
                lambda cancel: self._answer(request, options.to, cancel), timeout_s=timeout_s, tick=options.tick
            )
        except KqlError as error:
            raise told_in(error, text, rendered.text.find(query.text.rstrip())) from error
        return self._result(answer, text, values, span, time.perf_counter() - started)

    def _answer(self, request: Request, to: str, cancel: Cancel) -> Answer:
        if not to:
            return self.source.run(request, cancel)
        path = Path(to).expanduser()
        if path.suffix.lower() != ".parquet":
            raise ParameterError(f"to= takes the name of a .parquet file, not '{path.name}'")
        write = getattr(self.source, "write", None)
        if write is not None:
            written: Answer = write(request, path, cancel)
            return written
        answer = self.source.run(request, cancel)
        made: Answer = resolve("huntlens.providers.parquet:table_to_file")(path, answer.table, answer.columns)
        return replace(made, render=answer.render, sql=answer.sql, notes=(*answer.notes, *made.notes))

    def _result(
        self, answer: Answer, text: str, values: dict[str, Any], span: TimeRange | None, elapsed_s: float
    ) -> Result:
        return Result(
            answer.table,
            answer.columns,
            render=answer.render,
            query=text,
            parameters=values,
            connection=self.name,
            timespan=span,
            elapsed_s=elapsed_s,
            truncated=answer.truncated,
            sql=answer.sql,
            notes=answer.notes,
            more=tuple(self._result(other, text, values, span, elapsed_s) for other in answer.more),
        )

    def _range(self, timespan: Span) -> TimeRange | None:
        return as_range(timespan) if timespan is not None else self.timespan

    # --- queries by name ---

    @property
    def queries(self) -> Group:
        """All named queries: `qp.queries.windows.logons(...)`, `qp.queries["windows.logons"]`."""
        return Group(self, "")

    def list_queries(self, group: str = "") -> list[str]:
        """The ids of the queries that run here, those below a group where one is named."""
        return [id_ for id_ in self.catalog.ids() if not group or id_ == group or id_.startswith(f"{group}.")]

    def search(self, words: str, limit: int = 50) -> list[Hit]:
        """Queries that fit the words, the best first."""
        return self.catalog.search(words, limit=limit)

    def browse(self) -> Any:
        """The queries that run here as a page to look through, with search, parameters and calls to copy."""
        return resolve("huntlens.viz.query_browser:QueryBrowser")(self.catalog)

    @property
    def entities(self) -> Any:
        """The entity classes, asking this provider: `qp.entities.Host("web01").windows.logons()`."""
        return resolve("huntlens.pivots:entities")(self)

    def __getattr__(self, name: str) -> Group | NamedQuery:
        if name.startswith("_") or name in ("catalog", "source"):
            raise AttributeError(name)
        found: Group | NamedQuery = getattr(self.queries, name)
        return found

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *dir(self.queries)})

    # --- what is there ---

    @property
    def schema(self) -> Schema:
        """The tables in reach."""
        return self.source.schema()

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of the tables in reach."""
        return self.schema.table_names()

    def add_data(self, data: Any, name: str = "", **options: Any) -> list[str]:
        """Add frames or files to a local source; gives the names of the tables."""
        add = getattr(self.source, "add", None)
        if add is None:
            raise ParameterError(f"a connection to {self.environment} takes no data; QueryProvider('local') does")
        stop = getattr(self.source, "stop", _nothing)

        def work(cancel: Cancel) -> list[str]:
            with cancel.hook(stop):
                names: list[str] = add(data, name, **options)
                return names

        return run_interruptible(work)

    def close(self) -> None:
        """Let go of the connection; may be called twice."""
        self.source.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        title = f" {self.name!r}" if self.name != self.environment else ""
        held = getattr(self.source, "tables", None)  # what a service has is not asked for here
        tables = f"{len(held)} tables, " if held is not None else ""
        return f"<QueryProvider {self.environment}{title}: {tables}{len(self.catalog)} queries>"


def _check_options(environment: str, make: Callable[..., Any], options: Mapping[str, Any]) -> None:
    taken = signature(make).parameters
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in taken.values()):
        return
    for name in options:
        if name not in taken:
            raise ConfigError(f"a connection to {environment} takes no '{name}'; it takes: {', '.join(taken)}")


def _nothing() -> None:
    """What stops a source that cannot be stopped."""


def _local_options(settings: Settings) -> dict[str, Any]:
    """What the settings say about local data, as the source takes it."""
    limits = Limits(
        total_bytes=settings.get("local.archive.total_mb") * 1_000_000,
        ratio=settings.get("local.archive.ratio"),
        depth=settings.get("local.archive.depth"),
        members=settings.get("local.archive.members"),
    )
    return {
        "data": settings.get("local.data"),
        "memory_limit": settings.get("local.memory_limit") or "",
        "threads": settings.get("local.threads"),
        "on_error": settings.get("local.on_error"),
        "limits": limits,
    }


def as_range(value: Span) -> TimeRange | None:
    """A time range from what users write for one.

    >>> as_range("2026-03-01/1d").length.days
    1
    """
    return TimeRange.parse(value) if isinstance(value, str) else value
