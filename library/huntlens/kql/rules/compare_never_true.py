"""Compare never true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.literals import quoted
from huntlens.kql.rule import Finding, replace, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["compare_never_true"]


@rule("KQL507", "warning")
def compare_never_true(subject: Subject) -> Iterator[Finding]:
    """A text in lower case never equals one with capitals.

    Bad:
        T | where tolower(a) == 'ABC'

    Good:
        T | where tolower(a) == 'abc'
    """
    for node in subject.nodes(tree.Binary):
        if node.op != "==" or not isinstance(node.left, tree.Call) or not isinstance(node.right, tree.Literal):
            continue
        fold = {"tolower": str.lower, "toupper": str.upper}.get(node.left.name.text)
        text = node.right.value
        if fold is None or not isinstance(text, str) or fold(text) == text:
            continue
        fix = replace("fold the constant too", node.right.start, node.right.end, quoted(fold(text)))
        yield Finding(node.start, node.end, f"this is never true: {node.left.name.text}() never gives this text", fix)
