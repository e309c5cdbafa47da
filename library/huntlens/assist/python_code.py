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
from huntlens.assist.python_scope import Annotated, Bind, Given, Returned, Value, binds
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

    @cached_property
    def shown(self) -> str:
        """What the cell binds, as a text: the same as long as others would find the same."""
        scopes = list(dict.fromkeys(bind.scope for bind in self.binds))
        return "\n".join(f"{scopes.index(bind.scope)} {bind.name}={_shown(bind.value)}" for bind in self.binds)

    @cached_property
    def called(self) -> frozenset[str]:
        """The last parts of the names of all that is called."""
        calls = (call.func for _, block in self.blocks for call in block.calls)
        return frozenset(call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls)

    def token_before(self, offset: int) -> int:
        """The index of the last token that starts before an offset; -1 where there is none."""
        return bisect_right(self.tokens, offset - 1, key=lambda token: token.start) - 1


@lru_cache(maxsize=8192)
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


@lru_cache(maxsize=32768)
def read_block(text: str) -> Block:
    """Read one block of masked text."""
    tree = parse(text)
    index = LineIndex(text)

    def offset(line: int, column: int) -> int:
        return index.offset(Position(line - 1, column), "utf-8")

    return Block(text, tree, tuple(binds(tree, offset)))


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


_FRESH: Final = re.compile(r"(?:else|elif|except|finally)\b|[)\]}]")


def _shown(value: Value) -> str:
    match value:
        case ast.expr():
            return ast.dump(value)
        case Annotated(annotation=annotation):
            return f"is {ast.dump(annotation)}"
        case Returned(value=returned):
            return f"gives {ast.dump(returned)}"
        case _:
            return repr(value)


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
