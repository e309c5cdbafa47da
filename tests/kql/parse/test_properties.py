"""What holds for every text."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huntlens.kql import tree
from huntlens.kql.parse import OPERATOR_WORDS, parse
from huntlens.kql.tokens import HARD, PUNCTUATION, SOFT

if TYPE_CHECKING:
    from pathlib import Path

PIECES = sorted({
    *HARD, *SOFT, *PUNCTUATION, *OPERATOR_WORDS, "a", "T", "1", "2.5", "1d", '"x"', "'", '"', "@'c:\\'", "```", "~~~",
    "datetime(", "dynamic(", "// c", "\n", "\\", "~", "^", "#", "['a b']", "{p}", "hint.strategy", "kind=", "\u200b",
})  # fmt: skip


def sound(text: str) -> None:
    """The tokens are the text, every part lies in its whole, every finding in the text."""
    parsed = parse(text)
    assert "".join(token.text for token in parsed.tokens) == text
    assert all(text[token.start : token.end] == token.text for token in parsed.tokens)
    assert all(0 <= item.start <= item.end <= len(text) for item in parsed.diagnostics)
    for node in tree.walk(parsed.query):
        assert 0 <= node.start <= node.end <= len(text)
        for child in tree.children(node):
            assert node.start <= child.start, (node, child)
            assert child.end <= node.end, (node, child)


@given(st.text())
def test_any_text(text: str) -> None:
    sound(text)


@given(st.lists(st.sampled_from(PIECES), max_size=40), st.sampled_from(["", " "]))
def test_any_words(pieces: list[str], between: str) -> None:
    sound(between.join(pieces))


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_any_words_behind_a_pipe(pieces: list[str]) -> None:
    sound("T | " + " ".join(pieces))


@pytest.mark.shared
def test_cut_queries(shared: Path) -> None:
    """Every query of the corpus, whole and cut off somewhere."""
    chance = random.Random(5)
    for line in (shared / "kql" / "parse" / "valid.jsonl").read_text("utf-8").splitlines():
        text = json.loads(line)["query"]
        sound(text)
        sound(text[: chance.randrange(len(text))])


@pytest.mark.parametrize(
    "unit",
    ["(", "f(", "[", "{", "-", "a.", "a[0]", "1 + ", "a == 1 or ", "| where a ", "| join (", "let f = () {", ")", ";",
     "dynamic([", '"', "union (", "(a, ", "a-", "| f(", "T | where f(a b c\n", "//", "case(a, "],
)  # fmt: skip
@pytest.mark.parametrize("start", ["", "T | where ", "print dynamic("])
def test_long_repetitions_end(start: str, unit: str) -> None:
    """Thousands of anything give an answer, and no deep tree."""
    parsed = parse(start + unit * 3_000)
    assert "".join(token.text for token in parsed.tokens) == parsed.text
    depth = max_depth(parsed.query)
    assert depth < 500


def max_depth(root: tree.Node) -> int:
    deepest, level = 0, [root]
    while level:
        level = [child for node in level for child in tree.children(node)]
        deepest += 1
    return deepest


def test_deep_parentheses_are_told() -> None:
    parsed = parse("print " + "(" * 10_000 + "1" + ")" * 10_000)
    assert [item.name for item in parsed.diagnostics] == ["too-deep"]


def test_ten_thousand_conditions_are_fine() -> None:
    assert not parse("T | where " + " or ".join(["a == 1"] * 10_000)).diagnostics


def test_ten_thousand_sums_are_too_deep() -> None:
    parsed = parse("print " + "1 + " * 10_000 + "1; print 2")
    assert [item.name for item in parsed.diagnostics] == ["too-deep"]
    assert len(parsed.query.statements) == 2


def test_cost_grows_with_the_text() -> None:
    """A hundred statements cost no more than a hundred times one; compared by how many steps are taken, not by time."""
    statement = "let x = T | where a > ago(1d) and b has 'x' | summarize count() by bin(c, 1h), d;\n"
    one = sum(1 for _ in tree.walk(parse(statement).query))
    many = parse(statement * 100)
    assert not many.diagnostics
    assert sum(1 for _ in tree.walk(many.query)) == 100 * (one - 1) + 1
