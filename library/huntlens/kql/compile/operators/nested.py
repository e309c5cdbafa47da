"""Operators that rank groups within groups: top-nested, top-hitters."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from huntlens.kql.bind import plan
from huntlens.kql.compile.frame import Frame, Key, Names, Source, aliased, column, named, select
from huntlens.kql.compile.operators.groups import grouped
from huntlens.kql.compile.operators.rows import first_rows
from huntlens.kql.compile.values import ready, value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.kql.compile.lower import Lowering

__all__ = ["lower_top_nested"]


def lower_top_nested(node: plan.TopNested, low: Lowering) -> Frame:
    """`top-nested`: at each level the first groups within each group of the level above."""
    read = [part for level in node.levels for part in (level.key, level.aggregate)]
    frame = low.close(ready(low.lower(node.input), read, low), "rows")
    path: list[plan.Column] = []
    totals: list[plan.Column] = []
    for number, level in enumerate(node.levels):
        key, total = node.columns[2 * number], node.columns[2 * number + 1]
        ranked = _ranked(frame, level, (*path, *totals), low)
        frame = _joined(frame, level, ranked, (*path, *totals), (key, total), low)
        path.append(key)
        totals.append(total)
    last = [(item, plan.ColumnUse(item.type, node.syntax, item)) for item in node.columns]
    return replace(grouped(frame, last, (), low, "top_nested"), order=())


def _ranked(
    frame: Frame, level: plan.TopNestedLevel, path: Sequence[plan.Column], low: Lowering
) -> tuple[Frame, plan.Column]:
    """The groups that stay at a level, within each group above."""
    key, total = low.unnamed("#key", level.key.type), low.unnamed("#total", level.aggregate.type)
    above = [(item, plan.ColumnUse(item.type, level.key.syntax, item)) for item in path]
    found = grouped(frame, [*above, (key, level.key)], [(total, level.aggregate)], low, "level")
    if level.amount is None:
        return found, key
    order = (Key(found.values[total], descending=level.descending, nulls_first=not level.descending),)
    cut = replace(found, order=order, parts=(*frame.parts, *path))
    return first_rows(cut, value(level.amount, Frame(exp.null(), {}), low), low, "level"), key


def _joined(
    frame: Frame,
    level: plan.TopNestedLevel,
    ranked: tuple[Frame, plan.Column],
    path: Sequence[plan.Column],
    made: tuple[plan.Column, plan.Column],
    low: Lowering,
) -> Frame:
    """The rows with the group that they fall into at a level, and the aggregate of that group."""
    kept, key = ranked
    rows = Frame(frame.source, {item: column(str(source), "rows") for item, source in frame.values.items()})
    own = low.key(value(level.key, rows, low), level.key.type)
    found = column(str(kept.values[key]), "kept")
    tests: list[exp.Expr] = [exp.NullSafeEQ(this=own, expression=found)]
    tests += [
        exp.NullSafeEQ(this=rows.node(item), expression=column(str(kept.values[item]), "kept"))
        for item in (*frame.parts, *path)
    ]
    on = tests[0]
    for test in tests[1:]:
        on = exp.And(this=on, expression=test)
    group: exp.Expr = found.copy()
    if level.others is not None:
        others = value(level.others, Frame(exp.null(), {}), low)
        matched = exp.Not(this=exp.Is(this=found.copy(), expression=exp.null()))
        group = exp.Case(ifs=[exp.If(this=matched, true=found.copy())], default=low.cast(others, level.key.type))
    names = Names()
    values: dict[plan.Column, Source] = {}
    items: list[exp.Expr] = []
    for item in frame.values:
        values[item] = names.take(item.name)
        items.append(named(rows.node(item), str(values[item])))
    values[made[0]] = names.take(made[0].name)
    items.append(named(group, str(values[made[0]])))
    join = exp.Join(this=aliased(kept, "kept"), side="LEFT" if level.others is not None else None, on=on)
    tagged = low.over(select(items, aliased(frame, "rows"), joins=[join]), "nested", values, parts=frame.parts)
    return _with_total(tagged, level, (*path, made[0]), made[1], low)


def _with_total(
    frame: Frame, level: plan.TopNestedLevel, path: Sequence[plan.Column], total: plan.Column, low: Lowering
) -> Frame:
    """The aggregate of the group of each row."""
    keys = [(item, plan.ColumnUse(item.type, level.key.syntax, item)) for item in path]
    totals = grouped(frame, keys, [(total, level.aggregate)], low, "totals")
    return _totals_joined(frame, totals, path, total, low)


def _totals_joined(
    frame: Frame, totals: Frame, path: Sequence[plan.Column], total: plan.Column, low: Lowering
) -> Frame:
    names = Names()
    values: dict[plan.Column, Source] = {}
    items: list[exp.Expr] = []
    for item, source in frame.values.items():
        values[item] = names.take(item.name)
        items.append(named(column(str(source), "rows"), str(values[item])))
    values[total] = names.take(total.name)
    items.append(named(column(str(totals.values[total]), "totals"), str(values[total])))
    on: exp.Expr = exp.true()
    for item in (*frame.parts, *path):
        same = exp.NullSafeEQ(
            this=column(str(frame.values[item]), "rows"), expression=column(str(totals.values[item]), "totals")
        )
        on = same if isinstance(on, exp.Boolean) else exp.And(this=on, expression=same)
    join = exp.Join(this=aliased(totals, "totals"), on=on)
    return low.over(select(items, aliased(frame, "rows"), joins=[join]), "nested", values, parts=frame.parts)
