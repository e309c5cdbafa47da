"""Texts with `{holes}` into texts with variables: what stands in quotes becomes a typed value, fragments are filled in.

A hole between quotes is a value; `"{host}"` becomes the variable `host`, and `"a {host} b"` a `strcat`. A hole outside
quotes is a value if its type is a time, a number or a list, else it is a piece of query text: its default is put in
once and for all, and a hole without a default cannot be taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from huntlens.catalog.literals import kql_string

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HOLE: Final = re.compile(r"\{\{|\}\}|\{([A-Za-z_]\w*)\}")
_DATETIME: Final = re.compile(r"""datetime\(\s*["']?\{(\w+)\}["']?\s*\)""", re.IGNORECASE)
_KQL_TOKEN: Final = re.compile(
    r"""//[^\n]*|@"(?:[^"]|"")*"|@'(?:[^']|'')*'|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'""", re.DOTALL
)
_TEXT_TOKEN: Final = re.compile(r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*\'""", re.DOTALL)


_LIST_PLACE: Final = re.compile(r"""(?i)\b(?:in~?|has_any|has_all)\s*\(\s*\{(\w+)\}\s*\)""")
_VALUE_PLACE: Final = re.compile(r"""(?i)(?:==|=~|!=|!~|\b(?:has|contains|startswith|endswith))\s*\{(\w+)\}""")


class NotTakenError(ValueError):
    """A text that cannot be taken without letting values become query text."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A text without fragments, and the names of the values that it uses."""

    text: str
    used: frozenset[str]
    lists: frozenset[str] = frozenset()
    """Names of texts that stand where a list belongs."""


def fill(text: str, kinds: Mapping[str, str], fragments: Mapping[str, str], language: str) -> Filled:
    """The text with variables (KQL) or quoted placeholders (other languages).

    `kinds` are the types of the parameters by name, `fragments` the defaults of those that may be pieces of text.
    """
    text = _DATETIME.sub(lambda match: "{" + match[1] + "}" if kinds.get(match[1]) == "datetime" else match[0], text)
    kinds, lists = _by_place(text, dict(kinds), fragments)
    used: set[str] = set()
    token = _KQL_TOKEN if language == "kql" else _TEXT_TOKEN
    for _ in range(4):  # fragments may hold holes themselves
        parts = list(_parts(text, token))
        replaced = "".join(part if quoted else _fragments(part, kinds, fragments) for part, quoted in parts)
        if replaced == text:
            break
        text = replaced
    result = "".join(
        _quoted(part, kinds, used, language) if quoted else _plain(part, kinds, used, language)
        for part, quoted in _parts(text, token)
    )
    return Filled(result, frozenset(used), lists & used)


def _by_place(text: str, kinds: dict[str, str], fragments: Mapping[str, str]) -> tuple[dict[str, str], frozenset[str]]:
    """The types with those texts told that stand without quotes where only a value or a list of values can."""
    lists = {match[1] for match in _LIST_PLACE.finditer(text) if kinds.get(match[1]) == "string"}
    values = {match[1] for match in _VALUE_PLACE.finditer(text) if kinds.get(match[1]) == "string"}
    for name in values - lists - set(fragments):
        kinds[name] = "text"
    for name in lists - set(fragments):
        kinds[name] = "string[]"
    return kinds, frozenset(lists - set(fragments))


def _parts(text: str, token: re.Pattern[str]) -> Iterator[tuple[str, bool]]:
    """The text in pieces, each with whether it is a string literal."""
    place = 0
    for match in token.finditer(text):
        yield text[place : match.start()], False
        yield match[0], not match[0].startswith("//")
        place = match.end()
    yield text[place:], False


def _is_value(kind: str) -> bool:
    return kind.endswith("[]") or kind in ("datetime", "int", "long", "real", "timespan", "text")


def _fragments(part: str, kinds: Mapping[str, str], fragments: Mapping[str, str]) -> str:
    def one(match: re.Match[str]) -> str:
        name = match[1]
        if name is None or name not in kinds or _is_value(kinds[name]):
            return match[0]
        if name not in fragments:
            raise NotTakenError(f"'{{{name}}}' is a piece of query text without a default")
        return fragments[name]

    return _HOLE.sub(one, part)


def _plain(part: str, kinds: Mapping[str, str], used: set[str], language: str) -> str:
    def one(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return match[0][0] if language == "kql" else match[0]
        if name not in kinds:
            raise NotTakenError(f"'{{{name}}}' is no parameter")
        used.add(name)
        return name if language == "kql" else match[0]

    return _HOLE.sub(one, part)


def _quoted(part: str, kinds: Mapping[str, str], used: set[str], language: str) -> str:
    """A string literal: without holes as it is, one hole alone the variable, else the pieces put together."""
    names = [match[1] for match in _HOLE.finditer(part) if match[1] in kinds]
    if not names:
        return part.replace("{{", "{").replace("}}", "}") if language == "kql" else part
    used.update(names)
    opening = 2 if part.startswith("@") else 1
    inner = part[opening:-1]
    if re.fullmatch(r"\{\w+\}", inner):
        kind = kinds[names[0]]
        return (
            (names[0] if kind in ("string", "text", "dynamic") else f"tostring({names[0]})")
            if language == "kql"
            else inner
        )
    if language != "kql":
        raise NotTakenError("a value is a part of a longer quoted text")
    pieces = []
    for piece in re.split(r"(\{\w+\})", inner):
        if piece[1:-1] in names:
            pieces.append(f"tostring({piece[1:-1]})" if kinds[piece[1:-1]] not in ("string", "text") else piece[1:-1])
        elif piece:
            pieces.append(kql_string(unescape(piece, verbatim=opening == 2)))
    return f"strcat({', '.join(pieces)})"


def unescape(piece: str, *, verbatim: bool = False) -> str:
    """What the inside of a KQL string literal stands for."""
    if verbatim:
        return piece.replace('""', '"')
    return re.sub(r"\\(.)", lambda match: {"n": "\n", "r": "\r", "t": "\t"}.get(match[1], match[1]), piece)
