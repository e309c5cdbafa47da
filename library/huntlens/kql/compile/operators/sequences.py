"""Plugins over rows in the order of time: sequences of conditions, percentiles over moving windows; and small ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from huntlens.kql.bind import plan
from huntlens.kql.compile.frame import Frame, Key, Names, Source, column, named, select, table
from huntlens.kql.compile.literal import constant
from huntlens.kql.compile.operators.activity import ticks
from huntlens.kql.compile.special.convert import to_type
from huntlens.kql.compile.values import fill, ready, value
from huntlens.kql.functions import find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.kql.compile.lower import Lowering

__all__ = ["plugin_dcount_intersect", "plugin_identity", "plugin_rolling_percentile", "plugin_sequence_detect"]

_NOTHING = Frame(exp.null(), {})


def plugin_identity(node: plan.Plugin, low: Lowering) -> Frame:
    """`identity`: the rows as they are."""
    return low.lower(node.input)


def plugin_dcount_intersect(node: plan.Plugin, low: Lowering) -> Frame:
    """`dcount_intersect`: how many values the first sketch holds, the first two share, the first three, and so on."""
    sketches = _values(node, low)
    frame = ready(low.lower(node.input), sketches, low)
    shared: exp.Expr | None = None
    values: dict[plan.Column, Source] = {}
    items = []
    for item, sketch in zip(node.columns, sketches, strict=True):
        found = low.sql("TRY_CAST({s} AS JSON[])", s=value(sketch, frame, low))
        shared = found if shared is None else low.sql("list_intersect({a}, {b})", a=shared, b=found)
        values[item] = item.name
        items.append(named(low.sql("len({l})", l=shared), item.name))
    return low.over(select(items, frame.source, where=frame.where), "intersections", values)


def _values(node: plan.Plugin, low: Lowering) -> list[plan.Value]:
    found = [item for item in node.arguments if isinstance(item, plan.Value)]
    if len(found) < len(node.arguments):
        low.refuse(node.syntax, f"{node.name} takes values, no tables")
    return found


def _stage(node: plan.Plugin, values: Sequence[tuple[str, exp.Expr]], frame: Frame, low: Lowering) -> str:
    items = [named(made, name) for name, made in values]
    return low.stage(select(items, frame.source, where=frame.where), node.name)


def _same(dimensions: Sequence[str], one: str, other: str) -> list[exp.Expr]:
    return [exp.NullSafeEQ(this=column(name, one), expression=column(name, other)) for name in dimensions]


def plugin_rolling_percentile(node: plan.Plugin, low: Lowering) -> Frame:
    """`rolling_percentile`: the percentile of the values of each bin and of the bins in front of it."""
    values = _values(node, low)
    if len(values) < 5:
        low.refuse(node.syntax, "rolling_percentile takes a value, a percentile, an index, a bin and a number of bins")
    measured, share, index, size, count, *dimensions = values
    percent, bins = (constant(value(item, _NOTHING, low)) for item in (share, count))
    if not isinstance(percent, int | float) or not isinstance(bins, int) or not 0 <= percent <= 100 or bins < 1:
        low.refuse(node.syntax, "the percentile and the number of bins have to be constants")
    frame = ready(low.lower(node.input), [measured, index, *dimensions], low)
    row = find("bin")
    assert row is not None
    call = plan.Apply(index.type, node.syntax, row, (index, size))
    step = value(size, _NOTHING, low)
    place = fill(call, [(value(index, frame, low), index.type), (step, size.type)], low)
    names = [f"d{number}" for number in range(len(dimensions))]
    keys = [low.key(value(item, frame, low), item.type) for item in dimensions]
    stage = _stage(
        node,
        [("place", place), ("v", value(measured, frame, low)), *zip(names, keys, strict=True)],
        frame,
        low,
    )
    before = low.sql("({b}) * {n}", b=low.cast(step, "long" if size.type == "timespan" else size.type),
                     n=exp.Literal.number(bins - 1))  # fmt: skip
    window = exp.Window(
        this=low.sql(f"quantile_disc(v, {percent / 100})"),
        partition_by=[column(name) for name in names],
        order=exp.Order(expressions=[exp.Ordered(this=ticks(column("place"), index.type, low))]),
        spec=exp.WindowSpec(kind="RANGE", start=before, start_side="PRECEDING", end="CURRENT ROW"),
    )
    items: list[exp.Expr] = [column("place"), *(column(name) for name in names), named(window, "q")]
    result: dict[plan.Column, Source] = dict(zip(node.columns, ["place", *names, "q"], strict=True))
    return low.over(select(items, table(stage), distinct=True), "windows", result, order=(Key("place"),))


def plugin_sequence_detect(node: plan.Plugin, low: Lowering) -> Frame:
    """`sequence_detect`: every way to meet the conditions one behind the other, within the windows.

    Each step is later than the one before it, by no more than the first window; all of them lie within the second.
    """
    timeline, step_window, span, *rest = _values(node, low)
    steps = [item for item in rest if item.type == "bool"]
    dimensions = [item for item in rest if item.type != "bool"]
    if len(steps) < 2:
        low.refuse(node.syntax, "sequence_detect takes two conditions or more, one for each step")
    frame = ready(low.lower(node.input), [timeline, *rest], low)
    dims = [f"d{number}" for number in range(len(dimensions))]
    made = [("t", ticks(value(timeline, frame, low), timeline.type, low))]
    made += [(name, low.key(value(item, frame, low), item.type)) for name, item in zip(dims, dimensions, strict=True)]
    made += [
        (f"s{number}", to_type(value(item, frame, low), item.type, "bool", low.target))
        for number, item in enumerate(steps)
    ]
    events = _stage(node, made, frame, low)
    limits = [value(item, _NOTHING, low) for item in (step_window, span)]
    joins: list[exp.Join] = []
    where: list[exp.Expr] = [column("s0", "e0")]
    for number in range(1, len(steps)):
        one, two = f"e{number - 1}", f"e{number}"
        tests: list[exp.Expr] = [
            *_same(dims, one, two),
            column(f"s{number}", two),
            exp.GT(this=column("t", two), expression=column("t", one)),
            low.sql("{b} - {a} <= {w}", a=column("t", one), b=column("t", two), w=limits[0]),
        ]
        on = tests[0]
        for test in tests[1:]:
            on = exp.And(this=on, expression=test)
        joins.append(exp.Join(this=table(events, two), on=on))
    last = f"e{len(steps) - 1}"
    length = low.sql("{b} - {a}", a=column("t", "e0"), b=column("t", last))
    where.append(low.sql("{d} <= {w}", d=length, w=limits[1]))
    moments: list[exp.Expr] = [column("t", f"e{number}") for number in range(len(steps))]
    if timeline.type == "datetime":
        moments = [low.sql("make_timestamp({t} // 10)", t=moment) for moment in moments]
    cells = [*(column(name, "e0") for name in dims), *moments, length]
    names, values = Names(), dict[plan.Column, Source]()
    for item in node.columns:
        values[item] = names.take(item.name)
    items = [named(cell, str(source)) for cell, source in zip(cells, values.values(), strict=True)]
    order = (Key(str(values[node.columns[len(dims)]])),)
    return low.over(select(items, table(events, "e0"), joins=joins, where=where), "sequences", values, order=order)
