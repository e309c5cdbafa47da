"""Python text to tokens, cell magics and line magics included; never fails, and works on half-typed code.

`tokenize` of the standard library stops at the first error and is ten times slower.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from huntlens.text import Span

Kind = Literal["name", "string", "number", "open", "close", "op", "newline", "comment", "magic"]


class Token(NamedTuple):
    """A token: its kind, its text, and where it starts and ends."""

    kind: Kind
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Magic:
    """A magic: `%name arguments`, `x = %name arguments`, or a whole cell `%%name arguments` and its body.

    `line` covers all from the first percent sign to the end of the line, `arguments` what follows the name.
    """

    name: str
    line: Span
    arguments: Span
    body: Span | None = None


_TOKEN: Final = re.compile(
    r"""
    (?P<space>[ \t\f]+ | \\(?:\r\n|\n|\r))
  | (?P<newline>\r\n|\n|\r)
  | (?P<comment>\#[^\r\n]*)
  | (?P<triple>[rbuftRBUFT]{0,3}(?:\"\"\"|'''))
  | (?P<string>[rbuftRBUFT]{0,3}(?:"(?:[^"\\\r\n]|\\(?:\r\n|[\s\S]))*"? | '(?:[^'\\\r\n]|\\(?:\r\n|[\s\S]))*'?))
  | (?P<name>[^\W\d]\w*)
  | (?P<number>\d[\w.]*|\.\d\w*)
  | (?P<open>[(\[{])
  | (?P<close>[)\]}])
  | (?P<op>\*\*=?|//=?|>>=?|<<=?|!=|:=|->|[-+*/%@&|^=<>]=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ENDS: Final = {
    quote: re.compile(rf"(?:[^\\{quote[0]}]|\\[\s\S]|{quote[0]}(?!{quote[1:]}))*(?:{quote})?")
    for quote in ('"""', "'''")
}
_LINE_MAGIC: Final = re.compile(
    r"[ \t]*(?P<mark>%%?|!!?|\?\??)(?P<name>[A-Za-z_][\w.]*)?(?P<rest>(?:\\(?:\r\n|\n|\r)|[^\r\n])*)"
)
_IN_BRACKET: Final = re.compile(r"%[A-Za-z_]")
_ASSIGNED: Final = re.compile(r"[ \t]*(?:%(?P<name>[A-Za-z_][\w.]*)|!)(?P<rest>[^\r\n]*)")
_HELP: Final = re.compile(r"[ \t]*%{0,2}[A-Za-z_][\w.*]*\?\??[ \t]*(?=[\r\n]|\Z)")
_CELL_MAGIC: Final = re.compile(
    r"(?:[ \t]*(?:\#[^\r\n]*)?(?:\r\n|\n|\r))*%%(?P<name>[A-Za-z_][\w.]*)(?P<rest>[^\r\n]*)"
)
PYTHON_BODIES: Final = frozenset({"time", "timeit", "capture", "prun", "debug", "python", "python3"})
"""Cell magics whose body is Python of the same notebook."""


def cell_magic(text: str) -> Magic | None:
    r"""The magic that a cell starts with, blank lines and comments aside.

    >>> cell_magic("%%kql local -o df\nT").name
    'kql'
    """
    match = _CELL_MAGIC.match(text)
    if match is None:
        return None
    start = match.start("name") - 2
    end = match.end()
    body = re.compile(r"\r\n|\n|\r").match(text, end)
    return Magic(
        match["name"], Span(start, end), Span(*match.span("rest")), Span(body.end() if body else end, len(text))
    )


def lex(text: str) -> tuple[list[Token], list[Magic]]:
    """The tokens of a cell that is Python, and the magics among its lines.

    >>> [token.text for token in lex("qp.windows.")[0]]
    ['qp', '.', 'windows', '.']
    """
    tokens: list[Token] = []
    magics: list[Magic] = []
    at, depth, fresh = 0, 0, True
    while at < len(text):
        if fresh:
            fresh = False
            end = _line_magic(text, at, depth, tokens, magics)
            if end > at:
                at = end
                continue
        match = _TOKEN.match(text, at)
        assert match is not None  # the last alternative takes any character
        kind, start, end = str(match.lastgroup), at, match.end()
        if kind == "space":
            at = end
            continue
        if kind == "triple":
            kind, end = "string", _triple_end(text, match)
        word = text[start:end]
        at = end
        if kind == "newline":
            fresh = True
        elif kind == "open":
            depth += 1
        elif kind == "close":
            depth = max(depth - 1, 0)
        elif word == "=" and depth == 0:
            at = _assigned_magic(text, end, tokens, magics, start)
            if at > end:
                continue
        tokens.append(Token(kind, word, start, end))  # type: ignore[arg-type]  # group names are the kinds
    return tokens, magics


def _triple_end(text: str, match: re.Match[str]) -> int:
    found = _ENDS[match.group()[-3:]].match(text, match.end())
    return found.end() if found else len(text)


def _line_magic(text: str, at: int, depth: int, tokens: list[Token], magics: list[Magic]) -> int:
    if depth and not _IN_BRACKET.match(text, at):
        return at
    match = _HELP.match(text, at)
    if match:
        tokens.append(Token("magic", match.group(), at, match.end()))
        return match.end()
    match = _LINE_MAGIC.match(text, at)
    if match is None:
        return at
    start = match.start("mark")
    tokens.append(Token("magic", text[start : match.end()], start, match.end()))
    if match["name"] and match["mark"] == "%":
        magics.append(Magic(match["name"], Span(start, match.end()), Span(*match.span("rest"))))
    return match.end()


def _assigned_magic(text: str, at: int, tokens: list[Token], magics: list[Magic], equals: int) -> int:
    match = _ASSIGNED.match(text, at)
    if match is None:
        return at
    start = len(text[: match.end()]) - len(text[at : match.end()].lstrip(" \t"))
    tokens.append(Token("op", "=", equals, at))
    tokens.append(Token("magic", text[start : match.end()], start, match.end()))
    if match["name"]:
        magics.append(Magic(match["name"], Span(start, match.end()), Span(*match.span("rest"))))
    return match.end()
