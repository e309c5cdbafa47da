"""Operators that make one row of many: summarize, make-series."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from huntlens.kql.bind import plan
from huntlens.kql.compile.frame import Frame, Key, Names, Source, aliased, column, named, node_of, order_by, select
from huntlens.kql.compile.literal import SQL_TYPES, constant
from huntlens.kql.compile.operators.sources import range_value, steps_between
from huntlens.kql.compile.special.convert import to_type
from huntlens.kql.compile.template import build
from huntlens.kql.compile.values import ready, value, with_windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.kql.compile.lower import Lowering
    from huntlens.kql.types import KqlType

__all__ = ["lower_make_series", "lower_summarize"]

_BEST = {"arg_max": True, "argmax": True, "arg_min": False, "argmin": False}
"""Whether the greatest value wins."""
_WHOLE = frozenset({"int", "long", "datetime", "timespan"})
"""Types of an axis whose bins are counted in whole numbers."""
_LISTS = frozenset({"LIST", "ARRAY_AGG", "COLLECT_LIST"})


def lower_summarize(node: plan.Summarize, low: Lowering) -> Frame:
    """`summarize`: one row a group; one row over nothing where there are no keys."""
    used = set(low.used(node))
    aggregates = [
        (item, made) for item, made in zip(node.columns[len(node.keys) :], node.aggregates, strict=True) if item in used
    ]
    keys = list(zip(node.columns, node.keys, strict=False))
    best = _one_best(node)
    if keys and aggregates and best is not None:
        return _best_rows(low.lower(node.input), keys, aggregates, best, low)
    return grouped(low.lower(node.input), keys, aggregates, low, "summarize")


def _one_best(node: plan.Summarize) -> plan.Apply | None:
    """The `arg_max` or `arg_min` that all aggregates are columns of, if there is one."""
    first = node.aggregates[0] if node.aggregates else None
    if not isinstance(first, plan.Apply) or first.function.name not in _BEST or len(first.arguments) != 2:
        return None
    for other in node.aggregates[1:]:
        same = isinstance(other, plan.Apply) and other.function is first.function and len(other.arguments) == 2
        if not same or other.arguments[0] is not first.arguments[0]:  # type: ignore[attr-defined]  # an Apply by `same`
            return None
    return first


def _best_rows(
    frame: Frame,
    keys: Sequence[tuple[plan.Column, plan.Value]],
    aggregates: Sequence[tuple[plan.Column, plan.Value]],
    best: plan.Apply,
    low: Lowering,
) -> Frame:
    """`arg_max` alone: the first row of each group, which is three times as fast as an aggregate for each column."""
    taken = [(item, made.arguments[1]) for item, made in aggregates if isinstance(made, plan.Apply)]
    by = best.arguments[0]
    assert by is not None
    read = [*(made for _, made in keys), *(made for _, made in taken), by]
    frame = ready(with_windows(frame, [made for made in read if made is not None], low), read, low)
    values: dict[plan.Column, Source] = {item: low.key(value(made, frame, low), made.type) for item, made in keys}
    values.update({item: value(made, frame, low) for item, made in taken if made is not None})
    values.update({part: frame.values[part] for part in frame.parts})
    descending = _BEST[best.function.name]
    order = Key(low.key(value(by, frame, low), by.type), descending=descending, nulls_first=False)
    rank = low.unnamed("#rank", "long")
    partition = [node_of(values[item]) for item, _ in keys] + [frame.node(part) for part in frame.parts]
    values[rank] = exp.Window(this=exp.RowNumber(), partition_by=partition, order=order_by([order]))
    ranked = low.close(Frame(frame.source, values, frame.where, parts=frame.parts), "ranked")
    ranked.where.append(exp.EQ(this=ranked.node(rank), expression=exp.Literal.number(1)))
    del ranked.values[rank]
    return ranked


def grouped(
    frame: Frame,
    keys: Sequence[tuple[plan.Column, plan.Value]],
    aggregates: Sequence[tuple[plan.Column, plan.Value]],
    low: Lowering,
    name: str,
) -> Frame:
    """A stage that groups by keys, in each part of the frame."""
    read = [made for _, made in (*keys, *aggregates)]
    frame = with_windows(frame, read, low)
    frame = ready(frame, read, low)
    names = Names()
    values: dict[plan.Column, Source] = {}
    items: list[exp.Expr] = []

    def add(item: plan.Column, made: exp.Expr) -> None:
        values[item] = names.take(item.name)
        items.append(named(made, str(values[item])))

    for item, made in keys:
        add(item, low.key(value(made, frame, low), made.type))
    for part in frame.parts:
        add(part, frame.node(part))
    group: list[exp.Expr] = [exp.Literal.number(index + 1) for index in range(len(items))]
    for item, made in aggregates:
        add(item, in_order(value(made, frame, low), frame, low.target))
    if group and not aggregates:
        return low.over(select(items, frame.source, where=frame.where, distinct=True), name, values, parts=frame.parts)
    statement = select(items, frame.source, where=frame.where, group=group)
    return low.over(statement, name, values, parts=frame.parts)


def in_order(node: exp.Expr, frame: Frame, target: str) -> exp.Expr:
    """An aggregate, with the order of the rows given to the lists that it makes."""
    if not frame.order:
        return node
    for call in list(node.find_all(exp.Anonymous, exp.ArrayAgg)):
        inner = call.this if isinstance(call, exp.ArrayAgg) else call.expressions[0] if call.expressions else None
        name = call.this.upper() if isinstance(call, exp.Anonymous) and isinstance(call.this, str) else "LIST"
        if name not in _LISTS or inner is None or isinstance(inner, exp.Order | exp.Distinct):
            continue
        if target == "spark":
            whole = call.parent if isinstance(call.parent, exp.Filter) else call
            ordered = _ordered_on_spark(inner, whole, frame)
            if whole is node:
                return ordered
            whole.replace(ordered)
        else:
            inner.replace(exp.Order(this=inner.copy(), expressions=[key.ordered() for key in frame.order]))
    return node


def _ordered_on_spark(item: exp.Expr, whole: exp.Expr, frame: Frame) -> exp.Expr:
    """`collect_list` takes no order there: items are gathered with their keys, sorted, and taken out again."""
    keys = {f"k{number}": node_of(key.source) for number, key in enumerate(frame.order)}
    pairs = ", ".join(f"'{name}', {{{name}}}" for name in keys)
    present = whole.expression.this.copy() if isinstance(whole, exp.Filter) else exp.true()
    compare = "0"
    for name, key in reversed(list(zip(keys, frame.order, strict=True))):
        less, null = (1 if key.descending else -1), (-1 if key.nulls_first else 1)
        compare = (
            f"CASE WHEN a.{name} <=> b.{name} THEN {compare} WHEN a.{name} IS NULL THEN {null} "
            f"WHEN b.{name} IS NULL THEN {-null} WHEN a.{name} < b.{name} THEN {less} ELSE {-less} END"
        )
    gathered = f"collect_list(named_struct('v', {{v}}, {pairs})) FILTER (WHERE {{v}} IS NOT NULL AND {{present}})"
    text = f"transform(array_sort({gathered}, (a, b) -> {compare}), x -> x.v)"
    return build(text, "spark", {"v": item, "present": present, **keys})


# --- make-series ------------------------------------------------------------------------------------------------


def lower_make_series(node: plan.MakeSeries, low: Lowering) -> Frame:
    """`make-series`: the aggregates of each bin of the axis as arrays, one row for each key."""
    read = [*node.keys, *node.aggregates, node.axis]
    frame = low.close(ready(low.lower(node.input), read, low), "rows")
    low_column, step_column, count_column = (low.unnamed(name, "long") for name in ("#low", "#step", "#count"))
    bounds = _bounds(node, frame, (low_column, step_column, count_column), low)
    binned, bin_column, keys, aggregates = _binned(node, frame, bounds, (low_column, step_column), low)
    return _series(node, (binned, bounds), (low_column, step_column, count_column, bin_column), (keys, aggregates), low)


def _bounds(node: plan.MakeSeries, frame: Frame, columns: Sequence[plan.Column], low: Lowering) -> Frame:
    """One row: where the axis begins, its step, and the number of its points."""
    axis = value(node.axis, frame, low)
    nothing = Frame(exp.null(), {})
    step = value(node.step, nothing, low)
    kind = node.axis.type
    if node.low is not None:
        first = value(node.low, nothing, low)
    else:
        first = _floor(low.sql("min({x})", x=axis), step, kind, low)
    if node.high is not None:
        last = value(node.high, nothing, low)
        length = _between(kind, first, last, low)
        count = low.sql("greatest(CAST(ceil(CAST({d} AS DOUBLE) / {s}) AS BIGINT), 0)", d=length, s=step)
    else:
        count = steps_between(kind, first, low.sql("max({x})", x=axis), step, low)
    items = [named(made, item.name) for item, made in zip(columns, (first, step, count), strict=True)]
    open_ended = node.low is None or node.high is None
    statement = select(items, frame.source.copy() if open_ended else None)
    return low.over(statement, "axis", {item: item.name for item in columns})


def _between(kind: str, first: exp.Expr, last: exp.Expr, low: Lowering) -> exp.Expr:
    if kind == "datetime":
        micros = "epoch_us" if low.target == "duckdb" else "unix_micros"
        return low.sql(f"(({micros}({{b}}) - {micros}({{a}})) * 10)", a=first, b=last)
    return low.sql("({b} - {a})", a=first, b=last)


def _floor(node: exp.Expr, step: exp.Expr, kind: str, low: Lowering) -> exp.Expr:
    if kind == "datetime" and low.target == "spark":
        return low.sql(
            "timestamp_micros((unix_micros({x}) + 62135596800000000) * 10 div {s} * {s} div 10 - 62135596800000000)",
            x=node,
            s=step,
        )
    if kind == "datetime":
        return low.sql(
            "make_timestamp(CAST(floor((epoch_us({x}) + 62135596800000000) * 10.0 / {s}) AS BIGINT) * {s} // 10"
            " - 62135596800000000)",
            x=node,
            s=step,
        )
    if kind in ("int", "long", "timespan"):
        return low.sql("{x} - (({x} % {s}) + {s}) % {s}", x=node, s=step)
    return low.sql("CAST(floor({x} / {s}) AS DOUBLE) * {s}", x=node, s=step)


def _binned(
    node: plan.MakeSeries, frame: Frame, bounds: Frame, columns: Sequence[plan.Column], low: Lowering
) -> tuple[Frame, plan.Column, list[plan.Column], list[plan.Column]]:
    """The aggregates of each key and bin that has rows."""
    joined = Frame(
        frame.source,
        {**{item: column(str(source), "rows") for item, source in frame.values.items()},
         **{item: column(str(source), "axis") for item, source in bounds.values.items()}},
        order=tuple(replace(key, source=column(str(key.source), "rows")) for key in frame.order),
    )  # fmt: skip
    axis = value(node.axis, joined, low)
    first, step = (joined.node(item) for item in columns)
    distance = _between(node.axis.type, first, axis, low)
    whole = low.target == "duckdb" and node.axis.type in _WHOLE and node.step.type in _WHOLE
    number = "{d} // {s}" if whole else "CAST(floor(CAST({d} AS DOUBLE) / {s}) AS BIGINT)"
    index = low.sql(number, d=distance, s=step)
    conditions: list[exp.Expr] = [exp.GTE(this=value(node.axis, joined, low), expression=joined.node(columns[0]))]
    nothing = Frame(exp.null(), {})
    if node.high is not None:
        conditions.append(exp.LT(this=value(node.axis, joined, low), expression=value(node.high, nothing, low)))
    bin_column = low.unnamed("#bin", "long")
    keys = [low.unnamed(item.name, item.type) for item in node.columns[: len(node.keys)]]
    aggregates = [low.unnamed(f"#value{number}", made.type) for number, made in enumerate(node.aggregates)]
    made: list[tuple[plan.Column, exp.Expr]] = [
        (item, low.key(value(key, joined, low), key.type)) for item, key in zip(keys, node.keys, strict=True)
    ]
    made += [(part, joined.node(part)) for part in frame.parts]
    made.append((bin_column, index))
    group: list[exp.Expr] = [exp.Literal.number(number + 1) for number in range(len(made))]
    pairs = zip(aggregates, node.aggregates, strict=True)
    made += [(item, in_order(value(aggregate, joined, low), joined, low.target)) for item, aggregate in pairs]
    names = Names()
    values: dict[plan.Column, Source] = {item: names.take(item.name) for item, _ in made}
    items = [named(part, str(values[item])) for item, part in made]
    joins = [exp.Join(this=aliased(bounds, "axis"), kind="CROSS")]
    statement = select(items, aliased(frame, "rows"), joins=joins, where=conditions, group=group)
    return low.over(statement, "bins", values, parts=frame.parts), bin_column, keys, aggregates


def _series(
    node: plan.MakeSeries,
    frames: tuple[Frame, Frame],
    columns: tuple[plan.Column, plan.Column, plan.Column, plan.Column],
    made: tuple[list[plan.Column], list[plan.Column]],
    low: Lowering,
) -> Frame:
    """The arrays: the bins of each series in their order, the points without a bin between them."""
    keys, aggregates = made
    if low.target == "spark" and any(made.type not in ("int", "long", "real") for made in node.aggregates):
        low.refuse(node.syntax, "make-series makes series of numbers there; convert with tolong() or todouble()")
    points = low.unnamed("#points", "dynamic")
    bounds = _with_points(node, frames[1], columns[:3], points, low)
    packed = _packed(node, frames[0], columns[3], keys, aggregates, low)
    names = Names()
    values: dict[plan.Column, Source] = {}
    items: list[exp.Expr] = []

    def put(item: plan.Column, made: exp.Expr) -> None:
        values[item] = names.take(item.name)
        items.append(named(made, str(values[item])))

    count = column(str(bounds.values[columns[2]]), "axis")
    nothing = Frame(exp.null(), {})
    for item, key in zip(node.columns, keys, strict=False):
        put(item, column(str(packed.values[key]), "packed"))
    for part in packed.parts:
        put(part, column(str(packed.values[part]), "packed"))
    for number, (item, aggregate, default) in enumerate(
        zip(node.columns[len(keys) :], aggregates, node.defaults, strict=False)
    ):
        bins = column(str(packed.values[aggregate]), "packed")
        missing = value(default, nothing, low)
        kind = _common(aggregate.type, default.type, constant(missing))
        put(item, _dense(bins, number, kind, count, low.cast(missing, kind), low))
    put(node.columns[-1], column(str(bounds.values[points]), "axis"))
    joins = [exp.Join(this=aliased(bounds, "axis"), kind="CROSS")]
    return low.over(select(items, aliased(packed, "packed"), joins=joins), "series", values, parts=packed.parts)


def _common(kind: KqlType, default: KqlType, value: object) -> KqlType:
    """The type of the points: reals where whole numbers have a default such as `double(nan)`."""
    return "real" if kind in ("int", "long") and default == "real" and value is not None else kind


def _with_points(
    node: plan.MakeSeries, bounds: Frame, columns: Sequence[plan.Column], points: plan.Column, low: Lowering
) -> Frame:
    """The one row of the axis with all its points."""
    first, step, count = (bounds.node(item) for item in columns)
    each = _POINTS[low.target].replace("{point}", "{made}")
    made = range_value(node.axis.type, first, step, exp.column("i"), low)
    axis = _json_points(low.sql(each, n=count, made=made), node.axis.type, low)
    return low.close(replace(bounds, values={**bounds.values, points: low.sql("to_json({x})", x=axis)}), "points")


_POINTS = {
    "duckdb": "list_transform(range({n}), lambda i: {point})",
    "spark": "transform(slice(sequence(0, {n}), 1, CAST({n} AS INT)), i -> {point})",
}


def _dense(bins: exp.Expr, number: int, kind: KqlType, count: exp.Expr, missing: exp.Expr, low: Lowering) -> exp.Expr:
    """One value for each point of the axis from the bins of a series, as JSON."""
    if low.target == "spark":
        each = _POINTS["spark"].replace("{point}", "coalesce(try_element_at({bins}, i), {missing})")
        return low.sql(f"to_json({each})", n=count, bins=bins, missing=missing)
    empty = low.sql(f"CAST([] AS {SQL_TYPES['duckdb'][kind]}[])")
    own = f"CAST(b.v{number} AS DOUBLE)" if kind == "real" else f"b.v{number}"
    gap = "list_resize({empty}, b.i - coalesce({bins}[k - 1].i, -1) - 1, {missing})"
    each = f"list_transform({{bins}}, lambda b, k: list_append({gap}, coalesce({own}, {{missing}})))"
    made = f"list_resize(coalesce(flatten({each}), {{empty}}), {{n}}, {{missing}})"
    return low.sql(f"to_json({made})", bins=bins, empty=empty, n=count, missing=missing)


def _packed(
    node: plan.MakeSeries,
    binned: Frame,
    bin_column: plan.Column,
    keys: Sequence[plan.Column],
    aggregates: Sequence[plan.Column],
    low: Lowering,
) -> Frame:
    """One row a series: its bins in order, as structures of number and aggregates; for Spark a map of each."""
    names = Names()
    values: dict[plan.Column, Source] = {}
    items: list[exp.Expr] = []
    for item in (*keys, *binned.parts):
        values[item] = names.take(item.name)
        items.append(named(binned.node(item), str(values[item])))
    group: list[exp.Expr] = [exp.Literal.number(number + 1) for number in range(len(items))]
    made = [binned.node(item) for item in aggregates]
    if low.target == "duckdb":
        fields = ", ".join(f"v{number} := {{v{number}}}" for number in range(len(made)))
        each = {f"v{number}": node for number, node in enumerate(made)}
        bins = low.sql(f"list_sort(list(struct_pack(i := {{bin}}, {fields})))", bin=binned.node(bin_column), **each)
        values.update(dict.fromkeys(aggregates, names.take("#bins")))
        items.append(named(bins, "#bins"))
    else:
        for item, node_ in zip(aggregates, made, strict=True):
            values[item] = names.take(item.name)
            entries = "map_from_entries(collect_list(struct({bin}, {v})))"
            items.append(named(low.sql(entries, bin=binned.node(bin_column), v=node_), str(values[item])))
    statement = select(items, binned.source, group=group)
    if not group and node.kind != "nonempty":
        some = low.sql("count(*) > 0")
        statement.set("having", exp.Having(this=some))
    return low.over(statement, "packed", values, parts=binned.parts)


def _json_points(points: exp.Expr, kind: KqlType, low: Lowering) -> exp.Expr:
    """Points of the axis as they look within a dynamic array."""
    if kind in ("datetime", "timespan"):
        shown = to_type(exp.column("t"), kind, "string", low.target)
        each = "list_transform({p}, lambda t: {shown})" if low.target == "duckdb" else "transform({p}, t -> {shown})"
        return low.sql(each, p=points, shown=shown)
    return points
