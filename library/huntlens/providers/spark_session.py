"""Sessions of Spark: started here or reached by address, work on them that can be stopped, and what they raise.

Needs the extra 'spark'; import this module where it is used.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
import tempfile
import threading
import time
import warnings
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from itertools import count
from typing import TYPE_CHECKING, Final, TypeVar, cast
from urllib.parse import urlsplit

from huntlens.config.secrets import Secret
from huntlens.errors import ConfigError, ConnectionFailedError, MissingExtraError, QueryError

try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # it says that pandas 3 is young; we pass Arrow
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.logger import PySparkLogger
        from pyspark.sql import SparkSession
except ImportError as error:
    raise MissingExtraError("spark", "running queries on Spark") from error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from huntlens.providers.source import Cancel

T = TypeVar("T")

SETTINGS: Final = {
    "spark.sql.ansi.enabled": "false",  # division by zero and overflow give no error in KQL
    "spark.sql.caseSensitive": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.legacy.sizeOfNull": "false",
    "spark.sql.mapKeyDedupPolicy": "LAST_WIN",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    "spark.sql.variable.substitute": "false",  # a text may hold ${...}, which is not to become a setting
}
"""What the SQL of the compiler takes for granted, set in a session of our own."""
_LOCAL: Final = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "4",
    "spark.python.task.killTimeout": "500ms",  # how long a stopped query waits for its Python functions
    "spark.log.level": "OFF",  # what goes wrong is raised here; the log repeats it as a stack of Java
}
"""What a Spark that we start is told; `config` of the user stands before it."""
_STEP_S: Final = 0.05
_PATIENCE_S: Final = 0.5
"""How long a stop is waited for; what Spark does not let go of until then ends by itself, unwatched."""
_PORT: Final = 15002
_REACH_S: Final = 10.0
_TRIES: Final = 4
"""How often a server is asked again, over some five seconds; Spark's own 15 times are ten minutes."""
_SECRET_KEY: Final = re.compile(
    r"secret|password|passwd|token|credential|access[._-]?key|account[._-]?key", re.IGNORECASE
)
_numbers = count()
_hidden: set[str] = set()
"""Values that stand in no message."""


def start(remote: str, token: Secret | str, master: str, config: Mapping[str, str]) -> SparkSession:
    """The session of an address, or the one of this process, which is started with `config`."""
    _hidden.update(str(value) for key, value in config.items() if _SECRET_KEY.search(key) and value)
    with warnings.catch_warnings(), errors():
        warnings.simplefilter("ignore", FutureWarning)
        warnings.filterwarnings("ignore", r"\[RETRIES_EXCEEDED\]")  # the error says it
        return _reach(remote, token) if remote else _start_here(master, config)


def _reach(remote: str, token: Secret | str) -> SparkSession:
    if urlsplit(remote).scheme != "sc":
        raise ConfigError("the address of a Spark Connect server looks like sc://host:15002")
    known = token.reveal() if isinstance(token, Secret) else token
    _hidden.update(item for item in (known, *re.findall(r";token=([^;]+)", remote)) if item)
    address = f"{remote.rstrip('/')}/;token={known}" if known and "/;" not in remote else remote
    parts = urlsplit(remote)
    try:
        socket.create_connection((parts.hostname or "", parts.port or _PORT), _REACH_S).close()
    except OSError as error:  # Spark itself would try again for minutes
        raise ConnectionFailedError(f"no answer from {_host(remote)}: {error.strerror or error}") from None
    try:
        from pyspark.sql.connect.client.retries import DefaultPolicy
        from pyspark.sql.connect.session import SparkSession as ConnectSession
    except ImportError as error:
        raise ConfigError(f"a Spark Connect address needs more: pip install 'huntlens[spark]' ({error})") from error
    try:
        session = ConnectSession.builder.remote(address).create()  # beside one of this process
        session.client.set_retry_policies([DefaultPolicy(max_retries=_TRIES)])
        session.conf.get("spark.sql.session.timeZone")
    except (PySparkException, RuntimeError, OSError, ValueError) as error:
        raise ConnectionFailedError(f"no answer from {_host(remote)}: {told(error)}") from None
    return cast("SparkSession", session)


def _host(remote: str) -> str:
    """An address without what stands behind the host: options may hold a token.

    >>> _host("sc://spark.example.com:15002/;token=abc")
    'sc://spark.example.com:15002'
    """
    parts = urlsplit(remote)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _start_here(master: str, config: Mapping[str, str]) -> SparkSession:
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    here = {"spark.sql.warehouse.dir": f"{tempfile.gettempdir()}/huntlens-spark-warehouse"}
    builder = SparkSession.builder.master(master).appName("huntlens")
    for option, value in {**_LOCAL, **here, **config}.items():
        builder = builder.config(option, value)
    try:
        with _own_interrupts():
            return builder.getOrCreate()
    except (PySparkException, RuntimeError, OSError) as error:
        raise ConnectionFailedError(f"Spark did not start; it needs Java 17 or later: {told(error)}") from None


@contextmanager
def _own_interrupts() -> Iterator[None]:
    """Ctrl-C stays what it was: a Spark that starts takes it to mean all jobs of the process."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


# --- work that can be stopped ------------------------------------------------------------------------------------


def is_connect(session: SparkSession) -> bool:
    """Whether a session is one of Spark Connect, which has no JVM here."""
    return type(session).__module__.startswith("pyspark.sql.connect")


def stoppable(session: SparkSession, work: Callable[[], T], cancel: Cancel, running: set[str]) -> T:
    """What `work` gives. A stop ends its jobs; where Spark still plans, it is not waited for.

    `running` holds the tag of the work meanwhile, for `interrupt`.
    """
    if cancel.requested:
        raise QueryError("the query was cancelled before it started")
    tag = f"huntlens-{os.getpid()}-{next(_numbers)}"
    future, done = Future[T](), threading.Event()
    running.add(tag)
    threading.Thread(target=_fill, args=(session, tag, work, future, done), name=tag, daemon=True).start()
    asked = 0.0
    while not done.wait(_STEP_S):
        if not cancel.requested and tag in running:
            continue
        asked = asked or time.monotonic()
        if time.monotonic() - asked > _PATIENCE_S:
            running.discard(tag)
            threading.Thread(target=_chase, args=(session, tag, done), name=f"{tag}-stop", daemon=True).start()
            raise QueryError("the query was cancelled")
        interrupt(session, tag)
    stopped = cancel.requested or tag not in running
    running.discard(tag)
    if stopped and future.exception() is not None:
        raise QueryError("the query was cancelled")
    return future.result()


def interrupt(session: SparkSession, tag: str) -> None:
    """Stop the jobs with that tag; nothing where there are none (any more)."""
    with suppress(PySparkException, Py4JError):
        if is_connect(session):
            session.interruptTag(tag)
        else:
            session.sparkContext.cancelJobsWithTag(tag)


def _fill(session: SparkSession, tag: str, work: Callable[[], T], future: Future[T], done: threading.Event) -> None:
    """Do the work under a tag; whatever it raises is raised again on the thread that waits."""
    try:
        with _tagged(session, tag):
            future.set_result(work())
    except BaseException as error:  # noqa: BLE001  (carried over to the waiting thread, which raises it)
        future.set_exception(error)
    finally:
        done.set()


@contextmanager
def _tagged(session: SparkSession, tag: str) -> Iterator[None]:
    """Within the block, what this thread runs can be stopped by the tag."""
    if is_connect(session):
        session.addTag(tag)
        yield
        return
    context = session.sparkContext  # the tags of a session are not those of its jobs in Spark 4.3
    context.addJobTag(tag)
    context.setInterruptOnCancel(True)
    try:
        yield
    finally:
        with suppress(PySparkException, Py4JError):
            context.removeJobTag(tag)


def _chase(session: SparkSession, tag: str, done: threading.Event) -> None:
    """Stop the jobs that a query starts after nobody waits for it any more."""
    while not done.wait(_PATIENCE_S):
        interrupt(session, tag)


# --- errors ------------------------------------------------------------------------------------------------------


@contextmanager
def errors() -> Iterator[None]:
    """What Spark raises, as one line; the stack of Java behind it is left out, and not logged either."""
    depth = getattr(_here, "depth", 0)
    _here.depth = depth + 1
    try:
        yield
    except (PySparkException, Py4JError) as error:
        raise QueryError(told(error)) from None
    finally:
        _here.depth = depth


_here = threading.local()
PySparkLogger.getLogger("SQLQueryContextLogger").addFilter(lambda _: not getattr(_here, "depth", 0))


_OURS: Final = re.compile(r"CannotAnswerError: (.+)")
_PYTHON: Final = re.compile(r"^\w*(?:Error|Exception): .+$", re.MULTILINE)
_JAVA: Final = re.compile(r"^(?:: |Caused by: )[\w.$]*?(\w+)(?:: (.*))?$", re.MULTILINE)
_GRPC: Final = re.compile(r'details = "(.*?)"$', re.MULTILINE)
_MEMORY: Final = "OutOfMemoryError"


def told(error: Exception) -> str:
    """The sentence of an error; one that a Python function raised on purpose stands for itself."""
    text = str(error).strip()
    if ours := _OURS.search(text):
        return _without_secrets(ours[1])
    said = text.split("\n", 1)[0]
    if grpc := _GRPC.search(text):
        said = grpc[1]
    elif "Python worker" in said and (raised := _PYTHON.findall(text)):
        said = f"a function in Python failed: {raised[-1]}"
    elif (causes := _JAVA.findall(text)) and not said.startswith("["):
        kind, said = causes[-1]
        said = said or kind
    if _MEMORY in text:
        said = "it ran out of memory; give config={'spark.driver.memory': '8g'}, or ask for fewer rows"
    elif "maxResultSize" in text:
        said = "the answer is too large to be fetched; ask for fewer rows with limit=, or summarize"
    return _without_secrets(f"Spark: {said}")


def _without_secrets(text: str) -> str:
    for value in _hidden:
        text = text.replace(value, "********")
    return text
