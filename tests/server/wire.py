"""A client of bytes: what pytest-lsp would not send."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any


class Wire:
    """A server process and its two pipes."""

    def __init__(self, *arguments: str, **capabilities: Any) -> None:
        command = [sys.executable, "-m", "huntlens_server", *arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.sent = 0
        self.noted: list[dict[str, Any]] = []
        self.start = self.request("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities})
        self.notify("initialized", {})

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
                return found

    def open(self, uri: str, text: str, language: str = "python") -> None:
        item = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def at(self, method: str, uri: str, line: int, column: int) -> dict[str, Any]:
        position = {"line": line, "character": column}
        return self.request(method, {"textDocument": {"uri": uri}, "position": position})

    def stop(self) -> tuple[int, str]:
        """Shut down; gives the exit code and what was written to the log."""
        self.request("shutdown", None)
        self.notify("exit", None)
        _, log = self.process.communicate(timeout=20)
        return self.process.returncode, log.decode()
