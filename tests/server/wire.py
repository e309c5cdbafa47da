"""A client of bytes: what pytest-lsp would not send."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


class Wire:
    """A server process and its two pipes."""

    def __init__(
        self,
        *arguments: str,
        root: Path | None = None,
        options: object = None,
        environment: Mapping[str, str] | None = None,
        answers: Mapping[str, Any] | None = None,
        **capabilities: Any,
    ) -> None:
        command = [sys.executable, "-W", "error", str(Path(__file__).with_name("watched.py")), *arguments]
        pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        self.process = subprocess.Popen(command, env={**os.environ, **(environment or {})}, **pipes)
        self.sent = 0
        self.noted: list[dict[str, Any]] = []
        self.answers = answers or {}
        """What is answered to requests of the server; nothing to others."""
        started = {
            "processId": None,
            "rootUri": root.as_uri() if root else None,
            "capabilities": capabilities,
            "initializationOptions": options,
        }
        self.start = self.request("initialize", started)
        self.notify("initialized", {})
        # On a slow machine requests are answered before the packs are read.
        while not self.request("workspace/executeCommand", {"command": "huntlens.server.catalog"})["result"]:
            time.sleep(0.05)

    def send(self, *messages: dict[str, Any]) -> None:
        """Send messages in one piece."""
        bodies = [json.dumps({"jsonrpc": "2.0", **message}).encode() for message in messages]
        data = b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in bodies)
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def notify(self, method: str, params: Any) -> None:
        self.send({"method": method, "params": params})

    def request(self, method: str, params: Any) -> dict[str, Any]:
        self.sent += 1
        self.send({"id": self.sent, "method": method, "params": params})
        return self.answer(self.sent)

    def answer(self, identity: int) -> dict[str, Any]:
        """The answer to a request; what comes before it is kept."""
        while True:
            message = self.read()
            if message.get("id") == identity and "method" not in message:
                return message
            self.noted.append(message)

    def read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        length = 0
        while True:
            line = self.process.stdout.readline()
            assert line, "the server is gone"
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
            if line == b"\r\n":
                found: dict[str, Any] = json.loads(self.process.stdout.read(length))
                if "method" in found and "id" in found:
                    self.send({"id": found["id"], "result": self.answers.get(found["method"])})
                return found

    def until(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first message that fits, of those kept or still to come."""
        while not (kept := next(filter(fits, self.noted), None)):
            self.noted.append(self.read())
        return kept

    def open(self, uri: str, text: str, language: str = "python") -> None:
        item = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def at(self, method: str, uri: str, line: int, column: int) -> dict[str, Any]:
        position = {"line": line, "character": column}
        return self.request(method, {"textDocument": {"uri": uri}, "position": position})

    def text(self, uri: str) -> str | None:
        """A text as the server has it."""
        params = {"command": "huntlens.server.text", "arguments": [uri]}
        found: str | None = self.request("workspace/executeCommand", params)["result"]
        return found

    def stop(self) -> tuple[int, str]:
        """Shut down; gives the exit code and what was written to the log."""
        self.request("shutdown", None)
        self.notify("exit", None)
        _, log = self.process.communicate(timeout=20)
        return self.process.returncode, log.decode()
