"""Operators that make several rows of one, and those that run a body over pieces of the rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from huntlens.kql.bind import plan
from huntlens.kql.compile.frame import (
    Frame,
    Key,
    Names,
    Source,
    aliased,
    column,
    identifier,
    named,
    node_of,
    order_by,
    select,
)
from huntlens.kql.compile.special.convert import to_type
from huntlens.kql.compile.values import ready, value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.kql.compile.lower import Lowering
    from huntlens.kql.types import KqlType

__all__ = ["lower_mv_apply", "lower_mv_expand", "lower_partition"]


def lower_mv_expand(node: plan.MvExpand, low: Lowering) -> Frame:
    """`mv-expand`: a row for each item; null makes one row, an empty array none."""
    frame = ready(low.lower(node.input), [*node.values, node.limit], low)
    kept = [item for item in low.used(node) if item in frame.values and item not in node.outputs]
    return _expanded(node, frame, kept, node.index, arrays=node.arrays, low=low)


def _expanded(
    node: plan.MvExpand | plan.MvApply,
    frame: Frame,
    kept: Sequence[plan.Column],
    index: plan.Column | None,
    *,
    arrays: bool,
    low: Lowering,
) -> Frame:
    """A stage that unnests; columns of the input go along as they are."""
    limit = value(node.limit, frame, low) if node.limit is not None else None
    frame, parts = _plain_values(node, frame, low)
    lists = [
        _limited(_items_of(part, frame.node(item), to, low, arrays=arrays), limit, low)
        for part, item, to in zip(node.values, parts, node.to, strict=True)
    ]
    names = Names()
    kept = tuple(dict.fromkeys((*kept, *frame.parts)))
    items, values, order = low.project(Frame(frame.source, frame.values, order=frame.order), kept)
    for source in (*values.values(), *(key.source for key in order)):
        names.take(str(source))
    unnested: list[tuple[str, exp.Expr]] = []
    raw = {}
    for output, listed in zip(node.outputs, lists, strict=True):
        raw[output] = names.take(output.name)
        unnested.append((raw[output], listed))
    position = index if index is not None else low.unnamed("#item", "long") if order else None
    if position is not None:
        values[position] = names.take(position.name)
        lengths = [low.sql("len({x})" if low.target == "duckdb" else "size({x})", x=listed) for listed in lists]
        longest = lengths[0] if len(lengths) == 1 else low.sql("greatest({all...})", all=lengths)
        count = "range({n})" if low.target == "duckdb" else "slice(sequence(0, {n}), 1, {n})"
        unnested.append((str(values[position]), low.sql(count, n=longest)))
        if order:
            order = (*order, Key(values[position]))
    statement = _unnest(items, unnested, frame, low)
    values.update(raw)
    expanded = low.over(statement, "mv_expand", values, parts=frame.parts, order=order)
    for output, kind, part in zip(node.outputs, node.to, node.values, strict=True):
        if kind is not None and kind != "dynamic" and not (kind == "string" and low.target == "duckdb"):
            expanded.values[output] = converted(node_of(expanded.values[output]), kind, low, _item_type(part))
    return expanded


def _item_type(part: plan.Value) -> KqlType:
    return "dynamic" if part.type == "unknown" else part.type


def _plain_values(node: plan.MvExpand | plan.MvApply, frame: Frame, low: Lowering) -> tuple[Frame, list[plan.Column]]:
    """The frame with what is expanded as plain columns, since each is read several times."""
    parts: list[plan.Column] = []
    more: dict[plan.Column, Source] = {}
    for part in node.values:
        if isinstance(part, plan.ColumnUse) and isinstance(frame.values.get(part.column), str):
            parts.append(part.column)
            continue
        item = low.unnamed("#items", part.type)
        more[item] = value(part, frame, low)
        parts.append(item)
    if not more:
        return frame, parts
    return low.close(replace(frame, values={**frame.values, **more}), "items"), parts


def _unnest(
    items: Sequence[exp.Expr], lists: Sequence[tuple[str, exp.Expr]], frame: Frame, low: Lowering
) -> exp.Select:
    if low.target == "duckdb":
        made = [named(low.sql("unnest({x})", x=listed), name) for name, listed in lists]
        return select([*items, *made], frame.source, where=frame.where)
    zipped = low.sql("arrays_zip({all...})", all=[listed for _, listed in lists])
    inner = select([*items, named(low.sql("explode({x})", x=zipped), "#zip")], frame.source, where=frame.where)
    source = exp.Subquery(this=inner, alias=exp.TableAlias(this=identifier("expanded")))
    outer: list[exp.Expr] = [column(item.alias_or_name) for item in items]
    for number, (name, _) in enumerate(lists):
        outer.append(named(exp.Dot(this=column("#zip"), expression=identifier(str(number))), name))
    return select(outer, source)


def _items_of(node: plan.Value, made: exp.Expr, to: KqlType | None, low: Lowering, *, arrays: bool) -> exp.Expr:
    """The items of a dynamic value as a list: of an array, the pairs of a bag, or the value itself.

    Items that are to be strings come out as strings, which is three times as fast as JSON that is read afterwards.
    """
    if node.type not in ("dynamic", "unknown"):
        return low.sql("[{x}]" if low.target == "duckdb" else "array({x})", x=made)
    if low.target == "duckdb":
        pair = f"{'json_array' if arrays else 'json_object'}(k, json_extract({{x}}, concat('$.\"', k, '\"')))"
        array, bag, single = "CAST({x} AS JSON[])", pair, "{x}"
        if to == "string":
            array, bag, single = (
                "json_extract_string({x}, '$[*]')",
                f"CAST({pair} AS VARCHAR)",
                "json_extract_string({x}, '$')",
            )
        return low.sql(
            f"CASE json_type({{x}}) WHEN 'ARRAY' THEN {array} "
            f"WHEN 'OBJECT' THEN list_transform(json_keys({{x}}), lambda k: {bag}) ELSE [{single}] END",
            x=made,
        )
    shape = exp.Literal.string("arrays" if arrays else "bags")
    return low.sql("from_json(kql_items(coalesce({x}, 'null'), {shape}), 'array<string>')", x=made, shape=shape)


def _limited(items: exp.Expr, limit: exp.Expr | None, low: Lowering) -> exp.Expr:
    if limit is None:
        return items
    return low.sql("list_slice({x}, 1, {n})" if low.target == "duckdb" else "slice({x}, 1, {n})", x=items, n=limit)


def converted(node: exp.Expr, kind: KqlType, low: Lowering, source: KqlType = "dynamic") -> exp.Expr:
    """A value as another type, as the function `to<type>` makes it."""
    return to_type(node, source, kind, low.target)


# --- bodies -----------------------------------------------------------------------------------------------------


def lower_partition(node: plan.Partition, low: Lowering) -> Frame:
    """`partition by`: the body over the rows of each key, all at once, the key being a hidden column."""
    frame = low.lower(node.input)
    frame = ready(frame, [node.by], low)
    part = low.unnamed("#part", node.by.type)
    keyed = replace(
        frame,
        values={**frame.values, part: low.key(value(node.by, frame, low), node.by.type)},
        parts=(*frame.parts, part),
    )
    return _body(node.rows, node.body, low.close(keyed, "partition"), (part,), low)


def _body(
    rows: plan.Relation, body: plan.Relation, frame: Frame, hidden: Sequence[plan.Column], low: Lowering
) -> Frame:
    """The body lowered over a frame; the columns that cut it into pieces are hidden again behind it."""
    values = dict(frame.values)
    low.inputs[rows] = Frame(frame.source, values, frame.where, frame.order, frame.parts, frame.numbered)
    result = low.lower(body)
    del low.inputs[rows]
    if not set(hidden) <= set(result.parts):
        low.refuse(body.syntax, "the body does not begin with the rows that it is given")
    return result


def lower_mv_apply(node: plan.MvApply, low: Lowering) -> Frame:
    """`mv-apply`: the body over the items of each row; the other columns of the row come back behind it."""
    frame = low.close(low.lower(node.input), "rows")
    row = low.unnamed("#id", "long")
    number = low.row_number(order_by(frame.order) if frame.order else None)
    frame = low.close(replace(frame, values={**frame.values, row: number}), "numbered")
    kept = [item for item in low.used(node.rows) if item in frame.values and item not in node.outputs]
    expanded = _expanded(node, replace(frame, parts=(*frame.parts, row)), kept, node.index, arrays=False, low=low)
    result = _body(node.rows, node.body, expanded, (row,), low)
    wanted = [item for item in low.used(node) if item not in result.values]
    if wanted:
        result = _with_rows(result, frame, row, wanted, low)
    return Frame(
        result.source,
        {item: source for item, source in result.values.items() if item is not row},
        result.where,
        (Key(result.values[row]), *result.order) if frame.order else (),
        frame.parts,
    )


def _with_rows(result: Frame, frame: Frame, row: plan.Column, wanted: Sequence[plan.Column], low: Lowering) -> Frame:
    """The result of a body joined with columns of the rows that it came from."""
    body = low.close(result, "body")
    names = Names()
    values: dict[plan.Column, Source] = {}
    items = []
    for side, alias, columns in ((body, "b", tuple(body.values)), (frame, "r", tuple(wanted))):
        for item in columns:
            values[item] = names.take(item.name)
            items.append(named(column(str(side.values[item]), alias), str(values[item])))
    on = exp.EQ(this=column(str(body.values[row]), "b"), expression=column(str(frame.values[row]), "r"))
    statement = select(items, aliased(body, "b"), joins=[exp.Join(this=aliased(frame, "r"), on=on)])
    return low.over(statement, "mv_apply", values, parts=frame.parts)
