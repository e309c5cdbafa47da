"""Arithmetic of Spark that gives null where a number leaves the range of its type, instead of another number.

DuckDB stops there, and has TRY around the whole; Spark has a function for each operator.
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

_CALLS: Final[dict[type[exp.Expr], str]] = {exp.Add: "try_add", exp.Sub: "try_subtract", exp.Mul: "try_multiply"}


def checked(node: exp.Expr) -> exp.Expr:
    """The node with each of its operators checked.

    >>> checked(exp.Neg(this=exp.column("a"))).sql("spark")
    'TRY_SUBTRACT(0, a)'
    """
    root = exp.Paren(this=node)
    for part in reversed(list(node.walk(bfs=True))):  # operands first
        made = _checked(part)
        if made is not part:
            part.replace(made)
    found: exp.Expr = root.this
    found.parent = None
    return found


def _checked(node: exp.Expr) -> exp.Expr:
    name = _CALLS.get(type(node))
    if name is not None:
        return _call(name, node.this, node.expression)
    if isinstance(node, exp.Neg) and not isinstance(node.this, exp.Literal):
        return _changed_sign(node.this)
    if isinstance(node, exp.Anonymous) and node.name.upper() == "ABS":
        value = node.expressions[0]
        below = exp.LT(this=value.copy(), expression=exp.Literal.number(0))
        return exp.Case(ifs=[exp.If(this=below, true=_changed_sign(value.copy()))], default=value)
    if isinstance(node, exp.IntDiv):
        minus = exp.EQ(this=node.expression.copy(), expression=exp.Literal.number(-1))
        return exp.Case(ifs=[exp.If(this=minus, true=_changed_sign(node.this.copy()))], default=node.copy())
    return node


def _changed_sign(node: exp.Expr) -> exp.Expr:
    return _call("try_subtract", exp.Literal.number(0), node)


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """A call, its arguments without the parentheses that an operator needed."""
    return exp.Anonymous(this=name, expressions=[part.unnest() for part in arguments])
