"""Tells the editor what this kernel knows: names and types of frames, connections and tables, never a value."""

from __future__ import annotations

import atexit
import os
import re
import time
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from huntlens.assist import session as published

if TYPE_CHECKING:
    from pathlib import Path

    from huntlens_kernel.session import Session


def register(session: Session) -> None:
    """Publish after every cell, and take the file away when the kernel ends."""
    publisher = Publisher(session)
    session.shell.events.register("post_run_cell", publisher)
    atexit.register(publisher.close)
    session.undo.append(partial(session.shell.events.unregister, "post_run_cell", publisher))
    session.undo.append(publisher.close)
    session.undo.append(partial(atexit.unregister, publisher.close))


class Publisher:
    """Writes the session's file when something has changed; a cell never fails because of it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._last = published.EMPTY
        self._path: Path | None = None
        self._pid = os.getpid()

    def __call__(self, _result: object = None) -> None:
        now = self._session.view.of(self._session)
        if now is self._last:
            return
        with suppress(OSError):
            if self._path is None:
                published.sweep()
            self._path = published.publish(replace(now, written=time.time()), name=_kernel_name(self._session.shell))
            self._last = now

    def close(self) -> None:
        """Take the file away; a process that the user forked from this one leaves it."""
        if self._path is not None and self._pid == os.getpid():
            with suppress(OSError):
                self._path.unlink()
            self._path, self._last = None, published.EMPTY


def _kernel_name(shell: Any) -> str:
    """The id of the kernel, as in the name of its connection file; a terminal has none."""
    found = None
    if getattr(shell, "kernel", None) is not None:
        from ipykernel.connect import get_connection_file

        with suppress(RuntimeError):
            found = re.search(r"kernel-([\w-]+)\.json$", get_connection_file())
    return found[1] if found else f"pid{os.getpid()}"
