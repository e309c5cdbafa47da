"""Text to tree.

>>> tree = parse("T | where a == 1 | take 5")
>>> len(tree.diagnostics), "".join(token.text for token in tree.tokens) == tree.text
(0, True)
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from huntlens._lazy import make_callable
from huntlens.kql import tokens as t
from huntlens.kql.lex import all_tokens, lex
from huntlens.kql.parse import messages as say
from huntlens.kql.parse.cursor import Cursor
from huntlens.kql.parse.expressions import begins_operator
from huntlens.kql.parse.operators import OPERATORS
from huntlens.kql.parse.relations import RELATIONS
from huntlens.kql.parse.statements import query, statements

if TYPE_CHECKING:
    from huntlens.kql import tree
    from huntlens.kql.diagnostics import Diagnostic
    from huntlens.kql.lex import Lexed

__all__ = ["OPERATOR_WORDS", "Tree", "parse"]

_OPERATORS: Final = {**OPERATORS, **RELATIONS}

OPERATOR_WORDS: Final = tuple(sorted(_OPERATORS))
"""Every word that may follow a `|`."""


class Tree:
    """A parsed text: its statements, its tokens, and what is wrong with it."""

    def __init__(self, lexed: Lexed, root: tree.Query, diagnostics: list[Diagnostic]) -> None:
        self.lexed = lexed
        self.text = lexed.text
        self.query = root
        self.diagnostics = diagnostics

    @cached_property
    def tokens(self) -> list[t.Token]:
        """Every token, white space and comments too; their texts joined are the text."""
        return list(all_tokens(self.lexed))


def parse(text: str) -> Tree:
    """The tree of a KQL text, whatever the text is.

    >>> [diagnostic.message for diagnostic in parse("T | wher a").diagnostics]
    ["'wher' is no operator; did you mean where?"]
    """
    lexed = lex(text)
    p = Cursor(lexed, _OPERATORS, begins_operator, statements)
    if t.BAD in lexed.keys:
        _say_bad(p)
    root = query(p)
    return Tree(lexed, root, _first_at_each_place(p.diagnostics))


def _first_at_each_place(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """In text order, and one a place: what follows from the first helps nobody."""
    if len(diagnostics) < 2:
        return diagnostics
    found: dict[int, Diagnostic] = {}
    for diagnostic in diagnostics:
        found.setdefault(diagnostic.start, diagnostic)
    return sorted(found.values(), key=lambda diagnostic: diagnostic.start)


def _say_bad(p: Cursor) -> None:
    for at, key in enumerate(p.keys):
        if key is t.BAD:
            p.say(say.UNEXPECTED_CHARACTER, p.starts[at], p.ends[at], text=p.texts[at])


make_callable(__name__, parse)
