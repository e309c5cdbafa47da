"""Nodes for statements, and the query that holds them."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from huntlens.kql.tree.base import Node, Statement
from huntlens.kql.tree.node import node

if TYPE_CHECKING:
    from huntlens.kql.tree.base import ColumnDeclaration, Expr, Name, Parameter
    from huntlens.kql.tree.expressions import Lambda


@node
class ExpressionStatement(Statement):
    """A query proper; a tabular one, or a scalar in a function body."""

    expr: Expr


@node
class Let(Statement):
    """`let name = value`; value may be scalar, a pipeline or a `Lambda`."""

    name: Name
    value: Expr


@node
class SetOption(Statement):
    """`set name = value`."""

    name: Name
    value: Expr | None


@node
class AliasDatabase(Statement):
    """`alias database name = expr`."""

    name: Name
    value: Expr


@node
class DeclareParameters(Statement):
    """`declare query_parameters(name: type = default, ...)`."""

    parameters: list[Parameter]


@node
class DeclarePattern(Statement):
    """`declare pattern name = (args) [path] { cases }`."""

    name: Name
    parameters: list[Parameter]
    path: ColumnDeclaration | None
    cases: list[PatternCase]


@node
class PatternCase(Node):
    """One `(values) . [path] = { body }` of a pattern."""

    arguments: list[Expr]
    path: Expr | None
    body: Lambda


@node
class Restrict(Statement):
    """`restrict access to (...)`."""

    items: list[Expr]


@node
class Command(Statement):
    """A management command (`.show tables`), opaque; `query` is what stands behind `<|`."""

    text: str
    query: Expr | None = None


@node
class Query(Node):
    """All statements of a text."""

    statements: list[Statement] = field(default_factory=list)
