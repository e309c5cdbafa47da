"""A query, laid out: a pipe a line, brackets that hold pipelines opened up, even spaces.

Only white space changes. Line ends within lists are the writer's and stay. A statement with a syntax error is left
as it is, and so is a text whose layout cannot be told from its meaning.

>>> print(format("T|where a==1|project b,c"))
T
| where a == 1
| project b, c
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from huntlens.kql import tokens as t
from huntlens.kql import tree
from huntlens.kql.diagnostics import Edit
from huntlens.kql.edit.spacing import Spacing
from huntlens.kql.lex import lex
from huntlens.kql.parse import parse

if TYPE_CHECKING:
    from huntlens.kql.parse import Tree
    from huntlens.kql.tokens import Token

INDENT: Final = 4
SHORT: Final = 80
"""Up to this length a pipeline in brackets may stay on one line."""
LONG: Final = 110
"""From this length on the columns of an operator stand one a line."""

_OPENERS: Final = {"(": ")", "[": "]", "{": "}"}
_CLOSERS: Final = frozenset(_OPENERS.values())
_STAYS: Final = frozenset({",", ";", ".", ")", "]"})
"""What never begins a line of its own accord."""


def format(text: str) -> str:  # noqa: A001  (the public name of the service)
    r"""The text, laid out.

    >>> format("T | where a in ('x','y')")
    "T\n| where a in ('x', 'y')"
    """
    parsed = parse(text)
    if any(isinstance(statement, tree.Command) for statement in parsed.query.statements):
        return text
    laid = _Layout(parsed).text()
    return laid if _same_tokens(text, laid) else text


def format_range(text: str, start: int, end: int) -> list[Edit]:
    r"""The edits that lay out the statements that a span touches.

    >>> format_range("T|take 1;\nU|take 2", 0, 3)
    [Edit(start=0, end=8, text='T\n| take 1')]
    """
    edits = []
    for statement in parse(text).query.statements:
        if statement.start <= end and statement.end >= start:
            old = text[statement.start : statement.end]
            new = format(old)
            if new != old:
                edits.append(Edit(statement.start, statement.end, new))
    return edits


def _same_tokens(old: str, new: str) -> bool:
    return lex(old).texts == lex(new).texts


@dataclass(slots=True)
class _Group:
    """A bracket with what is in it."""

    opener: int
    closer: int = -1
    block: bool = False
    """Holds a pipeline or statements."""
    broken: bool = False
    """Its contents stand on lines of their own."""
    content: int = 0
    """Where its lines begin."""
    outer: int = 0
    """Where the line of its opener begins."""
    pipes: int = 0
    """Where a `|` begins its line."""
    piped: bool = False
    """A `|` of the statement has been written."""


@dataclass(slots=True)
class _Layout:
    parsed: Tree
    tokens: list[Token] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    """How many line ends stand before each token."""
    groups: dict[int, _Group] = field(default_factory=dict)
    levels: list[_Group] = field(default_factory=list)
    wrapped: set[int] = field(default_factory=set)
    """Tokens that begin a line because their operator is too long for one."""

    def __post_init__(self) -> None:
        pending = 0
        for token in self.parsed.tokens:
            if token.key is t.SPACE:
                pending += token.text.count("\n") or token.text.count("\r")
            else:
                self.tokens.append(token)
                self.lines.append(pending)
                pending = 0

    def text(self) -> str:
        """The whole text, laid out."""
        if not self.tokens:
            return self.parsed.text
        self._find_groups()
        self._find_long_operators()
        return self._write()

    def _find_groups(self) -> None:
        """Match the brackets, and see which hold pipelines and which must be opened up."""
        whole = _Group(-1, len(self.tokens), block=True, broken=True)
        open_groups = [whole]
        for at, token in enumerate(self.tokens):
            if token.key in _OPENERS:
                group = _Group(at)
                self.groups[at] = group
                open_groups.append(group)
            elif token.key in _CLOSERS and len(open_groups) > 1:
                group = open_groups.pop()
                group.closer = at
                self.groups[at] = group
            elif token.key in ("|", ";"):
                open_groups[-1].block = True
        for at, group in list(self.groups.items()):
            if at == group.opener and group.closer > 0:
                self._open_up(group)
        self.levels = [whole]

    def _open_up(self, group: _Group) -> None:
        inside = range(group.opener + 1, group.closer + 1)
        if not group.block:
            group.broken = self.lines[group.opener + 1] > 0 and group.closer > group.opener + 1
            return
        length = sum(len(self.tokens[at].text) + 1 for at in inside)
        many = any(self.lines[at] for at in inside) or any(self.tokens[at].key is t.COMMENT for at in inside)
        group.broken = many or length > SHORT

    def _find_long_operators(self) -> None:
        """Operators whose columns fill more than a line are set one column a line."""
        depth, first = 0, 0
        commas: list[int] = []
        length = 0
        is_plain = True
        for at, token in enumerate(self.tokens):
            if not depth and token.key in ("|", ";"):
                self._wrap(commas, length, plain=is_plain)
                first, commas, length, is_plain = at, [], 0, True
            elif not depth and at > first and self.lines[at] and token.key not in _STAYS:
                is_plain = False
            if token.key in _OPENERS:
                depth += 1
            elif token.key in _CLOSERS:
                depth = max(depth - 1, 0)
            elif not depth and token.key in (",", "by"):
                commas.append(at + 1 if token.key == "," else at)
            length += len(token.text) + 1
            is_plain &= "\n" not in token.text
        self._wrap(commas, length, plain=is_plain)

    def _wrap(self, places: list[int], length: int, *, plain: bool) -> None:
        if plain and length > LONG and len(places) > 1:
            self.wrapped.update(places)

    def _write(self) -> str:
        spacing = Spacing(self.parsed.query)
        faulty = self._faulty()
        newline = "\r\n" if "\r\n" in self.parsed.text else "\n"
        starts = {statement.start for statement in self.parsed.query.statements}
        lets = {item.start for item in self.parsed.query.statements if isinstance(item, tree.Let | tree.SetOption)}
        pieces: list[str] = []
        line = 0
        for at, token in enumerate(self.tokens):
            if at and any(start < token.start < end for start, end in faulty):
                pieces.append(self.parsed.text[self.tokens[at - 1].end : token.start])
            elif at:
                breaks = self._breaks(at, starts)
                if breaks:
                    line = self._indent(at, starts)
                    pieces.append(newline * breaks + " " * line)
                elif token.key is t.COMMENT or not spacing.touches(self.tokens, at):
                    pieces.append(" ")
            pieces.append(token.text)
            self._enter(at, token, line, starts, lets)
        end = newline if self.parsed.text.endswith(("\n", "\r")) else ""
        return "".join(pieces) + end

    def _faulty(self) -> list[tuple[int, int]]:
        """The statements with a syntax error, to be left alone."""
        errors = [item for item in self.parsed.diagnostics if item.severity == "error"]
        return [
            (statement.start, statement.end)
            for statement in self.parsed.query.statements
            if any(statement.start <= error.start <= statement.end for error in errors)
        ]

    def _enter(self, at: int, token: Token, line: int, starts: set[int], lets: set[int]) -> None:
        """Keep track of brackets, pipes and statements."""
        self.levels[-1].piped = token.key == "|" or (self.levels[-1].piped and token.key != ";")
        if token.key in _OPENERS and self.groups[at].closer > 0:
            group = self.groups[at]
            group.outer = line
            group.content = group.pipes = line + INDENT
            self.levels.append(group)
        elif token.key in _CLOSERS and at in self.groups and self.levels[-1] is self.groups[at]:
            self.levels.pop()
        elif token.start in starts and len(self.levels) == 1:
            self.levels[0].pipes = INDENT if token.start in lets else 0
        elif token.key in ("let", "declare") and self._begins_statement(at):
            self.levels[-1].pipes = self.levels[-1].content + INDENT
        elif self._begins_statement(at) and token.key is not t.COMMENT:
            self.levels[-1].pipes = self.levels[-1].content

    def _begins_statement(self, at: int) -> bool:
        before = at - 1
        while before >= 0 and self.tokens[before].key is t.COMMENT:
            before -= 1
        return before < 0 or before == self.levels[-1].opener or self.tokens[before].key == ";"

    def _breaks(self, at: int, starts: set[int]) -> int:
        """How many line ends stand before a token."""
        token, before = self.tokens[at], self.tokens[at - 1]
        lines = self.lines[at]
        group = self.levels[-1]
        closes = self.groups.get(at) is group and token.key in _CLOSERS
        if before.key is t.COMMENT or (token.key is t.COMMENT and lines):
            return self._blank(at, lines, closes=closes)
        if token.key is t.COMMENT:
            return 0
        if self._must_break(at, starts, closes=closes):
            return self._blank(at, lines, closes=closes)
        if not lines or closes or token.key in _STAYS:
            return 0
        if token.key in _OPENERS and before.end == token.start:
            return 0
        return 0 if group.block and not group.broken else 1

    def _must_break(self, at: int, starts: set[int], *, closes: bool) -> bool:
        token, before, group = self.tokens[at], self.tokens[at - 1], self.levels[-1]
        if at in self.wrapped or (token.start in starts and len(self.levels) == 1):
            return True
        if not group.broken:
            return False
        if closes or at - 1 == group.opener:
            return True
        return group.block and (token.key == "|" or before.key == ";")

    def _blank(self, at: int, lines: int, *, closes: bool) -> int:
        """One blank line may stay, but none at the edges of a bracket."""
        at_edge = closes or at - 1 == self.levels[-1].opener
        return 2 if lines > 1 and not at_edge else 1

    def _indent(self, at: int, starts: set[int]) -> int:
        """Where the line of a token begins."""
        group = self.levels[-1]
        following = at
        while following < len(self.tokens) - 1 and self.tokens[following].key is t.COMMENT:
            following += 1
        token = self.tokens[following]
        if token.key is t.COMMENT:
            return group.content
        if self.groups.get(following) is group and token.key in _CLOSERS:
            return group.outer if following == at else group.content
        if token.start in starts and len(self.levels) == 1:
            return 0
        if group.block:
            return self._indent_in_block(following, group)
        before = self.tokens[at - 1].key
        is_item = before == "," or before in _OPENERS or before is t.COMMENT or not group.broken
        return group.content if is_item else group.content + INDENT

    def _indent_in_block(self, at: int, group: _Group) -> int:
        if self.tokens[at].key == "|":
            return group.pipes
        if self._begins_statement(at) or self.tokens[at].key in ("[", "{"):
            return group.content
        return group.pipes + INDENT if group.piped or group.pipes == group.content else group.pipes
