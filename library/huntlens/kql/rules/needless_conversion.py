"""Needless conversion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.rule import Finding, replace, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["needless_conversion"]

_CONVERSIONS: Final = {
    "tostring": "string", "tolong": "long", "toint": "int", "todouble": "real", "toreal": "real",
    "todatetime": "datetime", "totimespan": "timespan", "tobool": "bool", "toguid": "guid",
}  # fmt: skip


@rule("KQL509", "hint")
def needless_conversion(subject: Subject) -> Iterator[Finding]:
    """Converting a value to the type that it has does nothing.

    Bad:
        T | extend a = 'x' | extend b = tostring(a)

    Good:
        T | extend a = 1 | extend b = tostring(a)
    """
    for node in subject.nodes(tree.Call):
        kind = _CONVERSIONS.get(node.name.text)
        if kind is None or len(node.arguments) != 1 or subject.column_type(node.arguments[0]) != kind:
            continue
        inner = subject.source(node.arguments[0])
        fix = replace("remove the conversion", node.start, node.end, inner)
        yield Finding(node.start, node.end, f"{inner} is {kind} already", fix)
