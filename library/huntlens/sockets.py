"""Connections that another thread can end: a socket that waits does not look at signals.

Knows requests and urllib3 and nothing else.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self
from weakref import WeakSet

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util import Retry

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

_RETRIED: Final = (429, 500, 502, 503, 504)
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Connections:
    """The open connections of one client.

    >>> Connections().adapter(retries=2).max_retries.total
    2
    """

    def __init__(self) -> None:
        self.open: WeakSet[socket.socket] = WeakSet()
        self.stopping = threading.Event()

    def adapter(self, retries: int) -> HTTPAdapter:
        """What a session of requests sends through."""
        retry = _Retry(
            total=retries, status_forcelist=_RETRIED, allowed_methods=_SAFE, backoff_factor=0.5, raise_on_status=False
        )
        retry.connections = self
        return _Adapter(self, retry)

    def pause(self, seconds: float) -> None:
        """Wait, but no longer than until a stop."""
        if seconds > 0:
            self.stopping.wait(seconds)

    def stop(self) -> None:
        """End what waits for an answer, and do not try it again."""
        self.stopping.set()
        for opened in list(self.open):
            with suppress(OSError):  # closed meanwhile
                # Of the plain socket: an SSL socket would forget its session while the other thread reads from it.
                socket.socket.shutdown(opened, socket.SHUT_RDWR)


class _Adapter(HTTPAdapter):
    def __init__(self, connections: Connections, retry: Retry) -> None:
        self._connections = connections
        super().__init__(max_retries=retry, pool_maxsize=16)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self._watch(self.poolmanager)

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*arguments, **options)
        self._watch(manager)
        return manager

    def send(self, *arguments: Any, **options: Any) -> Any:
        self._connections.stopping.clear()
        return super().send(*arguments, **options)

    def _watch(self, manager: Any) -> None:
        manager.pool_classes_by_scheme = _pools(self._connections)


def _pools(connections: Connections) -> dict[str, type[HTTPConnectionPool]]:
    """Pools whose sockets are known to `connections` from the moment they connect."""

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            connections.open.add(self.sock)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            connections.open.add(self.sock)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}


class _Retry(Retry):
    """Tries again after a pause that a stop ends, and never once it was stopped."""

    connections: Connections

    def new(self, **options: Any) -> Self:
        made = super().new(**options)
        made.connections = self.connections
        return made

    def increment(self, *arguments: Any, **options: Any) -> Self:
        tried = self.new(total=0) if self.connections.stopping.is_set() else self
        return Retry.increment(tried, *arguments, **options)

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        asked = self.get_retry_after(response) if response is not None else None
        self.connections.pause(asked if asked is not None else self.get_backoff_time())
