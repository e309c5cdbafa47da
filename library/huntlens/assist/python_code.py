"""Python code as the editor sees it: cells in order, what names are bound to, the chain and the call at the cursor.

Reading is by the standard library's `ast`, block by block, over a text in which magics are masked without moving
anything, and mended where it is half typed. Nothing is executed or imported. What a bound expression means is said
by `meaning`.
"""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from huntlens.assist.magic_line import output_name
from huntlens.assist.python_lex import PYTHON_BODIES, Magic, Token, cell_magic, lex
from huntlens.assist.python_scope import Bind, Given, binds
from huntlens.text import LineIndex, Position, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MISSING: Final = "__hl__"
"""Stands where an attribute's name is not typed yet."""
RESULT: Final = "_K"
"""Stands for what a `%kql` on the right of an assignment gives."""


@dataclass(frozen=True)
class Block:
    """A top-level statement, or a run of them, read on its own: its tree and what it binds."""

    text: str
    tree: ast.Module
    binds: tuple[Bind, ...]

    @cached_property
    def index(self) -> LineIndex:
        """Lines of the block."""
        return LineIndex(self.text)

    def span(self, node: ast.expr | ast.stmt | ast.keyword | ast.arg) -> Span:
        """Where a node stands in the block."""
        start = self.index.offset(Position(node.lineno - 1, node.col_offset), "utf-8")
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return Span(start, self.index.offset(Position(end_line - 1, end_column), "utf-8"))

    @cached_property
    def calls(self) -> tuple[ast.Call, ...]:
        """All calls, outermost first."""
        return tuple(node for node in ast.walk(self.tree) if isinstance(node, ast.Call))


class Placed(NamedTuple):
    """A block and the offset of its first character in its cell."""

    start: int
    block: Block


@dataclass(frozen=True)
class Cell:
    """One cell (a Python file is one cell): its tokens, magics and blocks.

    `magic` is the magic of the whole cell; where its body is not Python, there are no tokens and blocks.
    """

    text: str
    magic: Magic | None
    tokens: tuple[Token, ...]
    magics: tuple[Magic, ...]
    blocks: tuple[Placed, ...]

    @cached_property
    def binds(self) -> tuple[Bind, ...]:
        """What the cell binds, with offsets in the cell, in order of place."""
        found = [bind.shifted(start) for start, block in self.blocks for bind in block.binds]
        for magic in (*([self.magic] if self.magic else []), *self.magics):
            name = output_name(magic.name, magic.arguments.of(self.text))
            if name:
                found.append(Bind(name, magic.line.end, None, Given("result")))
        return tuple(sorted(found, key=lambda bind: bind.offset))

    def token_before(self, offset: int) -> int:
        """The index of the last token that starts before an offset; -1 where there is none."""
        return bisect_right(self.tokens, offset - 1, key=lambda token: token.start) - 1


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


@lru_cache(maxsize=1024)
def read_cell(text: str) -> Cell:
    """Read one cell; the same text is read once."""
    magic = cell_magic(text)
    if magic and magic.name not in PYTHON_BODIES:
        return Cell(text, magic, (), (), ())
    masked = text
    if magic and magic.body:
        masked = _blank(text, 0, magic.body.start)
    tokens, magics = lex(masked)
    return Cell(text, magic, tuple(tokens), tuple(magics), tuple(_blocks(_mask(masked, tokens), tokens)))


@lru_cache(maxsize=4096)
def read_block(text: str) -> Block:
    """Read one block of masked text."""
    tree = parse(text)
    index = LineIndex(text)

    def offset(line: int, column: int) -> int:
        return index.offset(Position(line - 1, column), "utf-8")

    return Block(text, tree, tuple(binds(tree, offset)))


def chain_at(cell: Cell, offset: int) -> Chain | None:
    """The dotted name that the cursor is in or behind; None within strings, comments, numbers and magics.

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


def parse(text: str, attempts: int = 24) -> ast.Module:
    r"""The tree of Python code that may be half typed: a broken statement is lost, those around it stay.

    >>> [type(node).__name__ for node in parse("a = 1\nqp.windows.\nf(\nb = 2").body]
    ['Assign', 'Expr', 'Pass', 'Assign']
    """
    lines = text.split("\n")
    tried: set[tuple[int, str]] = set()
    for _ in range(attempts):
        try:
            return _parse("\n".join(lines))
        except SyntaxError as error:
            if not _mend(lines, error, tried):
                break
        except (ValueError, RecursionError, MemoryError):
            break
    for kept in range(len(lines) - 1, 0, -max(1, len(lines) // 16)):
        try:
            return _parse("\n".join(lines[:kept]))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return ast.Module(body=[], type_ignores=[])


def expression(text: str) -> ast.expr | None:
    """The tree of one expression, as the text before a dot; None where it is none."""
    try:
        tree = _parse(f"({text}\n)")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    first = tree.body[0] if len(tree.body) == 1 else None
    return first.value if isinstance(first, ast.Expr) else None


_PREFIX: Final = re.compile(r"([a-zA-Z]*)(\"\"\"|'''|\"|')")
_NOT_CALLED: Final = frozenset(
    "and as assert await elif else for from if import in is lambda not or print return while with yield".split()
) - {"print"}
_STATEMENTS: Final = frozenset("import from def class return for while if with try assert del raise".split())
_FRESH: Final = re.compile(r"(?:else|elif|except|finally)\b|[)\]}]")


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


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + re.sub(r"[^\r\n]", " ", text[start:end]) + text[end:]


def _mask(text: str, tokens: Sequence[Token]) -> str:
    """The text with each magic replaced by something of its length that Python reads."""
    parts: list[str] = []
    at = 0
    for index, token in enumerate(tokens):
        if token.kind != "magic":
            continue
        assigned = index > 0 and tokens[index - 1].text == "="
        word = (RESULT if token.text.startswith("%kql") else "0") if assigned else "pass"
        if len(token.text) < len(word):
            word = "0"
        parts += [text[at : token.start], word.ljust(len(token.text))]
        at = token.end
    return "".join([*parts, text[at:]]).replace("\0", " ")


def _blocks(text: str, tokens: Sequence[Token]) -> Iterator[Placed]:
    """Blocks of at least some forty lines, cut where a statement begins in the first column."""
    cuts = [0]
    depth = 0
    lines = 0
    for token in tokens:
        depth = max(depth + (token.kind == "open") - (token.kind == "close"), 0)
        if token.kind != "newline":
            continue
        lines += 1
        if depth or lines < 40 or token.end >= len(text):
            continue
        if (
            text[token.end] not in " \t\r\n#@"
            and not _FRESH.match(text, token.end)
            and not _decorated(text, token.start)
        ):
            cuts.append(token.end)
            lines = 0
    for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True):
        yield Placed(start, read_block(text[start:end]))


def _decorated(text: str, end: int) -> bool:
    line = text[max(text.rfind("\n", 0, end), text.rfind("\r", 0, end)) + 1 : end]
    return line.lstrip().startswith("@")


def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _mend(lines: list[str], error: SyntaxError, tried: set[tuple[int, str]]) -> bool:
    """Change the lines so that parsing gets further; says whether anything was changed."""
    at = min(max((error.lineno or 1) - 1, 0), len(lines) - 1)
    message = error.msg or ""
    stripped = lines[at].rstrip()
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    if "expected an indented block" in message:
        header = re.search(r"on line (\d+)", message)
        at = int(header[1]) - 1 if header else max(at - 1, 0)
        first = (at, "body") not in tried
        tried.add((at, "body"))
        head = lines[at]
        lines[at] = head.rstrip() + " pass" if first else head[: len(head) - len(head.lstrip())] + "pass"
        return True
    if ("unexpected indent" in message or "unindent" in message) and (at, "dedent") not in tried:
        tried.add((at, "dedent"))
        lines[at] = lines[at].lstrip()
        return True
    if stripped.endswith(".") and (at, "dot") not in tried:
        tried.add((at, "dot"))
        lines[at] = stripped + MISSING
        return True
    if lines[at] == indent + "pass":
        return False
    lines[at] = indent + "pass"
    return True
