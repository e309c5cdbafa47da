"""Double negation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.rule import Finding, replace, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["double_negation"]


@rule("KQL527", "hint")
def double_negation(subject: Subject) -> Iterator[Finding]:
    """Two negations are read twice.

    Bad:
        T | where not(a != 'x')
        T | where not(not(b))

    Good:
        T | where a == 'x'
    """
    for node in subject.nodes(tree.Call):
        if node.name.text != "not" or len(node.arguments) != 1:
            continue
        inner = node.arguments[0]
        if isinstance(inner, tree.Call) and inner.name.text == "not" and len(inner.arguments) == 1:
            fix = replace("remove both", node.start, node.end, subject.source(inner.arguments[0]))
            yield Finding(node.start, node.end, "not(not(...)) is what is within", fix)
        elif isinstance(inner, tree.Binary | tree.In | tree.Between) and inner.op.startswith("!"):
            op = "==" if inner.op == "!=" else "=~" if inner.op == "!~" else inner.op[1:]
            rest = subject.text[inner.op_start + len(inner.op) : inner.end]
            new = f"{subject.text[inner.start : inner.op_start]}{op}{rest}"
            yield Finding(
                node.start, node.end, f"this is '{op}'", replace(f"change to {op}", node.start, node.end, new)
            )
