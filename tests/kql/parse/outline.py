"""A tree as text: one node a line, names and values on the line, parts indented below."""

from __future__ import annotations

from dataclasses import fields

from huntlens.kql import tree
from huntlens.kql.parse import Tree, parse


def outline(text: str) -> str:
    """What the parser makes of a text, and what it says about it."""
    parsed = parse(text)
    lines = [line for statement in parsed.query.statements for line in _lines(statement, "", "")]
    return "\n".join([*lines, *_findings(parsed)])


def _findings(parsed: Tree) -> list[str]:
    return [
        f"! {item.code} {item.start}-{item.end} {item.message}"
        + ("" if item.severity == "error" else f" ({item.severity})")
        for item in parsed.diagnostics
    ]


def _lines(node: tree.Node, label: str, indent: str) -> list[str]:
    if isinstance(node, tree.ExpressionStatement):
        return _lines(node.expr, label, indent)
    if isinstance(node, tree.OperatorSource):
        return _lines(node.operator, label, indent)
    words, parts = [type(node).__name__], []
    for item in fields(node):
        if item.name in ("start", "end", "op_start", "pipes"):
            continue
        value = getattr(node, item.name)
        if isinstance(value, tree.Name):
            words.append(_word(item.name, _name(value)))
        elif isinstance(value, tree.TypeName):
            words.append(_word(item.name, value.text or "?"))
        elif isinstance(value, tree.Node):
            parts += _lines(value, f"{item.name}: ", indent + "  ")
        elif isinstance(value, list) and (not value or isinstance(value[0], tree.Node)):
            for each in value:
                parts += _lines(each, f"{item.name}- ", indent + "  ")
        elif value not in (None, False):
            words.append(_word(item.name, repr(value) if isinstance(node, tree.Literal) else str(value)))
        elif isinstance(node, tree.Literal) and item.name == "value":
            words.append(repr(value))
    return [f"{indent}{label}{' '.join(words)}", *parts]


def _name(name: tree.Name) -> str:
    return f"[{name.text}]" if name.quoted else name.text or "?"


def _word(field: str, text: str) -> str:
    return text if field in ("name", "text", "op", "value", "type", "pattern", "kind") else f"{field}={text}"
