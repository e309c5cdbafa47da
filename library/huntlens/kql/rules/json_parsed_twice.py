"""Json parsed twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.rule import Finding, replace, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["json_parsed_twice"]


@rule("KQL529", "hint")
def json_parsed_twice(subject: Subject) -> Iterator[Finding]:
    """A value that is dynamic already need not be turned into text and parsed again.

    Bad:
        print d = dynamic({}) | extend e = parse_json(tostring(d))

    Good:
        print d = '{}' | extend e = parse_json(d)
    """
    for node in subject.nodes(tree.Call):
        if node.name.text not in ("parse_json", "todynamic") or len(node.arguments) != 1:
            continue
        inner = node.arguments[0]
        if not isinstance(inner, tree.Call) or inner.name.text != "tostring" or len(inner.arguments) != 1:
            continue
        value = inner.arguments[0]
        if subject.column_type(value) == "dynamic":
            fix = replace("use it as it is", node.start, node.end, subject.source(value))
            yield Finding(node.start, node.end, f"{subject.source(value)} is dynamic already", fix)
