"""The embedded engine: DuckDB in memory, locked down, read through Arrow.

Nothing here knows KQL. Queries run on a cursor of their own; frames are registered for one query and gone after
it, since cursors share tables and functions but not registered frames.
The lock closes with the first query: from then on SQL reaches no network, no setting, and of files only those that
are read in place. Others are read by a second engine or by Arrow, and handed over.
"""

from __future__ import annotations

import re
import tempfile
import threading
import weakref
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb
from duckdb.func import FunctionNullHandling, PythonUDFType

from huntlens.errors import ConnectionFailedError, DataError, QueryError
from huntlens.frames import no_rows
from huntlens.providers.source import Cancel
from huntlens.text import size_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pyarrow as pa

_CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
    "preserve_insertion_order": "true",
}


@dataclass(frozen=True, slots=True)
class View:
    """SQL that stands for a table during one query, in the place of a frame."""

    sql: str


def quote(name: str) -> str:
    """A name as an SQL identifier.

    >>> quote('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL literal, for the places that take no parameter.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


class Engine:
    """One DuckDB database in memory.

    >>> engine = Engine()
    >>> engine.fetch("select 6 * 7 as answer").to_pylist()
    [{'answer': 42}]
    >>> engine.close()
    """

    dialect: Final = "duckdb"

    def __init__(self, *, memory_limit: str = "", threads: int = 0, reads_files: bool = False) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="huntlens-", ignore_cleanup_errors=True)
        self._connection = duckdb.connect(config=_CONFIG)
        self._alone = threading.RLock()
        self._active: set[duckdb.DuckDBPyConnection] = set()
        self._open = reads_files
        self._files: list[str] = []
        self.locked = False
        self._set("temp_directory", literal(str(self.scratch)))
        self._set("global timezone", "'UTC'")  # cursors have sessions of their own
        if memory_limit:
            self._set("memory_limit", literal(memory_limit))
        if threads:
            self._set("threads", str(int(threads)))
        self.close = weakref.finalize(self, _close, self._connection, self._scratch)
        """Close the database and remove what it spilled; called at exit, and may be called twice."""

    @property
    def scratch(self) -> Path:
        """A private folder that is gone when the engine is closed."""
        return Path(self._scratch.name)

    @property
    def is_open(self) -> bool:
        """Whether the engine can still be shown files."""
        return not self.locked

    def read_in_place(self, path: Path) -> None:
        """Let queries read this one file, when the engine is locked."""
        self._files.append(str(path))

    def stop(self) -> None:
        """Interrupt whatever runs; called from another thread."""
        for cursor in list(self._active):
            cursor.interrupt()

    def define(self, name: str, function: Callable[..., Any], parameters: Sequence[str], returns: str) -> None:
        """Make a Python function over Arrow arrays callable in SQL; nothing happens where the name is taken."""
        with self._alone, suppress(duckdb.CatalogException, duckdb.NotImplementedException):
            self._connection.create_function(
                name, function, [duckdb.type(kind) for kind in parameters], duckdb.type(returns),
                type=PythonUDFType.ARROW, null_handling=FunctionNullHandling.SPECIAL,
            )  # fmt: skip

    def fetch(
        self,
        sql: str,
        *,
        frames: Mapping[str, Any] | None = None,
        parameters: Sequence[object] | Mapping[str, object] | None = None,
        cancel: Cancel | None = None,
    ) -> pa.Table:
        """The rows of a query; `frames` (Arrow tables, or a `View`) stand before tables of the same name."""
        self._close_doors()
        return self._run(sql, frames or {}, parameters, cancel)

    def load(
        self,
        sql: str,
        *,
        frames: Mapping[str, Any] | None = None,
        parameters: Sequence[object] | Mapping[str, object] | None = None,
        cancel: Cancel | None = None,
    ) -> pa.Table:
        """As `fetch`, for statements of our own that make tables; leaves the engine unlocked."""
        return self._run(sql, frames or {}, parameters, cancel)

    def batches(
        self,
        sql: str,
        parameters: Sequence[object] = (),
        *,
        frames: Mapping[str, Any] | None = None,
        cancel: Cancel | None = None,
    ) -> Iterator[pa.RecordBatch]:
        """The rows as batches that are read as they are asked for; the first one tells the columns and may be empty."""
        self._close_doors()
        cancel = cancel or Cancel()
        rows = size = 0
        with self._session(frames or {}, cancel) as cursor:
            reader = cursor.sql(sql, params=list(parameters)).to_arrow_reader()
            yield from reader.schema.empty_table().to_batches() or [no_rows(reader.schema)]
            for batch in _read(reader, cancel):
                rows, size = rows + batch.num_rows, size + batch.nbytes
                cancel.told = _amount(rows, size)
                yield batch
            reader.close()

    def _run(self, sql: str, frames: Mapping[str, Any], parameters: Any, cancel: Cancel | None) -> pa.Table:
        cancel = cancel or Cancel()
        with self._session(frames, cancel) as cursor:
            relation: Any = cursor.sql(sql, params=parameters) if parameters else cursor.sql(sql)
            if relation is None:
                return None
            table = relation.to_arrow_table()
            cancel.told = _amount(table.num_rows, table.nbytes)
            return table

    @contextmanager
    def _session(self, frames: Mapping[str, Any], cancel: Cancel) -> Iterator[duckdb.DuckDBPyConnection]:
        """A session in which frames and views stand before tables, until it is over or stopped."""
        cursor = self._cursor()
        self._active.add(cursor)
        try:
            if cancel.is_watched:
                cursor.execute("set enable_progress_bar_print = false; set enable_progress_bar = true")
            for name, frame in frames.items():
                if isinstance(frame, View):
                    cursor.execute(f"create temp view {quote(name)} as {frame.sql}")
                else:
                    cursor.register(name, frame)
            with _errors(), cancel.hook(cursor.interrupt), cancel.telling(lambda: _progress(cursor)):
                if cancel.requested:
                    raise QueryError("the query was cancelled before it started")
                yield cursor
        finally:
            self._active.discard(cursor)
            cursor.close()

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        """A session of its own; the connection that gives it refuses two threads at once."""
        with self._alone:
            try:
                return self._connection.cursor()
            except duckdb.ConnectionException:
                raise ConnectionFailedError("the embedded database was closed") from None

    def _close_doors(self) -> None:
        with self._alone:
            if self.locked or self._open:
                return
            self._set("allowed_paths", f"[{', '.join(map(literal, self._files))}]")
            self._set("enable_external_access", "false")
            self._set("allowed_configs", "['enable_progress_bar', 'enable_progress_bar_print']")
            self._set("lock_configuration", "true")
            self.locked = True

    def _set(self, option: str, value: str) -> None:
        with self._alone:
            self._connection.execute(f"set {option} = {value}")

    def __repr__(self) -> str:
        return f"<Engine DuckDB {duckdb.__version__}{', locked' if self.locked else ''}>"


@contextmanager
def _errors() -> Iterator[None]:
    """What DuckDB raises, in the words of this library."""
    try:
        yield
    except duckdb.InterruptException as error:
        raise QueryError("the query was cancelled") from error
    except duckdb.OutOfMemoryException as error:
        raise QueryError(f"the query needs more memory than it may use; {_first_line(error)}") from error
    except (duckdb.IOException, duckdb.PermissionException) as error:
        raise DataError(_first_line(error)) from error
    except duckdb.Error as error:
        raise QueryError(_own_words(error) or _first_line(error)) from error


def _own_words(error: Exception) -> str:
    """What a Python function of ours or `assert` said when it stopped the query."""
    told = re.search(r"(?:CannotAnswerError: |(?=assert: ))(.+)", str(error))
    return told[1].strip() if told else ""


def _read(reader: pa.RecordBatchReader, cancel: Cancel) -> Iterator[pa.RecordBatch]:
    """The batches; what stops the engine comes as an error of Arrow."""
    try:
        yield from reader
    except (OSError, ValueError) as error:
        told = "the query was cancelled" if cancel.requested else _own_words(error) or _first_line(error)
        raise QueryError(told) from error


def _progress(cursor: duckdb.DuckDBPyConnection) -> str:
    """How far a query is, where the engine can tell; asked by another thread, for which it may be over already."""
    done = -1.0
    with suppress(duckdb.Error):
        done = cursor.query_progress()
    return f"{done:.0f} %" if 0 < done < 100 else ""


def _amount(rows: int, size: int) -> str:
    return f"{rows:,} rows · {size_text(size)}"


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]


def _close(connection: duckdb.DuckDBPyConnection, scratch: tempfile.TemporaryDirectory[str]) -> None:
    with suppress(duckdb.Error):  # busy where a query would not stop; the process is about to end
        connection.close()
    scratch.cleanup()
