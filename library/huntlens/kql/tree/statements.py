"""Nodes for statements, and the query that holds them."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from huntlens.kql.tree.base import Node, Statement, node

if TYPE_CHECKING:
    from huntlens.kql.tree.base import Expr, Name, Parameter


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
    """`declare pattern name = (args) [path] { cases }`; `body` is kept as text for the editor."""

    name: Name
    parameters: list[Parameter]
    cases: list[PatternCase]


@node
class PatternCase(Node):
    """One `(values) . [path] = { body }` of a pattern."""

    arguments: list[Expr]
    path: Expr | None
    body: Expr


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
