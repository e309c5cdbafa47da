"""KQL in strings of Python code: which strings are queries, and the text that they stand for with its places."""

from __future__ import annotations

import ast
import re
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final, NamedTuple

from huntlens.assist.bound_names import Where
from huntlens.assist.embedded import Embedded, Piece
from huntlens.assist.meaning import Library, ProviderMethod
from huntlens.assist.python_cursor import string_content, string_prefix
from huntlens.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from huntlens.assist.meaning import Code
    from huntlens.assist.python_code import Cell
    from huntlens.assist.python_lex import Token
    from huntlens.assist.python_scope import Bind

TAKES_KQL: Final = {
    "exec_query": "text",
    "query": "text",
    "sql": "text",
    "check": "text",
    "parse": "text",
    "bind": "text",
    "format": "text",
}
"""Functions whose first argument is KQL, and its name."""
NOT_PARAMETERS: Final = frozenset(
    {"text", "timespan", "limit", "timeout_s", "tables", "schema", "parameters", "dialect"}
)
_FUNCTIONS: Final = frozenset(
    f"huntlens.{name}"
    for name in ("query", "sql", "kql.check", "kql.parse", "kql.bind", "kql.format", "kql.parse.parse", "kql.bind.bind")
)
_ESCAPE: Final = re.compile(
    r"\\(?:(?P<join>\r\n|\r|\n)|(?P<octal>[0-7]{1,3})|x(?P<hex>[0-9a-fA-F]{2})|u(?P<short>[0-9a-fA-F]{4})"
    r"|U(?P<long>[0-9a-fA-F]{8})|(?P<plain>[\\'\"abfnrtv]))"
)
_PLAIN: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_HOLE: Final = re.compile(r"\{\{|\}\}|\{")


class KqlString(NamedTuple):
    """A query in the code: its cell, its text, and the values that its call passes by name, with their types."""

    cell: int
    embedded: Embedded
    parameters: Mapping[str, str]
    call: Span


def strings_in(code: Code, cell: int) -> tuple[KqlString, ...]:
    """The strings of a cell that are queries: its own calls run them, or those of other cells."""
    found = _by_cell(code).get(cell, ())
    code.note(("strings", cell), lambda now: _by_cell(now).get(cell, ()), found)
    return found


@lru_cache(maxsize=32)
def _by_cell(code: Code) -> dict[int, tuple[KqlString, ...]]:
    found: dict[tuple[int, int], KqlString] = {}
    for number, cell in enumerate(code.cells):
        if not cell.called.isdisjoint(TAKES_KQL):
            for one in code.kept("strings", number, partial(_run_by, cell=number)):
                found.setdefault((one.cell, one.embedded.span.start), one)
    by_cell: dict[int, tuple[KqlString, ...]] = {}
    for one in found.values():
        by_cell[one.cell] = (*by_cell.get(one.cell, ()), one)
    return by_cell


def _run_by(code: Code, cell: int) -> tuple[KqlString, ...]:
    """The queries that the calls of a cell run."""
    found: list[KqlString] = []
    for start, block in code.cells[cell].blocks:
        for call in block.calls:
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            span = block.span(call)
            at = Where(cell, start + span.start)
            if name in TAKES_KQL and _runs_kql(code, call, at):
                found += _strings(code, call, at, Span(start + span.start, start + span.end))
    return tuple(found)


def embed(cell: Cell, span: Span) -> Embedded | None:
    """The text that the string tokens within a span stand for."""
    tokens = [token for token in cell.tokens if token.kind == "string" and span.start <= token.start < span.end]
    if not tokens or any("b" in string_prefix(token) for token in tokens):
        return None
    builder = _Builder()
    for token in tokens:
        builder.add(token, cell.text)
    return builder.embedded()


class _Builder:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.pieces: list[Piece] = []
        self.holes: list[Span] = []
        self.escaped = False

    def add(self, token: Token, text: str) -> None:
        prefix = string_prefix(token)
        content = string_content(token)
        at = content.start
        while at < content.end:
            stop, end, value, hole = _next_special(text, at, content.end, raw="r" in prefix, formatted="f" in prefix)
            self._same(text, at, stop)
            if end > stop:
                if hole:
                    self.holes.append(Span(self.length, self.length + len(value)))
                    self._same(text, stop, end, value)
                else:
                    self.escaped = True
                    self._put(value)
            at = max(end, stop)
        self.pieces.append(Piece(self.length, content.end, 0))

    def embedded(self) -> Embedded:
        return Embedded("".join(self.parts), tuple(self.pieces), tuple(self.holes), escaped=self.escaped)

    def _same(self, text: str, start: int, end: int, value: str | None = None) -> None:
        if end > start:
            self.pieces.append(Piece(self.length, start, end - start))
            self._put(text[start:end] if value is None else value)

    def _put(self, value: str) -> None:
        self.parts.append(value)
        self.length += len(value)


def _next_special(text: str, start: int, end: int, *, raw: bool, formatted: bool) -> tuple[int, int, str, bool]:
    """Where the next escape or hole begins and ends, what stands for it, and whether it is a hole."""
    best = (end, end, "", False)
    if not raw:
        escape = _ESCAPE.search(text, start, end)
        if escape:
            best = (escape.start(), escape.end(), _decode(escape), False)
    if formatted:
        brace = _HOLE.search(text, start, best[0])
        if brace and len(brace[0]) == 2:
            return brace.start(), brace.end(), brace[0][0], False
        if brace:
            close = _hole_end(text, brace.start(), end)
            return brace.start(), close, "_" * (close - brace.start()), True
    return best


def _hole_end(text: str, start: int, end: int) -> int:
    depth = 0
    for at in range(start, end):
        depth += (text[at] == "{") - (text[at] == "}")
        if depth == 0:
            return at + 1
    return end


def _decode(match: re.Match[str]) -> str:
    if match["join"]:
        return ""
    if match["plain"]:
        return _PLAIN.get(match["plain"], match["plain"])
    digits, base = next((match[name], base) for name, base in _BASES if match[name])
    number = int(digits, base)
    return chr(number) if number <= 0x10FFFF else "\ufffd"


_BASES: Final = (("octal", 8), ("hex", 16), ("short", 16), ("long", 16))


def _runs_kql(code: Code, call: ast.Call, at: Where) -> bool:
    match code.meaning(call.func, at):
        case ProviderMethod(name="exec_query"):
            return True
        case Library(path=path):
            return path in _FUNCTIONS
        case _:
            return False


def _strings(code: Code, call: ast.Call, at: Where, span: Span) -> Iterator[KqlString]:
    values = [*call.args[:1], *(one.value for one in call.keywords if one.arg == "text")]
    names = {one.arg: _type_of(one.value) for one in call.keywords if one.arg and one.arg not in NOT_PARAMETERS}
    for value in values:
        found = _string(code, value, at)
        if found is not None:
            yield KqlString(found[0], found[1], names, span)


def _type_of(value: ast.expr) -> str:
    """The KQL type of an argument; dynamic, which goes with everything, where only running would tell."""
    constant = value.value if isinstance(value, ast.Constant) else None
    return {bool: "bool", int: "long", float: "real", str: "string"}.get(type(constant), "dynamic")


def _string(code: Code, value: ast.expr, at: Where) -> tuple[int, Embedded] | None:
    if isinstance(value, ast.Name):
        bound = code.lookup(value.id, at)
        if bound is None or not isinstance(bound[1].value, ast.Constant | ast.JoinedStr):
            return None
        where, bind = bound
        code.note(("text", where.cell), partial(_text_of, cell=where.cell), code.cells[where.cell].text)
        span = _bound_span(code, where, bind)
        embedded = embed(code.cells[where.cell], span) if span else None
        return (where.cell, embedded) if embedded else None
    if isinstance(value, ast.Constant | ast.JoinedStr):
        cell = code.cells[at.cell]
        for start, block in cell.blocks:
            if start <= at.offset < start + len(block.text):
                span = block.span(value)
                embedded = embed(cell, Span(start + span.start, start + span.end))
                return (at.cell, embedded) if embedded else None
    return None


def _text_of(code: Code, cell: int) -> str:
    return code.cells[cell].text if cell < len(code.cells) else ""


def _bound_span(code: Code, where: Where, bind: Bind) -> Span | None:
    """Where the expression that a name is bound to stands in its cell."""
    if not isinstance(bind.value, ast.expr):
        return None
    for start, block in code.cells[where.cell].blocks:
        if start <= bind.offset <= start + len(block.text) and any(bind.value is one.value for one in block.binds):
            span = block.span(bind.value)
            return Span(start + span.start, start + span.end)
    return None
