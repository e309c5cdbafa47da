"""Empty term."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.rule import Finding, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["empty_term"]

_TERMS: Final = frozenset(
    {"has", "contains", "startswith", "endswith", "has_cs", "contains_cs", "hasprefix", "hassuffix"}
)


@rule("KQL519", "warning")
def empty_term(subject: Subject) -> Iterator[Finding]:
    """Every text contains the empty text: the condition filters nothing.

    Bad:
        T | where a has ''

    Good:
        T | where a has 'x'
    """
    for node in subject.nodes(tree.Binary):
        if node.op in _TERMS and isinstance(node.right, tree.Literal) and node.right.value == "":
            yield Finding(node.op_start, node.end, f"'{node.op}' with an empty text is true of every text")
