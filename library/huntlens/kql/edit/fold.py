"""What an editor may fold: statements, pipelines in brackets, lists, runs of comments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tokens as t
from huntlens.kql.parse import parse
from huntlens.text import LineIndex, Span

if TYPE_CHECKING:
    from huntlens.kql.parse import Tree

_OPENERS: Final = frozenset("([{")
_CLOSERS: Final = frozenset(")]}")


def fold(text: str) -> list[Span]:
    r"""The spans over more than one line that may be folded, by their start; one for the same lines.

    >>> fold("let a = datatable(x: long) [\n 1,\n 2\n];\na")
    [Span(start=0, end=37)]
    """
    parsed = parse(text)
    index = LineIndex(text)
    spans = [Span(item.start, item.end) for item in parsed.query.statements]
    spans += _brackets(parsed)
    spans += _comments(parsed)
    found, lines = [], set()
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        first, last = index.position(span.start).line, index.position(span.end).line
        if last > first and (first, last) not in lines:
            lines.add((first, last))
            found.append(span)
    return found


def _brackets(parsed: Tree) -> list[Span]:
    found, opened = [], []
    for key, start, end in zip(parsed.lexed.keys, parsed.lexed.starts, parsed.lexed.ends, strict=True):
        if key in _OPENERS:
            opened.append(end)
        elif key in _CLOSERS and opened:
            found.append(Span(opened.pop(), start))
    return found


def _comments(parsed: Tree) -> list[Span]:
    """Comments on lines that follow each other."""
    found: list[Span] = []
    run: list[t.Token] = []
    for token in parsed.tokens:
        if token.key is t.COMMENT:
            run.append(token)
        elif token.key is not t.SPACE or token.text.count("\n") > 1:
            found += [Span(run[0].start, run[-1].end)] if len(run) > 1 else []
            run = []
    return found + ([Span(run[0].start, run[-1].end)] if len(run) > 1 else [])
