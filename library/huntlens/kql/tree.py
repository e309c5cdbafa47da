"""The syntax tree of a KQL text: plain values with spans.

One class per construct, named as the Kusto documentation names it.
A node spans `text[start:end]` without the white space around it.
Nodes are compared by identity and are not changed once the parser has returned them; they are not frozen
dataclasses because building those costs three times as much.

What the text lacks is still there: a missing name is a `Name` with an empty text, a missing expression is
`Missing`, what cannot be understood is `Junk`. So every field that is not optional is always filled, and each
later phase needs no check for None that the grammar does not ask for.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_node = dataclass(slots=True, eq=False)


@_node
class Node:
    """Anything in the tree."""

    start: int
    end: int


class Expr(Node):
    """Anything that has a value: scalar, tabular or a function."""

    __slots__ = ()


class Statement(Node):
    """One statement of a query; statements are separated by `;`."""

    __slots__ = ()


class Operator(Node):
    """One step of a pipeline, what stands behind a `|`; the span begins at the operator's keyword."""

    __slots__ = ()


# --- names and small parts -------------------------------------------------------------------------------------


@_node
class Name(Node):
    """A name as it is declared or used; `text` is decoded, `quoted` tells `['a b']` from `ab`."""

    text: str
    quoted: bool = False


@_node
class TypeName(Node):
    """A type as written; `text` in lower case, empty where it is missing."""

    text: str


@_node
class ColumnDeclaration(Node):
    """`name: type`, in `datatable`, `parse`, `externaldata`, lambdas; `type` is None where none is written."""

    name: Name
    type: TypeName | None


@_node
class Option(Node):
    """`name=value` behind an operator's keyword: `kind=inner`, `hint.strategy=shuffle`, `withsource=T`."""

    name: Name
    value: Expr


# --- scalar expressions ----------------------------------------------------------------------------------------


@_node
class Missing(Expr):
    """An expression that should be here and is not; the span is empty."""


@_node
class Junk(Expr):
    """Tokens that no rule takes."""


@_node
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


@_node
class NameRef(Expr):
    """A name used as a value: column, `let`, table, parameter."""

    name: Name


@_node
class Star(Expr):
    """`*`, where an argument or a column list allows it."""


@_node
class Wildcard(Expr):
    """A name pattern, `Dev*` or `*Time`, in `project-away` and its like, and in table lists."""

    pattern: str


@_node
class Member(Expr):
    """`target.name`."""

    target: Expr
    name: Name


@_node
class Index(Expr):
    """`target[index]`."""

    target: Expr
    index: Expr


@_node
class Call(Expr):
    """`name(args)`; `arguments` may hold `NamedArgument`, `Star` and whole pipelines."""

    name: Name
    arguments: list[Expr]


@_node
class MethodCall(Expr):
    """`target.name(args)`: `database("x").table("y")`, `cluster(..).database(..)`."""

    target: Expr
    call: Call


@_node
class NamedArgument(Expr):
    """`name = value`, as an argument, a projected column, an aggregate or a print item."""

    name: Name
    value: Expr


@_node
class NamedColumns(Expr):
    """`(a, b) = value`, as a projected column."""

    names: list[Name]
    value: Expr


@_node
class Unary(Expr):
    """`-x`, `+x`."""

    op: str
    operand: Expr


@_node
class Binary(Expr):
    """Two operands: arithmetic, comparison, `and`, `or`, and the string operators.

    `op` is the operator in lower case as the documentation spells it: `==`, `=~`, `has`, `!has_cs`,
    `contains`, `startswith`, `matches regex`, `hasprefix`, `like` ...
    """

    op: str
    left: Expr
    right: Expr
    op_start: int


@_node
class In(Expr):
    """`left in (items)`; `op` one of `in !in in~ !in~ has_any has_all`. One item may be a pipeline."""

    op: str
    left: Expr
    items: list[Expr]
    op_start: int


@_node
class Between(Expr):
    """`left between (low .. high)`; `op` is `between` or `!between`."""

    op: str
    left: Expr
    low: Expr
    high: Expr
    op_start: int


@_node
class Paren(Expr):
    """`(inner)`; inner may be a pipeline."""

    inner: Expr


@_node
class Ordered(Expr):
    """`expr asc|desc nulls first|last`; None where the text says nothing."""

    expr: Expr
    direction: str | None
    nulls: str | None


@_node
class TypeOf(Expr):
    """`typeof(string)`, `typeof(a: long, b: string)`; columns for a table type, and `*` as a bare flag."""

    type: TypeName | None
    columns: list[ColumnDeclaration]
    open: bool = False


@_node
class Lambda(Expr):
    """`(parameters) { body }`; also `view () { ... }`."""

    parameters: list[Parameter]
    statements: list[Statement]
    body: Expr
    view: bool = False


@_node
class Parameter(Node):
    """One declared parameter: scalar with `type`, or tabular with `columns` (`open` for `(*)`)."""

    name: Name
    type: TypeName | None
    columns: list[ColumnDeclaration] | None
    open: bool
    default: Expr | None


# --- tabular expressions ---------------------------------------------------------------------------------------


@_node
class Pipeline(Expr):
    """`source | operator | operator`; `pipes` holds the offset of each `|`."""

    source: Expr
    operators: list[Operator]
    pipes: list[int]


@_node
class DataTable(Expr):
    """`datatable(a: long, ...) [values]`."""

    columns: list[ColumnDeclaration]
    values: list[Expr]


@_node
class ExternalData(Expr):
    """`externaldata(columns) [uris] with (options)`."""

    columns: list[ColumnDeclaration]
    uris: list[Expr]
    options: list[Option]


@_node
class ContextualDataTable(Expr):
    """`__contextual_datatable(...)`-like and `inline` sources that only a service knows."""

    tokens: str


# --- statements ------------------------------------------------------------------------------------------------


@_node
class ExpressionStatement(Statement):
    """A query proper; a tabular one, or a scalar in a function body."""

    expr: Expr


@_node
class Let(Statement):
    """`let name = value`; value may be scalar, a pipeline or a `Lambda`."""

    name: Name
    value: Expr


@_node
class SetOption(Statement):
    """`set name = value`."""

    name: Name
    value: Expr | None


@_node
class AliasDatabase(Statement):
    """`alias database name = expr`."""

    name: Name
    value: Expr


@_node
class DeclareParameters(Statement):
    """`declare query_parameters(name: type = default, ...)`."""

    parameters: list[Parameter]


@_node
class DeclarePattern(Statement):
    """`declare pattern name = (args) [path] { cases }`; `body` is kept as text for the editor."""

    name: Name
    parameters: list[Parameter]
    cases: list[PatternCase]


@_node
class PatternCase(Node):
    """One `(values) . [path] = { body }` of a pattern."""

    arguments: list[Expr]
    path: Expr | None
    body: Expr


@_node
class Restrict(Statement):
    """`restrict access to (...)`."""

    items: list[Expr]


@_node
class Command(Statement):
    """A management command (`.show tables`), opaque; `query` is what stands behind `<|`."""

    text: str
    query: Expr | None = None


# --- operators -------------------------------------------------------------------------------------------------
# Columns of `extend`, `project`, `summarize` ... are expressions: `NamedArgument` where a name is given.


@_node
class As(Operator):
    options: list[Option]
    name: Name


@_node
class AssertSchema(Operator):
    columns: list[ColumnDeclaration]


@_node
class Consume(Operator):
    options: list[Option]


@_node
class Count(Operator):
    name: Name | None = None


@_node
class Distinct(Operator):
    options: list[Option]
    columns: list[Expr]


@_node
class Evaluate(Operator):
    """`evaluate plugin(args) : (schema)`."""

    options: list[Option]
    call: Call
    schema: TypeOf | None


@_node
class Extend(Operator):
    columns: list[Expr]


@_node
class Facet(Operator):
    columns: list[Expr]
    operators: list[Operator]


@_node
class Filter(Operator):
    """`where` and its older spelling `filter`."""

    options: list[Option]
    predicate: Expr


@_node
class Find(Operator):
    """`find withsource=T in (tables) where predicate project ...`; stands first or behind a `|`."""

    options: list[Option]
    tables: list[Expr]
    predicate: Expr
    project: list[Expr]
    project_kind: str | None


@_node
class Fork(Operator):
    branches: list[ForkBranch]


@_node
class ForkBranch(Node):
    name: Name | None
    body: list[Operator]


@_node
class GetSchema(Operator):
    kind: str | None = None


@_node
class Invoke(Operator):
    call: Call


@_node
class Join(Operator):
    """`join kind=... (right) on keys`; keys are `NameRef`, or `Binary` with `$left`/`$right` members."""

    options: list[Option]
    right: Expr
    on: list[Expr]
    where: Expr | None = None


@_node
class Lookup(Operator):
    options: list[Option]
    right: Expr
    on: list[Expr]


@_node
class MacroExpand(Operator):
    """`macro-expand entity_group as scope ( body )`; stands first."""

    options: list[Option]
    group: Expr
    alias: Name | None
    statements: list[Statement]


@_node
class MakeGraph(Operator):
    """`make-graph source --> target with nodes on key, ...`."""

    options: list[Option]
    source: Expr
    target: Expr
    directed: bool
    nodes: list[GraphNodes]
    node_id: Name | None
    partition: Operator | None = None


@_node
class GraphNodes(Node):
    table: Expr
    key: Expr


@_node
class GraphMatch(Operator):
    """`graph-match pattern where ... project ...`; also `graph-shortest-paths`, told apart by `shortest`."""

    options: list[Option]
    patterns: list[GraphPattern]
    where: Expr | None
    project: list[Expr]
    shortest: bool = False


@_node
class GraphPattern(Node):
    """A chain of notations: nodes and edges in turn."""

    parts: list[GraphPart]


@_node
class GraphPart(Node):
    """`(n)`, `-[e]->`, `<-[e]-`, `-[e]-`, with `-[e*1..5]->` as low and high."""

    kind: str
    name: Name | None
    low: Expr | None = None
    high: Expr | None = None


@_node
class GraphToTable(Operator):
    """`graph-to-table nodes as N with_node_id=id, edges as E ...`."""

    outputs: list[GraphOutput]


@_node
class GraphOutput(Node):
    kind: str
    name: Name | None
    options: list[Option]


@_node
class GraphWhere(Operator):
    """`graph-where-nodes`, `graph-where-edges`."""

    kind: str
    predicate: Expr


@_node
class GraphMarkComponents(Operator):
    options: list[Option]


@_node
class MakeSeries(Operator):
    """`make-series agg default=0, ... on axis from a to b step s by keys`."""

    options: list[Option]
    aggregates: list[SeriesAggregate]
    axis: Expr
    low: Expr | None
    high: Expr | None
    step: Expr
    by: list[Expr]


@_node
class SeriesAggregate(Node):
    expr: Expr
    default: Expr | None


@_node
class MvExpand(Operator):
    options: list[Option]
    items: list[MvItem]
    limit: Expr | None


@_node
class MvItem(Node):
    """`name = expr to typeof(type)`."""

    expr: Expr
    to: TypeOf | None


@_node
class MvApply(Operator):
    """`mv-apply items limit n id x on ( operators )`."""

    options: list[Option]
    items: list[MvItem]
    limit: Expr | None
    id: Expr | None
    body: list[Operator]


@_node
class Parse(Operator):
    """`parse kind=... expr with pattern`; `parse-where` has `only` set.

    `pattern` holds string `Literal`, `Star` and `ColumnDeclaration` in their order.
    """

    options: list[Option]
    expr: Expr
    pattern: list[Node]
    only: bool = False


@_node
class ParseKv(Operator):
    expr: Expr
    columns: list[ColumnDeclaration]
    options: list[Option]


@_node
class Partition(Operator):
    """`partition by column (subquery)` or `{ subquery }`; `operators` alone where it starts with the input."""

    options: list[Option]
    by: Expr
    operators: list[Operator]
    body: Expr | None
    legacy_id: Expr | None = None


@_node
class PartitionBy(Operator):
    """`__partitionby column id ... ( operators )`."""

    options: list[Option]
    by: Expr
    operators: list[Operator]


@_node
class Print(Operator):
    """`print` items; stands first in a pipeline as its `source` wrapped in `OperatorSource`."""

    columns: list[Expr]


@_node
class Project(Operator):
    columns: list[Expr]


@_node
class ProjectAway(Operator):
    columns: list[Expr]


@_node
class ProjectKeep(Operator):
    columns: list[Expr]


@_node
class ProjectRename(Operator):
    columns: list[Expr]


@_node
class ProjectReorder(Operator):
    """Columns may be `Ordered` with `asc`, `desc`, `granny-asc`, `granny-desc`."""

    columns: list[Expr]


@_node
class ProjectByNames(Operator):
    columns: list[Expr]


@_node
class Range(Operator):
    """`range x from a to b step s`; stands first."""

    name: Name
    low: Expr
    high: Expr
    step: Expr


@_node
class Reduce(Operator):
    options: list[Option]
    expr: Expr
    settings: list[Option]


@_node
class Render(Operator):
    kind: Name
    options: list[Option]


@_node
class Sample(Operator):
    amount: Expr


@_node
class SampleDistinct(Operator):
    amount: Expr
    of: Expr


@_node
class Scan(Operator):
    """`scan with_match_id=x declare (...) with ( step s: condition => assignments; ... )`."""

    options: list[Option]
    order: list[Expr]
    partition: list[Expr]
    declare: list[Parameter]
    steps: list[ScanStep]


@_node
class ScanStep(Node):
    name: Name
    optional: bool
    output: str | None
    condition: Expr
    assignments: list[Expr]


@_node
class Search(Operator):
    """`search kind=... in (tables) predicate`; stands first or behind a `|`."""

    options: list[Option]
    tables: list[Expr]
    predicate: Expr


@_node
class Serialize(Operator):
    options: list[Option]
    columns: list[Expr]


@_node
class Sort(Operator):
    """`sort by` and `order by`."""

    options: list[Option]
    by: list[Expr]


@_node
class Summarize(Operator):
    options: list[Option]
    aggregates: list[Expr]
    by: list[Expr]
    has_by: bool


@_node
class Take(Operator):
    """`take` and `limit`."""

    options: list[Option]
    amount: Expr


@_node
class Top(Operator):
    options: list[Option]
    amount: Expr
    by: list[Expr]


@_node
class TopHitters(Operator):
    amount: Expr
    of: Expr
    by: Expr | None


@_node
class TopNested(Operator):
    clauses: list[TopNestedClause]


@_node
class TopNestedClause(Node):
    amount: Expr | None
    of: Expr
    others: Expr | None
    by: Expr


@_node
class Union(Operator):
    """`union kind=outer withsource=T tables`; stands first or behind a `|`."""

    options: list[Option]
    tables: list[Expr]


@_node
class UnknownOperator(Operator):
    """A word behind `|` that is no operator, or none at all; `name` may be missing."""

    name: Name


@_node
class OperatorSource(Expr):
    """An operator that begins a pipeline: `print`, `range`, `union`, `find`, `search`, `evaluate`, `macro-expand`."""

    operator: Operator


# --- the whole -------------------------------------------------------------------------------------------------


@_node
class Query(Node):
    """All statements of a text."""

    statements: list[Statement] = field(default_factory=list)


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below a node, in field order (which is not always text order)."""
    for name in _child_fields(type(node)):
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, Node):
                    yield item


def walk(node: Node) -> Iterator[Node]:
    """A node and everything below it, parents first; not recursive, so depth is no limit."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(list(children(current))))


_FIELDS: dict[type[Node], tuple[str, ...]] = {}


def _child_fields(kind: type[Node]) -> tuple[str, ...]:
    names = _FIELDS.get(kind)
    if names is None:
        skip = {"start", "end", "op", "op_start", "text", "pipes", "value" if kind is Literal else "start"}
        names = _FIELDS[kind] = tuple(item.name for item in fields(kind) if item.name not in skip)
    return names
