"""Spark as an engine: one session of its own, SQL in, Arrow out.

Nothing here knows KQL. The session shares catalogue and cluster with the one it was made from, and has settings,
functions and temporary views of its own. Needs the extra 'spark'; import this module where it is used.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
import tempfile
import threading
import warnings
from contextlib import contextmanager, suppress
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from huntlens.errors import ConfigError, ConnectionFailedError, DataError, MissingExtraError, QueryError
from huntlens.providers.engine import View
from huntlens.providers.source import Cancel

try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # it says that pandas 3 is young; we pass Arrow
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
        from pyspark.sql.functions import arrow_udf
except ImportError as error:
    raise MissingExtraError("spark", "running queries on Spark") from error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pyspark.sql import DataFrame

_LOCAL: Final = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "4",
}
"""What a Spark that we start is told; `config` of the user stands before it."""
_SESSION: Final = {
    "spark.sql.ansi.enabled": "false",  # division by zero and overflow give no error in KQL
    "spark.sql.caseSensitive": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.legacy.sizeOfNull": "false",
    "spark.sql.mapKeyDedupPolicy": "LAST_WIN",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
}
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
        master: str = "local[*]",
        config: Mapping[str, str] | None = None,
    ) -> None:
        self._ours = session is None
        base = session if session is not None else _start(remote, master, dict(config or {}))
        with _errors():
            self.session: SparkSession = base.newSession()
            for option, value in _SESSION.items():
                self.session.conf.set(option, value)
            if session is not None:
                self.session.catalog.setCurrentDatabase(session.catalog.currentDatabase())
        self.base = base
        self._defined: set[str] = set()
        self._numbers = count()
        self._alone = threading.Lock()
        self._open = True
        if self._ours:
            _started.append(self)

    def define(self, name: str, function: Callable[..., Any], parameters: Sequence[str], returns: str) -> None:
        """Make a Python function over Arrow arrays callable in SQL; nothing happens where the name is taken."""
        with self._alone:
            if name in self._defined:
                return
            made = arrow_udf(_naive(function, len(parameters), returns == "TIMESTAMP"), _SPARK_TYPES[returns])
            with _errors():
                self.session.udf.register(name, made)
            self._defined.add(name)

    def fetch(self, sql: str, *, frames: Mapping[str, Any] | None = None, cancel: Cancel | None = None) -> pa.Table:
        """The rows of a query; `frames` (Arrow tables, or a `View`) stand before tables of the same name."""
        tag = f"huntlens-{os.getpid()}-{next(self._numbers)}"
        cancel = cancel or Cancel()
        with (
            self._errors_of(cancel),
            self._given(frames or {}, sql) as ahead,
            _tagged(self.session, tag),
            cancel.hook(lambda: self._interrupt(tag)),
        ):
            if cancel.requested:
                raise QueryError("the query was cancelled before it started")
            table = self.session.sql(_behind(ahead, sql)).toArrow()
        return pa.table([_untimed(column) for column in table.columns], names=table.column_names)

    # --- tables ---

    def use(self, database: str) -> None:
        """Look tables up in that database."""
        with _errors():
            self.session.catalog.setCurrentDatabase(database)

    def tables(self) -> list[str]:
        """The tables and views of the database, and the temporary views of the session that was given."""
        with _errors():
            found = [table.name for table in self.session.catalog.listTables() if not table.isTemporary]
            if not self._ours:
                found += [table.name for table in self.base.catalog.listTables() if table.isTemporary]
        return list(dict.fromkeys(name for name in found if not name.startswith(_HIDDEN)))

    def table(self, name: str) -> DataFrame:
        """A table of the catalogue, or a temporary view of the session that was given."""
        with _errors():
            stored = not self._ours and name in (
                table.name for table in self.base.catalog.listTables() if table.isTemporary
            )
            return self.frame(self.base.table(quote(name))) if stored else self.session.table(quote(name))

    def frame(self, data: Any) -> DataFrame:
        """An Arrow table, or a frame of another session, as a frame of this one."""
        with _errors():
            if isinstance(data, pa.Table):
                return self.session.createDataFrame(_storable(data))
            if data.sparkSession is self.session:
                return data
            shared = f"{_HIDDEN}{os.getpid()}_{id(self)}_{next(self._numbers)}"
            data.createGlobalTempView(shared)
            return self.session.table(f"global_temp.{shared}")

    def view(self, name: str, frame: DataFrame) -> None:
        """Give a frame a name in this session."""
        with _errors():
            frame.createOrReplaceTempView(quote(name))

    def reading(self, read: Callable[[], DataFrame], hint: str = "") -> DataFrame:
        """What `read` gives; what Spark has against it is an error of the data."""
        try:
            with _errors():
                return read()
        except QueryError as error:
            raise DataError(f"{error}{hint}") from error

    @staticmethod
    def quote(name: str) -> str:
        """A name as an identifier of Spark."""
        return quote(name)

    def stop(self) -> None:
        """Stop whatever runs; called from another thread."""
        with suppress(PySparkException, Py4JError):
            self.session.interruptAll()

    def close(self) -> None:
        """Let go of the session; stops a Spark that was started for it."""
        if not self._open:
            return
        self._open = False
        if self._ours:
            _started.remove(self)
            if not _started:
                with suppress(PySparkException, Py4JError):
                    self.base.stop()

    def _interrupt(self, tag: str) -> None:
        with suppress(PySparkException, Py4JError):  # it may have ended just now
            self.session.interruptTag(tag)

    @contextmanager
    def _errors_of(self, cancel: Cancel) -> Iterator[None]:
        """The errors of one query: whatever comes after a stop was asked for is that stop."""
        try:
            with _errors():
                yield
        except QueryError as error:
            if cancel.requested:
                raise QueryError("the query was cancelled") from error
            raise

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


def _start(remote: str, master: str, config: dict[str, str]) -> SparkSession:
    """The session of an address, or the one of this process."""
    with warnings.catch_warnings(), _errors():
        warnings.simplefilter("ignore", FutureWarning)
        try:
            if remote:
                return SparkSession.builder.remote(remote).getOrCreate()
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
            builder = SparkSession.builder.master(master).appName("huntlens")
            here = {"spark.sql.warehouse.dir": f"{tempfile.gettempdir()}/huntlens-spark-warehouse"}
            for option, value in {**_LOCAL, **here, **config}.items():
                builder = builder.config(option, value)
            return builder.getOrCreate()
        except ImportError as error:
            raise ConfigError(
                f"a Spark Connect address needs more: pip install 'pyspark[connect]' ({error})"
            ) from error
        except (RuntimeError, OSError) as error:
            what = f"no answer from {remote}" if remote else "Spark did not start; it needs Java 17 or later"
            raise ConnectionFailedError(f"{what}: {_first_line(error)}") from error


def _behind(ahead: Sequence[str], sql: str) -> str:
    """A statement of our own with common table expressions before those that it has.

    >>> _behind(["`T` AS (SELECT 1)"], "WITH `a` AS (SELECT 2) SELECT 3")
    'WITH `T` AS (SELECT 1), `a` AS (SELECT 2) SELECT 3'
    """
    if not ahead:
        return sql
    return f"WITH {', '.join(ahead)}" + (f", {sql[5:]}" if sql.startswith("WITH ") else f" {sql}")


@contextmanager
def _tagged(session: SparkSession, tag: str) -> Iterator[None]:
    """Within the block, what this thread runs can be stopped by the tag."""
    session.addTag(tag)
    try:
        yield
    finally:
        with suppress(PySparkException, Py4JError):
            session.removeTag(tag)


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


@contextmanager
def _errors() -> Iterator[None]:
    """What Spark raises, in the words of this library."""
    try:
        yield
    except PySparkException as error:
        raise QueryError(_plain(error)) from error
    except Py4JError as error:
        raise QueryError(f"Spark: {_first_line(error)}") from error


def _plain(error: Exception) -> str:
    """The sentence of an error; one that a Python function raised on purpose stands for itself."""
    told = re.search(r"CannotAnswerError: (.+)", str(error))
    return told[1] if told else f"Spark: {_first_line(error)}"


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
