"""The small operators: `where`, `sort`, `take`, `top`, `count`, `range`, `as`, `invoke` and their like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.context import OtherName, TableName
from huntlens.kql.bind.names import find_function, refer
from huntlens.kql.bind.operands import as_condition
from huntlens.kql.bind.options import option_value
from huntlens.kql.bind.projection import named_items
from huntlens.kql.bind.result_names import result_name
from huntlens.kql.parse import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.kql.bind.context import Frame


_PROFILE: Final = "FileProfile"
_PROFILE_KEY: Final = "SHA1"


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
    if frame.context.watched and frame.context.watched == call.name.text:
        frame.context.seen = frame
    function = find_function(frame, call.name.text)
    if function is not None:
        frame.context.mark(call.name, function)
        made = frame.context.binders.call(frame, function, call, source)
        if isinstance(made, plan.Relation):
            return made
    elif call.name.text == _PROFILE:
        return _profiled(frame, source, call)
    elif call.name.text and frame.context.schema.strict:
        frame.context.report("unknown-function", call.name, name=call.name.text, near=frame.names.all())
    return plan.Unresolved((), node, call.name.text, open=True)


def _profiled(frame: Frame, source: plan.Relation, call: tree.Call) -> plan.Relation:
    """`invoke FileProfile(SHA1)`: what the table `FileProfile` says of each file, if there is one."""
    asked = call.arguments[0] if call.arguments else None
    given = asked.name.text if isinstance(asked, tree.NameRef) else getattr(asked, "value", _PROFILE_KEY)
    table = frame.context.schema.table(_PROFILE)
    if table is None or table.column(_PROFILE_KEY) is None:
        if frame.context.schema.strict:
            frame.context.report("profile-table", call.name, name=_PROFILE, key=_PROFILE_KEY)
        return plan.Unresolved(source.columns, call, _PROFILE, open=True)
    left = str(given).replace("\\", "\\\\").replace("'", "\\'")
    made = parse(f"T | lookup kind=leftouter {_PROFILE} on $left.['{left}'] == $right.{_PROFILE_KEY}")
    pipeline = next(iter(made.query.statements))
    expression = pipeline.expr if isinstance(pipeline, tree.ExpressionStatement) else None
    if not isinstance(expression, tree.Pipeline) or made.diagnostics:
        return plan.Unresolved(source.columns, call, _PROFILE, open=True)
    return frame.pipe(source, expression.operators)


def bind_macro_expand(frame: Frame, _source: plan.Relation, node: tree.MacroExpand) -> plan.Relation:
    """`macro-expand group as scope (...)`: the columns of the body; only a service knows the members."""
    inner = frame.inner()
    if node.alias is not None:
        inner.names.own[node.alias.text] = OtherName(node.alias.text, node)
        frame.context.mark(node.alias, inner.names.own[node.alias.text])
    for made in frame.context.binders.statements(inner, node.statements):
        if isinstance(made, plan.Relation):
            return plan.Unresolved(made.columns, node, "macro-expand", open=made.open)
    return plan.Unresolved((), node, "macro-expand", open=True)


def bind_pass(_frame: Frame, source: plan.Relation, _node: tree.Operator) -> plan.Relation:
    """Operators that change no row and no column: `consume`, `assert-schema`."""
    return source
