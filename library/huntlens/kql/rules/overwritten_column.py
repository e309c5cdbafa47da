"""Overwritten column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.rule import Finding, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["overwritten_column"]


@rule("KQL511", "hint")
def overwritten_column(subject: Subject) -> Iterator[Finding]:
    """`extend` under the name of a column of the input hides that column from here on.

    Bad:
        print a = 1, b = 2 | extend a = b

    Good:
        print a = 1 | extend a = a + 1
        print a = 1 | extend b = 2
    """
    for node in subject.nodes(tree.Extend):
        source = subject.bound.scopes.get(node)
        if source is None:
            continue
        names = {column.name for column in source.columns}
        for item in node.columns:
            if not isinstance(item, tree.NamedArgument) or item.name.text not in names:
                continue
            inside = (part for part in tree.walk(item.value) if isinstance(part, tree.NameRef))
            if not any(part.name.text == item.name.text for part in inside):
                message = f"this hides the column '{item.name.text}' of the input; give it a name of its own"
                yield Finding(item.name.start, item.name.end, message)
