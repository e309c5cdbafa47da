"""Case folded compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.rule import Finding, replace, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["case_folded_compare"]


@rule("KQL506", "information")
def case_folded_compare(subject: Subject) -> Iterator[Finding]:
    """Folding case to compare does for every row what `=~` does with the index.

    Bad:
        T | where tolower(a) == 'abc'

    Good:
        T | where a =~ 'abc'
        T | where tolower(a) == b
    """
    for node in subject.nodes(tree.Binary):
        if node.op not in ("==", "!=") or not isinstance(node.left, tree.Call) or len(node.left.arguments) != 1:
            continue
        right = node.right
        if node.left.name.text not in ("tolower", "toupper") or not isinstance(right, tree.Literal):
            continue
        text = right.value
        folded = str(text).lower() if node.left.name.text == "tolower" else str(text).upper()
        if right.type != "string" or folded != text:
            continue
        op = "=~" if node.op == "==" else "!~"
        new = f"{subject.source(node.left.arguments[0])} {op} {subject.source(right)}"
        fix = replace(f"compare with {op}", node.start, node.end, new)
        yield Finding(node.start, node.end, f"compare without regard to case by {op}", fix)
