"""Tokens: their classes and their texts."""

from __future__ import annotations

import pytest

from huntlens.kql import tokens as t
from huntlens.kql.lex import all_tokens, lex


def classes(text: str) -> list[tuple[str, str]]:
    lexed = lex(text)
    return [(key, piece) for key, piece in zip(lexed.keys, lexed.texts, strict=True) if piece]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("abc", t.NAME), ("_a1", t.NAME), ("$left", t.NAME), ("größe", t.NAME), ("5abc", t.NAME), ("Where", t.NAME),
        ("where", "where"), ("project-away", "project-away"), ("matches regex", "matches regex"),
        ("matches \tregex", "matches regex"), ("in~", "in~"), ("!in~", "!in~"), ("!has_cs", "!has_cs"),
        ("hint.shufflekey", t.HINT), ("count", "count"),
        ("12", t.LONG), ("0x1F", t.LONG), ("long(5)", t.LONG), ("int(null)", t.INT),
        ("1.5", t.REAL), ("1.", t.REAL), ("1e5", t.REAL), ("1.5E-3", t.REAL), ("real(nan)", t.REAL),
        ("double(1)", t.REAL), ("decimal(1.5)", t.DECIMAL),
        ("1d", t.TIMESPAN), ("1.5h", t.TIMESPAN), ("100ticks", t.TIMESPAN), ("5microseconds", t.TIMESPAN),
        ("time(1:00)", t.TIMESPAN), ("timespan(1d)", t.TIMESPAN),
        ("datetime(2020-01-01 00:00)", t.DATETIME), ("date(2020)", t.DATETIME), ("datetime(2020", t.DATETIME),
        ("true", t.BOOL), ("False", t.BOOL), ("TRUE", t.BOOL), ("bool(1)", t.BOOL),
        ("guid(x)", t.GUID), ("74be27de-1e4e-49d9-b579-fe0b331d3642", t.RAW_GUID),
        ('"a"', t.STRING), ("'a'", t.STRING), ('@"c:\\"', t.STRING), ("@'it''s'", t.STRING), ("h'x'", t.STRING),
        ("H@'x'", t.STRING), ('"a\\"b"', t.STRING), ("```a\n'b'```", t.STRING), ("~~~a\nb~~~", t.STRING),
        ("h```a```", t.STRING), ('"open', t.STRING), ("```open\n", t.STRING),
        ("h'abcdef-1234-1234-1234-123456789abcd", t.STRING),
        ("=>", "=>"), ("..", ".."), ("<|", "<|"), ("=~", "=~"), ("!~", "!~"), ("<>", "<>"), ("!=", "!="),
        ("#directive x", t.DIRECTIVE), ("~", t.BAD), ("!", t.BAD), ("\\", t.BAD), ("`", t.BAD),
    ],
)  # fmt: skip
def test_one_token(text: str, key: str) -> None:
    assert classes(text) == [(key, text)]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("1..2", ["1", "..", "2"]),
        ("a.5", ["a", ".", "5"]),
        ("5.a", ["5", ".", "a"]),
        ("a-b", ["a", "-", "b"]),
        ("project-awayx", ["project", "-", "awayx"]),
        ("mv-expandx", ["mv", "-", "expandx"]),
        ("!hasx", ["!", "hasx"]),
        ("in~(x)", ["in~", "(", "x", ")"]),
        ("-->", ["-", "-", ">"]),
        ("datetime (1)", ["datetime", "(", "1", ")"]),
        ('"a\nb"', ['"a', "b", '"']),
        ("a//b\r\nc", ["a", "c"]),
        ("\ufeff\u200bT\u00a0|", ["T", "|"]),
        ("todatetime(x)", ["todatetime", "(", "x", ")"]),
        ("1hx", ["1hx"]),
    ],
)
def test_several_tokens(text: str, pieces: list[str]) -> None:
    assert [piece for _, piece in classes(text)] == pieces
    assert "".join(token.text for token in all_tokens(lex(text))) == text


def test_space_and_comments_are_tokens_too() -> None:
    found = [(token.key, token.text) for token in all_tokens(lex(" a // b\n// c"))]
    assert found == [
        (t.SPACE, " "), (t.NAME, "a"), (t.SPACE, " "), (t.COMMENT, "// b"), (t.SPACE, "\n"), (t.COMMENT, "// c"),
    ]  # fmt: skip
