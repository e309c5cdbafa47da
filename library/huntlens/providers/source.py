"""What a source of data is, and what goes in and comes out of it; knows no source.

A source answers a `Request` with an `Answer`. It runs in a worker thread; `Cancel` is how the main thread reaches
what it is waiting for.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pyarrow as pa

    from huntlens.kql.schema import Schema
    from huntlens.kql.types import KqlType
    from huntlens.timespan import TimeRange


TIME_COLUMNS: Final = ("TimeGenerated", "Timestamp")
"""The columns that a time range is about, the first that a table has."""


@dataclass(frozen=True, slots=True)
class Request:
    """A query to be run: a text in the source's language, and typed values for the parameters that it declares.

    `tables` are frames that this one query may name, where the source can take any. `timespan` is the range to filter
    the time column of every table by; `limit` bounds the rows of the answer.
    """

    text: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    tables: Mapping[str, object] = field(default_factory=dict)
    timespan: TimeRange | None = None
    limit: int | None = None
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """How a query is to be run, whatever it asks."""

    add_query_items: str = ""
    limit: int | None = None
    timeout_s: float | None = None
    tick: Callable[[float, str], None] | None = None
    tables: Mapping[str, object] = field(default_factory=dict)
    to: str = ""
    """A Parquet file for the rows."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source gives: an Arrow table, and the KQL name and type of each of its columns, in order.

    `render` is kind and options of a picture that the query asks for; `sql` what was run, where that differs from
    the text; `notes` are sentences for the user about what the answer leaves out.
    """

    table: pa.Table
    columns: Mapping[str, KqlType]
    render: tuple[str, Mapping[str, object]] | None = None
    sql: str = ""
    truncated: bool = False
    notes: tuple[str, ...] = ()
    more: tuple[Answer, ...] = ()
    """The answers of the statements before, where a text has several."""


class Cancel:
    """Stops what a worker thread waits for.

    >>> cancel, stopped = Cancel(), []
    >>> with cancel.hook(lambda: stopped.append("query")):
    ...     cancel()
    >>> cancel.requested, stopped
    (True, ['query'])
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hooks: list[Callable[[], None]] = []
        self._asked = threading.Event()
        self.is_watched = False
        """Whether anyone asks what there is to tell, which may cost the source something."""
        self._told = ""
        self._watch: Callable[[], str] | None = None

    def __call__(self) -> None:
        """Ask for a stop; hooks that are set later are called at once."""
        with self._lock:
            self._asked.set()
            hooks = list(self._hooks)
        for hook in hooks:
            hook()

    @property
    def told(self) -> str:
        """What the source says of its work so far, as `12,000 rows · 3 MB`; shown beside the time."""
        watch = self._watch
        return (watch() if watch is not None else "") or self._told

    @told.setter
    def told(self, text: str) -> None:
        self._told = text

    @contextmanager
    def telling(self, watch: Callable[[], str]) -> Iterator[None]:
        """Within the block, `watch` is asked for what there is to tell, on the thread that waits; "" for nothing."""
        self._watch = watch
        try:
            yield
        finally:
            self._watch = None

    @property
    def requested(self) -> bool:
        """Whether a stop has been asked for."""
        return self._asked.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait, but no longer than until a stop is asked for; says whether it was."""
        return self._asked.wait(seconds)

    @contextmanager
    def hook(self, stop: Callable[[], None]) -> Iterator[None]:
        """Within the block, `stop` is called when a stop is asked for."""
        with self._lock:
            self._hooks.append(stop)
            late = self.requested
        if late:
            stop()
        try:
            yield
        finally:
            with self._lock:
                self._hooks.remove(stop)


class Source(Protocol):
    """What `providers/sources/<name>.py` offers."""

    language: str
    """kql, spl, sql, odata: which literals and quoting its queries take."""

    def schema(self) -> Schema:
        """The tables in reach."""

    def run(self, request: Request, cancel: Cancel) -> Answer:
        """Answer a query; called in a worker thread."""

    def close(self) -> None:
        """Let go of connections and memory; may be called twice."""
