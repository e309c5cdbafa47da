r"""Commands in `.vscode/tasks.json`: the queries that `huntlens query` runs there, by name or in KQL.

A query that is named is read as the line `%hunt run NAME PARAMETER=VALUE`, so that both are known the same.

>>> text = '{"command": "huntlens", "args": ["query", "windows.logons", "-p", "host=web01"]}'
>>> [(one.text, one.named) for one in commands(text)]
[('%hunt run windows.logons host=web01', True)]
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from huntlens.assist.embedded import Embedded, Piece
from huntlens.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"?|//[^\n]*|/\*.*?\*/|[{}\[\],:]', re.DOTALL)
_WORD: Final = re.compile(r"""(?:'[^']*'?|\\"(?:[^\\]|\\[^"])*(?:\\")?|[^\s'\\]|\\.)+""")
_NAME: Final = re.compile(r"[\w.]*")
_VALUED: Final = {"-d", "--data", "-t", "--timespan", "-n", "--limit", "-f", "--format"}
_RUN: Final = "%hunt run "


class Command(NamedTuple):
    """One `huntlens query`: its query as a magic line or as KQL, at its places."""

    embedded: Embedded
    named: bool

    @property
    def text(self) -> str:
        """What is run."""
        return self.embedded.text


def commands(text: str) -> Iterator[Command]:
    """The queries that the tasks of a file run."""
    for words in _calls(text):
        if len(words) > 2 and _program(words[0].of(text)) and words[1].of(text) == "query":
            found = _command(text, words[2:])
            if found is not None:
                yield found


def _command(text: str, words: list[Span]) -> Command | None:
    """The query among the words behind `huntlens query`, and the values of its parameters."""
    query: Span | None = None
    values: list[Span] = []
    before = ""
    for word in words:
        flag, equals, _ = word.of(text).partition("=")
        if before in {"-p", "--param"}:
            values.append(word)
        elif flag in {"-p", "--param"} and equals:
            values.append(Span(word.start + len(flag) + 1, word.end))
        elif before not in _VALUED and not word.of(text).startswith("-") and query is None:
            query = word
        before = word.of(text)
    if query is None:
        return None
    if not _NAME.fullmatch(query.of(text)):
        inside = re.fullmatch(r"""(?s)(\\"|'|)(.*?)(?:\1)""", query.of(text))
        start, end = inside.span(2) if inside else (0, query.end - query.start)
        embedded = Embedded.verbatim(text, Span(query.start + start, query.start + end))
        return None if "\\" in embedded.text else Command(embedded, named=False)
    line, pieces = _RUN, []
    for number, word in enumerate((query, *values)):
        line += " " if number else ""
        pieces.append(Piece(len(line), word.start, word.end - word.start))
        line += word.of(text)
    return Command(Embedded(line, tuple(pieces)), named=True)


def _calls(text: str) -> Iterator[list[Span]]:
    """The words of each object's `command` and `args`."""
    open_: list[dict[str, list[Span]]] = []
    key, last, listed = "", "", 0
    for match in _TOKEN.finditer(text):
        mark = match[0]
        if mark[0] == '"':
            inner = Span(match.start() + 1, match.end() - (len(mark) > 1 and mark.endswith('"')))
            last = inner.of(text)
            if open_ and key == "command":
                open_[-1]["command"] = list(_words(text, inner))
            elif open_ and key == "args" and listed:
                open_[-1].setdefault("args", []).append(inner)
        elif mark == ":":
            key = last
        elif mark in "[]":
            listed += 1 if mark == "[" else -1
        elif mark == "{":
            open_.append({})
        elif mark == "}" and open_:
            found = open_.pop()
            yield [*found.get("command", ()), *found.get("args", ())]
        if mark in "{}" or (mark == "," and not (key == "args" and listed)):
            key = ""


def _words(text: str, inner: Span) -> Iterator[Span]:
    """The words of a command line; an empty one at the end where a blank stands there."""
    for match in _WORD.finditer(text, inner.start, inner.end):
        yield Span(*match.span())
    if text[inner.start : inner.end].endswith(" "):
        yield Span(inner.end, inner.end)


def _program(word: str) -> bool:
    try:
        plain = str(json.loads(f'"{word}"'))
    except ValueError:
        plain = word
    return re.split(r"[/\\]", plain.strip("'\""))[-1].removesuffix(".exe") == "huntlens"
