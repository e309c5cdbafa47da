"""Contains for word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.rule import Finding, replace, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["contains_for_word"]

_BETTER: Final = {"contains": "has", "!contains": "!has", "contains_cs": "has_cs", "!contains_cs": "!has_cs"}


@rule("KQL502", "hint")
def contains_for_word(subject: Subject) -> Iterator[Finding]:
    """`contains` searches every text from end to end; a whole word is found by `has`, which uses the index.

    Bad:
        T | where a contains 'powershell'

    Good:
        T | where a has 'powershell'
        T | where a contains '-enc'
    """
    for node in subject.nodes(tree.Binary):
        better = _BETTER.get(node.op)
        if better is None or not isinstance(node.right, tree.Literal) or not isinstance(node.right.value, str):
            continue
        word = node.right.value
        if len(word) < 4 or not (word.isascii() and word.isalnum()):
            continue
        end = node.op_start + len(node.op)
        message = f"'{node.op}' reads every text to its end; if '{word}' is a word of its own, '{better}' is faster"
        yield Finding(node.op_start, end, message, replace(f"change to {better}", node.op_start, end, better))
