r"""Places in a text: spans of offsets, and lines and columns for those who count that way.

Offsets count Unicode code points, as Python strings do.
Line ends are ``\n``, ``\r\n`` and ``\r`` only: ``str.splitlines`` also cuts at form feeds and
U+2028, which editors do not.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Literal, NamedTuple

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_LINE_END = re.compile(r"\r\n|\n|\r")


class Span(NamedTuple):
    """A half-open range of offsets.

    >>> Span(2, 5).of("a bcd e")
    'bcd'
    """

    start: int
    end: int

    def of(self, text: str) -> str:
        """The part of `text` that the span covers."""
        return text[self.start : self.end]


class Position(NamedTuple):
    """A zero-based line and a zero-based column in code units of some encoding."""

    line: int
    column: int


class LineIndex:
    r"""Translates between offsets and positions of one text.

    >>> index = LineIndex("ab\n🔎c")
    >>> index.position(5, "utf-16"), index.position(5, "utf-32")
    (Position(line=1, column=3), Position(line=1, column=2))
    >>> index.offset(Position(1, 3), "utf-16")
    5
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
        self._plain = text.isascii()

    def line_span(self, line: int) -> Span:
        """The span of a line without its line end; the last line where `line` is past the end."""
        line = min(max(line, 0), len(self.starts) - 1)
        start = self.starts[line]
        end = self.starts[line + 1] if line + 1 < len(self.starts) else len(self.text)
        while end > start and line + 1 < len(self.starts) and self.text[end - 1] in "\r\n":
            end -= 1
        return Span(start, end)

    def position(self, offset: int, encoding: Encoding = "utf-16") -> Position:
        """The position of an offset; offsets past the end are taken as the end."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self.starts, offset) - 1
        start = self.starts[line]
        if self._plain or encoding == "utf-32":
            return Position(line, offset - start)
        return Position(line, _units(self.text[start:offset], encoding))

    def offset(self, position: Position, encoding: Encoding = "utf-16") -> int:
        """The offset of a position; columns past the end of a line are taken as its end."""
        if position.line >= len(self.starts):
            return len(self.text)
        span = self.line_span(position.line)
        if self._plain or encoding == "utf-32":
            return min(span.start + max(position.column, 0), span.end)
        return span.start + _characters(span.of(self.text), position.column, encoding)


def _units(text: str, encoding: Encoding) -> int:
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(char > "\uffff" for char in text)


def _characters(text: str, units: int, encoding: Encoding) -> int:
    for index, char in enumerate(text):
        if units <= 0:
            return index
        units -= _units(char, encoding)
    return len(text)


def excerpt(text: str, start: int, end: int) -> str:
    r"""The line of a text that a span begins in, with carets below the span; for terminals and error messages.

    >>> print(excerpt("T\n| wher a", 4, 8))
    2 | | wher a
      |   ^^^^
    """
    index = LineIndex(text)
    at = index.position(start, "utf-32")
    line = index.line_span(at.line)
    shown = line.of(text).replace("\t", " ")
    number = str(at.line + 1)
    carets = "^" * max(1, min(end, line.end) - start)
    return f"{number} | {shown}\n{' ' * len(number)} | {' ' * at.column}{carets}"


def size_text(size: int) -> str:
    """A number of bytes for people.

    >>> size_text(999), size_text(12_300), size_text(4_560_000_000)
    ('999 B', '12.3 kB', '4.6 GB')
    """
    number, unit = float(size), "B"
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            break
        number /= 1000
    return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
