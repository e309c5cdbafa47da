"""`make-series`, and the functions over series that give several results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.options import option_text
from huntlens.kql.bind.projection import named_items
from huntlens.kql.bind.result_names import Namer, result_name
from huntlens.kql.bind.summaries import aggregate_items, group_keys

if TYPE_CHECKING:
    from huntlens.kql.bind.context import Frame


def bind_make_series(frame: Frame, source: plan.Relation, node: tree.MakeSeries) -> plan.Relation:
    """`make-series`: the keys, an array for each aggregate, the axis as an array."""
    namer = Namer()
    keys = group_keys(frame, source, node.by, namer)
    over = frame.over(source, "aggregate")
    columns = [column for column, _ in keys]
    aggregates: list[plan.Value] = []
    defaults: list[plan.Value] = []
    for item in node.aggregates:
        default = frame.outside().value(item.default) if item.default is not None else plan.Constant("long", item, 0)
        for column, value in aggregate_items(over, item.expr, set()):
            made = plan.Column(namer.unique(column.name) if column.name else namer.unnamed(), "dynamic")
            if isinstance(item.expr, tree.NamedArgument):
                frame.context.mark(item.expr.name, made)
            columns.append(made)
            aggregates.append(value)
            defaults.append(default)
    column, axis = named_items(frame.over(source), node.axis)[0]
    columns.append(plan.Column(namer.unique(column.name or result_name(node.axis) or "Column1"), "dynamic"))
    outside = frame.outside()
    return plan.MakeSeries(
        tuple(columns), node, source, tuple(value for _, value in keys), tuple(aggregates), tuple(defaults), axis,
        outside.value(node.low) if node.low is not None else None,
        outside.value(node.high) if node.high is not None else None,
        outside.value(node.step), option_text(node.options, "kind").lower(),
    )  # fmt: skip
