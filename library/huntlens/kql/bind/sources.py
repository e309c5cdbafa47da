"""Tables: pipelines, names, `datatable`, `externaldata`, and the functions that give tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.calls import TABULAR, bind_call
from huntlens.kql.bind.context import OtherName
from huntlens.kql.bind.names import bind_name, bind_table, refer
from huntlens.kql.bind.operands import convert
from huntlens.kql.bind.options import option_values
from huntlens.kql.bind.values import BINDERS as VALUES
from huntlens.kql.functions import find
from huntlens.kql.types import ALIASES, KqlType, canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from huntlens.kql.bind.context import Frame


def bind_either(frame: Frame, node: tree.Expr) -> plan.Value | plan.Relation:
    """A value or a table, whichever the expression is."""
    binder = RELATIONS.get(type(node))
    if binder is not None and _is_tabular(frame, node):
        return binder(frame, node)
    value = VALUES.get(type(node))
    if value is not None:
        return value(frame, node)
    return plan.Unresolved((), node, "", open=True)


def bind_relation(frame: Frame, node: tree.Expr) -> plan.Relation:
    """The table that an expression is; what is none is reported."""
    if isinstance(node, tree.NameRef):
        made: plan.Value | plan.Relation = bind_name(frame.outside(), node)
    elif isinstance(node, tree.Call) and node.name.text not in TABULAR:
        made = bind_call(frame.outside(), node)
    else:
        made = bind_either(frame.outside(), node)
    if isinstance(made, plan.Relation):
        return made
    if made.type != "unknown" and not isinstance(node, tree.Missing):
        frame.context.report("table-expected", node)
    return plan.Unresolved((), node, "", open=True)


def bind_pipeline(frame: Frame, node: tree.Pipeline) -> plan.Relation | plan.Value:
    """A source and its operators."""
    if not node.operators:
        return frame.either(node.source)
    return frame.outside().pipe(frame.relation(node.source), node.operators)


def bind_operator_source(frame: Frame, node: tree.OperatorSource) -> plan.Relation:
    return frame.outside().pipe(plan.Unresolved((), node, ""), [node.operator])


def bind_paren(frame: Frame, node: tree.Paren) -> plan.Value | plan.Relation:
    return bind_either(frame, node.inner)


def declared_columns(
    frame: Frame, declarations: Iterable[tree.ColumnDeclaration], default: KqlType = "string"
) -> tuple[plan.Column, ...]:
    """The columns that a text declares, each marked as the declaration of its name."""
    made = []
    for item in declarations:
        column = plan.Column(item.name.text, declared_type(frame, item.type, default))
        frame.context.mark(item.name, column)
        made.append(column)
    return tuple(made)


def declared_type(frame: Frame, node: tree.TypeName | None, default: KqlType = "string") -> KqlType:
    """The type that a text names; an unknown word is reported."""
    if node is None:
        return default
    kind = canonical(node.text)
    if kind == "unknown" and node.text:
        frame.context.report("unknown-type", node, name=node.text, near=ALIASES)
    return kind


def bind_data_table(frame: Frame, node: tree.DataTable) -> plan.Relation:
    """`datatable(...) [...]`, each value as the type of its column."""
    columns = declared_columns(frame, node.columns)
    values = [frame.outside().value(item) for item in node.values]
    width = len(columns)
    if not width:
        return plan.DataTable((), node, ())
    if len(values) % width:
        frame.context.report("value-count", node, found=str(len(values)), expected=str(width))
        values = values[: len(values) - len(values) % width]
    kinds = [column.type for column in columns]
    rows = tuple(
        tuple(as_cell(value, kind) for value, kind in zip(values[start : start + width], kinds, strict=True))
        for start in range(0, len(values), width)
    )
    return plan.DataTable(columns, node, rows)


def as_cell(value: plan.Value, kind: KqlType) -> plan.Value:
    """A value as a cell of a column of that type."""
    if value.type in (kind, "unknown"):
        return value
    if isinstance(value, plan.Constant):
        if value.value is None:
            return plan.Constant(kind, value.syntax, None)
        if kind == "dynamic" and isinstance(value.value, str | int | float) and value.type not in ("timespan", "guid"):
            return plan.Constant(kind, value.syntax, value.value)
        if kind == "real" and isinstance(value.value, int) and value.type in ("int", "long"):
            return plan.Constant(kind, value.syntax, float(value.value))
        if {kind, value.type} == {"int", "long"}:
            return plan.Constant(kind, value.syntax, value.value)
    return convert(value, kind)


def bind_external_data(frame: Frame, node: tree.ExternalData) -> plan.Relation:
    columns = declared_columns(frame, node.columns)
    uris = tuple(frame.outside().value(item) for item in node.uris)
    return plan.ExternalData(columns, node, uris, option_values(node.options))


def bind_wildcard(frame: Frame, node: tree.Wildcard) -> plan.Relation:
    """A pattern of table names where one table is needed: the union is made by `union`."""
    del frame
    return plan.Unresolved((), node, node.pattern, open=True)


def bind_contextual(frame: Frame, node: tree.ContextualDataTable) -> plan.Relation:
    return plan.Unresolved(declared_columns(frame, node.columns), node, "contextual datatable")


def bind_view_combine(frame: Frame, node: tree.ViewCombine) -> plan.Relation:
    for part in (node.base, node.delta):
        frame.relation(part)
    return plan.Unresolved((), node, "materialized-view-combine", open=True)


def bind_entity_group(_frame: Frame, node: tree.EntityGroup) -> plan.Relation:
    return plan.Unresolved((), node, "entity_group", open=True)


# --- functions that give tables ------------------------------------------------------------------------------------


def bind_table_call(frame: Frame, node: tree.Call) -> plan.Value | plan.Relation:
    """`table("T")`, `materialize(...)` and what only a service knows."""
    row = find(node.name.text)
    if row is not None:
        frame.context.mark(node.name, row)
    name = node.name.text
    if name == "materialize" and node.arguments:
        return _materialized(frame, node)
    if name == "view" and node.arguments:
        return frame.relation(node.arguments[0])
    if name in ("table", "materialized_view", "external_table") and node.arguments:
        text = _text(frame, node.arguments[0])
        if text is not None:
            if name == "external_table":
                return _table_elsewhere(frame, tree.Name(node.start, node.end, text), ("external_table",))
            return bind_table(frame, tree.Name(node.arguments[0].start, node.arguments[0].end, text))
    if name == "_GetWatchlist" and node.arguments:
        alias = _text(frame, node.arguments[0])
        if alias is not None and frame.context.schema.table(alias) is not None:
            return bind_table(frame, tree.Name(node.arguments[0].start, node.arguments[0].end, alias))
        return plan.Unresolved((), node, alias or "", open=True)
    for argument in node.arguments:
        frame.either(argument)
    return plan.Unresolved((), node, name, open=True)


def _materialized(frame: Frame, node: tree.Call) -> plan.Value | plan.Relation:
    made = frame.outside().either(node.arguments[0])
    if isinstance(made, plan.Value):
        return made
    return refer(plan.Definition("", made, materialize=True), node)


def _text(frame: Frame, node: tree.Expr) -> str | None:
    value = frame.value(node)
    return value.value if isinstance(value, plan.Constant) and isinstance(value.value, str) else None


def bind_path(frame: Frame, node: tree.Member | tree.MethodCall) -> plan.Relation:
    """`cluster("c").database("d").T`, `workspace("w").T`."""
    parts: list[str] = []
    current: tree.Expr = node.target
    while isinstance(current, tree.MethodCall | tree.Call | tree.Member):
        call = current.call if isinstance(current, tree.MethodCall) else current
        if isinstance(call, tree.Call):
            parts.extend(filter(None, (_text(frame, item) for item in call.arguments[:1])))
        elif isinstance(call, tree.Member):
            parts.append(call.name.text)
        current = current.target if isinstance(current, tree.MethodCall | tree.Member) else tree.Missing(0, 0)
    path = tuple(reversed(parts))
    if isinstance(node, tree.Member):
        return _table_elsewhere(frame, node.name, path)
    if node.call.name.text in ("table", "materialized_view") and node.call.arguments:
        text = _text(frame, node.call.arguments[0]) or ""
        return _table_elsewhere(frame, tree.Name(node.call.start, node.call.end, text), path)
    for argument in node.call.arguments:
        frame.either(argument)
    return plan.Unresolved((), node, node.call.name.text, open=True)


def _table_elsewhere(frame: Frame, name: tree.Name, path: tuple[str, ...]) -> plan.Relation:
    """A table of another place; one of that name in the schema lends it its columns."""
    known = frame.context.schema.table(name.text)
    if known is None:
        return plan.Table((), name, name.text, path, open=True)
    frame.context.mark(name, known)
    columns = tuple(plan.Column(column.name, column.type) for column in known.columns)
    return plan.Table(columns, name, name.text, path, open=True)


def _is_tabular(frame: Frame, node: tree.Expr) -> bool:
    """Whether a call or a dotted expression gives a table by its form; all else is told by its class."""
    if isinstance(node, tree.Call):
        return node.name.text in TABULAR
    return not isinstance(node, tree.Member | tree.MethodCall) or _is_path(frame, node)


def _is_path(frame: Frame, node: tree.Member | tree.MethodCall) -> bool:
    """Whether a dotted expression begins at a database, a cluster, a workspace or the scope of `macro-expand`."""
    current: tree.Expr = node
    while isinstance(current, tree.MethodCall | tree.Member):
        current = current.target
    if isinstance(current, tree.NameRef) and not (isinstance(node, tree.Member) and node.name.text.startswith("$")):
        meaning = frame.names.find(current.name.text)
        if isinstance(meaning, OtherName) and isinstance(meaning.syntax, tree.MacroExpand):
            frame.context.mark(current.name, meaning)
            return True
    return isinstance(current, tree.Call) and current.name.text in TABULAR


RELATIONS: Final[dict[type[tree.Node], Callable[[Frame, Any], plan.Value | plan.Relation]]] = {
    tree.Pipeline: bind_pipeline,
    tree.OperatorSource: bind_operator_source,
    tree.Paren: bind_paren,
    tree.DataTable: bind_data_table,
    tree.ExternalData: bind_external_data,
    tree.Wildcard: bind_wildcard,
    tree.ContextualDataTable: bind_contextual,
    tree.EntityGroup: bind_entity_group,
    tree.ViewCombine: bind_view_combine,
    tree.Call: bind_table_call,
    tree.Member: bind_path,
    tree.MethodCall: bind_path,
}


def bind_pipe(frame: Frame, source: plan.Relation, operators: Sequence[tree.Operator]) -> plan.Relation:
    """The operators over a source, one after the other."""
    from_operators = frame.context.binders.operator
    relation = source
    for operator in operators:
        frame.context.scopes[operator] = relation
        relation = from_operators(frame, relation, operator)
    return relation
