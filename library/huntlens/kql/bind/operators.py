"""The operators of a pipeline, dispatched by node class; the small ones are here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.context import TableName
from huntlens.kql.bind.expansion import bind_mv_apply, bind_mv_expand, bind_parse, bind_parse_kv
from huntlens.kql.bind.joins import bind_join, bind_lookup, bind_union
from huntlens.kql.bind.names import find_function, refer
from huntlens.kql.bind.operands import as_condition
from huntlens.kql.bind.options import option_value
from huntlens.kql.bind.projection import (
    bind_distinct,
    bind_extend,
    bind_print,
    bind_project,
    bind_project_away,
    bind_project_by_names,
    bind_project_keep,
    bind_project_rename,
    bind_project_reorder,
    bind_serialize,
    named_items,
)
from huntlens.kql.bind.result_names import result_name
from huntlens.kql.bind.summaries import bind_summarize

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from huntlens.kql.bind.context import Frame


def bind_operator(frame: Frame, source: plan.Relation, node: tree.Operator) -> plan.Relation:
    """One operator over its input."""
    binder = BINDERS.get(type(node))
    return binder(frame, source, node) if binder is not None else source


def bind_filter(frame: Frame, source: plan.Relation, node: tree.Filter) -> plan.Relation:
    inner = frame.over(source)
    predicate = as_condition(frame.context, inner.value(node.predicate), node.predicate)
    return plan.Filter(source.columns, node, source, predicate, open=source.open)


def sort_keys(frame: Frame, source: plan.Relation, by: Sequence[tree.Expr]) -> tuple[plan.SortKey, ...]:
    """The keys of `sort` and `top`: descending where nothing is said, nulls first when ascending."""
    inner = frame.over(source)
    keys = []
    for item in by:
        direction = item.direction if isinstance(item, tree.Ordered) else None
        nulls = item.nulls if isinstance(item, tree.Ordered) else None
        descending = direction != "asc"
        value = named_items(inner, item.expr if isinstance(item, tree.Ordered) else item)[0][1]
        keys.append(plan.SortKey(value, descending, nulls == "first" if nulls else not descending))
    return tuple(keys)


def bind_sort(frame: Frame, source: plan.Relation, node: tree.Sort) -> plan.Relation:
    return plan.Sort(source.columns, node, source, sort_keys(frame, source, node.by), open=source.open)


def bind_take(frame: Frame, source: plan.Relation, node: tree.Take) -> plan.Relation:
    return plan.Take(source.columns, node, source, frame.outside().value(node.amount), open=source.open)


def bind_top(frame: Frame, source: plan.Relation, node: tree.Top) -> plan.Relation:
    keys = sort_keys(frame, source, node.by)
    return plan.Top(source.columns, node, source, frame.outside().value(node.amount), keys, open=source.open)


def bind_count(frame: Frame, source: plan.Relation, node: tree.Count) -> plan.Relation:
    column = plan.Column(node.name.text if node.name is not None else "Count", "long")
    if node.name is not None:
        frame.context.mark(node.name, column)
    return plan.Count((column,), node, source)


def bind_sample(frame: Frame, source: plan.Relation, node: tree.Sample) -> plan.Relation:
    return plan.Sample(source.columns, node, source, frame.outside().value(node.amount), open=source.open)


def bind_sample_distinct(frame: Frame, source: plan.Relation, node: tree.SampleDistinct) -> plan.Relation:
    value = frame.over(source).value(node.of)
    column = plan.Column(result_name(node.of) or "Column1", value.type)
    if isinstance(value, plan.ColumnUse):
        column = value.column
    different = plan.Distinct((column,), node, source, (value,))
    return plan.Take((column,), node, different, frame.outside().value(node.amount))


def bind_as(frame: Frame, source: plan.Relation, node: tree.As) -> plan.Relation:
    """`as Name`: the table so far gets a name that the rest of the query may use."""
    definition = plan.Definition(node.name.text, source)
    meaning = TableName(definition, node)
    frame.names.own[node.name.text] = meaning
    frame.context.mark(node.name, meaning)
    return refer(definition, node)


def bind_range(frame: Frame, _source: plan.Relation, node: tree.Range) -> plan.Relation:
    """`range x from a to b step s`: one column of the common type."""
    outside = frame.outside()
    low, high, step = (outside.value(part) for part in (node.low, node.high, node.step))
    kind = low.type
    if kind in ("int", "long") and "real" in (high.type, step.type):
        kind = "real"
    elif kind == "int":
        kind = "long" if "long" in (high.type, step.type) else "int"
    column = plan.Column(node.name.text, kind)
    frame.context.mark(node.name, column)
    return plan.Range((column,), node, low, high, step)


def bind_render(_frame: Frame, source: plan.Relation, node: tree.Render) -> plan.Relation:
    options = {item.name.text.lower(): option_value(item.value) for item in node.options}
    return plan.Render(source.columns, node, source, node.kind.text.lower(), options, open=source.open)


def bind_invoke(frame: Frame, source: plan.Relation, node: tree.Invoke) -> plan.Relation:
    """`invoke f(args)`: the table is the first argument."""
    call = node.call
    if not isinstance(call, tree.Call):
        return plan.Unresolved((), node, "invoke", open=True)
    function = find_function(frame, call.name.text)
    if function is not None:
        frame.context.mark(call.name, function)
        made = frame.context.binders.call(frame, function, call, source)
        if isinstance(made, plan.Relation):
            return made
    elif call.name.text and frame.context.schema.strict:
        frame.context.report("unknown-function", call.name, name=call.name.text, near=frame.names.all())
    return plan.Unresolved((), node, call.name.text, open=True)


def bind_unknown_operator(frame: Frame, source: plan.Relation, node: tree.UnknownOperator) -> plan.Relation:
    del frame, node
    return source


def bind_pass(_frame: Frame, source: plan.Relation, _node: tree.Operator) -> plan.Relation:
    """Operators that change no row and no column: `consume`, `assert-schema`."""
    return source


BINDERS: Final[dict[type[tree.Operator], Callable[[Frame, plan.Relation, Any], plan.Relation]]] = {
    tree.As: bind_as,
    tree.AssertSchema: bind_pass,
    tree.Consume: bind_pass,
    tree.Count: bind_count,
    tree.Distinct: bind_distinct,
    tree.Extend: bind_extend,
    tree.Filter: bind_filter,
    tree.Invoke: bind_invoke,
    tree.Join: bind_join,
    tree.Lookup: bind_lookup,
    tree.MvApply: bind_mv_apply,
    tree.MvExpand: bind_mv_expand,
    tree.Parse: bind_parse,
    tree.ParseKv: bind_parse_kv,
    tree.Print: bind_print,
    tree.Project: bind_project,
    tree.ProjectAway: bind_project_away,
    tree.ProjectByNames: bind_project_by_names,
    tree.ProjectKeep: bind_project_keep,
    tree.ProjectRename: bind_project_rename,
    tree.ProjectReorder: bind_project_reorder,
    tree.Range: bind_range,
    tree.Render: bind_render,
    tree.Sample: bind_sample,
    tree.SampleDistinct: bind_sample_distinct,
    tree.Serialize: bind_serialize,
    tree.Sort: bind_sort,
    tree.Summarize: bind_summarize,
    tree.Take: bind_take,
    tree.Top: bind_top,
    tree.Union: bind_union,
    tree.UnknownOperator: bind_unknown_operator,
}
