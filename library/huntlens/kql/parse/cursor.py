"""Where the parser stands: the tokens, the position, and what is said on the way.

Grammar functions take a `Cursor` and leave it behind what they read. Those that return None have read nothing.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from huntlens.kql import tokens as t
from huntlens.kql import tree
from huntlens.kql.parse import messages as say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from huntlens.kql.diagnostics import Diagnostic
    from huntlens.kql.lex import Lexed
    from huntlens.kql.parse.messages import Message

CLOSERS: Final = frozenset({")", "]", "}", "|", ";", t.END})
"""What ends any list."""

DEPTH: Final = 100
"""How deep parentheses, brackets and chains may nest; bounds the recursion of this and each later phase."""

_NOT_LEXED: Final = frozenset({t.BAD, t.STRING, t.DIRECTIVE})
_OPENERS: Final = {"(": ")", "[": "]", "{": "}"}
_LOOK: Final = 400


class TooDeepError(Exception):
    """Raised inside the parser only, where nesting passes `DEPTH`."""


class Cursor:
    """The tokens of a text and a position among them."""

    __slots__ = (
        "at",
        "begins_operator",
        "depth",
        "diagnostics",
        "ends",
        "keys",
        "operators",
        "starts",
        "statements",
        "text",
        "texts",
    )

    def __init__(
        self,
        lexed: Lexed,
        operators: dict[str, Callable[[Cursor], tree.Operator]],
        begins_operator: Callable[[Cursor], bool],
        statements: Callable[[Cursor], list[tree.Statement]],
    ) -> None:
        self.text, self.keys, self.texts, self.starts, self.ends = (
            lexed.text, lexed.keys, lexed.texts, lexed.starts, lexed.ends,
        )  # fmt: skip
        self.operators = operators
        self.begins_operator = begins_operator
        self.statements = statements
        self.at = 0
        self.depth = 0
        self.diagnostics: list[Diagnostic] = []

    @property
    def behind(self) -> int:
        """The end of the token last read."""
        return self.ends[self.at - 1] if self.at else 0

    def say(self, message: Message, start: int, end: int, **parts: str) -> None:
        """Record a diagnostic."""
        self.diagnostics.append(message.at(start, end, **parts))

    def expect(self, key: str) -> bool:
        """Step over a token, or say that it is missing."""
        if self.keys[self.at] == key:
            self.at += 1
            return True
        self.say_missing(key)
        return False

    def say_missing(self, what: str) -> None:
        """Say that something is missing before the token that stands here."""
        start, end = self.missing_span()
        self.say(say.MISSING_TOKEN, start, end, what=what)

    def missing_span(self) -> tuple[int, int]:
        """Where to say that something is missing here: at the next token if it is near, else behind the last."""
        at, behind = self.at, self.behind
        start = self.starts[at]
        near = start - behind <= 1 and self.keys[at] is not t.END and "\n" not in self.text[behind:start]
        return (start, self.ends[at]) if near else (behind, behind)

    def missing(self) -> tree.Missing:
        """A missing expression, said to be missing."""
        behind, at = self.behind, self.at
        if self.keys[at] in t.HARD:
            self.say(say.RESERVED_WORD, behind, behind, text=self.texts[at])
        else:
            self.say(say.MISSING_EXPRESSION, behind, behind)
        return tree.Missing(behind, behind)

    def missing_name(self) -> tree.Name:
        """A missing name, said to be missing."""
        behind = self.behind
        self.say(say.MISSING_NAME, behind, behind)
        return tree.Name(behind, behind, "")

    def skip(self, ends: frozenset[str] = CLOSERS) -> None:
        """Step over what cannot be understood, up to one of `ends` outside all brackets opened on the way."""
        keys, depth = self.keys, 0
        at = self.at
        while True:
            key = keys[at]
            if key is t.END or (not depth and key in ends):
                break
            if key in _OPENERS:
                depth += 1
            elif depth and key in ")]}":
                depth -= 1
            at += 1
        self.at = at

    def junk(self, ends: frozenset[str] = CLOSERS) -> None:
        """Say that what stands here is unexpected and step over it."""
        at = self.at
        self.say(say.UNEXPECTED_TEXT, self.starts[at], self.ends[at], text=self.texts[at][:40])
        self.skip(ends)

    def close(self, key: str) -> None:
        """Step over a closing bracket; if it is missing say so, and go on behind it where it is found near."""
        if self.keys[self.at] == key:
            self.at += 1
            return
        self.say_missing(key)
        found = self._find(key)
        if found:
            self.at = found + 1

    def _find(self, key: str) -> int:
        depth = 0
        keys = self.keys
        for at in range(self.at, min(self.at + _LOOK, len(keys))):
            here = keys[at]
            if not depth and here == key:
                return at
            if here in _OPENERS:
                depth += 1
            elif here in ")]}":
                if not depth:
                    return 0
                depth -= 1
            elif here == ";" or (here == "|" and not depth):
                return 0
        return 0

    @contextmanager
    def nested(self) -> Iterator[None]:
        """Go one level deeper while a part is read."""
        self.deeper()
        yield
        self.depth -= 1

    def deeper(self) -> None:
        """Count a level of nesting; whoever calls this takes it off `depth` again."""
        self.depth += 1
        if self.depth > DEPTH:
            raise TooDeepError
