"""Operators that make rows or columns out of one value: `mv-expand`, `mv-apply`, `parse`, `parse-kv`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.operands import convert
from huntlens.kql.bind.options import option_name, option_text, option_values
from huntlens.kql.bind.result_names import Namer, result_name
from huntlens.kql.bind.sources import declared_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.kql.bind.context import Frame
    from huntlens.kql.types import KqlType

Expanded = tuple[plan.Value, plan.Column, "KqlType | None", bool]
"""A value to expand, its column, the type asked for, and whether the column replaces its namesake."""


def _item(frame: Frame, node: tree.MvItem) -> Expanded:
    expr = node.expr
    name = ""
    if isinstance(expr, tree.NamedArgument):
        value, name = frame.value(expr.value), expr.name.text
    else:
        value, name = frame.value(expr), result_name(expr)
    if value.type not in ("dynamic", "unknown") and not isinstance(value, plan.Constant):
        frame.context.report("not-expandable", node, found=value.type)
    to = declared_type(frame, node.to.type) if node.to is not None and node.to.type is not None else None
    column = plan.Column(name, to or ("dynamic" if value.type != "unknown" else "unknown"))
    if isinstance(expr, tree.NamedArgument):
        frame.context.mark(expr.name, column)
    elif isinstance(value, plan.ColumnUse):
        column.origin = value.column
    return value, column, to, True


def _expanded(
    frame: Frame, source: plan.Relation, items: Sequence[tree.MvItem]
) -> tuple[list[Expanded], list[plan.Column]]:
    """The items, and the columns of the input with the expanded ones in their places or behind."""
    inner = frame.over(source)
    made = [_item(inner, item) for item in items]
    columns = list(source.columns)
    places = {column.name: place for place, column in enumerate(columns)}
    namer = Namer(places)
    for _, column, _, _ in made:
        if not column.name:
            column.name = namer.unnamed()
        if column.name in places:
            columns[places[column.name]] = column
        else:
            places[column.name] = len(columns)
            columns.append(column)
    return made, columns


def _index(frame: Frame, options: Sequence[tree.Option], columns: list[plan.Column]) -> plan.Column | None:
    name = option_name(options, "with_itemindex")
    if name is None:
        return None
    column = plan.Column(name.text, "long")
    frame.context.mark(name, column)
    columns.append(column)
    return column


def bind_mv_expand(frame: Frame, source: plan.Relation, node: tree.MvExpand) -> plan.Relation:
    """`mv-expand`: a row for each element."""
    made, columns = _expanded(frame, source, node.items)
    index = _index(frame, node.options, columns)
    kind = option_text(node.options, "kind") or option_text(node.options, "bagexpansion", "bag")
    return plan.MvExpand(
        tuple(columns), node, source,
        tuple(value for value, _, _, _ in made), tuple(column for _, column, _, _ in made),
        tuple(to for _, _, to, _ in made), kind.lower() == "array", index,
        frame.outside().value(node.limit) if node.limit is not None else None, open=source.open,
    )  # fmt: skip


def bind_mv_apply(frame: Frame, source: plan.Relation, node: tree.MvApply) -> plan.Relation:
    """`mv-apply`: a subquery over the elements of each row."""
    made, columns = _expanded(frame, source, node.items)
    index = _index(frame, node.options, columns)
    rows = plan.Input(tuple(columns), node, open=source.open)
    frame.context.inputs[rows] = source
    body = frame.pipe(rows, node.body)
    own = {column for _, column, _, _ in made} | ({index} if index is not None else set())
    names = {column.name for column in body.columns}
    replaced = {column.name for column in own}
    outer = [column for column in source.columns if column.name not in names and column.name not in replaced]
    result = (*outer, *body.columns)
    return plan.MvApply(
        result, node, source,
        tuple(value for value, _, _, _ in made), tuple(column for _, column, _, _ in made),
        tuple(to for _, _, to, _ in made), index, rows, body,
        frame.outside().value(node.limit) if node.limit is not None else None, open=body.open,
    )  # fmt: skip


def _with_new(source: plan.Relation, new: Sequence[plan.Column]) -> tuple[plan.Column, ...]:
    """The columns of the input, with new ones in the place of their namesakes or behind."""
    columns = list(source.columns)
    places = {column.name: place for place, column in enumerate(columns)}
    for column in new:
        if column.name in places:
            columns[places[column.name]] = column
        else:
            places[column.name] = len(columns)
            columns.append(column)
    return tuple(columns)


def bind_parse(frame: Frame, source: plan.Relation, node: tree.Parse) -> plan.Relation:
    """`parse`: columns from the parts of a text."""
    value = convert(frame.over(source).value(node.expr), "string")
    pattern: list[str | plan.Column | None] = []
    new: list[plan.Column] = []
    for part in node.pattern:
        if isinstance(part, tree.Literal):
            pattern.append(str(part.value))
        elif isinstance(part, tree.ColumnDeclaration):
            column = plan.Column(part.name.text, declared_type(frame, part.type))
            frame.context.mark(part.name, column)
            pattern.append(column)
            new.append(column)
        else:
            pattern.append(None)
    kind = option_text(node.options, "kind", "simple").lower()
    flags = option_text(node.options, "flags")
    columns = _with_new(source, new)
    return plan.Parse(columns, node, source, value, kind, flags, tuple(pattern), node.only, open=source.open)


def bind_parse_kv(frame: Frame, source: plan.Relation, node: tree.ParseKv) -> plan.Relation:
    """`parse-kv`: columns from the values of named keys."""
    value = convert(frame.over(source).value(node.expr), "string")
    new = []
    for part in node.columns:
        column = plan.Column(part.name.text, declared_type(frame, part.type))
        frame.context.mark(part.name, column)
        new.append(column)
    columns = _with_new(source, new)
    return plan.ParseKv(columns, node, source, value, tuple(new), option_values(node.options), open=source.open)
