"""The HTTP client against a real server on this machine."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from huntlens.config import Secret
from huntlens.errors import ConnectionFailedError
from huntlens.http import Client, RateLimit


class Handler(BaseHTTPRequestHandler):
    seen: ClassVar[list[tuple[str, dict[str, str]]]] = []

    def do_GET(self) -> None:
        self.seen.append((self.path, dict(self.headers)))
        path = self.path.split("?")[0]
        again = sum(1 for seen, _ in self.seen if seen == self.path)
        if path == "/busy" and again < 3:
            self.answer(503, {}, {"Retry-After": "0"})
        elif path == "/page":
            number = int(self.path.partition("n=")[2] or 1)
            link = {"next": f"{self.server.base}/page?n={number + 1}"} if number < 3 else {}
            self.answer(200, {"n": number, **link})
        elif path == "/away":
            self.answer(302, {}, {"Location": "http://elsewhere.test/"})
        elif path == "/next-away":
            self.answer(200, {"next": "http://elsewhere.test/steal"})
        elif path == "/silent":
            self.server.waits.wait(30)
        elif path == "/trickle":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"[1")
            self.server.waits.wait(30)
        elif path == "/wrong":
            self.answer(403, {"error": {"code": "x", "message": "you may not"}})
        else:
            self.answer(200, {"path": self.path})

    def answer(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def base() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.base = f"http://127.0.0.1:{server.server_port}"
    server.waits = threading.Event()
    Handler.seen.clear()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.base
    server.waits.set()
    server.shutdown()
    server.server_close()


def test_secrets_are_sent_and_not_shown(base: str) -> None:
    with Client(base, headers={"x-key": Secret("hunter2")}) as client:
        assert client.get("/a", parameters={"apikey": Secret("hunter3")}).json() == {"path": "/a?apikey=hunter3"}
        assert Handler.seen[0][1]["x-key"] == "hunter2"
        assert "hunter" not in repr(client)
        with pytest.raises(ConnectionFailedError, match="403 Forbidden: you may not") as caught:
            client.get("/wrong", parameters={"apikey": Secret("hunter3")})
    assert "hunter" not in str(caught.value)


def test_a_busy_service_is_asked_again(base: str) -> None:
    with Client(base) as client:
        assert client.get("/busy").ok
    assert len(Handler.seen) == 3


def test_pages(base: str) -> None:
    with Client(base) as client:
        assert [page["n"] for page in client.pages("/page", next_link="next")] == [1, 2, 3]


def test_headers_never_go_to_another_host(base: str) -> None:
    with Client(base, headers={"x-key": "k"}) as client:
        with pytest.raises(ConnectionFailedError, match="redirect, which is not followed"):
            client.get("/away")
        with pytest.raises(ConnectionFailedError, match="nothing was sent to it"):
            list(client.pages("/next-away", next_link="next"))


def test_nobody_there_is_one_clear_error() -> None:
    with (
        Client("http://user:hunter2@127.0.0.1:9", retries=0, timeout_s=2) as client,
        pytest.raises(ConnectionFailedError, match=r"GET http://127\.0\.0\.1:9/x: no connection") as caught,
    ):
        client.get("/x?key=hunter3")
    assert "hunter" not in str(caught.value)


@pytest.mark.parametrize("path", ["/silent", "/trickle"])
def test_a_stop_from_another_thread_ends_a_request_and_the_client_lives(base: str, path: str) -> None:
    with Client(base, retries=9) as client, ThreadPoolExecutor(1) as pool:
        heard: list[int] = []
        waiting = pool.submit(client.json, "GET", path, heard=heard.append)
        while not (heard if path == "/trickle" else Handler.seen):
            time.sleep(0.01)
        client.stop()
        with pytest.raises(ConnectionFailedError):
            waiting.result(timeout=5)
        assert client.json("GET", "/a") == {"path": "/a"}
    assert sum(seen == path for seen, _ in Handler.seen) == 1


def test_bytes_are_told_as_they_come_in(base: str) -> None:
    heard: list[int] = []
    with Client(base) as client:
        client.json("GET", "/a", heard=heard.append)
        assert sum(heard) == len('{"path": "/a"}')
        with pytest.raises(ConnectionFailedError, match="you may not") as caught:
            client.json("GET", "/wrong")
    assert (caught.value.status, caught.value.body["error"]["code"]) == (403, "x")


def test_rate_limit() -> None:
    now = [0.0]
    limit = RateLimit(4, 2.0, clock=lambda: now[0])
    assert [limit.wait_s() for _ in range(6)] == [0, 0, 0, 0, 0.5, 1.0]
    now[0] = 10
    assert limit.wait_s() == 0
