"""Operators that keep, drop, order and compute over single rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from huntlens.kql.bind import plan
from huntlens.kql.compile.frame import Frame, Key, Names, Source, named, node_of, order_by, select
from huntlens.kql.compile.values import column_value, condition, ready, value, with_windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.kql.compile.lower import Lowering

__all__ = [
    "lower_count", "lower_distinct", "lower_filter", "lower_project", "lower_render", "lower_sample",
    "lower_serialize", "lower_sort", "lower_take", "lower_top",
]  # fmt: skip


def lower_filter(node: plan.Filter, low: Lowering) -> Frame:
    """`where`."""
    frame = low.lower(node.input)
    frame = with_windows(frame, [node.predicate], low)
    frame = ready(frame, [node.predicate], low)
    return replace(frame, where=[*frame.where, *condition(node.predicate, frame, low)])


def lower_project(node: plan.Project, low: Lowering) -> Frame:
    """`project`, `extend` and their kin."""
    frame = low.lower(node.input)
    used = set(low.used(node))
    pairs = [(item, made) for item, made in zip(node.columns, node.values, strict=True) if item in used]
    return _project(frame, pairs, low)


def _project(frame: Frame, pairs: Sequence[tuple[plan.Column, plan.Value]], low: Lowering) -> Frame:
    computed = [made for _, made in pairs if not isinstance(made, plan.ColumnUse)]
    frame = with_windows(frame, computed, low)
    frame = ready(frame, computed, low)
    values = {item: column_value(made, frame, low) for item, made in pairs}
    return frame.with_values(values)


def lower_serialize(node: plan.Serialize, low: Lowering) -> Frame:
    """`serialize`: the order that rows have is kept from here on."""
    frame = low.lower(node.input)
    used = set(low.used(node))
    pairs = [(item, made) for item, made in zip(node.columns, node.values, strict=True) if item in used]
    return _project(frame, pairs, low)


def lower_sort(node: plan.Sort, low: Lowering) -> Frame:
    """`sort by`: the order is kept pending until rows are cut off, numbered or shown."""
    frame = low.lower(node.input)
    return replace(_sorted(frame, node.keys, low), numbered=False)


def _sorted(frame: Frame, keys: Sequence[plan.SortKey], low: Lowering) -> Frame:
    frame = with_windows(frame, [key.value for key in keys], low)
    frame = ready(frame, [key.value for key in keys], low)
    order = []
    for key in keys:
        source = column_value(key.value, frame, low)
        alike = key is keys[-1] and key.nulls_first is not key.descending and isinstance(source, str)
        if key.value.type == "string" and not alike:  # where NULL and '' come out side by side, nothing is to be done
            source = low.key(node_of(source), "string")
        order.append(Key(source, key.descending, key.nulls_first))
    return replace(frame, order=tuple(order))


def lower_take(node: plan.Take, low: Lowering) -> Frame:
    """`take`: the first rows where the rows have an order, any otherwise."""
    frame = low.lower(node.input)
    return first_rows(frame, value(node.amount, frame, low), low, "take")


def lower_top(node: plan.Top, low: Lowering) -> Frame:
    """`top n by ...`."""
    frame = _sorted(low.lower(node.input), node.keys, low)
    return first_rows(frame, value(node.amount, frame, low), low, "top")


def first_rows(frame: Frame, amount: exp.Expr, low: Lowering, name: str) -> Frame:
    """The first rows of a frame, in each of its parts."""
    if frame.parts:
        return _first_of_parts(frame, amount, low, name)
    frame = unshadowed(frame, low)
    items, values, order = low.project(frame, tuple(frame.values))
    statement = select(items, frame.source, where=frame.where, order=frame.order, limit=amount)
    return low.over(statement, name, values, order=order, numbered=frame.numbered)


def _first_of_parts(frame: Frame, amount: exp.Expr, low: Lowering, name: str) -> Frame:
    rank = low.unnamed("#rank", "long")
    ranked = replace(frame, values={**frame.values, rank: row_number(frame, frame.parts)})
    closed = low.close(ranked, "rank")
    closed.where.append(exp.LTE(this=closed.node(rank), expression=amount))
    del closed.values[rank]
    return low.close(closed, name)


def row_number(frame: Frame, parts: Sequence[plan.Column]) -> exp.Expr:
    """The number of a row in the order of a frame, in each of its parts."""
    order = order_by(frame.order) if frame.order else None
    partition = [frame.node(part) for part in parts]
    return exp.Window(this=exp.RowNumber(), order=order, partition_by=partition)


def unshadowed(frame: Frame, low: Lowering) -> Frame:
    """The frame, closed where ORDER BY would take a computed column for a column of the source that it hides."""
    made = {
        item.name.casefold()
        for item, source in frame.values.items()
        if not isinstance(source, str) or source != item.name
    }
    for key in frame.order:
        read = [key.source] if isinstance(key.source, str) else [part.name for part in key.source.find_all(exp.Column)]
        if any(name.casefold() in made for name in read):
            return low.close(frame, "sort", always=True)
    return frame


def lower_distinct(node: plan.Distinct, low: Lowering) -> Frame:
    """`distinct`: '' and null are one string."""
    frame = ready(low.lower(node.input), node.values, low)
    names = Names()
    values: dict[plan.Column, Source] = {}
    items = []
    for item, made in zip(node.columns, node.values, strict=True):
        values[item] = names.take(item.name)
        items.append(named(low.key(value(made, frame, low), made.type), str(values[item])))
    for part in frame.parts:
        values[part] = names.take(part.name)
        items.append(named(frame.node(part), str(values[part])))
    statement = select(items, frame.source, where=frame.where, distinct=True)
    return low.over(statement, "distinct", values, parts=frame.parts)


def lower_count(node: plan.Count, low: Lowering) -> Frame:
    """`count`: one row, also over no rows."""
    frame = low.lower(node.input)
    names = Names()
    (item,) = node.columns
    values: dict[plan.Column, Source] = {item: names.take(item.name)}
    parts = {part: names.take(part.name) for part in frame.parts}
    items = [named(exp.Count(this=exp.Star()), str(values[item]))]
    items += [named(frame.node(part), name) for part, name in parts.items()]
    statement = select(items, frame.source, where=frame.where, group=[frame.node(part) for part in parts])
    return low.over(statement, "count", {**values, **parts}, parts=frame.parts)


def lower_sample(node: plan.Sample, low: Lowering) -> Frame:
    """`sample n`: rows by chance."""
    frame = low.lower(node.input)
    chance = replace(frame, order=(Key(low.sql("random()" if low.target == "duckdb" else "rand()")),), numbered=False)
    taken = first_rows(chance, value(node.amount, frame, low), low, "sample")
    return replace(taken, order=())


def lower_render(node: plan.Render, low: Lowering) -> Frame:
    """`render`: said beside the rows, see `Statement.render`."""
    return low.lower(node.input)
