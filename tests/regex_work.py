"""The work of a regular expression, counted: a small matcher that goes the ways of Python's `re`, step by step.

It reads what `re` itself has parsed. Groups are not captured, so patterns with references to them are not read.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

sys.setrecursionlimit(max(sys.getrecursionlimit(), 20_000))

Next = Callable[[int], bool]
Matcher = Callable[[int, Next], bool]
_PARSER: Any = re._parser  # type: ignore[attr-defined]  # the only way to what `re` has understood
_CODES: Any = re._constants  # type: ignore[attr-defined]  # as above
SINGLE = (_CODES.LITERAL, _CODES.NOT_LITERAL, _CODES.ANY, _CODES.IN)
REPEATS = (_CODES.MAX_REPEAT, _CODES.MIN_REPEAT, _CODES.POSSESSIVE_REPEAT)
_CATEGORIES = {
    _CODES.CATEGORY_DIGIT: str.isdigit,
    _CODES.CATEGORY_SPACE: str.isspace,
    _CODES.CATEGORY_WORD: lambda char: char.isalnum() or char == "_",
}


def parsed(pattern: re.Pattern[str]) -> list[tuple[Any, Any]]:
    return list(_PARSER.parse(pattern.pattern, pattern.flags))


class Work:
    """Counts the steps that a pattern takes over a text."""

    def __init__(self, pattern: re.Pattern[str], text: str) -> None:
        self.text, self.steps = text, 0
        self.blind = bool(pattern.flags & re.IGNORECASE)
        self.lines = bool(pattern.flags & re.MULTILINE)
        self.all = bool(pattern.flags & re.DOTALL)
        self.matcher = self.sequence(parsed(pattern))

    def match(self) -> int:
        """One match is looked for, at the start of the text."""
        self.matcher(0, lambda _end: True)
        return self.steps

    def search(self) -> int:
        """All matches are looked for, as `finditer` does."""
        at = 0
        while at <= len(self.text):
            ends: list[int] = []
            found = self.matcher(at, lambda end, ends=ends: not ends.append(end))  # type: ignore[misc]
            at = max(at + 1, ends[-1]) if found else at + 1
        return self.steps

    def sequence(self, nodes: list[tuple[Any, Any]]) -> Matcher:
        parts = [self.node(code, value) for code, value in nodes]

        def run(at: int, then: Next, place: int = 0) -> bool:
            if place == len(parts):
                return then(at)
            return parts[place](at, lambda end: run(end, then, place + 1))

        return run

    def node(self, code: Any, value: Any) -> Matcher:
        if code in SINGLE:
            fits = self.single(code, value)
            return lambda at, then: fits(at) and then(at + 1)
        if code is _CODES.SUBPATTERN:
            return self.sequence(list(value[3]))
        if code is _CODES.BRANCH:
            ways = [self.sequence(list(way)) for way in value[1]]
            return lambda at, then: any(way(at, then) for way in ways)
        if code in REPEATS:
            return self.repeat(code, *value)
        if code is _CODES.ATOMIC_GROUP:
            return self.atomic(self.sequence(list(value)))
        if code in (_CODES.ASSERT, _CODES.ASSERT_NOT):
            return self.around(value[0], value[1], wanted=code is _CODES.ASSERT)
        assert code is _CODES.AT, f"a pattern with {code} cannot be counted"
        return lambda at, then: self.at(value, at) and then(at)

    def single(self, code: Any, value: Any) -> Callable[[int], bool]:
        def fits(at: int) -> bool:
            self.steps += 1
            if at >= len(self.text):
                return False
            char = self.text[at]
            return any(self.inside(code, value, one) for one in {char, char.swapcase() if self.blind else char})

        return fits

    def inside(self, code: Any, value: Any, char: str) -> bool:
        if code is _CODES.ANY:
            return self.all or char != "\n"
        if code is not _CODES.IN:
            return (ord(char[0]) == value) is (code is _CODES.LITERAL)
        negated = value[0][0] is _CODES.NEGATE
        return negated is not any(_member(one, what, char) for one, what in value[negated:])

    def repeat(self, code: Any, least: int, most: int, body: Any) -> Matcher:
        nodes = list(body)
        if code is _CODES.POSSESSIVE_REPEAT:
            return self.atomic(self.repeat(_CODES.MAX_REPEAT, least, most, body))
        if len(nodes) == 1 and nodes[0][0] in SINGLE and code is _CODES.MAX_REPEAT:
            return self.run_of(self.single(*nodes[0]), least, most)
        inner, greedy = self.sequence(nodes), code is _CODES.MAX_REPEAT

        def run(at: int, then: Next, count: int = 0) -> bool:
            self.steps += 1
            more = count < most
            if not greedy and count >= least and then(at):
                return True
            if more and inner(at, lambda end: (end > at or count < least) and run(end, then, count + 1)):
                return True
            return greedy and count >= least and then(at)

        return run

    def run_of(self, fits: Callable[[int], bool], least: int, most: int) -> Matcher:
        def run(at: int, then: Next) -> bool:
            end = at
            while end - at < most and fits(end):
                end += 1
            for stop in range(end, at + least - 1, -1):
                self.steps += 1
                if then(stop):
                    return True
            return False

        return run

    def atomic(self, inner: Matcher) -> Matcher:
        def run(at: int, then: Next) -> bool:
            ends: list[int] = []
            return inner(at, lambda end: not ends.append(end)) and then(ends[-1])  # type: ignore[func-returns-value]

        return run

    def around(self, direction: int, body: Any, *, wanted: bool) -> Matcher:
        inner, back = self.sequence(list(body)), body.getwidth()[0] if direction < 0 else 0

        def run(at: int, then: Next) -> bool:
            found = at >= back and inner(at - back, lambda _end: True)
            return found is wanted and then(at)

        return run

    def at(self, where: Any, at: int) -> bool:
        self.steps += 1
        before = self.text[at - 1 : at] if at else ""
        after = self.text[at : at + 1]
        if where in (_CODES.AT_BEGINNING, _CODES.AT_BEGINNING_STRING):
            return not at or (self.lines and before == "\n")
        if where in (_CODES.AT_END, _CODES.AT_END_STRING):
            return not after or (self.text[at:] == "\n") or (self.lines and after == "\n")
        edge = _word(before) is not _word(after)
        return edge is (where is _CODES.AT_BOUNDARY)


def _member(code: Any, value: Any, char: str) -> bool:
    if code is _CODES.LITERAL:
        return ord(char[0]) == value
    if code is _CODES.RANGE:
        return value[0] <= ord(char[0]) <= value[1]
    positive = _CATEGORIES.get(value)
    return positive(char) if positive else not _CATEGORIES[_OPPOSITES[value]](char)


_OPPOSITES = {
    _CODES.CATEGORY_NOT_DIGIT: _CODES.CATEGORY_DIGIT,
    _CODES.CATEGORY_NOT_SPACE: _CODES.CATEGORY_SPACE,
    _CODES.CATEGORY_NOT_WORD: _CODES.CATEGORY_WORD,
}


def _word(char: str) -> bool:
    return bool(char) and (char.isalnum() or char == "_")


# --- texts that make a pattern work ----------------------------------------------------------------------------


def pumps(pattern: re.Pattern[str]) -> set[str]:
    """Units that, written again and again, keep a pattern busy: what each repetition takes, with what leads to it."""
    found: set[str] = set()
    whole = _pump(parsed(pattern), "", found)
    return {unit for unit in found | {whole, whole[:-1]} if unit}


def _pump(nodes: list[tuple[Any, Any]], before: str, found: set[str]) -> str:
    """A text that fits the nodes; on the way the units of their repetitions are noted."""
    text = ""
    for code, value in nodes:
        if code in REPEATS:
            body = _pump(list(value[2]), before + text, found)
            found |= {body, before + text + body, body + " "}
            text += body * max(value[0], 1)
        elif code is _CODES.BRANCH:
            text += next(_pump(list(way), before + text, found) for way in value[1])
        elif code is _CODES.SUBPATTERN:
            text += _pump(list(value[3]), before + text, found)
        elif code is _CODES.ATOMIC_GROUP:
            text += _pump(list(value), before + text, found)
        elif code in SINGLE:
            text += _char(code, value)
    return text


def _char(code: Any, value: Any) -> str:
    if code is _CODES.LITERAL:
        return chr(value)
    if code is _CODES.IN and value[0][0] is _CODES.RANGE:
        return chr(value[0][1][0])
    fits = Work(re.compile(""), "").inside
    return next(
        char for char in "aA1.-_/\\ =@:;'\"|<(%$#\t\n~" + "".join(map(chr, range(256))) if fits(code, value, char)
    )
