"""Text to tokens: one regular expression, arrays instead of objects.

`lex` never fails; what is no token becomes one of class `BAD`. White space and comments are not tokens to the parser;
`all_tokens` gives them too, so that the texts joined are the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import TYPE_CHECKING, Final

from huntlens.kql import tokens as t

if TYPE_CHECKING:
    from collections.abc import Iterator

_SPACE: Final = r"\s\u200b\ufeff"
_LINE: Final = r"[^\r\n\u2028\u2029]"
_HEX: Final = "[0-9a-fA-F]"
_UNITS: Final = "|".join(sorted(t.TIME_UNITS, key=len, reverse=True))
_TYPED: Final = "datetime|date|timespan|time|long|int|real|double|decimal|bool|guid"


def _grouped(words: tuple[str, ...]) -> str:
    """Alternatives that share a first part are tried together, for speed."""
    parts: dict[str, list[str]] = {}
    for word in words:
        head, _, tail = word.partition("-")
        parts.setdefault(head, []).append(tail)
    return "|".join(
        f"{head}-(?:{'|'.join(sorted(tails, key=len, reverse=True))})" for head, tails in sorted(parts.items())
    )


_TOKEN: Final = rf"""
    (?:{_grouped(t.DASHED)})(?!\w)
  | {_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}
  | (?:{_TYPED})\([^)\r\n\u2028\u2029]*+\)?
  | in~(?!\w)
  | matches[ \t]+regex(?!\w)
  | hint\.(?:{"|".join(sorted((hint[5:] for hint in t.HINTS), key=len, reverse=True))})(?!\w)
  | [hH]?@?(?:```.*?(?:```|\Z) | ~~~.*?(?:~~~|\Z))
  | [hH]?@(?:"(?:[^"\r\n\u2028\u2029]|"")*+"? | '(?:[^'\r\n\u2028\u2029]|'')*+'?)
  | [hH]?(?:"(?:[^"\\\r\n\u2028\u2029]|\\{_LINE})*+\\?"? | '(?:[^'\\\r\n\u2028\u2029]|\\{_LINE})*+\\?'?)
  | [^\W\d]\w*+ | \$\w*+
  | (?:[0-9]++\.(?!\.(?!\.))(?:[0-9]++)?(?:[eE][+-]?[0-9]++)? | [0-9]++[eE][+-]?[0-9]++)(?!\w)
  | [0-9]++(?:\.[0-9]++)?(?:{_UNITS})(?!\w)
  | 0[xX]{_HEX}++(?!\w)
  | [0-9]++\w*+
  | !(?:(?:contains|endswith|has|hasprefix|hassuffix|startswith)(?:_cs)?|between|in~|in)(?!\w)
  | [=!<>][=~] | => | <[|>] | \.\.
  | \#{_LINE}*+
  | .
"""
_PATTERN: Final = re.compile(rf"((?:[{_SPACE}]++|//{_LINE}*+)*+)({_TOKEN}|\Z)", re.VERBOSE | re.DOTALL)
_TRIVIA: Final = re.compile(rf"//{_LINE}*+|[{_SPACE}]++")
_NUMBER: Final = re.compile(
    rf"""(?P<guid>{_HEX}{{8}}-) | (?P<long>[0-9]+|0[xX]{_HEX}+)\Z
       | (?P<time>[0-9]+(?:\.[0-9]+)?(?:{_UNITS}))\Z | (?P<real>[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?)\Z""",
    re.VERBOSE,
)
_NUMBER_KEYS: Final = {"guid": t.RAW_GUID, "long": t.LONG, "time": t.TIMESPAN, "real": t.REAL}
_TYPED_KEYS: Final = {
    "datetime": t.DATETIME, "date": t.DATETIME, "timespan": t.TIMESPAN, "time": t.TIMESPAN, "long": t.LONG,
    "int": t.INT, "real": t.REAL, "double": t.REAL, "decimal": t.DECIMAL, "bool": t.BOOL, "guid": t.GUID,
}  # fmt: skip
_QUOTES: Final = frozenset("\"'@`~")
_BLANKS: Final = frozenset(" \t")
_REMEMBERED: Final = 50_000


class _Keys(dict[str, str]):
    """From the text of a token to its key; words once seen are remembered, since texts repeat them."""

    def __missing__(self, text: str) -> str:
        key = _classify(text)
        if key is t.NAME:
            if len(self) > _REMEMBERED:
                self.clear()
                self.update(_FIXED)
            self[text] = key
        return key


def _classify(text: str) -> str:
    first = text[0]
    if first.isalpha() or first in "_$":
        return _classify_word(text)
    if first in "0123456789":
        match = _NUMBER.match(text)
        return _NUMBER_KEYS[match.lastgroup or ""] if match else t.NAME
    if first in "\"'" or text[:2] in ('@"', "@'") or text.removeprefix("@")[:3] in ("```", "~~~"):
        return t.STRING
    return t.DIRECTIVE if first == "#" else t.BAD


def _classify_word(text: str) -> str:
    if text[0] in "hH" and text[1:2] in _QUOTES:
        return t.STRING
    head, bracket, _ = text.partition("(")
    if bracket and head in _TYPED_KEYS:
        return _TYPED_KEYS[head]
    if text.startswith("matches") and text[7:8] in _BLANKS:
        return "matches regex"
    return t.RAW_GUID if len(text) == 36 and text[8] == "-" else t.NAME


_FIXED: Final[dict[str, str]] = {
    "": t.END,
    **{word: word for word in chain(t.HARD, t.SOFT, t.PUNCTUATION)},
    **dict.fromkeys(t.HINTS, t.HINT),
    **dict.fromkeys(("true", "True", "TRUE", "false", "False", "FALSE"), t.BOOL),
}
_KEYS: Final = _Keys(_FIXED)
_PADDING: Final = [("", "")] * 4


@dataclass(frozen=True, slots=True, eq=False)
class Lexed:
    """The tokens of a text as parallel lists, closed by some of class `END`, so that a look ahead needs no check."""

    text: str
    keys: list[str]
    texts: list[str]
    starts: list[int]
    ends: list[int]


def lex(text: str) -> Lexed:
    """The tokens of a text, without white space and comments.

    >>> lex("T | take 5d // five").keys[:5]
    ['<name>', '|', 'take', '<timespan>', '<end>']
    """
    pairs = _PATTERN.findall(text)
    pairs.extend(_PADDING)
    offsets = list(accumulate(map(len, chain.from_iterable(pairs))))
    texts = [pair[1] for pair in pairs]
    return Lexed(text, list(map(_KEYS.__getitem__, texts)), texts, offsets[::2], offsets[1::2])


def all_tokens(lexed: Lexed) -> Iterator[t.Token]:
    """Every token with white space and comments between them; their texts joined are the text.

    >>> [token.text for token in all_tokens(lex("a //b"))]
    ['a', ' ', '//b']
    """
    position = 0
    for key, text, start, end in zip(lexed.keys, lexed.texts, lexed.starts, lexed.ends, strict=True):
        if start > position:
            yield from trivia(lexed.text, position, start)
        if text:
            yield t.Token(key, text, start, end)
        position = end


def trivia(text: str, start: int, end: int) -> Iterator[t.Token]:
    """The white space and the comments of a stretch of text between two tokens."""
    for match in _TRIVIA.finditer(text, start, end):
        piece = match[0]
        yield t.Token(t.COMMENT if piece.startswith("//") else t.SPACE, piece, match.start(), match.end())
