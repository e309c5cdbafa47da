"""Standard input and output, read on a thread of their own.

The stock reader shares a pool with long-running handlers and starves with them, and it learns of a cancelled
request only when that request is done. Here messages queue up as they arrive, and a request whose cancellation has
arrived too is answered without being run.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import sys
import threading
from collections import Counter, deque
from typing import TYPE_CHECKING, Any, BinaryIO

from pygls.exceptions import JsonRpcException
from pygls.io_ import StdoutWriter

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

_LOG = logging.getLogger(__name__)
REQUEST_CANCELLED = -32800
CONTENT_MODIFIED = -32801


Message = dict[str, Any]
"""A message as JSON, without types."""


class Inbox:
    """Messages in the order of arrival, what of them was cancelled meanwhile, and which texts will have changed."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._queue: deque[Message | None] = deque()
        self._cancelled: set[int | str] = set()
        self._edits: Counter[str] = Counter()
        self._arrived = asyncio.Event()

    def read_from(self, stream: BinaryIO) -> None:
        """Read until the stream ends; runs on the reader's thread."""
        while True:
            body = read_body(stream)
            if body is None:
                break
            try:
                raw = json.loads(body)
            except ValueError:
                _LOG.warning("a message was not JSON")
                continue
            if isinstance(raw, dict):
                self.put(raw)
        self._queue.append(None)
        self._wake()

    def put(self, message: Message) -> None:
        """Queue a message; a cancellation counts from now on."""
        if message.get("method") == "$/cancelRequest":
            self._cancelled.add(message.get("params", {}).get("id"))
        self._edits.update(edited(message))
        self._queue.append(message)
        self._wake()

    async def get(self) -> Message | None:
        """The next message; None at the end."""
        while not self._queue:
            self._arrived.clear()
            await self._arrived.wait()
        message = self._queue.popleft()
        if message is not None:
            self._edits.subtract(edited(message))
        return message

    def is_cancelled(self, message: Message) -> bool:
        """Whether a request was cancelled before its turn came."""
        identity = message.get("id")
        if "method" not in message or identity not in self._cancelled:
            return False
        self._cancelled.discard(identity)
        return True

    def is_outdated(self, message: Message) -> bool:
        """Whether the text that a request is about has been edited before its turn came."""
        params = message.get("params")
        document = params.get("textDocument") if isinstance(params, dict) else None
        uri = document.get("uri") if isinstance(document, dict) else None
        return "id" in message and isinstance(uri, str) and self._edits[uri] > 0

    def _wake(self) -> None:
        self._loop.call_soon_threadsafe(self._arrived.set)


def edited(message: Message) -> list[str]:
    """The addresses of the texts that a message edits.

    >>> edited({"method": "textDocument/didChange", "params": {"textDocument": {"uri": "file:///a"}}})
    ['file:///a']
    """
    try:
        match message.get("method"):
            case "textDocument/didChange":
                found = [message["params"]["textDocument"]["uri"]]
            case "notebookDocument/didChange":
                cells = message["params"]["change"].get("cells") or {}
                found = [one["document"]["uri"] for one in cells.get("textContent") or ()]
            case _:
                found = []
    except (KeyError, TypeError, AttributeError):
        return []
    return [uri for uri in found if isinstance(uri, str)]


def serve_stdio(server: HuntlensServer) -> None:
    """Serve one client over standard input and output, until it says so or goes away."""
    source, output = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What a library prints must not land between messages.
    os.dup2(2, 1)
    serve(server, source, output)


def serve_tcp(server: HuntlensServer, host: str, port: int) -> None:
    """Serve the first client that connects to a port; the port in use is told on standard error."""
    with socket.create_server((host, port)) as listener:
        sys.stderr.write("listening on {}:{}\n".format(*listener.getsockname()[:2]))
        sys.stderr.flush()
        connection, _ = listener.accept()
    with connection:
        serve(server, connection.makefile("rb"), connection.makefile("wb"))


def serve(server: HuntlensServer, source: BinaryIO, output: BinaryIO) -> None:
    """Serve one client over two streams."""
    try:
        asyncio.run(_serve(server, source, output))
    except (KeyboardInterrupt, BrokenPipeError, ConnectionError):
        _LOG.info("the client is gone")
    finally:
        server.stopping()


def read_body(stream: BinaryIO) -> bytes | None:
    """The body of the next message; None where the stream ends."""
    length = 0
    while True:
        line = stream.readline()
        if not line:
            return None
        if line in {b"\r\n", b"\n"}:
            if length:
                break
            continue
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            length = int(value)
    body = stream.read(length)
    return body if len(body) == length else None


async def _serve(server: HuntlensServer, source: BinaryIO, output: BinaryIO) -> None:
    inbox = Inbox(asyncio.get_running_loop())
    server.protocol.set_writer(StdoutWriter(output))
    threading.Thread(target=inbox.read_from, args=(source,), name="huntlens-reader", daemon=True).start()
    while (message := await inbox.get()) is not None:
        handle(server, inbox, message)
        await asyncio.sleep(0)


def handle(server: HuntlensServer, inbox: Inbox, message: Message) -> None:
    """Run one message, or answer it as cancelled."""
    protocol = server.protocol
    if inbox.is_cancelled(message):
        protocol.refuse(message["id"], REQUEST_CANCELLED, "cancelled")
        return
    if message.get("method") in server.retried and inbox.is_outdated(message):
        protocol.refuse(message["id"], CONTENT_MODIFIED, "the text was changed meanwhile")
        return
    try:
        structured = protocol.structure_message(message)
    except JsonRpcException as error:
        _LOG.warning("a message fits no type: %s", message.get("method"))
        if "id" in message and "method" in message:
            protocol.refuse(message["id"], error.code, "the parameters fit no known type")
        return
    protocol.handle_message(structured)
