"""Spark as an engine: one session of its own, SQL in, Arrow out.

Nothing here knows KQL. The session shares catalogue and cluster with the one it was made from, and has settings,
functions and temporary views of its own. Needs the extra 'spark'; import this module where it is used.
"""

from __future__ import annotations

import inspect
import os
import threading
import warnings
from contextlib import contextmanager, suppress
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from huntlens.errors import DataError, QueryError
from huntlens.providers.engine import View
from huntlens.providers.source import Cancel
from huntlens.providers.spark_session import SETTINGS, errors, interrupt, is_connect, start, stoppable

with warnings.catch_warnings():
    warnings.simplefilter("ignore", FutureWarning)  # it says that pandas 3 is young; we pass Arrow
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession
    from pyspark.sql.functions import arrow_udf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pyspark.sql import DataFrame

    from huntlens.config.secrets import Secret

_SPARK_TYPES: Final = {
    "BIGINT": "bigint", "DOUBLE": "double", "VARCHAR": "string", "BOOLEAN": "boolean", "INTEGER": "int",
    "TIMESTAMP": "timestamp", "JSON": "string",
}  # fmt: skip
_HIDDEN: Final = "huntlens_"
"""How the names of our own temporary views begin."""
_UTC: Final = pa.timestamp("us", tz="UTC")
_started: list[SparkEngine] = []
"""The engines over a Spark that we started; the last one stops it."""


def quote(name: str) -> str:
    """A name as an identifier of Spark.

    >>> quote("a`b")
    '`a``b`'
    """
    return "`" + name.replace("`", "``") + "`"


class SparkEngine:
    """A session on a Spark that is given, reached by address, or started in this process."""

    dialect: Final = "spark"

    def __init__(
        self,
        session: SparkSession | None = None,
        *,
        remote: str = "",
        token: Secret | str = "",
        master: str = "local[*]",
        config: Mapping[str, str] | None = None,
    ) -> None:
        self._ours = session is None and (bool(remote) or bool(_started) or SparkSession.getActiveSession() is None)
        base = session if session is not None else start(remote, token, master, config or {})
        with errors():
            self.session: SparkSession = base if remote else base.newSession()
            for option, value in SETTINGS.items():
                self.session.conf.set(option, value)
            if session is not None:
                self.session.catalog.setCurrentDatabase(session.catalog.currentDatabase())
        self.base = base
        self._defined: set[str] = set()
        self._numbers = count()
        self._alone = threading.Lock()
        self._running: set[str] = set()
        self._open = True
        if self._ours and not remote:
            _started.append(self)

    def define(self, name: str, function: Callable[..., Any], parameters: Sequence[str], returns: str) -> None:
        """Make a Python function over Arrow arrays callable in SQL; nothing happens where the name is taken."""
        with self._alone:
            if name in self._defined:
                return
            made = arrow_udf(_naive(function, len(parameters), returns == "TIMESTAMP"), _SPARK_TYPES[returns])
            with errors():
                self.session.udf.register(name, made)
            self._defined.add(name)

    def fetch(self, sql: str, *, frames: Mapping[str, Any] | None = None, cancel: Cancel | None = None) -> pa.Table:
        """The rows of a query; `frames` (Arrow tables, or a `View`) stand before tables of the same name."""
        with self._given(frames or {}, sql) as ahead:
            whole = _behind(ahead, sql)
            table = stoppable(self.session, lambda: self._collect(whole), cancel or Cancel(), self._running)
        return pa.table([_untimed(column) for column in table.columns], names=table.column_names)

    def _collect(self, sql: str) -> pa.Table:
        with errors():
            return self.session.sql(sql).toArrow()

    # --- tables ---

    def use(self, database: str) -> None:
        """Look tables up in that database."""
        with errors():
            self.session.catalog.setCurrentDatabase(database)

    def tables(self) -> list[str]:
        """The tables and views of the database, and the temporary views of the session that was given."""
        with errors():
            found = [table.name for table in self.session.catalog.listTables() if not table.isTemporary]
            if not self._ours:
                found += [table.name for table in self.base.catalog.listTables() if table.isTemporary]
        return list(dict.fromkeys(name for name in found if not name.startswith(_HIDDEN)))

    def table(self, name: str) -> DataFrame:
        """A table of the catalogue, or a temporary view of the session that was given."""
        with errors():
            stored = not self._ours and name in (
                table.name for table in self.base.catalog.listTables() if table.isTemporary
            )
            return self.frame(self.base.table(quote(name))) if stored else self.session.table(quote(name))

    def frame(self, data: Any) -> DataFrame:
        """An Arrow table, or a frame of another session, as a frame of this one."""
        with errors():
            if isinstance(data, pa.Table):
                return self.session.createDataFrame(_storable(data))
            if data.sparkSession is self.session:
                return data
            shared = f"{_HIDDEN}{os.getpid()}_{id(self)}_{next(self._numbers)}"
            data.createGlobalTempView(shared)
            return self.session.table(f"global_temp.{shared}")

    def view(self, name: str, frame: DataFrame) -> None:
        """Give a frame a name in this session."""
        with errors():
            frame.createOrReplaceTempView(quote(name))

    def reading(self, read: Callable[[], DataFrame], hint: str = "") -> DataFrame:
        """What `read` gives; what Spark has against it is an error of the data."""
        try:
            with errors():
                return read()
        except QueryError as error:
            raise DataError(f"{error}{hint}") from error

    @staticmethod
    def quote(name: str) -> str:
        """A name as an identifier of Spark."""
        return quote(name)

    def stop(self) -> None:
        """Stop whatever runs; called from another thread."""
        for tag in list(self._running):
            self._running.discard(tag)
            interrupt(self.session, tag)

    def close(self) -> None:
        """Let go of the session; stops a Spark that was started for it."""
        if not self._open:
            return
        self._open = False
        if self in _started:
            _started.remove(self)
        if self._ours and (is_connect(self.base) or not _started):
            with suppress(PySparkException, Py4JError):
                self.base.stop()

    @contextmanager
    def _given(self, frames: Mapping[str, Any], sql: str) -> Iterator[list[str]]:
        """Common table expressions for what one query is given; what was registered for it is gone after it."""
        made, ahead = [], []
        try:
            for name, frame in frames.items():
                if quote(name) not in sql:
                    continue
                if isinstance(frame, View):
                    ahead.append(f"{quote(name)} AS ({frame.sql})")
                    continue
                hidden = f"{_HIDDEN}frame_{next(self._numbers)}"
                self.view(hidden, self.frame(frame))
                made.append(hidden)
                ahead.append(f"{quote(name)} AS (SELECT * FROM {quote(hidden)})")
            yield ahead
        finally:
            for hidden in made:
                self.session.catalog.dropTempView(hidden)

    def __repr__(self) -> str:
        return f"<SparkEngine Spark {self.session.version}>"


def _behind(ahead: Sequence[str], sql: str) -> str:
    """A statement of our own with common table expressions before those that it has.

    >>> _behind(["`T` AS (SELECT 1)"], "WITH `a` AS (SELECT 2) SELECT 3")
    'WITH `T` AS (SELECT 1), `a` AS (SELECT 2) SELECT 3'
    """
    if not ahead:
        return sql
    return f"WITH {', '.join(ahead)}" + (f", {sql[5:]}" if sql.startswith("WITH ") else f" {sql}")


def _naive(function: Callable[..., Any], count: int, times: bool) -> Callable[..., Any]:  # noqa: FBT001  (what it returns)
    """A function over Arrow arrays whose times are naive UTC as one for Spark, whose times name their zone."""

    def call(*columns: Any) -> Any:
        result = function(*(_untimed(column) for column in columns))
        return result.cast(_UTC) if times else result

    call.__annotations__ = {**{f"p{index}": pa.Array for index in range(count)}, "return": pa.Array}
    parameters = [f"p{index}" for index in range(count)]
    call.__signature__ = _signature(parameters)  # type: ignore[attr-defined]  # Spark tells the kind of function by it
    return call


def _signature(names: Sequence[str]) -> Any:
    kind = inspect.Parameter.POSITIONAL_ONLY
    return inspect.Signature(
        [inspect.Parameter(name, kind, annotation=pa.Array) for name in names], return_annotation=pa.Array
    )


def _untimed(column: Any) -> Any:
    is_zoned = pa.types.is_timestamp(column.type) and column.type.tz is not None
    return column.cast(pa.timestamp("us")) if is_zoned else column


def _storable(table: pa.Table) -> pa.Table:
    """An Arrow table in types that Spark takes: JSON as text, times in UTC."""
    columns = []
    for column in table.columns:
        if isinstance(column.type, pa.BaseExtensionType):
            column = column.cast(column.type.storage_type)
        if pa.types.is_timestamp(column.type):
            column = column.cast(_UTC)
        if column.type in (pa.large_string(), pa.string_view()):
            column = column.cast(pa.string())
        columns.append(column)
    return pa.table(columns, names=table.column_names)
