"""Ever larger selections around a place."""

from __future__ import annotations

from huntlens.kql import tree
from huntlens.kql.parse import parse
from huntlens.text import Span


def selection(text: str, offset: int) -> list[Span]:
    """The spans around an offset, from the smallest to the whole text.

    >>> [span.of("T | where a == 1") for span in selection("T | where a == 1", 10)]
    ['a', 'a == 1', 'where a == 1', 'T | where a == 1']
    """
    parsed = parse(text)
    spans = [
        Span(token.start, token.end)
        for token in parsed.tokens
        if token.start <= offset <= token.end and token.text.strip()
    ]
    spans.append(Span(0, len(text)))
    level: list[tree.Node] = [parsed.query]
    while level:
        level = [child for node in level for child in tree.children(node) if child.start <= offset <= child.end]
        spans += [Span(node.start, node.end) for node in level if node.end > node.start]
    found: list[Span] = []
    for span in sorted(set(spans), key=lambda span: (span.end - span.start, span.start)):
        if not found or (span.start <= found[-1].start and found[-1].end <= span.end):
            found.append(span)
    return found
