"""Formatting, folding, outline, selections and colours."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import Case, cases
from huntlens.kql.edit.fold import fold
from huntlens.kql.edit.format import format as formatted
from huntlens.kql.edit.format import format_range
from huntlens.kql.edit.highlight import highlight
from huntlens.kql.edit.selection import selection
from huntlens.kql.edit.symbols import symbols
from huntlens.kql.edit.values import Symbol
from huntlens.kql.lex import lex
from huntlens.kql.parse import parse
from huntlens.kql.tokens import COMMENT, HARD, PUNCTUATION

PIECES = sorted({*HARD, *PUNCTUATION, "a", "T", "1", '"x"', "// c", "\n", "\n\n", "'", "kind=", "let a = "})
TEXTS = st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join) | st.text()


@pytest.mark.parametrize("case", cases(Path(__file__).parent / "cases"))
def test_format(case: Case, *, update_cases: bool) -> None:
    found = formatted(case.blocks["kql"].removesuffix("\n"))
    assert formatted(found) == found
    case.check("formatted", found, update=update_cases)


def comments(text: str) -> list[str]:
    return [token.text for token in parse(text).tokens if token.key is COMMENT]


def keeps(text: str) -> None:
    """Formatting changes white space only, and once is enough."""
    found = formatted(text)
    assert lex(found).texts == lex(text).texts
    assert comments(found) == comments(text)
    assert formatted(found) == found


@given(TEXTS)
def test_format_keeps_the_tokens(text: str) -> None:
    found = formatted(text)
    assert lex(found).texts == lex(text).texts
    assert comments(found) == comments(text)


@pytest.mark.shared
def test_format_of_the_corpus(shared: Path) -> None:
    for line in (shared / "kql" / "parse" / "valid.jsonl").read_text("utf-8").splitlines():
        keeps(json.loads(line)["query"])


def test_format_keeps_the_kind_of_line_ends() -> None:
    assert formatted("T|where a\r\n|take 5\r\n") == "T\r\n| where a\r\n| take 5\r\n"


def test_format_of_a_range_changes_what_it_touches() -> None:
    text = "T|take 1;\nU|take 2;\nV|take 3"
    assert [(edit.start, edit.end) for edit in format_range(text, 12, 13)] == [(10, 18)]


@given(TEXTS, st.integers(0, 200))
def test_services_stay_within_the_text(text: str, offset: int) -> None:
    within(symbols(text), 0, len(text))
    offset = min(offset, len(text))
    chosen = selection(text, offset)
    assert all(inner.start >= outer.start and inner.end <= outer.end for inner, outer in pairwise(chosen))
    assert chosen[-1] == (0, len(text))
    assert all(0 <= span.start < span.end <= len(text) for span in fold(text))
    coloured = highlight(text)
    assert all(left.end <= right.start for left, right in pairwise(coloured))


def within(found: list[Symbol] | tuple[Symbol, ...], start: int, end: int) -> None:
    for symbol in found:
        assert symbol.name
        assert start <= symbol.start <= symbol.end <= end
        within(symbol.children, symbol.start, symbol.end)


def kinds(text: str) -> list[tuple[str, str]]:
    return [(text[token.start : token.end], token.kind) for token in highlight(text)]


def test_colours_of_names() -> None:
    text = (
        "let a = 5; let f = (p: long) { T | where x > p };"
        " U | join kind=inner (V) on k | extend y = f(a) | evaluate bag_unpack(z)"
    )
    found = dict(kinds(text))
    expected = {
        "a": "let", "f": "function", "p": "parameter", "long": "type", "T": "table", "x": "column", "U": "table",
        "V": "table", "kind": "option", "inner": "option", "k": "column", "y": "column", "bag_unpack": "plugin",
        "join": "keyword", "5": "number",
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected


def test_colours_of_literals() -> None:
    text = "print 'a', 1d, datetime(2020-01-01), true, a has 'x' // end"
    assert kinds(text) == [
        ("print", "keyword"), ("'a'", "string"), ("1d", "timespan"), ("datetime(2020-01-01)", "datetime"),
        ("true", "bool"), ("a", "column"), ("has", "operator"), ("'x'", "string"), ("// end", "comment"),
    ]  # fmt: skip


def test_folds_of_a_query() -> None:
    text = "// a\n// b\nlet f = () {\n  T\n  | take 1\n};\nU\n| where x in (\n  1,\n  2\n)"
    found = [text[span.start : span.end] for span in fold(text)]
    assert found == [
        "// a\n// b", "let f = () {\n  T\n  | take 1\n}", "U\n| where x in (\n  1,\n  2\n)", "\n  1,\n  2\n",
    ]  # fmt: skip


def test_outline() -> None:
    text = (
        "declare query_parameters(d: long); let a = T | where x; let f = (p: long) { let q = 1; U | take p };"
        " a | join (V | count) on k"
    )
    found = symbols(text)
    assert [(item.name, item.kind, item.detail) for item in found] == [
        ("d", "parameter", "long"), ("a", "let", "T | where x"), ("f", "function", "(p: long)"), ("a", "statement", ""),
    ]  # fmt: skip
    assert [part.name for part in found[2].children] == ["q", "take"]
    assert [part.name for part in found[3].children[0].children] == ["count"]
