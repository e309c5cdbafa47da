"""Nodes that have a value: scalars, tabular expressions, lambdas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql.tree.base import Expr
from huntlens.kql.tree.node import node

if TYPE_CHECKING:
    from huntlens.kql.tree.base import ColumnDeclaration, Name, Operator, Option, Parameter, Statement, TypeName


@node
class Missing(Expr):
    """An expression that should be here and is not; the span is empty."""


@node
class Junk(Expr):
    """Tokens that no rule takes."""


@node
class Literal(Expr):
    """A constant.

    `type` is a canonical type name. `value` is None for a null, else: bool; int (int, long); float (real);
    decimal.Decimal; str (string, guid); int ticks of 100 ns (timespan); datetime.datetime, naive UTC, the seventh
    digit cut off; for dynamic what `json.loads` would give, with nested typed literals as their text.
    """

    type: str
    value: object
    hidden: bool = False
    """Whether the string is obfuscated (`h"..."`): never shown in logs or tool tips."""
    tick: int = 0
    """The seventh digit of a datetime's second, which `value` has no room for."""


@node
class NameRef(Expr):
    """A name used as a value: column, `let`, table, parameter."""

    name: Name


@node
class Star(Expr):
    """`*`, where an argument or a column list allows it."""


@node
class Wildcard(Expr):
    """A name pattern, `Dev*` or `*Time`, in `project-away` and its like, and in table lists."""

    pattern: str


@node
class Member(Expr):
    """`target.name`; behind a database the name may be a pattern, `database("a").Dev*`."""

    target: Expr
    name: Name


@node
class Index(Expr):
    """`target[index]`."""

    target: Expr
    index: Expr


@node
class Call(Expr):
    """`name(args)`; `arguments` may hold `NamedArgument`, `Star` and whole pipelines."""

    name: Name
    arguments: list[Expr]


@node
class MethodCall(Expr):
    """`target.name(args)`: `database("x").table("y")`, `cluster(..).database(..)`."""

    target: Expr
    call: Call


@node
class NamedArgument(Expr):
    """`name = value`, as an argument, a projected column, an aggregate or a print item."""

    name: Name
    value: Expr


@node
class NamedColumns(Expr):
    """`(a, b) = value`, as a projected column."""

    names: list[Name]
    value: Expr


@node
class Unary(Expr):
    """`-x`, `+x`."""

    op: str
    operand: Expr


@node
class Binary(Expr):
    """Two operands: arithmetic, comparison, `and`, `or`, and the string operators.

    `op` is the operator in lower case as the documentation spells it: `==`, `=~`, `has`, `!has_cs`,
    `contains`, `startswith`, `matches regex`, `hasprefix`, `like` ...
    """

    op: str
    left: Expr
    right: Expr
    op_start: int


@node
class In(Expr):
    """`left in (items)`; `op` one of `in !in in~ !in~ has_any has_all`. One item may be a pipeline."""

    op: str
    left: Expr
    items: list[Expr]
    op_start: int


@node
class Between(Expr):
    """`left between (low .. high)`; `op` is `between` or `!between`."""

    op: str
    left: Expr
    low: Expr
    high: Expr
    op_start: int


@node
class Paren(Expr):
    """`(inner)`; inner may be a pipeline."""

    inner: Expr


@node
class Ordered(Expr):
    """`expr asc|desc nulls first|last`; None where the text says nothing."""

    expr: Expr
    direction: str | None
    nulls: str | None


@node
class TypeOf(Expr):
    """`typeof(string)`, `typeof(a: long, b: string)`; columns for a table type, and `*` as a bare flag."""

    type: TypeName | None
    columns: list[ColumnDeclaration]
    open: bool = False


@node
class Lambda(Expr):
    """`(parameters) { body }`; also `view () { ... }`."""

    parameters: list[Parameter]
    statements: list[Statement]
    body: Expr
    view: bool = False


@node
class Pipeline(Expr):
    """`source | operator | operator`; `pipes` holds the offset of each `|`."""

    source: Expr
    operators: list[Operator]
    pipes: list[int]


@node
class DataTable(Expr):
    """`datatable(a: long, ...) [values]`."""

    columns: list[ColumnDeclaration]
    values: list[Expr]


@node
class ExternalData(Expr):
    """`externaldata(columns) [uris] with (options)`; also `inline_external_table`."""

    columns: list[ColumnDeclaration]
    uris: list[Expr]
    options: list[Option]


@node
class ContextualDataTable(Expr):
    """`__contextual_datatable id (columns)`, a source that only a service knows."""

    id: Expr
    columns: list[ColumnDeclaration]


@node
class EntityGroup(Expr):
    """`entity_group [database("a"), cluster("b").database("c")]`."""

    items: list[Expr]


@node
class ViewCombine(Expr):
    """`materialized-view-combine (name) base (x) delta (y) aggregations (z)`."""

    name: Expr
    base: Expr
    delta: Expr
    aggregations: Expr


@node
class NameList(Expr):
    """`a, b` as the value of an option, as `series=a, b` of `render`."""

    names: list[Expr]


@node
class TypedName(Expr):
    """`name: type`, in what `find` projects."""

    name: Name
    type: TypeName


@node
class OperatorSource(Expr):
    """An operator that begins a pipeline: `print`, `range`, `union`, `find`, `search`, `evaluate`, `macro-expand`."""

    operator: Operator
