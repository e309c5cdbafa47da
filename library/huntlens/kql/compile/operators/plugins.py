"""`evaluate`: plugins that reshape rows. `plugin_bag_unpack` lowers `evaluate bag_unpack(...)`, and so on.

Those whose columns only the data can tell ask for a look at it first; see `program.Look`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sqlglot import exp

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.compile import template
from huntlens.kql.compile.frame import Frame, Names, Source, aliased, column, identifier, named, select
from huntlens.kql.compile.literal import constant
from huntlens.kql.compile.lower import LookFirstError, refusal
from huntlens.kql.compile.operators.groups import grouped
from huntlens.kql.compile.operators.rows import row_number
from huntlens.kql.compile.special.convert import to_type
from huntlens.kql.compile.values import columns_of, ready, value, with_windows
from huntlens.kql.diagnostics import Edit
from huntlens.kql.functions import find

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.kql.compile.lower import Lowering
    from huntlens.kql.types import KqlType

__all__ = [
    "plugin_bag_unpack",
    "plugin_geo_line_lookup",
    "plugin_geo_polygon_lookup",
    "plugin_ipv4_lookup",
    "plugin_ipv6_lookup",
    "plugin_narrow",
    "plugin_pivot",
]

_NOTHING = Frame(exp.null(), {})


def argument(node: plan.Plugin, place: int, name: str = "") -> plan.Value | None:
    """The argument at a place, or the one of that name."""
    written = node.syntax.call.arguments if isinstance(node.syntax, tree.Evaluate) else []
    for index, item in enumerate(written):
        if name and isinstance(item, tree.NamedArgument) and item.name.text == name:
            found = node.arguments[index]
            return found if isinstance(found, plan.Value) else None
    if place < len(node.arguments):
        is_named = place < len(written) and isinstance(written[place], tree.NamedArgument)
        found = node.arguments[place]
        if isinstance(found, plan.Value) and not (is_named and name):
            return found
    return None


def setting(node: plan.Plugin, place: int, name: str, default: Any, low: Lowering) -> Any:
    """The constant value of an argument."""
    found = argument(node, place, name)
    if found is None:
        return default
    made = constant(value(found, _NOTHING, low))
    return default if made in (None, "~") else made


_KIND_ON_SPARK: Final = """
CASE WHEN schema_of_variant(try_parse_json(kql_get(bag, key))) LIKE 'DECIMAL%' THEN 'DOUBLE'
WHEN schema_of_variant(try_parse_json(kql_get(bag, key))) = 'STRING' THEN 'VARCHAR'
WHEN schema_of_variant(try_parse_json(kql_get(bag, key))) = 'VOID' THEN 'NULL'
ELSE schema_of_variant(try_parse_json(kql_get(bag, key))) END
"""
"""The type of a value of a bag, in the words of DuckDB."""

# --- bag_unpack -------------------------------------------------------------------------------------------------


def plugin_bag_unpack(node: plan.Plugin, low: Lowering) -> Frame:
    """`bag_unpack`: a column for each key, typed by its values unless the query says how."""
    bag = argument(node, 0)
    if bag is None:
        low.refuse(node.syntax, "bag_unpack needs the column of the bag")
    prefix = str(setting(node, 1, "OutputColumnPrefix", "", low))
    conflict = str(setting(node, 2, "columnsConflict", "error", low))
    frame = low.close(ready(low.lower(node.input), [bag], low), "rows")
    if isinstance(node.syntax, tree.Evaluate) and node.syntax.schema is None:
        ignored = setting(node, 3, "ignoredProperties", [], low)
        _look_at_keys(node, frame, bag, (prefix, conflict, tuple(ignored)), low)
    given = {item.name: item for item in node.input.columns}
    values: dict[plan.Column, Source] = {}
    bag_node = value(bag, frame, low)
    for item in node.columns:
        if item in frame.values:
            values[item] = frame.values[item]
        elif item.name in given and conflict != "replace_source":
            values[item] = frame.values[given[item.name]]
        else:
            found = _member(bag_node, item.name.removeprefix(prefix), low)
            values[item] = to_type(found, "dynamic", item.type, low.target)
    return frame.with_values(values)


def _member(bag: exp.Expr, key: str, low: Lowering) -> exp.Expr:
    if low.target == "spark":
        return low.sql("kql_get({b}, {k})", b=bag, k=exp.Literal.string(key))
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return low.sql("json_extract({b}, {p})", b=bag, p=exp.Literal.string(f'$."{escaped}"'))


def _look_at_keys(
    node: plan.Plugin, frame: Frame, bag: plan.Value, how: tuple[str, str, tuple[str, ...]], low: Lowering
) -> None:
    """Ask which keys the bags have, and of which types their values are."""
    prefix, conflict, ignored = how
    made = value(bag, frame, low)
    duckdb = low.target == "duckdb"
    keys = low.sql("unnest(json_keys({b}))" if duckdb else "explode(json_object_keys({b}))", b=made)
    bags = [low.sql("json_type({b}) = 'OBJECT'" if duckdb else "json_object_keys({b}) IS NOT NULL", b=made)]
    inner = select([named(made, "bag"), named(keys, "key")], frame.source, where=bags)
    source = exp.Subquery(this=inner, alias=exp.TableAlias(this=identifier("bags")))
    kind = low.sql("json_type(json_extract(bag, concat('$.\"', key, '\"')))" if duckdb else _KIND_ON_SPARK)
    question = select([column("key"), named(kind, "kind")], source, distinct=True)
    used = columns_of([bag])
    taken = {item.name for item in node.input.columns if item not in used}
    wanted = [item.name for item in node.columns if item not in frame.values]
    syntax = node.syntax

    def edits(rows: Sequence[tuple[object, ...]]) -> tuple[Edit, ...]:
        kinds: dict[str, set[str]] = {}
        for key, found in rows:
            if str(key) not in ignored:
                kinds.setdefault(prefix + str(key), set()).add(str(found))
        for name in wanted:
            kinds.setdefault(name, set())
        clashes = sorted(taken & set(kinds))
        if clashes and conflict == "error":
            reason = f"bag_unpack: there is a column '{clashes[0]}' already; say columnsConflict='keep_source'"
            raise refusal(syntax, reason, low.target)
        if conflict == "keep_source":
            kinds = {name: found for name, found in kinds.items() if name not in taken}
        columns = [(name, _kind_of(found)) for name, found in sorted(kinds.items())]
        gone = {item.name for item in used} | (set(clashes) if conflict == "replace_source" else set())
        kept = [(item.name, item.type) for item in node.input.columns if item.name not in gone]
        return (_schema_edit(syntax, [*kept, *columns]),)

    raise LookFirstError(question, edits)


def _schema_edit(syntax: tree.Node, columns: Sequence[tuple[str, str]]) -> Edit:
    """The output schema written behind the call of a plugin."""
    assert isinstance(syntax, tree.Evaluate)
    texts = []
    for name, kind in columns:
        quoted = name.replace("\\", "\\\\").replace("'", "\\'")
        texts.append(f"['{quoted}']: {'dynamic' if kind == 'unknown' else kind}")
    return Edit(syntax.call.end, syntax.call.end, f" : ({', '.join(texts)})")


def _kind_of(found: set[str]) -> KqlType:
    """The type of a column whose JSON values have these types."""
    found = found - {"NULL", "None"}
    if found and found <= {"BIGINT", "UBIGINT"}:
        return "long"
    if found and found <= {"BIGINT", "UBIGINT", "DOUBLE"}:
        return "real"
    if found == {"VARCHAR"}:
        return "string"
    return "bool" if found == {"BOOLEAN"} else "dynamic"


# --- pivot and narrow -------------------------------------------------------------------------------------------


def plugin_pivot(node: plan.Plugin, low: Lowering) -> Frame:
    """`pivot`: a column for each value of the pivot column, filled with an aggregate."""
    pivot, aggregate = argument(node, 0), argument(node, 1)
    if pivot is None:
        low.refuse(node.syntax, "pivot needs the column whose values become columns")
    if aggregate is None:
        count = find("count", "aggregate")
        assert count is not None
        aggregate = plan.Apply("long", node.syntax, count, ())
    frame = with_windows(low.lower(node.input), [pivot, aggregate], low)
    frame = low.close(ready(frame, [pivot, aggregate], low), "rows")
    kept = _kept(node, pivot, aggregate)
    if isinstance(node.syntax, tree.Evaluate) and node.syntax.schema is None:
        _look_at_values(node, frame, pivot, aggregate, kept, low)
    label, made = low.unnamed("#pivot", "string"), low.unnamed("#value", aggregate.type)
    text = plan.Column("#text", "string")
    frame = low.close(
        replace(
            frame, values={**frame.values, text: to_type(value(pivot, frame, low), pivot.type, "string", low.target)}
        ),
        "rows",
    )
    keys = [(item, plan.ColumnUse(item.type, node.syntax, item)) for item in kept]
    pairs = [*keys, (label, plan.ColumnUse("string", node.syntax, text))]
    found = grouped(frame, pairs, [(made, aggregate)], low, "cells")
    by_name = {item.name: item for item in kept}
    names = Names()
    values: dict[plan.Column, Source] = {item: names.take(item.name) for item in (*node.columns, *found.parts)}
    items: list[exp.Expr] = []
    group: list[exp.Expr] = []
    for item in (*node.columns, *found.parts):
        place = by_name.get(item.name) if item not in found.parts else item
        if place is not None:
            group.append(exp.Literal.number(len(items) + 1))
            items.append(named(found.node(place), str(values[item])))
            continue
        cell = low.sql(
            "any_value({v}) FILTER (WHERE coalesce({p}, '') = {n})",
            v=found.node(made), p=found.node(label), n=exp.Literal.string("" if item.name == "null" else item.name),
        )  # fmt: skip
        items.append(named(exp.Coalesce(this=cell, expressions=[_zero(aggregate, low)]), str(values[item])))
    return low.over(select(items, found.source, group=group), "pivot", values, parts=found.parts)


def _zero(aggregate: plan.Value, low: Lowering) -> exp.Expr:
    """What an aggregate gives over no rows: counts and sums are 0."""
    counts = isinstance(aggregate, plan.Apply) and aggregate.function.name.startswith(("count", "dcount", "sum"))
    return low.cast(exp.Literal.number(0), aggregate.type) if counts else low.cast(exp.null(), aggregate.type)


def _kept(node: plan.Plugin, pivot: plan.Value, aggregate: plan.Value) -> list[plan.Column]:
    """The columns that stay: those that are named, or all that neither pivot nor aggregate reads."""
    chosen = [item.column for item in node.arguments[2:] if isinstance(item, plan.ColumnUse)]
    if chosen:
        return chosen
    used = columns_of([pivot, aggregate])
    return [item for item in node.input.columns if item not in used]


def _look_at_values(
    node: plan.Plugin,
    frame: Frame,
    pivot: plan.Value,
    aggregate: plan.Value,
    kept: Sequence[plan.Column],
    low: Lowering,
) -> None:
    text = to_type(value(pivot, frame, low), pivot.type, "string", low.target)
    question = select([named(low.sql("coalesce({t}, '')", t=text), "name")], frame.source, distinct=True)
    wanted = [item.name for item in node.columns if item not in frame.values]
    syntax = node.syntax

    def edits(rows: Sequence[tuple[object, ...]]) -> tuple[Edit, ...]:
        found = sorted({str(row[0]) or "null" for row in rows} | set(wanted))
        columns = [(item.name, str(item.type)) for item in kept]
        return (_schema_edit(syntax, [*columns, *((name, str(aggregate.type)) for name in found)]),)

    raise LookFirstError(question, edits)


def plugin_narrow(node: plan.Plugin, low: Lowering) -> Frame:
    """`narrow`: a row for each cell."""
    if low.target != "duckdb":
        low.refuse(node.syntax, "narrow is compiled for DuckDB only")
    frame = low.close(low.lower(node.input), "rows")
    number = low.unnamed("#number", "long")
    frame = low.close(replace(frame, values={**frame.values, number: row_number(frame, frame.parts)}), "rows")
    texts = [
        low.sql("coalesce({t}, '')", t=to_type(frame.node(item), item.type, "string", low.target))
        for item in node.input.columns
    ]
    labels: list[exp.Expr] = [exp.Literal.string(item.name) for item in node.input.columns]
    row, name, cell = node.columns
    values: dict[plan.Column, Source] = {row: row.name, name: name.name, cell: cell.name}
    values.update({part: part.name for part in frame.parts})
    items = [
        named(low.sql("{n} - 1", n=frame.node(number)), row.name),
        named(low.sql("unnest([{all...}])", all=labels), name.name),
        named(low.sql("unnest([{all...}])", all=texts), cell.name),
        *(named(frame.node(part), part.name) for part in frame.parts),
    ]
    return low.over(select(items, frame.source), "narrow", values, parts=frame.parts)


# --- lookups of networks ----------------------------------------------------------------------------------------


def plugin_ipv4_lookup(node: plan.Plugin, low: Lowering) -> Frame:
    """`ipv4_lookup`: the rows joined with the networks that hold their address."""
    return _network_lookup(node, "ipv4_is_in_range", low)


def plugin_ipv6_lookup(node: plan.Plugin, low: Lowering) -> Frame:
    """`ipv6_lookup`."""
    return _network_lookup(node, "ipv6_is_in_range", low)


def _network_lookup(node: plan.Plugin, test: str, low: Lowering) -> Frame:
    """Addresses and networks are matched once for each different pair, then joined by equality."""
    table, address, network, *extra = node.arguments
    if not (
        isinstance(table, plan.Relation) and isinstance(address, plan.Value) and isinstance(network, plan.ColumnUse)
    ):
        low.refuse(node.syntax, f"{node.name} needs a table, the address, and the column of networks")
    keys = [item.column for item in extra if isinstance(item, plan.ColumnUse)]
    unmatched = any(isinstance(item, plan.Constant) and item.value is True for item in extra)
    rows = low.close(ready(low.lower(node.input), [address], low), "rows")
    networks = low.close(low.lower(table), "networks")
    matches = _matches(node, (rows, address), (networks, network.column), test, low)
    names = Names()
    values: dict[plan.Column, Source] = {}
    items = []
    mirrored = dict(zip(node.columns[len(node.input.columns) :], table.columns, strict=False))
    sides = {
        **{item: (rows, item, "l") for item in rows.values},
        **{item: (networks, own, "r") for item, own in mirrored.items()},
    }
    for item in (*node.columns, *rows.parts):
        frame, own, alias = sides[item]
        values[item] = names.take(item.name)
        items.append(named(column(str(frame.values[own]), alias), str(values[item])))
    side = "LEFT" if unmatched else None
    own_rows = Frame(rows.source, {item: column(str(name), "l") for item, name in rows.values.items()})
    first: exp.Expr = exp.EQ(this=column("address", "m"), expression=low.key(value(address, own_rows, low), "string"))
    second: exp.Expr = exp.EQ(
        this=low.key(column(str(networks.values[network.column]), "r"), "string"), expression=column("network", "m")
    )
    for key in keys:
        same = next((item for item in node.input.columns if item.name == key.name), None)
        if same is None:
            low.refuse(node.syntax, f"{node.name}: the input has no column '{key.name}' to compare")
        equal = exp.EQ(this=own_rows.node(same), expression=column(str(networks.values[key]), "r"))
        second = exp.And(this=second, expression=equal)
    joins = [
        exp.Join(
            this=exp.Table(this=identifier(matches), alias=exp.TableAlias(this=identifier("m"))), side=side, on=first
        ),
        exp.Join(this=aliased(networks, "r"), side=side, on=second),
    ]
    statement = select(items, aliased(rows, "l"), joins=joins)
    return low.over(statement, node.name, values, parts=rows.parts)


def plugin_geo_polygon_lookup(node: plan.Plugin, low: Lowering) -> Frame:
    """`geo_polygon_lookup`: the rows joined with the polygons that their points lie in."""
    return _shape_lookup(node, low)


def plugin_geo_line_lookup(node: plan.Plugin, low: Lowering) -> Frame:
    """`geo_line_lookup`: the rows joined with the lines that their points are near to."""
    return _shape_lookup(node, low)


def _shape_lookup(node: plan.Plugin, low: Lowering) -> Frame:
    """Points and shapes, each pair tested."""
    table, shape, *point = node.arguments
    distance = point[2] if node.name == "geo_line_lookup" and len(point) > 2 else None
    if not isinstance(table, plan.Relation) or not isinstance(shape, plan.ColumnUse) or len(point) < 2:
        low.refuse(node.syntax, f"{node.name} needs a table, its column of shapes, longitude and latitude")
    written = node.syntax.call.arguments if isinstance(node.syntax, tree.Evaluate) else []
    unmatched = any(
        isinstance(item, tree.NamedArgument)
        and item.name.text == "return_unmatched"
        and getattr(item.value, "value", False)
        for item in written
    )
    places = [item for item in point[:2] if isinstance(item, plan.Value)]
    rows = low.close(ready(low.lower(node.input), places, low), "rows")
    shapes = low.close(low.lower(table), "shapes")
    left = Frame(rows.source, {item: column(str(name), "l") for item, name in rows.values.items()})
    right = Frame(shapes.source, {item: column(str(name), "r") for item, name in shapes.values.items()})
    given: list[tuple[exp.Expr | None, KqlType]] = [(value(item, left, low), item.type) for item in places]
    given.append((right.node(shape.column), "dynamic"))
    near = "geo_distance_point_to_line" if distance is not None else "geo_point_in_polygon"
    function = find(near, "scalar")
    if function is None:
        low.refuse(node.syntax, f"{near} is not known here")
    try:
        holds = template.fill(function, low.target, given)
    except template.CannotCompile as problem:
        low.refuse(node.syntax, str(problem))
    if isinstance(distance, plan.Value):
        holds = exp.LTE(this=holds, expression=value(distance, _NOTHING, low))
    names = Names()
    values: dict[plan.Column, Source] = {}
    items = []
    for item in (*node.columns, *rows.parts):
        source = left.node(item) if item in left.values else right.node(_origin(item))
        values[item] = names.take(item.name)
        items.append(named(source, str(values[item])))
    join = exp.Join(this=aliased(shapes, "r"), side="LEFT" if unmatched else None, on=holds)
    return low.over(select(items, aliased(rows, "l"), joins=[join]), "lookup", values, parts=rows.parts)


def _origin(item: plan.Column) -> plan.Column:
    return item.origin if item.origin is not None else item


def _matches(
    node: plan.Plugin, left: tuple[Frame, plan.Value], right: tuple[Frame, plan.Column], test: str, low: Lowering
) -> str:
    """The pairs of a different address and a different network that holds it."""
    function = find(test, "scalar")
    if function is None:
        low.refuse(node.syntax, f"{test} is not known here")
    rows, address = left
    networks, network = right
    one = select([named(low.key(value(address, rows, low), "string"), "address")], rows.source.copy(), distinct=True)
    two = select([named(low.key(networks.node(network), "string"), "network")], networks.source.copy(), distinct=True)
    try:
        holds = template.fill(function, low.target, [(column("address"), "string"), (column("network"), "string")])
    except template.CannotCompile as problem:
        low.refuse(node.syntax, str(problem))
    join = exp.Join(this=_sub(two, "b"), kind="CROSS")
    statement = select([column("address"), column("network")], _sub(one, "a"), joins=[join], where=[holds])
    return low.stage(statement, "matches")


def _sub(statement: exp.Select, alias: str) -> exp.Subquery:
    return exp.Subquery(this=statement, alias=exp.TableAlias(this=identifier(alias)))
