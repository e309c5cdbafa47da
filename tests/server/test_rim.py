"""The rim: encodings, edits, cancellation, malformed messages, other transports."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types as t

from huntlens_server.texts import OpenText
from server.wire import Wire

SETUP = 'from huntlens import QueryProvider\nqp = QueryProvider("local")\n'
ODD = st.text(alphabet="ab\n\r\f\x0b\x85\u2028é🔎", max_size=30)


def units(text: str, encoding: str) -> int:
    return (
        len(text)
        if encoding == "utf-32"
        else len(text.encode(f"{encoding}-le" if encoding == "utf-16" else encoding))
        // (2 if encoding == "utf-16" else 1)
    )


def place(text: str, offset: int, encoding: str) -> t.Position:
    """The position of an offset, counted the slow way."""
    before = re.split(r"\r\n|\n|\r", text[:offset])
    if text[:offset].endswith("\r") and text[offset : offset + 1] == "\n":  # between the two halves of a line end
        before.pop()
    return t.Position(len(before) - 1, units(before[-1], encoding))


@settings(max_examples=300, deadline=None)
@given(
    text=ODD,
    edits=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), ODD), max_size=6),
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-32"]),
)
def test_after_any_edits_the_servers_text_is_the_clients(
    text: str, edits: list[tuple[int, int, str]], encoding: str
) -> None:
    changes: list[t.TextDocumentContentChangeEvent] = []
    opened = OpenText("file:///a.kql", "kusto", 1, text)
    for first, second, new in edits:
        start, end = sorted((min(first, len(text)), min(second, len(text))))
        start -= text[:start].endswith("\r") and text[start : start + 1] == "\n"
        end += text[:end].endswith("\r") and text[end : end + 1] == "\n"
        changes.append(
            t.TextDocumentContentChangePartial(t.Range(place(text, start, encoding), place(text, end, encoding)), new)
        )
        text = text[:start] + new + text[end:]
    assert opened.changed(changes, 2, encoding).text == text


def test_columns_in_the_encoding_that_was_agreed_on() -> None:
    for encoding, column in {"utf-8": 11, "utf-16": 7, "utf-32": 5}.items():
        wire = Wire(general={"positionEncodings": [encoding]})
        assert wire.start["result"]["capabilities"]["positionEncoding"] == encoding
        wire.open("file:///a.py", '"🔎🔎"\n' + "x = '🔎'; y\n" + SETUP + '"🔎🔎" ; qp.windows')
        edit = {
            "range": {"start": {"line": 4, "character": column - 1}, "end": {"line": 4, "character": column - 1}},
            "text": "",
        }
        wire.notify(
            "textDocument/didChange", {"textDocument": {"uri": "file:///a.py", "version": 2}, "contentChanges": [edit]}
        )
        prefix = units('"🔎🔎" ; qp.win', encoding)
        found = wire.at("textDocument/hover", "file:///a.py", 4, prefix)["result"]
        assert found["range"]["start"]["character"] == units('"🔎🔎" ; qp.', encoding)
        assert wire.stop() == (0, "")


def test_a_request_that_was_cancelled_in_time_is_not_run() -> None:
    wire = Wire()
    wire.open("file:///a.py", SETUP + "qp.windows.")
    assert wire.at("textDocument/completion", "file:///a.py", 2, 11)["result"]["items"]
    where = {"textDocument": {"uri": "file:///a.py"}, "position": {"line": 2, "character": 11}}
    requests = [{"id": 1000 + n, "method": "textDocument/completion", "params": where} for n in range(20)]
    cancels = [{"method": "$/cancelRequest", "params": {"id": 1000 + n}} for n in range(1, 20)]
    wire.send({"id": 999, "method": "textDocument/hover", "params": where}, *requests, *cancels)
    answers = {}
    while len(answers) < 20:
        message = wire.read()
        if message.get("id", 0) >= 1000:
            answers[message["id"]] = message
    cancelled = [identity for identity, one in answers.items() if one.get("error", {}).get("code") == -32800]
    assert len(cancelled) >= 15
    assert wire.stop() == (0, "")


def test_messages_that_fit_nothing_end_nothing() -> None:
    wire = Wire()
    wire.send({"id": 5, "method": "textDocument/hover", "params": {"nonsense": True}})
    assert "error" in wire.answer(5)
    wire.send({"id": 6, "method": "huntlens/noSuchThing", "params": None})
    assert wire.answer(6)["error"]["code"] == -32601
    assert wire.process.stdin is not None
    wire.process.stdin.write(b"Content-Length: 5\r\n\r\n{no}}")
    wire.send(
        {"method": "$/nothing", "params": {}},
        {
            "method": "textDocument/didChange",
            "params": {"textDocument": {"uri": "file:///never", "version": 3}, "contentChanges": [{"text": "x"}]},
        },
    )
    wire.open("file:///a.py", SETUP + "qp.windows.")
    assert wire.at("textDocument/completion", "file:///a.py", 2, 11)["result"]["items"]
    code, _ = wire.stop()
    assert code == 0


def test_a_client_that_goes_away_takes_the_server_with_it() -> None:
    wire = Wire()
    assert wire.process.stdin is not None
    wire.process.stdin.close()
    assert wire.process.wait(10) == 0
    wire.process.stdout.close()  # type: ignore[union-attr]
    wire.process.stderr.close()  # type: ignore[union-attr]


def test_over_a_socket() -> None:
    command = [sys.executable, "-m", "huntlens_server", "--tcp", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        assert process.stderr is not None
        port = int(process.stderr.readline().rpartition(b":")[2])
        params = b'{"processId":null,"rootUri":null,"capabilities":{}}'
        body = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":%s}' % params
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            assert b"Content-Length" in client.recv(4096)
        assert process.wait(10) == 0


@pytest.mark.parametrize(
    "text", ["x = (" * 3000, "[" * 100_000, "\0\0", "'" * 5000, "%" * 3000, "f'{" * 500, "qp." * 2000]
)
def test_code_that_breaks_readers_is_answered(text: str) -> None:
    from huntlens.assist.bound_names import Where
    from huntlens.assist.context import is_entity
    from huntlens.assist.meaning import code_of
    from huntlens.assist.session import EMPTY

    code = code_of([text, SETUP], is_entity, EMPTY)
    assert code.name_meaning("qp", Where(1, len(SETUP))) is not None


def wait_for(check: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end
        time.sleep(0.05)
