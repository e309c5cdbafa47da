"""Operators over several relations: join, lookup, union, fork."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from huntlens.kql.bind import plan
from huntlens.kql.compile.frame import Frame, Names, Source, aliased, column, identifier, named, select
from huntlens.kql.compile.values import value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.kql.compile.lower import Lowering

__all__ = ["lower_join", "lower_union"]

_SIDES = {"leftouter": "LEFT", "rightouter": "RIGHT", "fullouter": "FULL"}
_HALVES = {
    "leftsemi": ("SEMI", False), "leftanti": ("ANTI", False), "anti": ("ANTI", False),
    "leftantisemi": ("ANTI", False), "rightsemi": ("SEMI", True), "rightanti": ("ANTI", True),
    "rightantisemi": ("ANTI", True),
}  # fmt: skip


def lower_join(node: plan.Join, low: Lowering) -> Frame:
    """`join` and `lookup` of every kind."""
    left = low.close(low.lower(node.left), "left", columns=low.used(node.left))
    right = low.close(low.lower(node.right), "right", columns=low.used(node.right))
    if node.kind == "innerunique":
        left = first_by(left, [pair[0] for pair in node.pairs], low)
    if node.kind in _HALVES:
        return _half_join(node, left, right, low)
    if node.kind not in ("inner", "innerunique", *_SIDES):
        low.refuse(node.syntax, f"a join of kind '{node.kind}' is not known")
    one, two = qualified(left, "l"), qualified(right, "r")
    names = Names()
    values: dict[plan.Column, Source] = {}
    items = []
    for item, output in _used_outputs(node, low):
        values[item] = names.take(item.name)
        side = one if output in one.values else two
        items.append(named(side.node(output), str(values[item])))
    parts = _parts(one, two)
    for part in parts:
        values[part] = names.take(part.name)
        items.append(named((one if part in one.values else two).node(part), str(values[part])))
    joined = exp.Join(this=aliased(right, "r"), side=_SIDES.get(node.kind), on=_condition(node, one, two, low))
    return low.over(select(items, aliased(left, "l"), joins=[joined]), "join", values, parts=parts)


def _used_outputs(node: plan.Join, low: Lowering) -> list[tuple[plan.Column, plan.Column]]:
    used = set(low.used(node))
    return [(item, output) for item, output in zip(node.columns, node.outputs, strict=True) if item in used]


def _half_join(node: plan.Join, left: Frame, right: Frame, low: Lowering) -> Frame:
    kind, swapped = _HALVES[node.kind]
    one, two = qualified(left, "l"), qualified(right, "r")
    on = _condition(node, one, two, low)
    kept, other, alias = (two, left, "r") if swapped else (one, right, "l")
    names = Names()
    values: dict[plan.Column, Source] = {}
    items = []
    for item, output in _used_outputs(node, low):
        values[item] = names.take(item.name)
        items.append(named(kept.node(output), str(values[item])))
    for part in kept.parts:
        values[part] = names.take(part.name)
        items.append(named(kept.node(part), str(values[part])))
    side = None if low.target == "duckdb" else "LEFT"
    joined = exp.Join(this=aliased(other, "l" if swapped else "r"), side=side, kind=kind, on=on)
    source = aliased(right if swapped else left, alias)
    return low.over(select(items, source, joins=[joined]), "join", values, parts=kept.parts)


def qualified(frame: Frame, alias: str) -> Frame:
    """The frame with its columns written `alias.column`."""
    values: dict[plan.Column, Source] = {item: column(str(source), alias) for item, source in frame.values.items()}
    return Frame(frame.source, values, parts=frame.parts)


def _parts(one: Frame, two: Frame) -> tuple[plan.Column, ...]:
    return tuple(dict.fromkeys((*one.parts, *two.parts)))


def _condition(node: plan.Join, one: Frame, two: Frame, low: Lowering) -> exp.Expr:
    tests: list[exp.Expr] = []
    for left, right in node.pairs:
        a, b = value(left, one, low), value(right, two, low)
        tests.append(exp.EQ(this=low.key(a, left.type), expression=low.key(b, right.type)))
    tests += [exp.EQ(this=one.node(part), expression=two.node(part)) for part in one.parts if part in two.parts]
    result = tests[0] if tests else exp.true()
    for test in tests[1:]:
        result = exp.And(this=result, expression=test)
    return result


def first_by(frame: Frame, keys: Sequence[plan.Value], low: Lowering) -> Frame:
    """One row for each value of the keys: what `innerunique` makes of its left side."""
    made = [low.key(value(key, frame, low), key.type) for key in keys]
    made += [frame.node(part) for part in frame.parts]
    items, values, _ = low.project(Frame(frame.source, frame.values), tuple(frame.values))
    key_columns = {key.column for key in keys if isinstance(key, plan.ColumnUse)} | set(frame.parts)
    if set(values) <= key_columns:
        statement = select(items, frame.source, distinct=True)
    elif low.target == "duckdb":
        statement = select(items, frame.source)
        statement.set("distinct", exp.Distinct(on=exp.Tuple(expressions=made)))
    else:
        order = exp.Order(expressions=[exp.Ordered(this=low.sql("monotonically_increasing_id()"))])
        rank = exp.Window(this=exp.RowNumber(), partition_by=made, order=order)
        inner = select([*items, named(rank, "#rank")], frame.source)
        first = exp.EQ(this=column("#rank"), expression=exp.Literal.number(1))
        source = exp.Subquery(this=inner, alias=exp.TableAlias(this=identifier("ranked")))
        statement = select([column(str(name)) for name in values.values()], source, where=[first])
    return low.over(statement, "unique", values, parts=frame.parts)


def lower_union(node: plan.Union, low: Lowering) -> Frame:
    """`union`: every row of every input; a column that an input lacks is null."""
    used = low.used(node)
    names = Names()
    values: dict[plan.Column, Source] = {item: names.take(item.name) for item in used}
    frames = [low.lower(source) for source in node.inputs]
    parts = tuple(dict.fromkeys(part for frame in frames for part in frame.parts))
    values.update({part: names.take(part.name) for part in parts})
    result: exp.Expr | None = None
    for index, frame in enumerate(frames):
        items = []
        for position, item in enumerate(node.columns):
            if item not in values:
                continue
            cell = _cell(node, index, position, frame, low)
            items.append(named(cell, str(values[item])))
        items += [named(frame.node(part), str(values[part])) for part in parts]
        one = select(items, frame.source, where=frame.where)
        result = one if result is None else exp.Union(this=result, expression=one, distinct=False)
    assert result is not None
    return low.over(result, "union", values, parts=parts)


def _cell(node: plan.Union, index: int, position: int, frame: Frame, low: Lowering) -> exp.Expr:
    item = node.columns[position]
    if node.source and position == 0:
        return exp.Literal.string(node.labels[index])
    slot = node.slots[index][position]
    if slot is None:
        return low.null(item.type)
    made = frame.node(slot)
    return made if slot.type == item.type else low.cast(made, item.type)
