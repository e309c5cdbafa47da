"""Operators with a pipeline inside: `partition`, `fork`, `facet`, `scan`, and the ranking `top-nested`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.context import Rows
from huntlens.kql.bind.operands import as_condition, convert, row
from huntlens.kql.bind.operators import sort_keys
from huntlens.kql.bind.options import option_name
from huntlens.kql.bind.projection import named_items
from huntlens.kql.bind.result_names import Namer, result_name
from huntlens.kql.bind.summaries import aggregate_items
from huntlens.kql.types import canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.kql.bind.context import Frame


def _input(frame: Frame, source: plan.Relation, node: tree.Node) -> plan.Input:
    rows = plan.Input(source.columns, node, open=source.open)
    frame.context.inputs[rows] = source
    return rows


def bind_partition(frame: Frame, source: plan.Relation, node: tree.Partition) -> plan.Relation:
    """`partition by column (...)`: the subquery over the rows of each value."""
    by = frame.over(source).value(node.by)
    rows = _input(frame, source, node)
    body = frame.relation(node.body) if node.body is not None else frame.pipe(rows, node.operators)
    return plan.Partition(body.columns, node, source, by, rows, body, open=body.open)


def bind_partition_by(frame: Frame, source: plan.Relation, node: tree.PartitionBy) -> plan.Relation:
    by = frame.over(source).value(node.by)
    rows = _input(frame, source, node)
    body = frame.pipe(rows, node.operators)
    return plan.Partition(body.columns, node, source, by, rows, body, open=body.open)


def bind_fork(frame: Frame, source: plan.Relation, node: tree.Fork) -> plan.Relation:
    """`fork (...) (...)`: several results; the columns are those of the first."""
    rows = _input(frame, source, node)
    names, branches = [], []
    for place, branch in enumerate(node.branches):
        names.append(branch.name.text if branch.name is not None else f"fork_{place}")
        branches.append(frame.pipe(rows, branch.body))
    columns = branches[0].columns if branches else source.columns
    return plan.Fork(columns, node, source, rows, tuple(names), tuple(branches), open=source.open)


def bind_facet(frame: Frame, source: plan.Relation, node: tree.Facet) -> plan.Relation:
    """`facet by a, b with (...)`: the values of each column, counted, then the subquery."""
    rows = _input(frame, source, node)
    names: list[str] = []
    branches: list[plan.Relation] = []
    for item in node.columns:
        column, value = named_items(frame.over(rows), item)[0]
        names.append(column.name)
        if node.operators:
            branches.append(plan.Distinct((column,), node, rows, (value,)))
        else:
            count = plan.Apply("long", item, row("count"), ())
            columns = (column, plan.Column(f"count_{column.name}", "long"))
            branches.append(plan.Summarize(columns, node, rows, (value,), (count,)))
    if node.operators:
        names.append("")
        branches.append(frame.pipe(rows, node.operators))
    shown = branches[0].columns if branches else source.columns
    return plan.Fork(shown, node, source, rows, tuple(names), tuple(branches))


def bind_scan(frame: Frame, source: plan.Relation, node: tree.Scan) -> plan.Relation:
    """`scan`: rows matched against steps in turn; columns declared or assigned stand behind those of the input."""
    declared = [_declared(frame, item) for item in node.declare]
    by_name = {column.name: column for column, _ in declared}
    rows = Rows(source)
    rows.names.update(by_name)
    columns = [*source.columns, *(column for column in by_name.values())]
    states = {column.name: column for column in columns}
    rows.steps = {step.name.text: states for step in node.steps}
    inner = frame.over(source)
    inner.rows = rows
    steps = tuple(_step(inner, item, states) for item in node.steps)
    name = option_name(node.options, "with_match_id")
    match_id = plan.Column(name.text, "long") if name is not None else None
    if name is not None and match_id is not None:
        frame.context.mark(name, match_id)
        columns.append(match_id)
    keys = tuple(frame.over(source).value(item) for item in node.partition)
    order = sort_keys(frame, source, node.order)
    return plan.Scan(tuple(columns), node, source, steps, keys, order, tuple(declared), match_id, open=source.open)


def _declared(frame: Frame, item: tree.Parameter) -> tuple[plan.Column, plan.Value | None]:
    kind = canonical(item.type.text) if item.type is not None else "unknown"
    column = plan.Column(item.name.text, kind)
    frame.context.mark(item.name, column)
    default = convert(frame.outside().value(item.default), kind) if item.default is not None else None
    return column, default


def _step(frame: Frame, item: tree.ScanStep, columns: dict[str, plan.Column]) -> plan.ScanStep:
    condition = as_condition(frame.context, frame.value(item.condition), item.condition)
    assigned = []
    for part in item.assignments:
        if not isinstance(part, tree.NamedArgument):
            continue
        value = frame.value(part.value)
        column = columns.get(part.name.text)
        if column is None:
            frame.context.report("unknown-column", part.name, name=part.name.text, near=columns)
            continue
        frame.context.mark(part.name, column)
        assigned.append((column, convert(value, column.type) if value.type != "unknown" else value))
    return plan.ScanStep(item.name.text, condition, tuple(assigned), item.output or "all", item.optional)


def bind_top_nested(frame: Frame, source: plan.Relation, node: tree.TopNested) -> plan.Relation:
    """`top-nested`: a key and its aggregate for each level."""
    namer = Namer()
    columns: list[plan.Column] = []
    levels = []
    for clause in node.clauses:
        key_column, key = named_items(frame.over(source), clause.of)[0]
        name = namer.unique(key_column.name) if key_column.name else namer.unnamed()
        by = clause.by.expr if isinstance(clause.by, tree.Ordered) else clause.by
        descending = not (isinstance(clause.by, tree.Ordered) and clause.by.direction == "asc")
        aggregate_column, aggregate = aggregate_items(frame.over(source, "aggregate"), by, set())[0]
        label = aggregate_column.name
        if not isinstance(by, tree.NamedArgument):
            label = f"aggregated_{name}"
        columns.append(plan.Column(name, key.type))
        columns.append(plan.Column(namer.unique(label), aggregate.type))
        amount = frame.outside().value(clause.amount) if clause.amount is not None else None
        others = frame.outside().value(clause.others) if clause.others is not None else None
        levels.append(plan.TopNestedLevel(amount, key, aggregate, others, descending))
    return plan.TopNested(tuple(columns), node, source, tuple(levels))


def bind_reduce(frame: Frame, source: plan.Relation, node: tree.Reduce) -> plan.Relation:
    """`reduce by column`: patterns that the values share."""
    value = frame.over(source).value(node.expr)
    columns = _fixed([("Pattern", "string"), ("Count", "long"), ("Representative", "string")])
    options = {item.name.text.lower(): getattr(item.value, "value", None) for item in node.settings}
    return plan.Plugin(columns, node, source, "reduce", (value,), options)


def bind_top_hitters(frame: Frame, source: plan.Relation, node: tree.TopHitters) -> plan.Relation:
    """`top-hitters N of x by y`: the most frequent values, estimated."""
    amount = frame.outside().value(node.amount)
    column, value = named_items(frame.over(source), node.of)[0]
    base = column.name or "Column1"
    arguments: list[plan.Value] = [amount, value]
    counted = plan.Column(f"approximate_count_{base}", "long")
    if node.by is not None:
        arguments.append(frame.over(source).value(node.by))
        counted = plan.Column(f"approximate_sum_{result_name(node.by) or base}", arguments[2].type)
    return plan.Plugin((plan.Column(base, value.type), counted), node, source, "top-hitters", tuple(arguments), {})


def bind_get_schema(frame: Frame, source: plan.Relation, node: tree.GetSchema) -> plan.Relation:
    """`getschema`: name, place and types of the columns."""
    del frame
    columns = _fixed([("ColumnName", "string"), ("ColumnOrdinal", "int"), ("DataType", "string"),
                      ("ColumnType", "string")])  # fmt: skip
    if source.open:
        return plan.Plugin(columns, node, source, "getschema", (), {})
    rows = []
    for place, column in enumerate(source.columns):
        texts = (column.name, place, _NET_TYPES.get(column.type, "System.Object"), column.type)
        rows.append(tuple(plan.Constant(made.type, node, text) for made, text in zip(columns, texts, strict=True)))
    return plan.DataTable(columns, node, tuple(rows))


_NET_TYPES = {
    "string": "System.String", "long": "System.Int64", "int": "System.Int32", "real": "System.Double",
    "bool": "System.SByte", "datetime": "System.DateTime", "timespan": "System.TimeSpan", "guid": "System.Guid",
    "dynamic": "System.Object", "decimal": "System.Data.SqlTypes.SqlDecimal",
}  # fmt: skip


def _fixed(columns: Sequence[tuple[str, str]]) -> tuple[plan.Column, ...]:
    return tuple(plan.Column(name, canonical(kind)) for name, kind in columns)
