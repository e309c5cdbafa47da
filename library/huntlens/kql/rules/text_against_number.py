"""Text against number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.literals import quoted
from huntlens.kql.rule import Finding, replace, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["text_against_number"]


@rule("KQL520", "information")
def text_against_number(subject: Subject) -> Iterator[Finding]:
    """A text compared with a number is converted for every row; write the number as a text.

    Bad:
        print a = '0' | where a == 0

    Good:
        print a = '0' | where a == '0'
    """
    for node in subject.nodes(tree.Binary):
        if node.op not in ("==", "!=") or not isinstance(node.right, tree.Literal):
            continue
        if node.right.type not in ("long", "int") or subject.column_type(node.left) != "string":
            continue
        new = quoted(str(node.right.value))
        fix = replace(f"change to {new}", node.right.start, node.right.end, new)
        yield Finding(node.right.start, node.right.end, f"{subject.source(node.left)} is a text; write {new}", fix)
