"""`summarize`, and the aggregates that make several columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.operands import row
from huntlens.kql.bind.projection import named_items
from huntlens.kql.bind.result_names import Namer, number_text, result_name
from huntlens.kql.functions.returns import return_type

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from huntlens.kql.bind.context import Frame
    from huntlens.kql.bind.projection import Item


def bind_summarize(frame: Frame, source: plan.Relation, node: tree.Summarize) -> plan.Relation:
    """`summarize`: the keys, then the aggregates."""
    namer = Namer(avoided=(column.name for column in source.columns))
    keys = group_keys(frame, source, node.by, namer)
    over = frame.over(source, "aggregate")
    used = {column.name for column, _ in keys}
    items: list[Item] = []
    for item in node.aggregates:
        for column, value in aggregate_items(over, item, used):
            fixed = isinstance(item, tree.NamedArgument)
            column.name = _named(column.name, namer, fixed=fixed)
            items.append((column, value))
    columns = tuple(column for column, _ in (*keys, *items))
    key_values = tuple(value for _, value in keys)
    return plan.Summarize(columns, node, source, key_values, tuple(value for _, value in items))


def _named(name: str, namer: Namer, *, fixed: bool) -> str:
    del fixed
    return namer.unique(name) if name else namer.unnamed()


def group_keys(frame: Frame, source: plan.Relation, by: Sequence[tree.Expr], namer: Namer) -> list[Item]:
    """The keys to group by; a dynamic value cannot be one."""
    keys: list[Item] = []
    for item in by:
        for column, value in named_items(frame.over(source), item):
            if value.type == "dynamic":
                frame.context.report("not-dynamic", item)
            name = _named(column.name, namer, fixed=False)
            if name != column.name:
                if isinstance(value, plan.ColumnUse) and value.column is column:
                    column = plan.Column(name, column.type)
                column.name = name
            keys.append((column, value))
    return keys


def aggregate_items(frame: Frame, node: tree.Expr, keys: set[str]) -> list[Item]:
    """The columns of one aggregate; most make one."""
    names: list[tree.Name] = []
    inner = node
    if isinstance(node, tree.NamedArgument):
        names, inner = [node.name], node.value
    elif isinstance(node, tree.NamedColumns):
        names, inner = node.names, node.value
    while isinstance(inner, tree.Paren):
        inner = inner.inner
    spread = SPREAD.get(inner.name.text) if isinstance(inner, tree.Call) else None
    if spread is None or not isinstance(inner, tree.Call):
        if isinstance(node, tree.NamedColumns):
            return named_items(frame, node)
        return _checked(frame, node)
    known = row(inner.name.text)
    frame.context.mark(inner.name, known)
    items = spread(frame, inner, keys)
    for name, place in zip(names, range(len(items)), strict=False):
        column = plan.Column(name.text, items[place][0].type)
        frame.context.mark(name, column)
        items[place] = (column, items[place][1])
    return items


def _checked(frame: Frame, node: tree.Expr) -> list[Item]:
    items = named_items(frame, node)
    for place, (column, value) in enumerate(items):
        if not has_aggregate(value) and value.type != "unknown":
            frame.context.report("aggregate-expected", node)
        if isinstance(value, plan.ColumnUse) and value.column is column:
            items[place] = (plan.Column(column.name, column.type), value)
    return items


def has_aggregate(value: plan.Value | None) -> bool:
    """Whether an aggregate is anywhere within a value."""
    stack = [value]
    while stack:
        current = stack.pop()
        if isinstance(current, plan.Apply):
            if current.function.kind == "aggregate" or current.type == "unknown":
                return True
            stack.extend(current.arguments)
        elif isinstance(current, plan.Variable):
            return True
    return False


def _spread_best(frame: Frame, node: tree.Call, keys: set[str]) -> list[Item]:
    """`arg_max(a, b, *)`: the row where `a` is largest; one `Apply` for each column, all over the same `a`."""
    if not node.arguments:
        return _checked(frame, node)
    inner = frame.at("inside")
    function = row({"argmax": "arg_max", "argmin": "arg_min"}.get(node.name.text, node.name.text))
    best = inner.value(node.arguments[0])
    first = result_name(node.arguments[0]) or f"{node.name.text.removeprefix('arg_')}_"
    items: list[Item] = [(plan.Column(first, best.type), _pair(function, node, best, best))]
    for item in node.arguments[1:]:
        for column, value in named_items(inner, item):
            if isinstance(item, tree.Star) and (column.name in keys or column.name == first):
                continue
            items.append((plan.Column(column.name, column.type), _pair(function, node, best, value)))
    return items


def _pair(function: object, node: tree.Node, best: plan.Value, value: plan.Value) -> plan.Apply:
    return plan.Apply(value.type, node, function, (best, value))  # type: ignore[arg-type]


def _spread_any(frame: Frame, node: tree.Call, keys: set[str]) -> list[Item]:
    """`take_any(a, b)` and `take_any(*)`: any value of each column."""
    prefix = "any_" if node.name.text in ("any", "anyif") else ""
    function = row("take_any")
    items: list[Item] = []
    for item in node.arguments:
        for column, value in named_items(frame.at("inside"), item):
            if isinstance(item, tree.Star) and column.name in keys:
                continue
            name = prefix + column.name
            items.append((plan.Column(name, value.type), plan.Apply(value.type, node, function, (value,))))
    return items


def _spread_percentiles(frame: Frame, node: tree.Call, keys: set[str]) -> list[Item]:
    """`percentiles(x, 5, 50)`: a `percentile` for each."""
    del keys
    weighted = node.name.text == "percentilesw"
    inner = frame.at("inside")
    lead = [inner.value(item) for item in node.arguments[: 2 if weighted else 1]]
    function = row("percentilew" if weighted else "percentile")
    base = result_name(node.arguments[0]) if node.arguments else ""
    items: list[Item] = []
    for item in node.arguments[len(lead) :]:
        value = inner.value(item)
        kind = return_type(function, [part.type for part in (*lead, value)])
        text = number_text(value.value) if isinstance(value, plan.Constant) else ""
        items.append((plan.Column(f"percentile_{base}_{text}", kind), plan.Apply(kind, node, function, (*lead, value))))
    return items


SPREAD: Final[dict[str, Callable[[Frame, tree.Call, set[str]], list[Item]]]] = {
    "arg_max": _spread_best,
    "arg_min": _spread_best,
    "argmax": _spread_best,
    "argmin": _spread_best,
    "take_any": _spread_any,
    "any": _spread_any,
    "percentiles": _spread_percentiles,
    "percentilesw": _spread_percentiles,
}
