"""The bound tree: a query with every name resolved, every type known and every user function expanded.

This is what the binder gives and the compilers read; it knows no SQL and no text but through `syntax`, the
node of the syntax tree that a part came from, for spans.

A `Column` is an identity, not a name: the operator that makes a column makes a `Column`, operators that pass it on
pass the same object, and a `ColumnUse` points at it. Two columns may share a name in different places of the plan,
and names that differ only in case are different columns. Every use of a shared definition (`let`, `as`,
`materialize`) is a `Reference` with columns of its own, so a self-join is never ambiguous.

Relations are named as the operators of the syntax tree are; what is only another spelling is not here:
`extend`, `project-away`, `project-rename` ... are `Project`; `lookup` is `Join`; `sample-distinct` is `Take` over
`Distinct`; `search` and `find` are `Filter` and `Project` over `Union`; `as` is a `Reference`; `getschema` is a
`DataTable`; `count` is `Count` with its one column.

The type `unknown` is that of a column nobody declared (an open source, `bag_unpack`): only the data can tell.

Operator rows are found by the spelling in `tree.Binary.op` and its like: `+`, `==`, `has`, `matches regex`, `in`
(left, then the items), `between` (value, low, high); the minus of one operand is `-` with one argument; `[]`
is member and index access (target, constant name or any index).
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from huntlens.kql.tree.node import node

if TYPE_CHECKING:
    from huntlens.kql import tree
    from huntlens.kql.diagnostics import Diagnostic
    from huntlens.kql.functions.row import Function
    from huntlens.kql.types import KqlType


@node
class Column:
    """A column of a relation: its name in KQL and its type."""

    name: str
    type: KqlType
    origin: Column | None = None
    """The column of the same name that this one repeats: through a `Reference`, a `Union`."""


# --- scalar values ---------------------------------------------------------------------------------------------


@node
class Value:
    """Anything that has one value a row."""

    type: KqlType
    syntax: tree.Node


@node
class Constant(Value):
    """A literal, or what folding made of one; `value` as in `tree.Literal`."""

    value: object


@node
class ColumnUse(Value):
    """The value of a column of the input."""

    column: Column


@node
class Apply(Value):
    """A function, operator, aggregate or window function over arguments.

    `arguments` are in the order of the row's signature; a left-out optional one at the end is absent, one in the
    middle is None. Conversions that the query leaves to the engine are there as their `to...` rows.

    Aggregates that make several columns are spread, one `Apply` a column: `arg_max(a, b, c)` is `arg_max(a, a)`,
    `arg_max(a, b)`, `arg_max(a, c)` over the same `Value` object `a`, so that one row wins for all of them;
    `take_any(*)` is `take_any(x)` for each column; `percentiles(x, 5, 50)` is `percentile(x, 5)` and `(x, 50)`.
    """

    function: Function
    arguments: tuple[Value | None, ...]


@node
class Cell(Value):
    """`toscalar(relation)`: first column of the first row; computed once."""

    relation: Relation


@node
class Membership(Value):
    """`left in (relation)`: first column of the relation; `op` as in `tree.In`."""

    op: str
    left: Value
    relation: Relation


@node
class Variable(Value):
    """A declared query parameter, given at run time as a typed value."""

    name: str
    default: Constant | None


# --- relations -------------------------------------------------------------------------------------------------


@node
class Relation:
    """Anything that has rows.

    `open` says that the source may hold columns beyond `columns`; a name that was looked up in an open relation
    and is not listed becomes a `Column` of type unknown and joins `columns` of the source and of all between.
    """

    columns: tuple[Column, ...]
    syntax: tree.Node
    open: bool = field(default=False, kw_only=True)


@node
class Definition:
    """A relation with a name, computed once: `let`, `as`, `materialize`."""

    name: str
    relation: Relation
    materialize: bool = False


@node
class Reference(Relation):
    """A use of a definition; `columns[i]` mirrors `definition.relation.columns[i]`."""

    definition: Definition


@node
class Table(Relation):
    """A table of the source; `path` is what qualifies it (cluster, database), mostly empty."""

    name: str
    path: tuple[str, ...] = ()


@node
class Unresolved(Relation):
    """What could not be resolved; a diagnostic says why, or the schema is not strict and `name` may exist."""

    name: str


@node
class DataTable(Relation):
    rows: tuple[tuple[Value, ...], ...]


@node
class ExternalData(Relation):
    uris: tuple[Value, ...]
    options: dict[str, object]


@node
class Range(Relation):
    low: Value
    high: Value
    step: Value


@node
class Print(Relation):
    values: tuple[Value, ...]


@node
class Step(Relation):
    """A relation made from one other; the base of most operators."""

    input: Relation


@node
class Filter(Step):
    predicate: Value


@node
class Project(Step):
    """`project`, `extend`, and every operator that only picks, renames or orders columns.

    `values[i]` makes `columns[i]`; a passed-on column is a `ColumnUse` of itself. Values see only the input.
    """

    values: tuple[Value, ...]


@node
class Serialize(Step):
    """Rows from here on have an order; `values` may hold window functions."""

    values: tuple[Value, ...]


@node
class SortKey:
    value: Value
    descending: bool
    nulls_first: bool


@node
class Sort(Step):
    keys: tuple[SortKey, ...]


@node
class Take(Step):
    amount: Value


@node
class Top(Step):
    amount: Value
    keys: tuple[SortKey, ...]


@node
class Distinct(Step):
    values: tuple[Value, ...]


@node
class Count(Step):
    pass


@node
class Summarize(Step):
    """`columns` are the keys, then the aggregates.

    An aggregate item is any value whose leaves are aggregate `Apply`s or keys (`max(x) - min(x)` is one).
    """

    keys: tuple[Value, ...]
    aggregates: tuple[Value, ...]


@node
class Join(Relation):
    """`kind` in lower case: innerunique inner leftouter rightouter fullouter leftanti rightanti leftsemi rightsemi.

    `pairs` are the keys, left and right; `outputs[i]` is the column of left or right that makes `columns[i]`.
    `lookup` is a join whose right keys are left out.
    """

    kind: str
    left: Relation
    right: Relation
    pairs: tuple[tuple[Value, Value], ...]
    outputs: tuple[Column, ...]


@node
class Union(Relation):
    """`slots[i][j]` is the column of `inputs[i]` that makes `columns[j]`, None for null.

    `labels[i]` is the value of the `withsource` column, which is `columns[0]` where `source` is set.
    """

    inputs: tuple[Relation, ...]
    slots: tuple[tuple[Column | None, ...], ...]
    labels: tuple[str, ...]
    source: bool = False


@node
class Input(Relation):
    """The rows that an enclosing `partition`, `fork`, `facet`, `mv-apply` or `scan` hands to its body."""


@node
class MvExpand(Step):
    """`values[i]` is expanded to `outputs[i]`, which replaces a column of the input or stands behind them."""

    values: tuple[Value, ...]
    outputs: tuple[Column, ...]
    to: tuple[KqlType | None, ...]
    arrays: bool
    index: Column | None
    limit: Value | None


@node
class MvApply(Step):
    """As `MvExpand`, then `body` for each input row; `rows` stands for the expanded rows within the body.

    `columns` are those of the input that the body does not replace, then those of the body.
    """

    values: tuple[Value, ...]
    outputs: tuple[Column, ...]
    to: tuple[KqlType | None, ...]
    index: Column | None
    rows: Input
    body: Relation
    limit: Value | None


@node
class Parse(Step):
    """`pattern` items are a `str` (literal text), None (`*`), or a `Column` to fill; `kind` simple, regex, relaxed."""

    value: Value
    kind: str
    flags: str
    pattern: tuple[str | Column | None, ...]
    only: bool
    """Whether rows that do not match are dropped (`parse-where`)."""


@node
class ParseKv(Step):
    value: Value
    outputs: tuple[Column, ...]
    options: dict[str, object]


@node
class MakeSeries(Step):
    """`columns`: keys, one array for each aggregate, the axis array."""

    keys: tuple[Value, ...]
    aggregates: tuple[Value, ...]
    defaults: tuple[Value, ...]
    axis: Value
    low: Value | None
    high: Value | None
    step: Value
    kind: str


@node
class Partition(Step):
    by: Value
    rows: Input
    body: Relation


@node
class Fork(Step):
    """Several results; `names[i]` for `branches[i]`. `facet` is a fork of summaries."""

    rows: Input
    names: tuple[str, ...]
    branches: tuple[Relation, ...]


@node
class TopNestedLevel:
    amount: Value | None
    key: Value
    aggregate: Value
    others: Value | None
    descending: bool


@node
class TopNested(Step):
    levels: tuple[TopNestedLevel, ...]


@node
class ScanStep:
    name: str
    condition: Value
    assignments: tuple[tuple[Column, Value], ...]
    output: str
    optional: bool


@node
class StepState(Value):
    """`step.Column` inside `scan`: the value of a column in the last row that matched a step."""

    step: str
    column: Column


@node
class Scan(Step):
    steps: tuple[ScanStep, ...]
    keys: tuple[Value, ...]
    order: tuple[SortKey, ...]
    declared: tuple[tuple[Column, Value | None], ...]
    match_id: Column | None


@node
class Plugin(Step):
    """`evaluate`, and the operators that act like one: reduce, top-hitters, getschema of an open relation.

    `arguments` are bound values, constants for options, relations for tables; the row of the same name says more.
    """

    name: str
    arguments: tuple[Value | Relation | Column, ...]
    options: dict[str, object]


@node
class Sample(Step):
    amount: Value


@node
class Graph(Relation):
    """`make-graph`: edges, the values that name source and target, and the tables of nodes with their keys."""

    edges: Relation
    origin: Value
    target: Value
    nodes: tuple[tuple[Relation, Value], ...]
    node_id: str | None
    partition: Value | None = None
    """What cuts the graph into graphs of their own: the nodes of each are other nodes."""
    base: Relation | None = None
    """The graph that this one is but for the marks of its nodes, where that is not just edges and nodes."""


@node
class GraphElement:
    """A node or an edge of a pattern; its columns mirror those of the nodes or edges, as arrays where `low` is set."""

    name: str
    kind: str
    columns: tuple[Column, ...]
    low: Value | None
    high: Value | None


@node
class GraphFold(Value):
    """`all`, `any`, `map` over the edges of a path, or its nodes (`inner`); `columns` mirror those of one."""

    kind: str
    element: GraphElement
    inner: bool
    columns: tuple[Column, ...]
    body: Value


@node
class GraphOperator(Relation):
    """`graph-match`, `graph-shortest-paths`, `graph-to-table`, `graph-mark-components`; `syntax` holds the details.

    `patterns` are the chains of `graph-match`, `outputs[i]` makes `columns[i]`; an element that stands alone is used
    in an `Apply` through its columns.
    """

    graph: Relation
    name: str
    where: Value | None
    outputs: tuple[Value, ...]
    patterns: tuple[tuple[GraphElement, ...], ...] = ()


@node
class Render(Step):
    """How to draw the result; `options` as written, in lower case."""

    kind: str
    options: dict[str, object]


@node
class Bound:
    """What binding gives.

    `results` are the relations to run, in order; `columns` are those of the last one, name to type.
    `diagnostics` are those of the parser and of the binder; a query that has an error among them should not be run.
    `scopes` and `symbols` are for the editor: what stands in front of each operator, and what each name means.
    """

    results: tuple[Relation, ...]
    columns: dict[str, KqlType]
    diagnostics: tuple[Diagnostic, ...]
    parameters: tuple[Variable, ...] = ()
    open: bool = False
    scopes: dict[tree.Node, Relation] = field(default_factory=dict)
    symbols: dict[tree.Node, object] = field(default_factory=dict)
