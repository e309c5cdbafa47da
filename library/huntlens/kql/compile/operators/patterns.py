"""Plugins that find patterns in rows: SQL counts the different rows, Python looks for what they share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from sqlglot import exp

from huntlens.kql.bind import plan
from huntlens.kql.compile.frame import Frame, Key, Names, Source, column, named, select, table
from huntlens.kql.compile.operators.groups import grouped
from huntlens.kql.compile.operators.plugins import argument, setting
from huntlens.kql.compile.operators.rows import first_rows
from huntlens.kql.compile.program import Work
from huntlens.kql.compile.special.convert import to_type
from huntlens.kql.compile.values import ready, value
from huntlens.kql.compile.work.patterns import Pattern, Row, clusters, differences, frequent
from huntlens.kql.compile.work.reduce import reduced
from huntlens.kql.functions import find

if TYPE_CHECKING:
    from collections.abc import Callable

    from huntlens.kql.compile.lower import Lowering

__all__ = ["plugin_autocluster", "plugin_basket", "plugin_diffpatterns", "plugin_reduce", "plugin_top_hitters"]

Found = list[tuple[Pattern, Sequence[float]]]


def plugin_basket(node: plan.Plugin, low: Lowering) -> Frame:
    """`basket`: every pattern that is frequent enough."""
    threshold = float(setting(node, 0, "Threshold", 0.05, low))
    most = int(setting(node, 2, "MaxDimensions", 5, low))

    def search(rows: list[Row], _columns: int) -> Found:
        total = sum(weight for _, weight in rows) or 1.0
        found = frequent(rows, total * threshold, most)
        ordered = sorted(found.items(), key=lambda one: (-one[1], -len(one[0])))
        return [(pattern, (count, 100 * count / total)) for pattern, count in ordered]

    return _patterns(node, search, low)


def plugin_autocluster(node: plan.Plugin, low: Lowering) -> Frame:
    """`autocluster`: a few patterns that tell most of the rows."""
    size_weight = float(setting(node, 0, "SizeWeight", 0.5, low))

    def search(rows: list[Row], columns: int) -> Found:
        total = sum(weight for _, weight in rows) or 1.0
        return [(pattern, (count, 100 * count / total)) for pattern, count in clusters(rows, columns, size_weight)]

    return _patterns(node, search, low)


def plugin_diffpatterns(node: plan.Plugin, low: Lowering) -> Frame:
    """`diffpatterns`: patterns that are frequent in one set of rows and not in another."""
    split = argument(node, 0)
    if not isinstance(split, plan.ColumnUse):
        low.refuse(node.syntax, "diffpatterns needs the column that splits the rows")
    first, second = (str(setting(node, place, "", "", low)) for place in (1, 2))
    threshold = float(setting(node, 4, "Threshold", 0.05, low))
    place = list(node.input.columns).index(split.column)

    def search(rows: list[Row], columns: int) -> Found:
        sides = []
        for wanted in (first, second):
            chosen = [(cells, weight) for cells, weight in rows if str(cells[place]) == wanted]
            sides.append([([None if at == place else cell for at, cell in enumerate(cells)], w) for cells, w in chosen])
        totals = [sum(weight for _, weight in side) or 1.0 for side in sides]
        found: Found = []
        for pattern, one, two in differences(sides[0], sides[1], columns - 1, threshold):
            shares = (100 * one / totals[0], 100 * two / totals[1])
            found.append((pattern, (one, two, *shares, abs(shares[0] - shares[1]))))
        return found

    return _patterns(node, search, low)


def _patterns(node: plan.Plugin, search: Callable[[list[Row], int], Found], low: Lowering) -> Frame:
    """The patterns as rows: number, measures, and the value of each column that a pattern fixes."""
    frame = low.lower(node.input)
    texts = [
        named(to_type(frame.node(item), item.type, "string", low.target), f"c{index}")
        for index, item in enumerate(node.input.columns)
    ]
    count = named(exp.Count(this=exp.Star()), "weight")
    group: list[exp.Expr] = [exp.Literal.number(index + 1) for index in range(len(texts))]
    question = select([*texts, count], frame.source, where=frame.where, group=group)
    width = len(node.input.columns)
    measures = len(node.columns) - width
    given = low.names.fresh("patterns")

    def make(tables: Sequence[pa.Table]) -> pa.Table:
        *cells, weights = (part.to_pylist() for part in tables[0].columns)
        rows: list[Row] = [(row, float(weight)) for *row, weight in zip(*cells, weights, strict=True)]
        return _table(search(rows, width), measures, width)

    low.works.append(Work(given, (low.statement(question),), make))
    names = Names()
    values: dict[plan.Column, Source] = {}
    items = []
    for place, item in enumerate(node.columns):
        values[item] = names.take(item.name)
        if place < measures:
            made: exp.Expr = low.cast(column(f"m{place}"), item.type)
        else:
            made = to_type(column(f"c{place - measures}"), "string", item.type, low.target)
        items.append(named(made, str(values[item])))
    items.append(named(column("m0"), "#order"))
    return low.over(select(items, table(given)), node.name, values, order=(Key("#order"),))


def _table(found: Found, measures: int, width: int) -> pa.Table:
    columns: dict[str, Any] = {"m0": pa.array(range(len(found)), pa.int64())}
    for place in range(1, measures):
        columns[f"m{place}"] = pa.array([numbers[place - 1] for _, numbers in found], pa.float64())
    for place in range(width):
        columns[f"c{place}"] = pa.array([dict(pattern).get(place) for pattern, _ in found], pa.string())
    return pa.table(columns)


def plugin_reduce(node: plan.Plugin, low: Lowering) -> Frame:
    """`reduce by`: groups of texts that look alike."""
    (text, *_) = node.arguments
    if not isinstance(text, plan.Value):
        low.refuse(node.syntax, "reduce needs the text that it groups")
    threshold = node.options.get("threshold")
    share = float(threshold) if isinstance(threshold, int | float) else 0.1
    characters = str(node.options.get("characters") or "")
    frame = ready(low.lower(node.input), [text], low)
    made = named(low.key(value(text, frame, low), "string"), "text")
    count = named(exp.Count(this=exp.Star()), "number")
    question = select([made, count], frame.source, where=frame.where, group=[exp.Literal.number(1)])
    given = low.names.fresh("groups")
    low.works.append(Work(given, (low.statement(question),), lambda tables: reduced(tables[0], share, characters)))
    names = Names()
    values: dict[plan.Column, Source] = {item: names.take(item.name) for item in node.columns}
    items = [named(column(f"c{place}"), str(values[item])) for place, item in enumerate(node.columns)]
    return low.over(select(items, table(given)), "reduce", values)


def plugin_top_hitters(node: plan.Plugin, low: Lowering) -> Frame:
    """`top-hitters`: the most frequent values; counted, not estimated."""
    amount, of, *by = node.arguments
    if not isinstance(amount, plan.Value) or not isinstance(of, plan.Value):
        low.refuse(node.syntax, "top-hitters needs a number and a value")
    function = find("sum" if by else "count", "aggregate")
    assert function is not None
    measured = plan.Apply(
        node.columns[1].type, node.syntax, function, tuple(v for v in by if isinstance(v, plan.Value))
    )
    frame = grouped(low.lower(node.input), [(node.columns[0], of)], [(node.columns[1], measured)], low, "hitters")
    frame.order = (Key(frame.values[node.columns[1]], descending=True, nulls_first=False),)
    return first_rows(frame, value(amount, Frame(exp.null(), {}), low), low, "top")
