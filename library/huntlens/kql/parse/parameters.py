"""Declared parameters: of lambdas, queries, patterns and `scan`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tokens as t
from huntlens.kql import tree
from huntlens.kql.parse import names
from huntlens.kql.parse.expressions import constant

if TYPE_CHECKING:
    from huntlens.kql.parse.cursor import Cursor


def parameters(p: Cursor, *, at_least_one: bool = False) -> list[tree.Parameter]:
    """`(name: type = default, T: (columns), U: (*))`."""
    p.expect("(")
    found = names.items(p, _parameter, lambda: _missing(p), required=at_least_one)
    p.close(")")
    return found


def _parameter(p: Cursor) -> tree.Parameter | None:
    start = p.starts[p.at]
    name = names.declared(p)
    if name is None:
        if p.keys[p.at] != ":":
            return None
        name = p.missing_name()
    p.expect(":")
    kind, columns, is_open = None, None, False
    if p.keys[p.at] == "(" and p.keys[p.at + 1] == "*":
        p.at += 2
        columns, is_open = [], True
        p.close(")")
    elif p.keys[p.at] == "(":
        columns = names.row_schema(p)
    else:
        kind = names.type_name(p)
    default = None
    if p.keys[p.at] == "=":
        p.at += 1
        default = constant(p) or _word(p) or p.missing()
    return tree.Parameter(min(start, name.start), p.behind, name, kind, columns, is_open, default)


def _word(p: Cursor) -> tree.Expr | None:
    at = p.at
    if p.keys[at] not in t.NAMES:
        return None
    p.at = at + 1
    return tree.NameRef(p.starts[at], p.ends[at], tree.Name(p.starts[at], p.ends[at], p.texts[at]))


def _missing(p: Cursor) -> tree.Parameter:
    name = p.missing_name()
    return tree.Parameter(name.start, name.end, name, None, None, open=False, default=None)
