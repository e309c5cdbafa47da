"""What a name means where it stands: a column, a variable, a function, a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.context import FunctionName, ScalarName, TableName, mirror
from huntlens.kql.functions.row import Function, unsupported

if TYPE_CHECKING:
    from huntlens.kql.bind.context import Context, Frame, Meaning


_ELEMENT: Final = Function(
    "graph", "", "unknown", "A node or an edge of a pattern as a whole.",
    duckdb=unsupported("a node or an edge is no value; name one of its properties, or ask map(edge, property)"),
    spark=unsupported("a node or an edge is no value; name one of its properties, or ask map(edge, property)"),
)  # fmt: skip


def unknown(node: tree.Node) -> plan.Constant:
    """The value of what could not be understood."""
    return plan.Constant("unknown", node, None)


def find_column(frame: Frame, name: str) -> plan.Column | None:
    """The column of that name in the row, if it is certain to be there."""
    return frame.rows.names.get(name) if frame.rows is not None else None


def bind_name(frame: Frame, node: tree.NameRef) -> plan.Value | plan.Relation:
    """The value or table that a name stands for."""
    name = node.name.text
    context = frame.context
    if context.watched == name and name and context.seen is None:
        context.seen = frame
    column = find_column(frame, name)
    if column is not None:
        context.mark(node.name, column)
        return plan.ColumnUse(column.type, node, column)
    if frame.rows is not None and name in frame.rows.elements:
        context.mark(node.name, frame.rows.elements[name])
        return plan.Apply("unknown", node, _ELEMENT, ())
    meaning = frame.names.find(name)
    if meaning is not None:
        context.mark(node.name, meaning)
        return bind_meaning(frame, meaning, node)
    column = _open_row_column(frame, node.name)
    if column is not None:
        return plan.ColumnUse(column.type, node, column)
    if frame.rows is None or context.schema.table(name) is not None:
        return bind_table(frame, node.name)
    stored = find_function(frame, name)
    if stored is not None:
        context.mark(node.name, stored)
        return bind_meaning(frame, stored, node)
    if name:
        known = (*frame.rows.names, *frame.names.all(), *frame.rows.elements)
        context.report("unknown-column" if frame.rows.names else "unknown-name", node.name, name=name, near=known)
    return unknown(node)


def bind_meaning(frame: Frame, meaning: Meaning, node: tree.NameRef) -> plan.Value | plan.Relation:
    """The value or table of a declared name."""
    if isinstance(meaning, ScalarName):
        return meaning.value
    if isinstance(meaning, TableName):
        return refer(meaning.definition, node)
    if isinstance(meaning, FunctionName):
        call = tree.Call(node.start, node.end, node.name, [])
        return frame.context.binders.call(frame, meaning, call, None)
    return plan.Unresolved((), node, meaning.name, open=True)


def refer(definition: plan.Definition, node: tree.Node) -> plan.Reference:
    """A use of a definition, with columns of its own."""
    relation = definition.relation
    return plan.Reference(mirror(relation.columns), node, definition, open=relation.open)


def bind_table(frame: Frame, name: tree.Name, path: tuple[str, ...] = ()) -> plan.Relation:
    """The table of that name; an unknown one has no columns and is open."""
    context = frame.context
    found = None if path else context.schema.table(name.text)
    if found is not None:
        context.mark(name, found)
        columns = tuple(plan.Column(column.name, column.type) for column in found.columns)
        return plan.Table(columns, name, found.name, path, open=found.open or not context.schema.strict)
    if not path:
        stored = find_function(frame, name.text)
        if stored is not None:
            made = bind_meaning(frame, stored, tree.NameRef(name.start, name.end, name))
            if isinstance(made, plan.Relation):
                return made
    if name.text and not path:
        near = (*context.schema.table_names(), *frame.names.all())
        _report_table(context, name, near)
    return plan.Table((), name, name.text, path, open=True)


def _report_table(context: Context, name: tree.Name, near: tuple[str, ...]) -> None:
    if context.schema.strict:
        context.report("unknown-table", name, name=name.text, near=near)
    elif context.near_exists(name.text, near):
        context.report("doubtful-table", name, name=name.text, near=near)


def find_function(frame: Frame, name: str) -> FunctionName | None:
    """The function of that name: of the query, else one stored at the source."""
    meaning = frame.names.find(name)
    if isinstance(meaning, FunctionName):
        return meaning
    return frame.context.binders.stored(frame.context, name)


def _open_row_column(frame: Frame, name: tree.Name) -> plan.Column | None:
    if frame.rows is None or not name.text or not frame.rows.relation.open:
        return None
    known = list(frame.rows.names)
    column = open_column(frame.context, frame.rows.relation, name.text)
    if column is not None:
        frame.context.mark(name, column)
        if frame.context.near_exists(name.text, (*known, *frame.names.all())):
            frame.context.report("doubtful-column", name, name=name.text, near=(*known, *frame.names.all()))
    return column


def open_column(context: Context, relation: plan.Relation, name: str) -> plan.Column | None:
    """The column that an open relation may have beyond those listed; it is listed from now on."""
    rows = context.rows_of(relation)
    found = rows.names.get(name)
    if found is not None or not relation.open:
        return found
    column = _reach(context, relation, name)
    if column is not None:
        relation.columns = (*relation.columns, column)
        rows.names[name] = column
    return column


def _reach(context: Context, relation: plan.Relation, name: str) -> plan.Column | None:
    match relation:
        case plan.Reference():
            inner = open_column(context, relation.definition.relation, name)
            return plan.Column(name, inner.type, inner) if inner is not None else None
        case plan.Project():
            inner = open_column(context, relation.input, name)
            if inner is not None:
                relation.values = (*relation.values, context.use(inner, relation.syntax))
            return inner
        case plan.Join():
            inner = open_column(context, relation.left, name) or open_column(context, relation.right, name)
            if inner is not None:
                relation.outputs = (*relation.outputs, inner)
            return inner
        case plan.Union():
            slots = [open_column(context, item, name) for item in relation.inputs]
            relation.slots = tuple((*row, slot) for row, slot in zip(relation.slots, slots, strict=True))
            return plan.Column(name, "unknown", next((slot for slot in slots if slot is not None), None))
        case plan.MvApply() | plan.Partition():
            return open_column(context, relation.body, name)
        case plan.Input() if relation in context.inputs:
            return open_column(context, context.inputs[relation], name)
        case plan.Plugin():
            return plan.Column(name, "unknown")
        case plan.Step():
            return open_column(context, relation.input, name)
    return plan.Column(name, "unknown")
