"""Telling the client that something takes its time."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens_server.server import HuntlensServer


@contextmanager
def progress(server: HuntlensServer, token: lsp.ProgressToken | None, title: str) -> Iterator[None]:
    """Tell of a stretch of work, under the token that came with the request; without one nothing is told."""
    if token is None:
        yield
        return
    told = server.work_done_progress
    told.begin(token, lsp.WorkDoneProgressBegin(title=title, cancellable=False))
    try:
        yield
    finally:
        told.end(token, lsp.WorkDoneProgressEnd())
        told.tokens.pop(token, None)
