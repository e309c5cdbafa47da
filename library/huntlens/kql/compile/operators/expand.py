"""Operators that make several rows of one, and those that run a body over pieces of the rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

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
from huntlens.kql.compile.paths import plain_read
from huntlens.kql.compile.special.convert import from_json_text, to_type
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
    frame, lists = _lists(node, frame, limit, low, arrays=arrays)
    ordered = index is not None or bool(frame.order)
    if ordered:  # each is read twice then
        frame, lists = _as_columns(frame, lists, low)
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
    if ordered:
        position = index if index is not None else low.unnamed("#item", "long")
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
        if kind is None or kind == "dynamic":
            continue
        made = node_of(expanded.values[output])
        if not _as_text(part, kind, low):
            expanded.values[output] = converted(made, kind, low, _item_type(part))
        elif kind != "string":
            expanded.values[output] = from_json_text(made, made, kind)
    return expanded


def _item_type(part: plan.Value) -> KqlType:
    return "dynamic" if part.type == "unknown" else part.type


def _as_text(part: plan.Value, to: KqlType | None, low: Lowering) -> bool:
    """Whether items come out as their texts, which is faster than JSON that is read afterwards.

    Whole numbers do not: of `"1.5"` and `1.5` only the second is one.
    """
    wanted = to is not None and to not in ("dynamic", "int", "long")
    return wanted and low.target == "duckdb" and part.type in ("dynamic", "unknown")


def _lists(
    node: plan.MvExpand | plan.MvApply, frame: Frame, limit: exp.Expr | None, low: Lowering, *, arrays: bool
) -> tuple[Frame, list[exp.Expr]]:
    """The items of each value as a list, over a frame in which all that is read several times is a plain column."""
    frame, found = _plain_values(node, frame, low)
    texts: dict[plan.Column, Source] = {}
    items: list[plan.Column | None] = []
    for (place, path), part, to in zip(found, node.values, node.to, strict=True):
        items.append(low.unnamed("#items", "dynamic") if _as_text(part, to, low) else None)
        if (made := items[-1]) is not None:
            each = exp.Literal.string(f"{path}[*]")
            texts[made] = low.sql("json_extract_string({x}, {path})", x=frame.node(place), path=each)
    frame = low.close(replace(frame, values={**frame.values, **texts}), "items")
    lists = []
    for (place, path), item, part in zip(found, items, node.values, strict=True):
        whole = frame.node(place)
        if item is None:
            listed = _items_of(part, whole, low, arrays=arrays)
        else:
            if path != "$":
                whole = low.sql("json_extract({x}, {path})", x=whole, path=exp.Literal.string(path))
            listed = _texts_of(frame.node(item), whole, low, arrays=arrays)
        lists.append(_limited(listed, limit, low))
    return frame, lists


def _plain_values(
    node: plan.MvExpand | plan.MvApply, frame: Frame, low: Lowering
) -> tuple[Frame, list[tuple[plan.Column, str]]]:
    """The frame with a plain column for each value that is expanded, and the path to it within that column."""
    found: list[tuple[plan.Column, str]] = []
    more: dict[plan.Column, Source] = {}
    for part, to in zip(node.values, node.to, strict=True):
        read = plain_read(part) if _as_text(part, to, low) and part not in low.substitutes else None
        if isinstance(part, plan.ColumnUse) and isinstance(frame.values.get(part.column), str):
            found.append((part.column, "$"))
        elif read is not None and isinstance(frame.values.get(read[0]), str):
            found.append(read)
        else:
            item = low.unnamed("#items", part.type)
            more[item] = value(part, frame, low)
            found.append((item, "$"))
    if not more:
        return frame, found
    return low.close(replace(frame, values={**frame.values, **more}), "items"), found


def _as_columns(frame: Frame, lists: list[exp.Expr], low: Lowering) -> tuple[Frame, list[exp.Expr]]:
    made: dict[plan.Column, Source] = {low.unnamed("#items", "dynamic"): listed for listed in lists}
    frame = low.close(replace(frame, values={**frame.values, **made}), "items")
    return frame, [frame.node(item) for item in made]


def _unnest(
    items: Sequence[exp.Expr], lists: Sequence[tuple[str, exp.Expr]], frame: Frame, low: Lowering
) -> exp.Select:
    if low.target == "duckdb":
        made = [named(low.sql("unnest({x})", x=listed), name) for name, listed in lists]
        return select([*items, *made], frame.source, where=frame.where)
    nameless = [low.sql("coalesce({x})", x=listed) for _, listed in lists]  # else its fields have the columns' names
    zipped = low.sql("arrays_zip({all...})", all=nameless)
    inner = select([*items, named(low.sql("explode({x})", x=zipped), "#zip")], frame.source, where=frame.where)
    source = exp.Subquery(this=inner, alias=exp.TableAlias(this=identifier("expanded")))
    outer: list[exp.Expr] = [column(item.alias_or_name) for item in items]
    for number, (name, _) in enumerate(lists):
        outer.append(named(exp.Dot(this=column("#zip"), expression=identifier(str(number))), name))
    return select(outer, source)


def _items_of(node: plan.Value, made: exp.Expr, low: Lowering, *, arrays: bool) -> exp.Expr:
    """The items of a dynamic value as a list: of an array, the pairs of a bag, or the value itself."""
    if node.type not in ("dynamic", "unknown"):
        return low.sql("[{x}]" if low.target == "duckdb" else "array({x})", x=made)
    if low.target == "duckdb":
        return low.sql(
            f"CASE json_type({{x}}) WHEN 'ARRAY' THEN CAST({{x}} AS JSON[]) "
            f"WHEN 'OBJECT' THEN list_transform(json_keys({{x}}), lambda k: {_PAIR[arrays]}) ELSE [{{x}}] END",
            x=made,
        )
    shape = exp.Literal.string("arrays" if arrays else "bags")
    return low.sql("from_json(kql_items(coalesce({x}, 'null'), {shape}), 'array<string>')", x=made, shape=shape)


def _texts_of(texts: exp.Expr, whole: exp.Expr, low: Lowering, *, arrays: bool) -> exp.Expr:
    """The same as texts; `texts` are the items where the value is an array, so the rest is seldom asked."""
    return low.sql(
        "CASE WHEN len({texts}) > 0 THEN {texts} ELSE CASE json_type({x}) WHEN 'ARRAY' THEN [] WHEN 'OBJECT' THEN "
        f"list_transform(json_keys({{x}}), lambda k: CAST({_PAIR[arrays]} AS VARCHAR)) "
        "ELSE [json_extract_string({x}, '$')] END END",
        texts=texts,
        x=whole,
    )


_AT_KEY: Final = "json_extract({x}, concat('/', replace(replace(k, '~', '~0'), '/', '~1')))"
_PAIR: Final = {False: f"json_object(k, {_AT_KEY})", True: f"json_array(k, {_AT_KEY})"}
"""A pair of a bag as a bag or as an array of its own; the key is a JSON pointer, which takes any character."""


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
