"""Nodes for the operators of a pipeline.

Columns of `extend`, `project`, `summarize` and their like are expressions: `NamedArgument` where a name is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql.tree.base import Node, Operator
from huntlens.kql.tree.node import node

if TYPE_CHECKING:
    from huntlens.kql.tree.base import ColumnDeclaration, Expr, Name, Option, Parameter, Statement
    from huntlens.kql.tree.expressions import Call, TypeOf


@node
class As(Operator):
    options: list[Option]
    name: Name


@node
class AssertSchema(Operator):
    columns: list[ColumnDeclaration]


@node
class Consume(Operator):
    options: list[Option]


@node
class Count(Operator):
    name: Name | None = None


@node
class Distinct(Operator):
    options: list[Option]
    columns: list[Expr]


@node
class Evaluate(Operator):
    """`evaluate plugin(args) : (schema)`."""

    options: list[Option]
    call: Call
    schema: TypeOf | None


@node
class ExecuteAndCache(Operator):
    """`__executeAndCache`."""


@node
class Extend(Operator):
    columns: list[Expr]


@node
class Facet(Operator):
    columns: list[Expr]
    operators: list[Operator]


@node
class Filter(Operator):
    """`where` and its older spelling `filter`."""

    options: list[Option]
    predicate: Expr


@node
class Find(Operator):
    """`find withsource=T in (tables) where predicate project ...`; stands first or behind a `|`."""

    options: list[Option]
    tables: list[Expr]
    predicate: Expr
    project: list[Expr]
    project_kind: str | None


@node
class Fork(Operator):
    branches: list[ForkBranch]


@node
class ForkBranch(Node):
    name: Name | None
    body: list[Operator]


@node
class GetSchema(Operator):
    kind: str | None = None


@node
class Invoke(Operator):
    """`invoke f(args)`; the call is a `Call`, or a `MethodCall` where the function is in another database."""

    call: Expr


@node
class Join(Operator):
    """`join kind=... (right) on keys`; keys are `NameRef`, or `Binary` with `$left`/`$right` members."""

    options: list[Option]
    right: Expr
    on: list[Expr]
    where: Expr | None = None


@node
class Lookup(Operator):
    options: list[Option]
    right: Expr
    on: list[Expr]


@node
class MacroExpand(Operator):
    """`macro-expand entity_group as scope ( body )`; stands first."""

    options: list[Option]
    group: Expr
    alias: Name | None
    statements: list[Statement]


@node
class MakeGraph(Operator):
    """`make-graph source --> target with nodes on key, ...`."""

    options: list[Option]
    source: Expr
    target: Expr
    directed: bool
    nodes: list[GraphNodes]
    node_id: Name | None
    partition: PartitionBy | None = None


@node
class GraphNodes(Node):
    table: Expr
    key: Expr


@node
class GraphMatch(Operator):
    """`graph-match pattern where ... project ...`; also `graph-shortest-paths`, told apart by `shortest`."""

    options: list[Option]
    patterns: list[GraphPattern]
    where: Expr | None
    project: list[Expr]
    shortest: bool = False


@node
class GraphPattern(Node):
    """A chain of notations: nodes and edges in turn."""

    parts: list[GraphPart]


@node
class GraphPart(Node):
    """`(n)`, `-[e]->`, `<-[e]-`, `-[e]-`, with `-[e*1..5]->` as low and high."""

    kind: str
    name: Name | None
    low: Expr | None = None
    high: Expr | None = None


@node
class GraphToTable(Operator):
    """`graph-to-table nodes as N with_node_id=id, edges as E ...`."""

    outputs: list[GraphOutput]


@node
class GraphOutput(Node):
    kind: str
    name: Name | None
    options: list[Option]


@node
class GraphWhere(Operator):
    """`graph-where-nodes`, `graph-where-edges`."""

    kind: str
    predicate: Expr


@node
class GraphMarkComponents(Operator):
    options: list[Option]


@node
class MakeSeries(Operator):
    """`make-series agg default=0, ... on axis from a to b step s by keys`."""

    options: list[Option]
    aggregates: list[SeriesAggregate]
    axis: Expr
    low: Expr | None
    high: Expr | None
    step: Expr
    by: list[Expr]


@node
class SeriesAggregate(Node):
    expr: Expr
    default: Expr | None


@node
class MvExpand(Operator):
    options: list[Option]
    items: list[MvItem]
    limit: Expr | None


@node
class MvItem(Node):
    """`name = expr to typeof(type)`."""

    expr: Expr
    to: TypeOf | None


@node
class MvApply(Operator):
    """`mv-apply items limit n id x on ( operators )`."""

    options: list[Option]
    items: list[MvItem]
    limit: Expr | None
    id: Expr | None
    body: list[Operator]


@node
class Parse(Operator):
    """`parse kind=... expr with pattern`; `parse-where` has `only` set.

    `pattern` holds string `Literal`, `Star` and `ColumnDeclaration` in their order.
    """

    options: list[Option]
    expr: Expr
    pattern: list[Node]
    only: bool = False


@node
class ParseKv(Operator):
    expr: Expr
    columns: list[ColumnDeclaration]
    options: list[Option]


@node
class Partition(Operator):
    """`partition by column (subquery)` or `{ subquery }`; `operators` alone where it starts with the input."""

    options: list[Option]
    by: Expr
    operators: list[Operator]
    body: Expr | None
    scope: Expr | None = None


@node
class PartitionBy(Operator):
    """`__partitionby column id ... ( operators )`."""

    options: list[Option]
    by: Expr
    operators: list[Operator]
    id: Expr | None = None


@node
class Print(Operator):
    """`print` items; stands first in a pipeline as its `source` wrapped in `OperatorSource`."""

    columns: list[Expr]


@node
class Project(Operator):
    columns: list[Expr]


@node
class ProjectAway(Operator):
    columns: list[Expr]


@node
class ProjectKeep(Operator):
    columns: list[Expr]


@node
class ProjectRename(Operator):
    columns: list[Expr]


@node
class ProjectReorder(Operator):
    """Columns may be `Ordered` with `asc`, `desc`, `granny-asc`, `granny-desc`."""

    columns: list[Expr]


@node
class ProjectByNames(Operator):
    columns: list[Expr]


@node
class Range(Operator):
    """`range x from a to b step s`; stands first."""

    name: Name
    low: Expr
    high: Expr
    step: Expr


@node
class Reduce(Operator):
    options: list[Option]
    expr: Expr
    settings: list[Option]


@node
class Render(Operator):
    kind: Name
    options: list[Option]


@node
class Sample(Operator):
    amount: Expr


@node
class SampleDistinct(Operator):
    amount: Expr
    of: Expr


@node
class Scan(Operator):
    """`scan with_match_id=x declare (...) with ( step s: condition => assignments; ... )`."""

    options: list[Option]
    order: list[Expr]
    partition: list[Expr]
    declare: list[Parameter]
    steps: list[ScanStep]


@node
class ScanStep(Node):
    name: Name
    optional: bool
    output: str | None
    condition: Expr
    assignments: list[Expr]


@node
class Search(Operator):
    """`search kind=... in (tables) predicate`; stands first or behind a `|`."""

    options: list[Option]
    tables: list[Expr]
    predicate: Expr


@node
class Serialize(Operator):
    options: list[Option]
    columns: list[Expr]


@node
class Sort(Operator):
    """`sort by` and `order by`."""

    options: list[Option]
    by: list[Expr]


@node
class Summarize(Operator):
    options: list[Option]
    aggregates: list[Expr]
    by: list[Expr]
    has_by: bool


@node
class Take(Operator):
    """`take` and `limit`."""

    options: list[Option]
    amount: Expr


@node
class Top(Operator):
    options: list[Option]
    amount: Expr
    by: list[Expr]


@node
class TopHitters(Operator):
    amount: Expr
    of: Expr
    by: Expr | None


@node
class TopNested(Operator):
    clauses: list[TopNestedClause]


@node
class TopNestedClause(Node):
    amount: Expr | None
    of: Expr
    others: Expr | None
    by: Expr


@node
class Union(Operator):
    """`union kind=outer withsource=T tables`; stands first or behind a `|`."""

    options: list[Option]
    tables: list[Expr]


@node
class UnknownOperator(Operator):
    """A word behind `|` that is no operator, or none at all; `name` may be missing."""

    name: Name
