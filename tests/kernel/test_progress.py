"""The progress line of a real kernel, and connections that break: what is told, and what is made again."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cells import data, run
from services import kusto_frames, served

PAGES, ROWS = 4, 250


class _Slow(BaseHTTPRequestHandler):
    """An answer of Kusto in pieces, or pages of OData one after the other; each piece takes its time."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None: ...

    def do_POST(self) -> None:
        text = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["csl"]
        if text.startswith("."):
            schema = json.dumps({"Databases": {"D": {"Tables": {}}}})
            self._send([json.dumps({"Tables": [{"Rows": [[schema]]}]}).encode()])
            return
        body = json.dumps(kusto_frames()).encode() + b" " * 400_000
        self._send([body[at : at + 100_000] for at in range(0, len(body), 100_000)], wait_s=0.4)

    def do_GET(self) -> None:
        page = int(self.path.partition("page=")[2] or 1)
        rows = [{"Id": f"{page}-{number}", "Title": "x" * 40} for number in range(ROWS)]
        base = f"http://{self.headers['Host']}/alerts"
        following = {"@odata.nextLink": f"{base}?page={page + 1}"} if page < PAGES else {}
        time.sleep(0.5)
        self._send([json.dumps({"value": rows, **following}).encode()])

    def _send(self, pieces: list[bytes], wait_s: float = 0.0) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(sum(map(len, pieces))))
        self.end_headers()
        for piece in pieces:
            self.wfile.write(piece)
            time.sleep(wait_s)


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]):
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def progress(messages: list[dict]) -> list[str]:
    shown = data(messages, "display_data") + data(messages, "update_display_data")
    return [one["text/plain"] for one in shown if "interrupt the kernel" in one.get("text/plain", "")]


def ends(messages: list[dict]) -> list[str]:
    """What is left under the cell, as a front end keeps it: a cleared output is gone when the next one comes."""
    kept: list[str] = []
    waiting = False
    for message in messages:
        kind = message["msg_type"]
        if kind == "clear_output":
            kept, waiting = (kept, True) if message["content"]["wait"] else ([], False)
        if kind in ("display_data", "execute_result", "stream", "error"):
            kept, waiting = ([] if waiting else kept), False
            kept.append(str(message["content"]))
    return kept


def test_bytes_are_told_and_the_result_takes_their_place(kernel):
    _, client = kernel
    with serving(_Slow) as base:
        assert run(client, f"%hunt connect kusto name=slow_kusto cluster={base} database=D")[0]["status"] == "ok"
        _, messages = run(client, "%%kql slow_kusto\nT | take 3")
    told = progress(messages)
    assert told[0].startswith("running on slow_kusto · ")
    assert [line for line in told if " kB · interrupt the kernel to cancel" in line], told
    assert not [one for one in data(messages, "display_data") if set(one) != {"text/plain"}]  # no widget
    (left,) = ends(messages)
    assert "slow_kusto · 3 rows" in left
    assert "interrupt the kernel" not in left


def test_rows_and_bytes_of_pages_are_told(kernel):
    _, client = kernel
    with serving(_Slow) as base:
        run(client, f"%hunt connect odata name=slow_odata host={base}/")
        _, messages = run(client, "%%kql -o alerts slow_odata\nalerts")
    assert [line for line in progress(messages) if "250 rows · " in line and " kB · " in line], progress(messages)
    (left,) = ends(messages)
    assert f"{PAGES * ROWS:,} rows" in left


def test_a_service_that_restarts_between_two_queries(kernel):
    _, client = kernel
    with served() as service:
        port = service.server_port
        run(client, f"%hunt connect kusto name=restarted cluster={service.base} database=Security")
        assert run(client, "%%kql restarted\nT")[0]["status"] == "ok"
    with served(port):
        reply, messages = run(client, "%%kql restarted\nT")
        assert reply["status"] == "ok"
        assert "restarted · 3 rows" in data(messages, "execute_result")[0]["text/plain"]


@pytest.mark.parametrize("first", ["%kql local t | count", "%kql t | count"])
def test_a_database_that_is_closed_underneath(kernel, first):
    _, client = kernel
    run(client, "import pandas as pd\nt = pd.DataFrame({'a': [1, 2]})\n%hunt use local")
    assert run(client, first)[0]["status"] == "ok"
    run(client, "from huntlens_kernel import current\ncurrent(get_ipython()).own['local'].provider.close()")
    reply, messages = run(client, "%%kql local\nt | count")
    assert reply["status"] == "ok"
    assert "the connection local was lost; it is made again" in str(messages)


def test_completion_asks_no_service(kernel):
    """A service that does not answer must not hold up Tab, or the end of a cell."""
    _, client = kernel
    run(client, "%hunt connect kusto name=dead cluster=http://127.0.0.1:9 database=D")
    cell = "%%kql dead\nSecurityEvent | where Accou"
    assert "Account" in client.complete(cell, len(cell), reply=True, timeout=20)["content"]["matches"]
    reply, _ = run(client, "%%kql dead\nT")
    assert "no connection" in reply["evalue"]
    run(client, "%hunt close dead")
