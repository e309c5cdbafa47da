"""Options of operators, `kind=inner`, as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree

if TYPE_CHECKING:
    from collections.abc import Iterable


def option_values(options: Iterable[tree.Option]) -> dict[str, object]:
    """Options by name in lower case; words as text, constants as their values."""
    return {item.name.text.lower(): option_value(item.value) for item in options}


def option_value(node: tree.Expr) -> object:
    """The plain value of one option."""
    if isinstance(node, tree.Literal):
        return node.value
    if isinstance(node, tree.NameRef):
        return node.name.text
    if isinstance(node, tree.Unary) and isinstance(node.operand, tree.Literal):
        value = node.operand.value
        return -value if isinstance(value, int | float) and node.op == "-" else value
    return None


def option_text(options: Iterable[tree.Option], name: str, default: str = "") -> str:
    """The value of one option as a word."""
    for item in options:
        if item.name.text.lower() == name:
            value = option_value(item.value)
            if isinstance(value, bool):
                return "true" if value else "false"
            return str(value) if value is not None else default
    return default


def option_name(options: Iterable[tree.Option], name: str) -> tree.Name | None:
    """The name that an option gives, `withsource=Source`, with its place."""
    for item in options:
        if item.name.text.lower() == name:
            if isinstance(item.value, tree.NameRef):
                return item.value.name
            if isinstance(item.value, tree.Literal) and isinstance(item.value.value, str):
                return tree.Name(item.value.start, item.value.end, item.value.value)
    return None
