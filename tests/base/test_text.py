"""Offsets, lines and columns, in every encoding that editors count in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huntlens.text import LineIndex, Position, excerpt

TEXT = st.text(alphabet="ab\n\r\x0c\u2028é🔎\t", max_size=40)


@given(TEXT, st.data())
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_offsets_come_back(encoding, text: str, data) -> None:
    index = LineIndex(text)
    offset = data.draw(st.integers(0, len(text)))
    position = index.position(offset, encoding)
    back = index.offset(position, encoding)
    # An offset between \r and \n is shown at the end of the line that they end.
    assert back == offset or text[offset - 1 : offset + 1] == "\r\n"


@given(TEXT)
def test_lines_are_those_of_editors(text: str) -> None:
    index = LineIndex(text)
    expected = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert [index.line_span(line).of(text) for line in range(len(index.starts))] == expected


def test_past_the_end() -> None:
    index = LineIndex("ab\ncd")
    assert index.offset(Position(0, 99)) == 2
    assert index.offset(Position(9, 0)) == 5
    assert index.position(99) == Position(1, 2)


def test_excerpt_of_a_missing_end() -> None:
    assert excerpt("T |", 3, 3) == "1 | T |\n  |    ^"
