"""Scalar values to SQL nodes, and values whose rows need an order or a stage of their own.

`value(node, frame, low)` is the door; the frame tells what the columns are called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from huntlens.kql.bind import plan
from huntlens.kql.compile import template
from huntlens.kql.compile.frame import Frame, Source, node_of, order_by, select
from huntlens.kql.compile.lower import refusal
from huntlens.kql.compile.needs import parts_of
from huntlens.kql.compile.paths import with_paths
from huntlens.kql.compile.special.convert import to_type
from huntlens.kql.functions import find
from huntlens.kql.functions.signature import parameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from huntlens.kql.compile.lower import Lowering

_COMPARE = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "!in", "between", "!between"})


def value(node: plan.Value, frame: Frame, low: Lowering, *, filtering: bool = False) -> exp.Expr:
    """The SQL of a value over the rows of a frame."""
    known = low.substitutes.get(node)
    if known is not None and known in frame.values:
        return frame.node(known)
    match node:
        case plan.ColumnUse():
            return _column(node, frame, low)
        case plan.Constant():
            return low.literal(node.value, node.type)
        case plan.Apply():
            return _apply(node, frame, low, filtering=filtering)
        case plan.Variable():
            return _variable(node, low)
        case plan.Cell():
            return _cell(node, low)
        case plan.Membership():
            return _membership(node, frame, low)
        case _:
            raise refusal(node.syntax, f"{type(node).__name__} cannot stand here", low.target)


def column_value(node: plan.Value, frame: Frame, low: Lowering) -> Source:
    """A value as a column: a plain column stays one, and integers are as wide as their type says."""
    if isinstance(node, plan.ColumnUse) and node not in low.substitutes:
        source = frame.values.get(node.column)
        if source is not None:
            return source
    made = value(node, frame, low)
    return low.cast(made, node.type) if is_bare_number(node) else made


def is_bare_number(node: plan.Value | None) -> bool:
    """Whether SQL would take a constant for a narrower integer than KQL does."""
    return isinstance(node, plan.Constant) and node.type in ("long", "timespan") and node.value is not None


def condition(node: plan.Value, frame: Frame, low: Lowering) -> list[exp.Expr]:
    """The conjuncts of a predicate, each free to be null for false."""
    if isinstance(node, plan.Apply) and node.function.name == "and":
        return [part for side in node.arguments if side is not None for part in condition(side, frame, low)]
    return [value(node, frame, low, filtering=True)]


def columns_of(values: Iterable[plan.Value | None]) -> set[plan.Column]:
    """The columns that values read."""
    found = set()
    for item in values:
        if item is not None:
            found |= {part.column for part in parts_of(item) if isinstance(part, plan.ColumnUse)}
    return found


def ready(frame: Frame, values: Iterable[plan.Value | None], low: Lowering, name: str = "extend") -> Frame:
    """The frame, closed where the values read columns that it only computes; reads of dynamics are gathered."""
    values = tuple(values)
    if not frame.is_plain(columns_of(values)):
        frame = low.close(frame, name)
    return with_paths(frame, values, low)


def _column(node: plan.ColumnUse, frame: Frame, low: Lowering) -> exp.Expr:
    source = frame.values.get(node.column)
    if source is None:
        low.refuse(node.syntax, f"column '{node.column.name}' is not in reach of the rows here")
    return node_of(source)


def _apply(node: plan.Apply, frame: Frame, low: Lowering, *, filtering: bool) -> exp.Expr:
    function = node.function
    wide = node.type in ("long", "timespan") and function.name not in _COMPARE
    arguments: list[tuple[exp.Expr | None, object]] = []
    pass_on = filtering and function.name in ("and", "or")
    for argument in node.arguments:
        if argument is None:
            arguments.append((None, "unknown"))
            continue
        made = value(argument, frame, low, filtering=pass_on)
        if wide and is_bare_number(argument):
            made = low.cast(made, argument.type)
        arguments.append((made, argument.type))
    return fill(node, arguments, low, filtering=filtering)


def fill(
    node: plan.Apply,
    arguments: Sequence[tuple[exp.Expr | None, object]],
    low: Lowering,
    *,
    filtering: bool = False,
    over: template.Over | None = None,
) -> exp.Expr:
    """The SQL of a call over the SQL of its arguments; what the target cannot do gets its place."""
    try:
        return template.fill(node.function, low.target, arguments, filtering=filtering, over=over)  # type: ignore[arg-type]  # pairs of node and type
    except template.CannotCompile as problem:
        low.refuse(node.syntax, str(problem))


def _variable(node: plan.Variable, low: Lowering) -> exp.Expr:
    if node.name in low.parameters:
        return low.literal(low.parameters[node.name], node.type)
    if node.default is None:
        low.refuse(node.syntax, f"the query needs a value for its parameter '{node.name}'")
    return low.literal(node.default.value, node.type)


def first_column(relation: plan.Relation, low: Lowering) -> tuple[exp.Select, exp.Expr]:
    """A SELECT of the first column of a relation alone, and that column's node."""
    frame = low.lower(relation)
    source = frame.values[relation.columns[0]]
    statement = select([node_of(source)], frame.source, where=frame.where)
    if frame.order:
        statement.set("order", order_by(frame.order))
    return statement, node_of(source)


def _cell(node: plan.Cell, low: Lowering) -> exp.Expr:
    statement, _ = first_column(node.relation, low)
    if statement.args.get("limit") is None:
        statement.set("limit", exp.Limit(expression=exp.Literal.number(1)))
    return exp.Subquery(this=statement)


def _membership(node: plan.Membership, frame: Frame, low: Lowering) -> exp.Expr:
    left = value(node.left, frame, low)
    relation = low.close(low.lower(node.relation), "list")
    member = relation.node(node.relation.columns[0])
    kind = node.relation.columns[0].type
    if node.op in ("has_any", "has_all"):
        return _terms(node, left, relation, low)
    if kind != "string" and node.left.type == "string":
        member, kind = to_type(member, kind, "string", low.target), "string"
    if "~" in node.op:
        left, member = low.sql("lower({x!})", x=left), low.sql("lower({x!})", x=member)
    else:
        left, member = low.key(left, node.left.type), low.key(member, kind)
    inner = select([member], relation.source, where=relation.where)
    found: exp.Expr = exp.In(this=left, query=exp.Subquery(this=inner))
    if kind != "string":
        inner.set("where", exp.Where(this=exp.Not(this=exp.Is(this=member.copy(), expression=exp.null()))))
        found = exp.Coalesce(this=found, expressions=[exp.false()])
    return exp.Not(this=found) if node.op.startswith("!") else found


def _terms(node: plan.Membership, left: exp.Expr, words: Frame, low: Lowering) -> exp.Expr:
    """`has_any (table)`: whether any word of the table is there; `has_all`: whether none is missing."""
    has = find("has", "operator")
    assert has is not None
    word = words.node(node.relation.columns[0])
    present = fill(plan.Apply("bool", node.syntax, has, ()), [(left, "string"), (word, "string")], low)
    if node.op == "has_any":
        return exp.Exists(this=select([exp.Literal.number(1)], words.source, where=[present]))
    missing = exp.Not(this=exp.Paren(this=present))
    return exp.Not(this=exp.Exists(this=select([exp.Literal.number(1)], words.source, where=[missing])))


# --- window functions -------------------------------------------------------------------------------------------


def windows_in(values: Iterable[plan.Value]) -> list[plan.Apply]:
    """The calls of window functions within values, innermost first."""
    found: list[plan.Apply] = []
    for item in values:
        calls = [part for part in parts_of(item) if isinstance(part, plan.Apply) and part.function.kind == "window"]
        found.extend(reversed(calls))
    return found


def with_windows(frame: Frame, values: Sequence[plan.Value], low: Lowering) -> Frame:
    """A frame in which every window function of the values is a column; see `Lowering.substitutes`."""
    calls = windows_in(values)
    if not calls:
        return frame
    frame = low.numbered(frame)
    pending = list(calls)
    while pending:
        layer = [call for call in pending if all(inner is call or inner not in pending for inner in windows_in([call]))]
        pending = [call for call in pending if call not in layer]
        frame = _window_layer(frame, layer, low)
    return frame


def _window_layer(frame: Frame, calls: Sequence[plan.Apply], low: Lowering) -> Frame:
    frame, groups = _restarts(frame, calls, low)
    extended: dict[plan.Column, Source] = dict(frame.values)
    for call in calls:
        arguments: list[tuple[exp.Expr | None, object]] = [
            (value(argument, frame, low), argument.type) if argument is not None else (None, "unknown")
            for argument in call.arguments
        ]
        over = template.Over(order=order_by(frame.order), group=_group(frame, groups.get(call)))
        made = low.unnamed(f"#{call.function.name}", call.type)
        extended[made] = fill(call, arguments, low, over=over)
        low.substitutes[call] = made
    computed = Frame(frame.source, extended, frame.where, frame.order, frame.parts, frame.numbered)
    return low.close(computed, "window")


def _restarts(frame: Frame, calls: Sequence[plan.Apply], low: Lowering) -> tuple[Frame, dict[plan.Apply, plan.Column]]:
    """Columns that count how often the restart condition of each call was true so far."""
    groups: dict[plan.Apply, plan.Column] = {}
    extended: dict[plan.Column, Source] = dict(frame.values)
    for call in calls:
        index = _restart_of(call)
        restart = call.arguments[index] if index is not None and index < len(call.arguments) else None
        if restart is None:
            continue
        groups[call] = low.unnamed("#restart", "long")
        order = order_by(frame.order)
        count = low.sql("count_if(coalesce({x}, FALSE))", x=value(restart, frame, low))
        parts = [frame.node(part) for part in frame.parts]
        extended[groups[call]] = exp.Window(this=count, order=order, partition_by=parts)
    if not groups:
        return frame, groups
    computed = Frame(frame.source, extended, frame.where, frame.order, frame.parts, frame.numbered)
    return low.close(computed, "restart"), groups


def _restart_of(call: plan.Apply) -> int | None:
    formal = [parameter.name for parameter in parameters(call.function.signature)]
    return formal.index("restart") if "restart" in formal else None


def _group(frame: Frame, restart: plan.Column | None) -> exp.Expr | None:
    columns = [frame.node(part) for part in frame.parts]
    if restart is not None:
        columns.append(frame.node(restart))
    if not columns:
        return None
    return columns[0] if len(columns) == 1 else exp.Tuple(expressions=columns)
