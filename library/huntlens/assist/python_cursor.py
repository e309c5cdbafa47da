"""What the cursor is in: a dotted name, a call and its arguments, a string, the line of a magic.

Found by walking back over tokens, so that it works where the code does not parse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from huntlens.text import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.assist.python_code import Cell
    from huntlens.assist.python_lex import Magic, Token


@dataclass(frozen=True)
class Argument:
    """An argument of a half-typed call: its keyword (or ""), the span of its value, the span of its keyword."""

    keyword: str
    value: Span
    name: Span


@dataclass(frozen=True)
class CallSite:
    """The call whose parentheses the cursor is in: the text before them, its arguments, the one at the cursor."""

    callee: str
    start: int
    open: int
    arguments: tuple[Argument, ...]
    active: int

    @property
    def argument(self) -> Argument | None:
        """The argument at the cursor."""
        return self.arguments[self.active] if self.active < len(self.arguments) else None


@dataclass(frozen=True)
class Chain:
    """What is typed at the cursor: `before.word`; `before` is empty for a bare word."""

    before: str
    start: int
    word: Span
    dotted: bool

    def typed(self, text: str) -> str:
        """The whole word."""
        return self.word.of(text)


def chain_at(cell: Cell, offset: int) -> Chain | None:
    """The dotted name that the cursor is in or behind; None within strings, comments, numbers and magics.

    >>> from huntlens.assist.python_code import read_cell
    >>> chain_at(read_cell("x = qp.windows.lo"), 17)
    Chain(before='qp.windows', start=4, word=Span(start=15, end=17), dotted=True)
    """
    at = cell.token_before(offset)
    token = cell.tokens[at] if at >= 0 else None
    if token and token.kind == "name" and offset <= token.end:
        word = Span(token.start, token.end)
        at -= 1
    elif token and _covers(token, offset):
        return None
    else:
        word = Span(offset, offset)
        following = cell.tokens[at + 1] if at + 1 < len(cell.tokens) else None
        if following and following.kind == "name" and following.start == offset:
            word = Span(following.start, following.end)
    if at < 0 or cell.tokens[at].text != ".":
        return Chain("", word.start, word, dotted=False)
    start = primary_start(cell.tokens, at - 1)
    if start is None:
        return None
    return Chain(
        cell.text[cell.tokens[start].start : cell.tokens[at].start], cell.tokens[start].start, word, dotted=True
    )


def primary_start(tokens: Sequence[Token], at: int) -> int | None:
    """The index of the first token of the expression `a.b(...)[...]` that ends with token `at`."""
    while at >= 0:
        token = tokens[at]
        if token.kind in {"newline", "comment"}:
            at -= 1
            continue
        if token.kind == "close":
            opening = _opening(tokens, at)
            if opening is None:
                return None
            before = tokens[opening - 1] if opening else None
            if before is None or before.kind not in ("name", "close", "string") or before.text in _NOT_CALLED:
                start = opening
            else:
                at = opening - 1
                continue
        elif token.kind in ("name", "string"):
            start = at
        else:
            return None
        if start and tokens[start - 1].text == ".":
            at = start - 2
            continue
        return start
    return None


def call_at(cell: Cell, offset: int) -> CallSite | None:
    """The innermost call whose parentheses hold the cursor, with the arguments typed so far."""
    at = cell.token_before(offset)
    if at >= 0 and cell.tokens[at].kind == "close" and cell.tokens[at].end > offset:
        at -= 1
    depth = 0
    while at >= 0:
        token = cell.tokens[at]
        if token.kind == "close":
            depth += 1
        elif token.kind == "open" and depth:
            depth -= 1
        elif token.kind == "open":
            site = _call_site(cell, at, offset) if token.text == "(" else None
            if site or token.text == "(":
                return site
        elif token.kind == "name" and token.text in _STATEMENTS and token.start == _line_start(cell.text, token.start):
            return None
        at -= 1
    return None


def string_at(cell: Cell, offset: int) -> Token | None:
    """The string token that the cursor is within, behind its opening quote."""
    at = cell.token_before(offset)
    if at < 0 or cell.tokens[at].kind != "string":
        return None
    token = cell.tokens[at]
    inner = string_content(token)
    closed = inner.end < token.end
    return token if inner.start <= offset <= inner.end or (offset == token.end and not closed) else None


def string_content(token: Token) -> Span:
    """The span between a string token's quotes."""
    match = _PREFIX.match(token.text)
    assert match is not None
    quote = match[2]
    body = token.start + match.end()
    closed = len(token.text) >= match.end() + len(quote) and token.text.endswith(quote)
    return Span(body, token.end - len(quote) if closed else token.end)


def string_prefix(token: Token) -> str:
    """The letters in front of a string's quotes, in lower case."""
    match = _PREFIX.match(token.text)
    return match[1].lower() if match else ""


def magic_at(cell: Cell, offset: int) -> Magic | None:
    """The magic whose line the cursor is in."""
    for magic in (*([cell.magic] if cell.magic else []), *cell.magics):
        if magic.line.start <= offset <= magic.line.end:
            return magic
    return None


_PREFIX: Final = re.compile(r"([a-zA-Z]*)(\"\"\"|'''|\"|')")
_NOT_CALLED: Final = frozenset(
    "and as assert await elif else for from if import in is lambda not or print return while with yield".split()
) - {"print"}
_STATEMENTS: Final = frozenset("import from def class return for while if with try assert del raise".split())


def _covers(token: Token, offset: int) -> bool:
    if token.kind in {"comment", "magic", "number"}:
        return offset <= token.end
    if token.kind == "string":
        closed = string_content(token).end < token.end
        return offset < token.end or not closed
    return False


def _line_start(text: str, offset: int) -> int:
    """The offset of the first character of a line that is not blank."""
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    return start + len(text[start:]) - len(text[start:].lstrip(" \t"))


def _opening(tokens: Sequence[Token], close: int) -> int | None:
    depth = 0
    for at in range(close, -1, -1):
        kind = tokens[at].kind
        depth += (kind == "close") - (kind == "open")
        if depth == 0:
            return at
    return None


def _call_site(cell: Cell, opening: int, offset: int) -> CallSite | None:
    tokens = cell.tokens
    start = primary_start(tokens, opening - 1)
    if start is None or tokens[opening - 1].text in _NOT_CALLED or tokens[start].kind == "string":
        return None
    if start and tokens[start - 1].text in ("def", "class"):
        return None
    arguments, active = _arguments(tokens, opening, offset)
    callee = cell.text[tokens[start].start : tokens[opening].start]
    return CallSite(callee, tokens[start].start, tokens[opening].end, arguments, active)


def _arguments(tokens: Sequence[Token], opening: int, offset: int) -> tuple[tuple[Argument, ...], int]:
    """Arguments up to the closing parenthesis, or to what can only be the next statement."""
    found: list[Argument] = []
    depth, active, at = 0, 0, opening + 1
    begin = tokens[opening].end
    first = at
    end = begin
    while at < len(tokens):
        token = tokens[at]
        if token.kind == "close" and depth == 0:
            break
        if token.start >= offset and token.kind == "newline" and _starts_statement(tokens, at + 1):
            break
        depth += (token.kind == "open") - (token.kind == "close")
        if token.text == "," and depth == 0:
            found.append(_argument(tokens[first:at], begin, token.start))
            if token.end <= offset:
                active = len(found)
            begin, first = token.end, at + 1
        end = token.end
        at += 1
    last = tokens[first:at]
    if any(token.kind not in ("newline", "comment") for token in last) or active == len(found):
        found.append(_argument(last, begin, max(end, begin)))
    return tuple(found), active


def _starts_statement(tokens: Sequence[Token], at: int) -> bool:
    """Whether a line reads as a statement of its own: `name = `, a keyword, a magic, `name.`, behind an open call."""
    while at < len(tokens) and tokens[at].kind == "newline":
        at += 1
    if at >= len(tokens):
        return True
    token = tokens[at]
    if token.kind == "magic" or (token.kind == "name" and token.text in _STATEMENTS):
        return True
    return token.kind == "name" and _column_zero(tokens, at)


def _column_zero(tokens: Sequence[Token], at: int) -> bool:
    return at == 0 or tokens[at - 1].end == tokens[at].start


def _argument(tokens: Sequence[Token], begin: int, end: int) -> Argument:
    solid = [token for token in tokens if token.kind not in ("newline", "comment")]
    if len(solid) >= 2 and solid[0].kind == "name" and solid[1].text == "=":
        value = Span(solid[2].start, solid[-1].end) if len(solid) > 2 else Span(solid[1].end, end)
        return Argument(solid[0].text, value, Span(solid[0].start, solid[0].end))
    value = Span(solid[0].start, solid[-1].end) if solid else Span(begin, end)
    return Argument("", value, Span(value.start, value.start))
