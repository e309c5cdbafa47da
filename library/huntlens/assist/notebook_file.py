r"""A notebook as it lies on disk: the code of its cells, and where each character of it stands in the file.

>>> text = '{"cells": [{"cell_type": "code", "source": ["a = \\"1\\"\\n", "qp"]}]}'
>>> cell, = code_cells(text)
>>> cell.text, text[cell.outer(8) : cell.outer(9) + 1]
('a = "1"\nqp', 'qp')
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from huntlens.assist.embedded import Embedded, Piece

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]')
_PAIR: Final = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_ESCAPE: Final = re.compile(rf"{_PAIR}|\\u[0-9a-fA-F]{{4}}|\\.")
_CELL: Final = ["{", "[cells", "{"]
_LINES: Final = [*_CELL, "[source"]


def code_cells(text: str) -> list[Embedded]:
    """The code cells of a notebook's JSON, in order; a file that is none has no cells."""
    try:
        kinds = [cell.get("cell_type") for cell in json.loads(text)["cells"]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return []
    sources: list[list[re.Match[str]]] = [[] for _ in kinds]
    for number, match in _sources(text):
        if number < len(sources):
            sources[number].append(match)
    return [_joined(found) for kind, found in zip(kinds, sources, strict=True) if kind == "code" and found]


def _sources(text: str) -> Iterator[tuple[int, re.Match[str]]]:
    """The strings under `source` of each cell, with the number of the cell."""
    path: list[str] = []  # for each open bracket: it, and the key that it is the value of
    key, number, last = "", -1, None
    for match in _TOKEN.finditer(text):
        word = match[0]
        if word in "{[":
            path.append(f"{word}{key}")
            number += path == _CELL
            key = ""
        elif word in "}]":
            path.pop()
        elif word == ",":
            key = key if path[-1][0] == "[" else ""
        elif word == ":":
            key = json.loads(last[0]) if last else ""
        elif path == _LINES or (path == _CELL and key == "source"):
            yield number, match
        last = match


def _joined(strings: list[re.Match[str]]) -> Embedded:
    """JSON strings one after the other as one text."""
    text, pieces = "", []
    for match in strings:
        start = match.start() + 1
        for escape in (*_ESCAPE.finditer(match[0]), None):
            end = match.start() + escape.start() if escape else match.end() - 1
            pieces.append(Piece(len(text), start, end - start))
            text += match.string[start:end]
            if escape:
                text += json.loads(f'"{escape[0]}"')
                start = match.start() + escape.end()
    return Embedded(text, tuple(pieces), escaped=True)
