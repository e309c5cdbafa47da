"""Work that takes its time: told to the client, in pieces with others served in between, given up when asked to."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import uuid4

from lsprotocol import types as lsp

from huntlens_server.convert import get
from huntlens_server.protocol import RefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from huntlens_server.server import HuntlensServer

T = TypeVar("T")
PIECE_S: Final = 0.01
"""How long is worked at a stretch."""
SHORT_S: Final = 0.3
"""Reading packs is told of only where it takes longer."""


@contextmanager
def progress(server: HuntlensServer, token: lsp.ProgressToken | None, title: str) -> Iterator[None]:
    """Tell of a stretch of work, under the token that came with the request; without one nothing is told."""
    if token is None:
        yield
        return
    told = server.work_done_progress
    told.begin(token, lsp.WorkDoneProgressBegin(title=title, cancellable=True))
    try:
        yield
    finally:
        told.end(token, lsp.WorkDoneProgressEnd())
        told.tokens.pop(token, None)


async def gently(
    server: HuntlensServer, items: Iterable[T], token: lsp.ProgressToken | None = None
) -> AsyncIterator[T]:
    """Items of long work one by one; others are served in between, and it ends where the client cancels it."""
    until = time.monotonic() + PIECE_S
    for item in items:
        yield item
        if time.monotonic() > until:
            await asyncio.sleep(0)
            given_up = server.work_done_progress.tokens.get(token) if token is not None else None
            if given_up is not None and given_up.cancelled():
                raise RefusedError(lsp.LSPErrorCodes.RequestCancelled, "cancelled")
            until = time.monotonic() + PIECE_S


async def tell_of_reading(server: HuntlensServer) -> None:
    """Tell that packs are being read, where it takes its time and the client can show it."""
    if not get(server.client_capabilities, "window", "work_done_progress"):
        return
    await asyncio.sleep(SHORT_S)
    if not server.knowledge.reading:
        return
    token = str(uuid4())
    await server.work_done_progress.create_async(token)
    with progress(server, token, "Reading query packs"):
        await server.packs_read.wait()
