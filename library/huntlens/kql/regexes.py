"""Regular expressions within a query: where they stand, and whether they can be compiled at all."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Final, TypeGuard

from huntlens.kql import tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

_FIRST: Final = frozenset({"extract", "extract_all", "countof_regex"})
_SECOND: Final = frozenset({"replace_regex"})
_OTHERS: Final = re.compile(r"\\[pP](?:\{\^?[A-Za-z_]+\}|[A-Z])|\\z|\(\?[a-zA-Z]*U[a-zA-Z]*\)")
"""What the engine of Kusto knows and that of Python does not."""


def patterns(subject: Subject) -> Iterator[tree.Literal]:
    """The constants of a query that are regular expressions."""
    for node in subject.nodes(tree.Binary):
        if node.op == "matches regex" and _is_text(node.right):
            yield node.right
    for call in subject.nodes(tree.Call):
        place = 0 if call.name.text in _FIRST else 1 if call.name.text in _SECOND else len(call.arguments)
        if place < len(call.arguments):
            found = call.arguments[place]
            if _is_text(found):
                yield found


def _is_text(node: tree.Expr) -> TypeGuard[tree.Literal]:
    return isinstance(node, tree.Literal) and isinstance(node.value, str)


def compile_problem(pattern: str) -> str:
    """Why a pattern cannot be compiled; empty where it can, or where only Kusto could tell.

    >>> compile_problem("(a"), compile_problem("a{2}")
    ('missing ), unterminated subpattern at position 0', '')
    """
    if _OTHERS.search(pattern) or "(?<" in pattern or re.search(r"\(\?[a-zA-Z]+\)", pattern[1:]):
        return ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except re.error as problem:
        return str(problem)
    return ""


_BEYOND: Final = (
    (re.compile(r"[(]\?<?[=!]"), "it looks around, which RE2 does not"),
    (re.compile(r"[(]\?>"), "it has an atomic group, which RE2 does not know"),
    (re.compile(r"[(]\?P=|\\[1-9]|\\k[<{']"), "it refers back to a group, which RE2 does not"),
)
_PLAIN: Final = re.compile(r"\\\\|\\[^1-9k]|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
"""What means itself: escapes but references, and sets of characters."""


def beyond_re2(pattern: str) -> str:
    r"""What RE2, and so Kusto, does not know in a regular expression; empty where there is nothing of the kind.

    >>> beyond_re2(r"(?<=a)b"), beyond_re2(r"(a)\1"), beyond_re2(r"\\1[(?=]")
    ('it looks around, which RE2 does not', 'it refers back to a group, which RE2 does not', '')
    """
    bare = _PLAIN.sub("x", pattern)
    return next((why for form, why in _BEYOND if form.search(bare)), "")
