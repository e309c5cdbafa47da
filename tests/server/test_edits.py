"""Random editing, over the wire: after any edits the server's texts are the client's, and its log is empty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.test_rim import SETUP, place
from server.wire import Wire

ENCODINGS = ("utf-8", "utf-16", "utf-32")
WORDS = (
    "qp.windows.", "SecurityEvent | where ", "%%kql -o x\n", "%hunt run ", "\r\n", "\n", "\r", "\f", "\u2028", "🔎",
    "é", '"', "(", "",
)  # fmt: skip
TEXT = st.lists(st.sampled_from(WORDS), max_size=4).map("".join)
EDIT = st.tuples(st.integers(0, 60), st.integers(0, 12), TEXT)
STEP = st.one_of(
    st.tuples(st.just("edit"), st.integers(0, 9), st.lists(EDIT, min_size=1, max_size=3)),
    st.tuples(st.just("replace"), st.integers(0, 9), TEXT),
    st.tuples(st.just("insert"), st.integers(0, 9), TEXT),
    st.tuples(st.just("remove"), st.integers(0, 9), st.integers(1, 3)),
    st.tuples(st.just("move"), st.integers(0, 9), st.integers(0, 9)),
    st.tuples(st.just("ask"), st.integers(0, 9), st.integers(0, 60)),
    st.tuples(st.just("reopen"), st.integers(0, 9), TEXT),
)
NAMES = ["a.py", "b.kql", "queries/c.yaml", ".vscode/tasks.json"]
LANGUAGES = ["python", "kusto", "yaml", "jsonc"]
ASKED = ["completion", "hover", "semanticTokens/full", "codeLens", "diagnostic", "inlayHint", "documentSymbol"]


class Editor:
    """An editor with some files and a notebook, as it has them and as it tells of them."""

    def __init__(self, wire: Wire, encoding: str, number: int) -> None:
        self.wire, self.encoding, self.number = wire, encoding, number
        self.version = 1
        self.made = 0
        self.texts: dict[str, str] = {}
        self.cells: list[str] = []
        self.files = [f"file:///w%20{number}/{name}" for name in NAMES]
        for uri, language in zip(self.files, LANGUAGES, strict=True):
            self.texts[uri] = SETUP
            wire.open(uri, SETUP, language)
        first = self._cell(SETUP)
        notebook = {"uri": self.notebook, "notebookType": "jupyter-notebook", "version": 1, "cells": [_code(first)]}
        self.cells = [first["uri"]]
        wire.notify("notebookDocument/didOpen", {"notebookDocument": notebook, "cellTextDocuments": [first]})

    @property
    def notebook(self) -> str:
        return f"file:///w%20{self.number}/n.ipynb"

    def step(self, what: str, which: int, more: Any) -> None:
        self.version += 1
        uris = [*self.files, *self.cells]
        uri = uris[which % len(uris)]
        match what:
            case "edit":
                self._change(uri, [self._edit(uri, *one) for one in more])
            case "replace":
                self.texts[uri] = more
                self._change(uri, [{"text": more}])
            case "insert":
                cell = self._cell(more)
                at = which % (len(self.cells) + 1)
                self.cells.insert(at, cell["uri"])
                self._restructure(at, 0, [cell], [])
            case "remove":
                at = which % (len(self.cells) + 1)
                gone = self.cells[at : at + more]
                del self.cells[at : at + more]
                for one in gone:
                    del self.texts[one]
                self._restructure(at, len(gone), [], gone)
            case "move" if self.cells:
                self._move(which % len(self.cells), more % len(self.cells))
            case "ask":
                self._ask(uri, more)
            case "reopen" if uri in self.files:
                self.wire.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
                self.texts[uri] = more
                self.wire.open(uri, more, LANGUAGES[self.files.index(uri)])

    def _edit(self, uri: str, start: int, length: int, new: str) -> dict[str, Any]:
        text = self.texts[uri]
        start = min(start, len(text))
        end = min(start + length, len(text))
        start -= text[:start].endswith("\r") and text[start : start + 1] == "\n"
        end += text[:end].endswith("\r") and text[end : end + 1] == "\n"
        where = [place(text, offset, self.encoding) for offset in (start, end)]
        self.texts[uri] = text[:start] + new + text[end:]
        first, last = ({"line": one.line, "character": one.character} for one in where)
        return {"range": {"start": first, "end": last}, "text": new}

    def _change(self, uri: str, changes: list[dict[str, Any]]) -> None:
        document = {"uri": uri, "version": self.version}
        if uri in self.files:
            self.wire.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})
        else:
            self._change_notebook({"textContent": [{"document": document, "changes": changes}]})

    def _move(self, first: int, last: int) -> None:
        uri = self.cells.pop(first)
        self.cells.insert(last, uri)
        low, high = min(first, last), max(first, last)
        cells = [_code({"uri": one}) for one in self.cells[low : high + 1]]
        self._change_notebook({"structure": {"array": {"start": low, "deleteCount": len(cells), "cells": cells}}})

    def _restructure(self, at: int, deleted: int, opened: list[dict[str, Any]], closed: list[str]) -> None:
        array = {"start": at, "deleteCount": deleted, "cells": [_code(one) for one in opened]}
        gone = [{"uri": uri} for uri in closed]
        self._change_notebook({"structure": {"array": array, "didOpen": opened, "didClose": gone}})

    def _change_notebook(self, cells: dict[str, Any]) -> None:
        document = {"uri": self.notebook, "version": self.version}
        self.wire.notify("notebookDocument/didChange", {"notebookDocument": document, "change": {"cells": cells}})

    def _ask(self, uri: str, offset: int) -> None:
        """A request that is sent and not waited for."""
        self.made += 1
        at = place(self.texts[uri], min(offset, len(self.texts[uri])), self.encoding)
        position = {"line": at.line, "character": at.character}
        params = {"textDocument": {"uri": uri}, "position": position, "range": {"start": position, "end": position}}
        method = f"textDocument/{ASKED[offset % len(ASKED)]}"
        self.wire.send({"id": f"{self.number}-{self.made}", "method": method, "params": params})
        if offset % 3 == 0:
            self.wire.notify("$/cancelRequest", {"id": f"{self.number}-{self.made}"})

    def _cell(self, text: str) -> dict[str, Any]:
        self.made += 1
        uri = f"vscode-notebook-cell://host/w%20{self.number}/n.ipynb#W{self.made}sZm%3D%3D"
        self.texts[uri] = text
        return {"uri": uri, "languageId": "python", "version": 1, "text": text}


def _code(cell: dict[str, Any]) -> dict[str, Any]:
    return {"kind": 2, "document": cell["uri"]}


@pytest.fixture(scope="module")
def wires() -> Iterator[dict[str, Wire]]:
    started = {one: Wire(general={"positionEncodings": [one]}) for one in ENCODINGS}
    yield started
    assert {one: wire.stop() for one, wire in started.items()} == dict.fromkeys(ENCODINGS, (0, ""))


NUMBERS = iter(range(1_000_000))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(encoding=st.sampled_from(ENCODINGS), steps=st.lists(STEP, min_size=1, max_size=12))
def test_after_any_edits_the_texts_are_the_same(
    wires: dict[str, Wire], encoding: str, steps: list[tuple[str, int, Any]]
) -> None:
    editor = Editor(wires[encoding], encoding, next(NUMBERS))
    for step in steps:
        editor.step(*step)
    assert {uri: wires[encoding].text(uri) for uri in editor.texts} == editor.texts
    failed = [one for one in wires[encoding].noted if "error" in one and one["error"]["code"] not in {-32800, -32801}]
    assert failed == []
