"""`evaluate`: the arguments of a plugin and the columns that come out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.names import unknown
from huntlens.kql.bind.result_names import Namer, number_text, result_name
from huntlens.kql.bind.sources import declared_columns
from huntlens.kql.functions import find
from huntlens.kql.types import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from huntlens.kql.bind.context import Frame

Argument = plan.Value | plan.Relation
Result = tuple[tuple[plan.Column, ...], bool]
"""The columns of a plugin's result, and whether the data may bring more."""


def bind_evaluate(frame: Frame, source: plan.Relation, node: tree.Evaluate) -> plan.Relation:
    """`evaluate plugin(...)`."""
    name = node.call.name.text
    known = find(name, "plugin")
    if known is not None:
        frame.context.mark(node.call.name, known)
    elif name and name not in PLUGINS and name not in _BY_CALL:
        frame.context.report("unknown-plugin", node.call.name, name=name, near=(*PLUGINS, *_BY_CALL))
    if name in ("ipv4_lookup", "ipv6_lookup"):
        arguments = _lookup_arguments(frame, source, node.call, range(1, 2))
    elif name in GEO_LOOKUPS:
        arguments = _lookup_arguments(frame, source, node.call, range(2, len(node.call.arguments)))
    else:
        arguments = tuple(_argument(frame, source, item) for item in node.call.arguments)
    by_call = _BY_CALL.get(name)
    if by_call is not None:
        columns, is_open = by_call(node.call, arguments)
    else:
        columns, is_open = PLUGINS.get(name, _anything)(source, arguments)
    if name in GEO_LOOKUPS and not _is_set(node.call, "return_lookup_key"):
        key = arguments[1] if len(arguments) > 1 else None
        columns = tuple(
            item for item in columns if not isinstance(key, plan.ColumnUse) or item.origin is not key.column
        )
    if node.schema is not None:
        declared = declared_columns(frame, node.schema.columns)
        kept = columns if name == "bag_unpack" else source.columns  # the bag itself is gone
        columns, is_open = (*(kept if node.schema.open else ()), *declared), False
    return plan.Plugin(columns, node, source, name, arguments, {}, open=is_open)


def _argument(frame: Frame, source: plan.Relation, node: tree.Expr) -> Argument:
    if isinstance(node, tree.NamedArgument):
        node = node.value
    if isinstance(node, tree.Star | tree.Lambda):
        return unknown(node)
    if isinstance(node, tree.TypeOf):
        columns = (*(source.columns if node.open else ()), *declared_columns(frame, node.columns))
        return plan.Unresolved(columns, node, "typeof")
    return frame.over(source, "aggregate").either(node)


GEO_LOOKUPS: Final = ("geo_line_lookup", "geo_polygon_lookup")


def _is_set(node: tree.Call, name: str) -> bool:
    """Whether an argument of that name is `true`."""
    return any(
        isinstance(item, tree.NamedArgument)
        and item.name.text == name
        and isinstance(item.value, tree.Literal)
        and item.value.value is True
        for item in node.arguments
    )


def _lookup_arguments(frame: Frame, source: plan.Relation, node: tree.Call, places: range) -> tuple[Argument, ...]:
    """The table that is looked up, then its columns and, at `places`, those of the input."""
    made: list[Argument] = []
    over = source
    for place, item in enumerate(node.arguments):
        if place == 0:
            table = frame.outside().relation(item)
            made.append(table)
            over = table
        else:
            made.append(_argument(frame, source if place in places else over, item))
    return tuple(made)


def _fixed(*columns: str) -> Callable[[plan.Relation, Sequence[Argument]], Result]:
    """A plugin whose columns are always the same, written `name:type`."""

    def result(_source: plan.Relation, _arguments: Sequence[Argument]) -> Result:
        return tuple(_column(text) for text in columns), False

    return result


def _column(text: str) -> plan.Column:
    name, _, kind = text.partition(":")
    return plan.Column(name, canonical(kind))


def _before(*columns: str) -> Callable[[plan.Relation, Sequence[Argument]], Result]:
    """A plugin that puts columns in front of those of its input."""

    def result(source: plan.Relation, _arguments: Sequence[Argument]) -> Result:
        return (*(_column(text) for text in columns), *source.columns), source.open

    return result


def _timeline(place: int, skip: int, *columns: str) -> Callable[[plan.Relation, Sequence[Argument]], Result]:
    """A plugin of activity over time: the time column, the dimensions behind the first `skip` arguments, then these."""

    def result(_source: plan.Relation, arguments: Sequence[Argument]) -> Result:
        listed = (*arguments[place : place + 1], *arguments[skip:])
        shown = [item for item in listed if isinstance(item, plan.ColumnUse)]
        return (*(item.column for item in shown), *(_column(text) for text in columns)), False

    return result


def _anything(_source: plan.Relation, _arguments: Sequence[Argument]) -> Result:
    return (), True


def _same(source: plan.Relation, _arguments: Sequence[Argument]) -> Result:
    return source.columns, source.open


def _bag_unpack(source: plan.Relation, arguments: Sequence[Argument]) -> Result:
    """The bag's column gives way to columns that only the data knows."""
    bag = arguments[0] if arguments else None
    gone = bag.column if isinstance(bag, plan.ColumnUse) else None
    return tuple(column for column in source.columns if column is not gone), True


def _pivot(source: plan.Relation, arguments: Sequence[Argument]) -> Result:
    """The columns asked for, or those that neither pivot nor aggregate uses, then one a value."""
    kept = [item.column for item in arguments[2:] if isinstance(item, plan.ColumnUse)]
    if not kept:
        used = {column for item in arguments[:2] for column in _columns_in(item)}
        kept = [column for column in source.columns if column not in used]
    return tuple(kept), True


def _columns_in(value: Argument | None) -> set[plan.Column]:
    if isinstance(value, plan.ColumnUse):
        return {value.column}
    if isinstance(value, plan.Apply):
        return {column for item in value.arguments for column in _columns_in(item)}
    return set()


def _lookup(source: plan.Relation, arguments: Sequence[Argument]) -> Result:
    """The input, then the columns of the table of networks."""
    table = arguments[0] if arguments else None
    namer = Namer(column.name for column in source.columns)
    extra = table.columns if isinstance(table, plan.Relation) else ()
    made = [plan.Column(namer.unique(column.name), column.type, column) for column in extra]
    return (*source.columns, *made), source.open or (isinstance(table, plan.Relation) and table.open)


def _typed(_source: plan.Relation, arguments: Sequence[Argument]) -> Result:
    """A plugin that is told its result, `typeof(*, x: long)`."""
    for item in arguments:
        if isinstance(item, plan.Unresolved):
            return item.columns, False
    return (), True


def _intersections(_source: plan.Relation, arguments: Sequence[Argument]) -> Result:
    return tuple(plan.Column(f"s{place}", "long") for place in range(len(arguments))), False


PLUGINS: Final[dict[str, Callable[[plan.Relation, Sequence[Argument]], Result]]] = {
    "active_users_count": _timeline(1, 6, "dcount:long"),
    "activity_counts_metrics": _timeline(1, 5, "count:long", "dcount:long", "new_dcount:long",
                                         "aggregated_dcount:long"),
    "activity_engagement": _timeline(1, 7, "dcount_activities_inner:long", "dcount_activities_outer:long",
                                     "activity_ratio:real"),
    "activity_metrics": _timeline(1, 5, "dcount_values:long", "dcount_newvalues:long", "retention_rate:real",
                                  "churn_rate:real"),
    "autocluster": _before("SegmentId:long", "Count:long", "Percent:real"),
    "azure_digital_twins_query_request": _anything,
    "bag_unpack": _bag_unpack,
    "basket": _before("SegmentId:long", "Count:long", "Percent:real"),
    "cosmosdb_sql_request": _anything,
    "dcount_intersect": _intersections,
    "diffpatterns": _before("SegmentId:long", "CountA:long", "CountB:long", "PercentA:real", "PercentB:real",
                            "PercentDiffAB:real"),
    "diffpatterns_text": _fixed("Count_of_True:long", "Count_of_False:long", "Percent_of_True:real",
                                "Percent_of_False:real", "Pattern:string"),
    "estimate_data_size": _anything,
    "funnel_sequence": _anything,
    "funnel_sequence_completion": _anything,
    "http_request": _fixed("ResponseHeaders:dynamic", "ResponseBody:dynamic"),
    "http_request_post": _fixed("ResponseHeaders:dynamic", "ResponseBody:dynamic"),
    "infer_storage_schema": _fixed("CslSchema:string"),
    "infer_storage_schema_with_suggestions": _fixed("CslSchema:string"),
    "geo_line_lookup": _lookup,
    "geo_polygon_lookup": _lookup,
    "ipv4_lookup": _lookup,
    "ipv6_lookup": _lookup,
    "mysql_request": _anything,
    "narrow": _fixed("Row:long", "Column:string", "Value:string"),
    "new_activity_metrics": _timeline(1, 6, "dcount_new_values:long", "dcount_retained_values:long",
                                      "dcount_churn_values:long", "retention_rate:real", "churn_rate:real"),
    "pivot": _pivot,
    "postgresql_request": _anything,
    "identity": _same,
    "preview": _same,
    "python": _typed,
    "r": _typed,
    "rows_near": _same,
    "schema_merge": _anything,
    "session_count": _timeline(1, 6, "count_sessions:long"),
    "sliding_window_counts": _timeline(1, 6, "Count:long", "Dcount:long"),
    "sql_request": _anything,
}  # fmt: skip
"""What columns each plugin gives."""


def _rolling(node: tree.Call, arguments: Sequence[Argument]) -> Result:
    """The index, the dimensions, and `rolling_3_percentile_v_50`."""
    if len(arguments) < 5:
        return (), True
    measured, index = arguments[0], arguments[2]
    shown = [item.column for item in (index, *arguments[5:]) if isinstance(item, plan.ColumnUse)]
    percent, bins = (number_text(getattr(item, "value", None)) for item in (arguments[1], arguments[4]))
    name = f"rolling_{bins}_percentile_{result_name(node.arguments[0])}_{percent}"
    kind = measured.type if isinstance(measured, plan.Value) else "unknown"
    return (*(plan.Column(item.name, item.type) for item in shown), plan.Column(name, kind)), False


def _sequence(node: tree.Call, arguments: Sequence[Argument]) -> Result:
    """The dimensions, the time of each step, and how long it took."""
    if len(arguments) < 4 or not all(isinstance(item, plan.Value) for item in arguments):
        return (), True
    timeline, *rest = (item for item in arguments if isinstance(item, plan.Value))
    namer = Namer()
    dimensions, steps = [], []
    for syntax, item in zip(node.arguments[3:], rest[2:], strict=True):
        given = syntax.name.text if isinstance(syntax, tree.NamedArgument) else result_name(syntax)
        name = namer.unique(given) if given else namer.unnamed()
        if item.type == "bool":
            steps.append(plan.Column(name, timeline.type))
        else:
            dimensions.append(plan.Column(name, item.type))
    took = plan.Column(namer.unique("Duration"), "timespan" if timeline.type == "datetime" else timeline.type)
    return (*dimensions, *steps, took), False


_BY_CALL: Final[dict[str, Callable[[tree.Call, Sequence[Argument]], Result]]] = {
    "rolling_percentile": _rolling,
    "sequence_detect": _sequence,
}
"""Plugins whose arguments lend their names to the result."""
