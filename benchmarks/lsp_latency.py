"""How long the language server takes: to start, to complete, to hover, to find what is wrong; over stdio.

python -m benchmarks.lsp_latency            # 5,000 queries in packs, a notebook of 200 cells
python -m benchmarks.lsp_latency --small    # what comes along, a notebook of 20 cells
python -m benchmarks.lsp_latency --large    # 50,000 queries, a notebook of 2,000 cells: how times grow
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil


class Server:
    """A server process."""

    def __init__(self, folder: Path) -> None:
        self.started = time.perf_counter()
        command = [sys.executable, "-m", "huntlens_server"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.sent = 0
        self.published: dict[str, int] = {}
        capabilities: dict[str, Any] = {}
        self.request("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": capabilities})
        self.initialised_s = time.perf_counter() - self.started
        self.notify("initialized", {})

    def send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def notify(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    def request(self, method: str, params: Any) -> Any:
        self.sent += 1
        self.send({"id": self.sent, "method": method, "params": params})
        while True:
            message = self.read()
            if message.get("id") == self.sent and "method" not in message:
                return message.get("result")

    def read(self) -> dict[str, Any]:
        assert self.process.stdout
        length = 0
        while (line := self.process.stdout.readline()) != b"\r\n":
            assert line, "the server is gone"
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        message: dict[str, Any] = json.loads(self.process.stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self.published[message["params"]["uri"]] = message["params"].get("version") or 0
        return message

    def at(self, method: str, uri: str, line: int, column: int) -> Any:
        return self.request(method, {"textDocument": {"uri": uri}, "position": {"line": line, "character": column}})

    def until_published(self, uri: str, version: int) -> None:
        while self.published.get(uri, 0) < version:
            self.read()

    @property
    def memory_mb(self) -> float:
        return psutil.Process(self.process.pid).memory_info().rss / 2**20


def workspace(folder: Path, queries: int) -> None:
    """Packs of a hundred queries each."""
    (folder / "queries").mkdir()
    for pack in range(queries // 100):
        lines = [f"pack: p{pack}", "environments: [local]", "queries:"]
        for number in range(100):
            lines += [
                f"  area{pack % 20}.query_{pack}_{number}:",
                f"    summary: Question {number} of pack {pack}",
                "    parameters:",
                "      host: {type: string, doc: Name of the host, entity: Host.HostName}",
                "    kql: |",
                "      SecurityEvent",
                "      | where TimeGenerated between (start .. end) and Computer has host",
                f"      | where EventID == {4000 + number}",
            ]
        (folder / "queries" / f"p{pack}.yaml").write_text("\n".join(lines) + "\n")


def notebook(server: Server, cells: int) -> list[str]:
    """A notebook whose first cell connects and whose others use the connection, in Python and KQL."""
    texts = ['from huntlens import QueryProvider\nqp = QueryProvider("local")']
    for number in range(1, cells):
        if number % 3 == 0:
            texts.append(
                f"%%kql -o t{number}\nSecurityEvent\n| where TimeGenerated > ago({number % 200}d) and EventID == 4624"
            )
        else:
            body = "\n".join(
                f"x{number}_{line} = [value + {line} for value in range({number % 200})]" for line in range(10)
            )
            texts.append(f"df{number} = qp.windows.logons(host='web{number}')\n{body}")
    texts[-1] = "qp.windows."
    uris = [f"vscode-notebook-cell:/n.ipynb#c{number}" for number in range(cells)]
    server.notify(
        "notebookDocument/didOpen",
        {
            "notebookDocument": {
                "uri": "file:///n.ipynb", "notebookType": "jupyter-notebook", "version": 1,
                "cells": [{"kind": 2, "document": uri} for uri in uris],
            },
            "cellTextDocuments": [
                {"uri": uri, "languageId": "python", "version": 1, "text": text}
                for uri, text in zip(uris, texts, strict=True)
            ],
        },
    )  # fmt: skip
    return uris


def main() -> None:
    small, large = "--small" in sys.argv, "--large" in sys.argv
    queries, cells = (0, 20) if small else (50_000, 2000) if large else (5000, 200)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workspace(folder, queries)
        Server(folder).process.kill()  # the first start reads YAML, the others its index
        starts = []
        for _ in range(5):
            server = Server(folder)
            starts.append(server.initialised_s)
            server.process.kill()
        server = Server(folder)
        uris = notebook(server, cells)
        last, kql = uris[-1], uris[(cells - 2) // 3 * 3]
        opened = time.perf_counter()
        server.until_published(last, 1)
        print(f"{queries} queries, {cells} cells; times in ms")
        print(
            f"initialise                    p50 {statistics.median(starts) * 1000:7.1f}   max {max(starts) * 1000:7.1f}"
        )
        print(f"all cells checked             {(time.perf_counter() - opened) * 1000:11.1f}")
        report("query names", lambda: server.at("textDocument/completion", last, 0, 11))
        report("KQL columns", lambda: server.at("textDocument/completion", kql, 2, 8))
        report("pivots", lambda: server.at("textDocument/hover", last, 0, 5))
        report(
            "keystroke, names",
            lambda: (edit(server, last, 0, 11, "lo"), server.at("textDocument/completion", last, 0, 11)),
        )
        report(
            "keystroke, KQL", lambda: (edit(server, kql, 2, 8, " "), server.at("textDocument/completion", kql, 2, 8))
        )
        report("keystroke to findings", lambda: findings(server, last))
        report("... in the first cell", lambda: findings(server, uris[0]))
        report("... within a call", lambda: findings(server, uris[1], CALL))
        print(f"memory                        {server.memory_mb:11.0f} MB")
        server.process.kill()


CALL = len("df1 = qp.windows.logons(host='web")
VERSIONS: dict[str, int] = {}


def edit(server: Server, uri: str, line: int, column: int, text: str) -> int:
    """Type a text and take it away again on the next call; the version after it."""
    version = VERSIONS[uri] = VERSIONS.get(uri, 1) + 1
    typed = version % 2 == 0
    end = column if typed else column + len(text)
    change = {
        "range": {"start": {"line": line, "character": column}, "end": {"line": line, "character": end}},
        "text": text if typed else "",
    }
    cells = {"textContent": [{"document": {"uri": uri, "version": version}, "changes": [change]}]}
    server.notify(
        "notebookDocument/didChange",
        {"notebookDocument": {"uri": "file:///n.ipynb", "version": version}, "change": {"cells": cells}},
    )
    return version


def findings(server: Server, uri: str, column: int = 11) -> None:
    server.until_published(uri, edit(server, uri, 0, column, "x"))


def report(name: str, run: Any, times: int = 60) -> None:
    run()
    took = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        took.append((time.perf_counter() - start) * 1000)
    took.sort()
    print(f"{name:29} p50 {took[len(took) // 2]:7.1f}   p95 {took[int(len(took) * 0.95)]:7.1f}   max {took[-1]:7.1f}")


if __name__ == "__main__":
    main()
