"""Star in equality."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.literals import quoted
from huntlens.kql.rule import Finding, replace, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["star_in_equality"]


@rule("KQL525", "warning")
def star_in_equality(subject: Subject) -> Iterator[Finding]:
    """`==` knows no wildcards: a star is a star.

    Bad:
        T | where a == '*admin*'
        T | where a == 'cmd*'

    Good:
        T | where a contains 'admin'
    """
    for node in subject.nodes(tree.Binary):
        if node.op not in ("==", "=~") or not isinstance(node.right, tree.Literal):
            continue
        text = node.right.value
        if not isinstance(text, str) or isinstance(node.left, tree.Star) or not text.strip("*"):
            continue
        first, last = text.startswith("*"), text.endswith("*")
        if not (first or last) or "*" in text.strip("*"):
            continue
        op = "contains" if first and last else "endswith" if first else "startswith"
        new = f"{op} {quoted(text.strip('*'))}"
        fix = replace(f"change to {op}", node.op_start, node.end, new)
        yield Finding(node.op_start, node.end, f"'{node.op}' takes the star as it is; write {new}", fix)
