"""Scalar expressions: literals, operators, member access; calls are in `calls`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.calls import bind_call
from huntlens.kql.bind.names import bind_name, open_column, unknown
from huntlens.kql.bind.operands import apply, as_condition, as_text, check_comparable, combine
from huntlens.kql.bind.patterns import bind_pattern_use

if TYPE_CHECKING:
    from collections.abc import Callable

    from huntlens.kql.bind.context import Frame


def bind_value(frame: Frame, node: tree.Expr) -> plan.Value:
    """The value of an expression; what is a table is reported."""
    binder = BINDERS.get(type(node))
    if binder is None:
        return _scalar(frame, frame.relation(node), node)
    made = binder(frame, node)
    return made if isinstance(made, plan.Value) else _scalar(frame, made, node)


def _scalar(frame: Frame, relation: plan.Relation, node: tree.Expr) -> plan.Value:
    if not (isinstance(relation, plan.Unresolved) or (relation.open and not relation.columns)):
        frame.context.report("scalar-expected", node)
    return unknown(node)


def bind_literal(_frame: Frame, node: tree.Literal) -> plan.Value:
    return plan.Constant(node.type, node, node.value)  # type: ignore[arg-type]  # the lexer makes canonical types


def bind_missing(_frame: Frame, node: tree.Expr) -> plan.Value:
    return unknown(node)


def bind_paren(frame: Frame, node: tree.Paren) -> plan.Value | plan.Relation:
    return frame.either(node.inner)


def bind_named_argument(frame: Frame, node: tree.NamedArgument) -> plan.Value:
    return frame.value(node.value)


def bind_ordered(frame: Frame, node: tree.Ordered) -> plan.Value:
    return frame.value(node.expr)


def bind_type_of(_frame: Frame, node: tree.TypeOf) -> plan.Value:
    return plan.Constant("string", node, node.type.text if node.type is not None else "")


def bind_unary(frame: Frame, node: tree.Unary) -> plan.Value:
    operand = frame.value(node.operand)
    if node.op == "+":
        return operand
    if operand.type in ("string", "datetime", "guid", "bool"):
        frame.context.report("wrong-type", node, function="'-'", expected="number or timespan", found=operand.type)
    return apply("-", (operand,), node)


def bind_binary(frame: Frame, node: tree.Binary) -> plan.Value:
    """A chain of operators, its left spine without recursion."""
    if node.op in ("and", "or"):
        return _bind_chain(frame, node)
    spine = [node]
    while isinstance(spine[-1].left, tree.Binary) and spine[-1].left.op not in ("and", "or"):
        spine.append(spine[-1].left)
    made = frame.value(spine[-1].left)
    for part in reversed(spine):
        made = combine(frame.context, part, made, frame.value(part.right))
    return made


def _bind_chain(frame: Frame, node: tree.Binary) -> plan.Value:
    """`a or b or c ...`: a balanced tree, so that thousands of alternatives do not nest thousands deep."""
    parts: list[tuple[tree.Expr, tree.Binary]] = []
    current: tree.Expr = node
    while isinstance(current, tree.Binary) and current.op == node.op:
        parts.append((current.right, current))
        current = current.left
    values = [as_condition(frame.context, frame.value(current), current)]
    values.extend(as_condition(frame.context, frame.value(part), part) for part, _ in reversed(parts))
    return _balanced(frame, node, values)


def _balanced(frame: Frame, node: tree.Binary, values: list[plan.Value]) -> plan.Value:
    if len(values) == 1:
        return values[0]
    middle = len(values) // 2 if len(values) > 8 else len(values) - 1
    left, right = _balanced(frame, node, values[:middle]), _balanced(frame, node, values[middle:])
    return apply(node.op, (left, right), node)


def bind_in(frame: Frame, node: tree.In) -> plan.Value:
    """`in` over values, or over the first column of a table."""
    left = frame.value(node.left)
    items = [frame.either(item) for item in node.items]
    for item in items:
        if isinstance(item, plan.Relation):
            return plan.Membership("bool", node, node.op, left, item)
    values = [item for item in items if isinstance(item, plan.Value)]
    if "has" in node.op:
        left = as_text(frame.context, node, left)
    else:
        for value in values:
            check_comparable(frame.context, node, left, value)
    return apply(node.op, (left, *values), node)


def bind_between(frame: Frame, node: tree.Between) -> plan.Value:
    value, low, high = frame.value(node.left), frame.value(node.low), frame.value(node.high)
    check_comparable(frame.context, node, value, low, ordered=True)
    if not (high.type == "timespan" and "datetime" in (value.type, low.type)):
        check_comparable(frame.context, node, value, high, ordered=True)
    return apply(node.op, (value, low, high), node)


def bind_member(frame: Frame, node: tree.Member) -> plan.Value | plan.Relation:
    """`$left.x`, `n.x` of a graph pattern or a scan step, `database(..).T`, else a property of a dynamic value."""
    target = node.target
    if isinstance(target, tree.NameRef) and frame.rows is not None:
        special = _special_member(frame, target.name.text, node)
        if special is not None:
            return special
    if isinstance(target, tree.NameRef) and node.name.text in _OF_MEMBER:
        return plan.Variable("string", node, node.name.text, None)
    if isinstance(target, tree.Call | tree.MethodCall) and _is_place(target):
        return frame.relation(node)
    if isinstance(target, tree.Call):
        chosen = bind_pattern_use(frame, target, node.name.text)
        if chosen is not None:
            return chosen
    inner = frame.value(target)
    return _access(frame, inner, plan.Constant("string", node.name, node.name.text), node)


_OF_MEMBER: Final = frozenset({"$current_database", "$current_cluster_endpoint"})
"""What `macro-expand` tells of the member of the group."""


def _is_place(node: tree.Call | tree.MethodCall) -> bool:
    call = node if isinstance(node, tree.Call) else node.call
    return call.name.text in ("database", "cluster")


def _special_member(frame: Frame, name: str, node: tree.Member) -> plan.Value | None:
    rows = frame.rows
    assert rows is not None
    if frame.context.watched and frame.context.watched == node.name.text:
        frame.context.seen = frame
    if name in ("$left", "$right"):
        side = rows.left if name == "$left" else rows.right
        return None if side is None else _side_column(frame, side, node)
    if name in rows.elements:
        element = rows.elements[name]
        column = next((column for column in element.columns if column.name == node.name.text), None)
        if column is None:
            frame.context.report(
                "unknown-column", node.name, name=node.name.text, near=[column.name for column in element.columns]
            )
            return unknown(node)
        frame.context.mark(node.name, column)
        return plan.ColumnUse("dynamic" if element.low is not None else column.type, node, column)
    if name in rows.steps:
        columns = rows.steps[name]
        if node.name.text not in columns:
            frame.context.report("unknown-column", node.name, name=node.name.text, near=columns)
            return unknown(node)
        column = columns[node.name.text]
        frame.context.mark(node.name, column)
        return plan.StepState(column.type, node, name, column)
    return None


def _side_column(frame: Frame, side: plan.Relation, node: tree.Member) -> plan.Value:
    column = open_column(frame.context, side, node.name.text)
    if column is None:
        near = [column.name for column in side.columns]
        frame.context.report("unknown-column", node.name, name=node.name.text, near=near)
        return unknown(node)
    frame.context.mark(node.name, column)
    return plan.ColumnUse(column.type, node, column)


def bind_index(frame: Frame, node: tree.Index) -> plan.Value:
    return _access(frame, frame.value(node.target), frame.value(node.index), node)


def _access(frame: Frame, target: plan.Value, key: plan.Value, node: tree.Expr) -> plan.Value:
    if target.type not in ("dynamic", "unknown"):
        frame.context.report("wrong-type", node, function="access to a part", expected="dynamic", found=target.type)
    if key.type not in ("string", "int", "long", "dynamic", "unknown"):
        frame.context.report("wrong-type", node, function="access to a part", expected="string or long", found=key.type)
    return apply("[]", (target, key), node)


BINDERS: Final[dict[type[tree.Node], Callable[[Frame, Any], plan.Value | plan.Relation]]] = {
    tree.Literal: bind_literal,
    tree.NameRef: bind_name,
    tree.Missing: bind_missing,
    tree.Junk: bind_missing,
    tree.Star: bind_missing,
    tree.Wildcard: bind_missing,
    tree.Paren: bind_paren,
    tree.NamedArgument: bind_named_argument,
    tree.NamedColumns: bind_named_argument,
    tree.Ordered: bind_ordered,
    tree.TypeOf: bind_type_of,
    tree.Lambda: bind_missing,
    tree.Unary: bind_unary,
    tree.Binary: bind_binary,
    tree.In: bind_in,
    tree.Between: bind_between,
    tree.Member: bind_member,
    tree.Index: bind_index,
    tree.Call: bind_call,
}
