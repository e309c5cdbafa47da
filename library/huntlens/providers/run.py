"""Runs one query: on a worker thread, so that Ctrl-C, the stop button and a time limit act at once.

DuckDB 2.0 does not look at SIGINT while it works, and a socket does not either; the main thread therefore only
waits, in steps, and tells the worker to stop. It waits for an event and not for the thread: a KeyboardInterrupt in
`Thread.join` makes Python before 3.13 take a running thread for a stopped one (github.com/python/cpython/issues/90882).
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from contextvars import copy_context
from typing import TYPE_CHECKING, Final, TypeVar

from huntlens.errors import QueryTimeoutError
from huntlens.providers.source import Cancel

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_STEP_S: Final = 0.1
_GRACE_S: Final = 5.0


def run_interruptible(
    work: Callable[[Cancel], T],
    *,
    timeout_s: float | None = None,
    tick: Callable[[float, str], None] | None = None,
) -> T:
    """What `work` returns; `tick(elapsed_s, told)` is called on this thread meanwhile.

    `told` is what the source says of its work. KeyboardInterrupt and `timeout_s` cancel the work and wait for it to
    let go.

    >>> run_interruptible(lambda cancel: 6 * 7)
    42
    """
    cancel, future, done, started = Cancel(), Future[T](), threading.Event(), time.monotonic()
    cancel.is_watched = tick is not None
    worker = threading.Thread(
        target=copy_context().run, args=(_fill, future, done, work, cancel), name="huntlens-query", daemon=True
    )
    worker.start()
    step_s = _STEP_S if timeout_s is None else min(_STEP_S, max(timeout_s / 10, 0.001))
    try:
        while not done.wait(step_s):
            elapsed = time.monotonic() - started
            if tick is not None:
                tick(elapsed, cancel.told)
            if timeout_s is not None and elapsed > timeout_s:
                _stop(cancel, done)
                raise QueryTimeoutError(f"the query was stopped after {timeout_s:g} s; pass a larger timeout_s")
    except KeyboardInterrupt:
        _stop(cancel, done)
        elapsed = time.monotonic() - started
        raise KeyboardInterrupt(f"query cancelled after {elapsed:.1f} s") from None
    return future.result()


def _fill(future: Future[T], done: threading.Event, work: Callable[[Cancel], T], cancel: Cancel) -> None:
    """Run the work; whatever it raises is raised again on the thread that waits."""
    try:
        future.set_result(work(cancel))
    except BaseException as error:  # noqa: BLE001  (carried over to the waiting thread, which raises it)
        future.set_exception(error)
    finally:
        done.set()


def _stop(cancel: Cancel, done: threading.Event) -> None:
    """Ask for a stop until it has come: an interrupt between two steps of the engine is lost."""
    until = time.monotonic() + _GRACE_S
    cancel()
    while not done.wait(_STEP_S) and time.monotonic() < until:
        cancel()
