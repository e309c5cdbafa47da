"""Runs the normalisers: tells what each document is, then fills one table after the other.

Every document gets a route, which is the place of its mapping among all mappings of all families. Telling it takes
one pass; then each table is one `INSERT ... SELECT` that parses only its own documents.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from huntlens import registry
from huntlens.kql.schema import ColumnSchema, TableSchema, shipped
from huntlens.kql.types import canonical
from huntlens.providers.engine import Engine, literal, quote
from huntlens.providers.mapping import (
    MACROS,
    PARTS,
    SQL_TYPES,
    Family,
    Mapping,
    Row,
    Shape,
    Values,
    carried,
    column_list,
    extracted,
    fill,
    keys_of,
    without,
)

_EXTRA: Final = "AdditionalFields"
_ROUTING: Final = ("channel", "event_id", "provider")
"""The parts that decide over the mapping."""
_ORDER: Final = ("sysmon",)
"""Families that have to be asked first, because others take what is left."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where documents of one shape and mapping go."""

    number: int
    family: Family
    shape: Shape
    mapping: Mapping


@cache
def families() -> tuple[Family, ...]:
    """All families, in the order in which they are asked."""
    loaded = registry.load_members("huntlens.providers.normalize")
    names = sorted(loaded, key=lambda name: (name not in _ORDER, name))
    return tuple(registry.public_object(loaded[name]) for name in names)


@cache
def routes() -> tuple[Route, ...]:
    """All routes by number."""
    pairs = [
        (family, shape, mapping) for family in families() for mapping in family.mappings for shape in family.shapes
    ]
    return tuple(Route(number, *pair) for number, pair in enumerate(pairs))


def detect(engine: Engine, raw: str) -> dict[str, int]:
    """How many documents of a raw table go to which known table: `{"SecurityEvent": 2153}`."""
    _define_macros(engine)
    counts = engine.load(f"select {_route()} as route, count(*) as n from {_classified(quote(raw))} group by all")
    result: dict[str, int] = {}
    for row in counts.to_pylist():
        if row["route"] is not None:
            table = routes()[row["route"]].mapping.table
            result[table] = result.get(table, 0) + row["n"]
    return result


def normalize(engine: Engine, raw: str) -> list[TableSchema]:
    """Fill the known tables from the documents of a raw table, which keeps those that no family knows.

    The raw table has columns `line`, `doc` and `file`. Tables that exist already get more rows.
    """
    _define_macros(engine)
    routed = f"{raw} routed"
    select = f"select line, doc, file, {_route()} as route from {_classified(quote(raw))}"
    engine.load(f"create or replace table {quote(routed)} as {select}")
    counts = engine.load(f"select route, count(*) as n from {quote(routed)} where route is not null group by all")
    found = [routes()[row["route"]] for row in counts.to_pylist()]
    engine.load(
        f"create or replace table {quote(raw)} as select line, doc, file from {quote(routed)} where route is null"
    )
    lookups = _prepare(engine, routed, found)
    for route in sorted(found, key=lambda route: route.number):
        for mapping in _targets(route):
            _insert(engine, routed, route, mapping, lookups)
    for name in (routed, *lookups):
        engine.load(f"drop table {quote(name)}")
    return _publish(engine, found)


def _targets(route: Route) -> tuple[Mapping, ...]:
    more = (mapping for mapping in route.mapping.also if not mapping.shapes or route.shape.name in mapping.shapes)
    return (route.mapping, *more)


def _define_macros(engine: Engine) -> None:
    for signature, body in MACROS.items():
        engine.load(f"create or replace macro {signature} as {body}")


# --- routing ---------------------------------------------------------------------------------------------------


@cache
def _shapes() -> dict[str, Shape]:
    return {shape.name: shape for family in families() for shape in family.shapes}


def _routing_keys() -> list[str]:
    texts = [
        text for shape in _shapes().values() for text in (shape.when, *(shape.parts.get(name, "") for name in _ROUTING))
    ]
    return keys_of(*texts)


def _classified(raw: str) -> str:
    """The documents with the parts that decide: `shape`, `channel`, `event_id`, `provider`."""
    keys = _routing_keys()
    value = Values(keys, "v")
    shape = (
        "case " + " ".join(f"when {fill(s.when, value)} then {literal(s.name)}" for s in _shapes().values()) + " end"
    )
    parts = ", ".join(_part_by_shape(name, value) for name in _ROUTING)
    read = f"select line, doc, file, {extracted(keys)} as v from {raw}"
    shaped = f"select line, doc, file, v, {shape} as shape from ({read})"
    return f"(select line, doc, file, shape, {parts} from ({shaped}))"


def _part_by_shape(name: str, value: Values) -> str:
    cases = " ".join(
        f"when {literal(shape.name)} then {fill(shape.parts[name], value)}"
        for shape in _shapes().values()
        if name in shape.parts
    )
    kind = "INTEGER" if name == "event_id" else "VARCHAR"
    return f"try_cast(case shape {cases} end as {kind}) as {name}"


def _route() -> str:
    cases = " ".join(
        f"when shape = {literal(route.shape.name)} and ({route.mapping.when}) then {route.number}" for route in routes()
    )
    return f"case {cases} end"


# --- filling ---------------------------------------------------------------------------------------------------


def _prepare(engine: Engine, routed: str, found: list[Route]) -> list[str]:
    """Make the lookup tables of the families that were found; a table for each, even where no event fills it."""
    made = []
    for family in {route.family.name: route.family for route in found}.values():
        for prepared in family.prepare:
            columns = ", ".join(f"{quote(row.column)} {SQL_TYPES[row.type]}" for row in prepared.rows)
            engine.load(f"create or replace table {quote(prepared.name)} (key VARCHAR, {columns})")
            made.append(prepared.name)
            for route in found:
                if route.family is family and route.mapping.table == prepared.table:
                    rows = (Row("key", "string", prepared.key), *prepared.rows)
                    _fill_lookup(engine, prepared.name, _Source(engine, routed, route, rows))
    return made


def _fill_lookup(engine: Engine, name: str, source: _Source) -> None:
    """One row for each key: of two starts with one id the first counts."""
    columns = column_list(source.rows, source.value)
    engine.load(
        f"insert into {quote(name)} by name select distinct on (key) * from "
        f"(select {columns} from {source.sql} e) where key is not null"
    )


class _Source:
    """The events of one route as SQL: their parts, `data`, `data_left`, `rest`, and the list `w` of used values."""

    def __init__(
        self, engine: Engine, routed: str, route: Route, rows: tuple[Row, ...], key: str = "", *, whole: bool = False
    ) -> None:
        self.rows, self.shape = rows, route.shape
        self.data = "doc" if whole else route.shape.data
        self.texts = [*(row.sql for row in rows), key]
        present = _present(engine, routed, route, self.data)
        self.value = Values(keys_of(*self.texts), "e.w", present)
        part_keys = keys_of(*route.shape.parts.values())
        part_value = Values(part_keys, "v")
        parts = ", ".join(
            f"{fill(route.shape.parts.get(name, 'NULL::VARCHAR'), part_value)} as {name}" for name in PARTS
        )
        read = f"select line, doc, file, {extracted(part_keys)} as v from {quote(routed)} where route = {route.number}"
        events = f"select file, line, {parts}, {self.data} as data, {self._rest()} as rest from ({read})"
        wanted = extracted(self.value.keys, "data") if self.value.keys else "[]::VARCHAR[]"
        self.sql = f"(select *, {self._left()} as data_left, {wanted} as w from ({events}))"

    def _told(self) -> set[str]:
        """The keys of the document whose values the rows have carried away through the parts."""
        said = " ".join(self.texts)
        used = [sql for name, sql in self.shape.parts.items() if re.search(rf"\b{name}\b", said)]
        told = carried(*used)
        if any(row.sql == "message" for row in self.rows):
            told |= set(keys_of(self.shape.parts.get("message", "")))
        return told

    def _left(self) -> str:
        """What the columns have not carried away of the event's own fields."""
        gone = {key for key in carried(*self.texts) if key in self.value.keys}
        return without("data", gone | self._told() if self.data == "doc" else gone)

    def _rest(self) -> str:
        """What else the document holds, where the event's fields are only a part of it."""
        return "NULL::JSON" if self.data == "doc" else without("doc", {*self.shape.inside, *self._told()})

    def extra(self) -> str:
        """SQL for `AdditionalFields`."""
        left = "NULL::JSON" if any("data_left" in row.sql for row in self.rows) else "e.data_left"
        if self.data == "doc":
            return f"nullif({left}::VARCHAR, '{{}}')"
        return f"nullif(coalesce(json_merge_patch({left}, rest), {left}, rest)::VARCHAR, '{{}}')"


def _present(engine: Engine, routed: str, route: Route, data: str) -> set[str]:
    """The keys that the events of a route have at all: reading hundreds of absent ones is what would cost time."""
    keys = engine.load(
        f"select distinct unnest(ks) as k from (select distinct json_keys({data}) as ks "
        f"from {quote(routed)} where route = {route.number})"
    )
    return set(keys["k"].to_pylist())


def _insert(engine: Engine, routed: str, route: Route, mapping: Mapping, lookups: list[str]) -> None:
    source = _Source(engine, routed, route, mapping.rows, mapping.key, whole=mapping.whole)
    columns = column_list(source.rows, source.value)
    join = ""
    if mapping.lookup in lookups:
        join = f" left join {quote(mapping.lookup)} p on p.key = {fill(mapping.key, source.value)}"
    base = quote(_base(mapping.table))
    layout = ", ".join(f"{quote(name)} {SQL_TYPES[kind]}" for name, kind in _columns(mapping.table).items())
    engine.load(f"create table if not exists {base} ({layout})")
    engine.load(
        f"insert into {base} by name select {columns}, ({source.extra()})::JSON as {quote(_EXTRA)} "
        f"from {source.sql} e{join} order by e.file, e.line"
    )


# --- publishing ------------------------------------------------------------------------------------------------


def _base(table: str) -> str:
    return f"{table} rows"


@cache
def _columns(table: str) -> dict[str, str]:
    """The columns that any mapping gives a table, in order."""
    result: dict[str, str] = {}
    for route in routes():
        for mapping in _targets(route):
            if mapping.table == table:
                result.update((row.column, row.type) for row in mapping.rows)
    result.pop(_EXTRA, None)
    return {**result, _EXTRA: "dynamic"}


def _publish(engine: Engine, found: list[Route]) -> list[TableSchema]:
    """Each table as a view with the columns of the known table, those that no event fills as nulls."""
    schemas = {}
    for route in found:
        for table in {mapping.table: None for mapping in _targets(route) if mapping.table not in schemas}:
            schemas[table] = _view(engine, table, quote(_base(table)), _columns(table), route.family)
    for family in {route.family.name: route.family for route in found}.values():
        for derived in family.derived:
            if derived.source in schemas:
                described = engine.load(f"describe {derived.sql}").to_pylist()
                columns = {row["column_name"]: _KINDS.get(row["column_type"], "string") for row in described}
                schemas[derived.table] = _view(engine, derived.table, f"({derived.sql})", columns, family)
    return list(schemas.values())


_KINDS: Final = {"JSON": "dynamic", "TIMESTAMP": "datetime", "INTEGER": "int", "BIGINT": "long", "DOUBLE": "real"}


def _view(engine: Engine, name: str, source: str, filled: dict[str, str], family: Family) -> TableSchema:
    known = known_table(name)
    columns: dict[str, ColumnSchema] = {column.name: column for column in known.columns} if known else {}
    for column, kind in filled.items():
        columns.setdefault(column, ColumnSchema(column, canonical(kind)))
    items = ", ".join(
        f"{quote(column)}::{SQL_TYPES[described.type]} as {quote(column)}"
        if column in filled
        else f"NULL::{SQL_TYPES[described.type]} as {quote(column)}"
        for column, described in columns.items()
    )
    engine.load(f"create or replace view {quote(name)} as select {items} from {source}")
    return TableSchema(name, tuple(columns.values()), doc=known.doc if known else "", source=family.doc)


def known_table(name: str) -> TableSchema | None:
    """The shipped schema of a table, with columns whose names differ in more than case."""
    found = shipped().table(name)
    if found is None:
        return None
    unique = {column.name.casefold(): column for column in reversed(found.columns)}
    return TableSchema(name, tuple(c for c in found.columns if unique[c.name.casefold()] is c), found.doc, found.source)
