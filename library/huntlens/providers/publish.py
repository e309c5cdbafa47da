"""Tables in reach of local queries, and how rows that were read get the name and the shape of one.

A table that the engine holds is a view over its rows, so that it can have the columns that its name is known for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from huntlens.frames import FrameTable, physical_names
from huntlens.kql.schema import ColumnSchema, TableSchema
from huntlens.kql.types import promote
from huntlens.providers.engine import Engine, View, quote
from huntlens.providers.mapping import SQL_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from huntlens.kql.types import KqlType


@dataclass(frozen=True, slots=True)
class Table:
    """A table in reach of local queries.

    `physical` maps KQL names to SQL names; `frame` is what to register for a query, None where the engine holds it.
    """

    schema: TableSchema
    physical: Mapping[str, str]
    frame: pa.Table | None = None
    lacks: tuple[ColumnSchema, ...] = ()
    """Columns of the schema that the frame does not have: null in every row."""
    in_place: bool = False
    """Whether the rows stay in their file, over which the engine has a view of this name."""

    @property
    def name(self) -> str:
        """What queries call it."""
        return self.schema.name

    @property
    def types(self) -> dict[str, KqlType]:
        """The type of each column."""
        return {column.name: column.type for column in self.schema.columns}


def from_frame(name: str, frame: FrameTable, source: str = "data frame", known: TableSchema | None = None) -> Table:
    """A frame as a table of that name; the data stays where it is.

    A table of a known name has all the columns that it is known for, as one that was read from a file does.
    """
    own = schema_of(name, frame.types, source)
    held = {column.casefold() for column in frame.types}
    lacks = tuple(column for column in known.columns if column.name.casefold() not in held) if known else ()
    if not lacks:
        return Table(own, frame.physical, frame.data)
    physical = {**frame.physical, **{column.name: column.name for column in lacks}}
    taken = {sql.casefold() for sql in frame.physical.values()}
    lacks = tuple(column for column in lacks if column.name.casefold() not in taken)
    return Table(replace(own, columns=(*own.columns, *lacks)), physical, frame.data, lacks)


def filled(table: Table, source: str) -> str:
    """SQL for the rows of a table that is registered as `source`, with the columns that it lacks."""
    nulls = (f"NULL::{SQL_TYPES[column.type]} as {quote(column.name)}" for column in table.lacks)
    return f"select {', '.join(('*', *nulls))} from {source}"


def registered(table: Table) -> dict[str, Any]:
    """What to register for a frame, so that queries find it with all its columns."""
    if not table.lacks:
        return {table.name: table.frame}
    whole = f"{table.name} all"
    return {whole: table.frame, table.name: View(filled(table, quote(whole)))}


def schema_of(name: str, types: Mapping[str, Any], source: str) -> TableSchema:
    """The schema of a table with columns of these types."""
    return TableSchema(name, tuple(ColumnSchema(column, kind) for column, kind in types.items()), source=source)


def publish(engine: Engine, made: Table, name: str, known: TableSchema | None, before: Table | None) -> Table:
    """Give staged rows their name; `before` are rows of the same table from another file.

    A table of a known name gets the columns and types that it is known for.
    """
    base = f"{name} rows"
    staged = made if before is None else _union(engine, before, made)
    if staged.in_place:
        base = staged.name
    else:
        engine.load(f"drop view if exists {quote(name)}")
        engine.load(f"drop table if exists {quote(base)}")
        engine.load(f"alter table {quote(staged.name)} rename to {quote(base)}")
    types = staged.types
    wanted = {**({column.name: column.type for column in known.columns} if known else {})}
    for column, kind in types.items():
        wanted.setdefault(column, kind)
    physical = physical_names(wanted)
    items = ", ".join(
        f"{_conform(staged.physical.get(column), types.get(column, ''), kind)} as {quote(physical[column])}"
        for column, kind in wanted.items()
    )
    engine.load(f"create or replace view {quote(name)} as select {items} from {quote(base)}")
    return Table(schema_of(name, wanted, made.schema.source), physical, in_place=staged.in_place)


def _conform(column: str | None, kind: str, wanted: str) -> str:
    """SQL for a stored column in the type that is wanted; null where there is none."""
    if column is None:
        return f"NULL::{SQL_TYPES[wanted]}"
    value = quote(column)
    if kind == wanted:
        return value
    if wanted == "datetime":
        return time_sql(f"{value}::VARCHAR")
    if wanted == "dynamic":
        return f"coalesce(try_cast({value}::VARCHAR as JSON), to_json({value}))"
    return f"try_cast({value} as {SQL_TYPES[wanted]})"


def _union(engine: Engine, before: Table, more: Table) -> Table:
    """Both sets of rows in one table; a column with two types gets one that holds both."""
    types: dict[str, KqlType] = dict(before.types)
    for column, kind in more.types.items():
        types[column] = _common(types.get(column, kind), kind)
    physical = physical_names(types)
    selects = [_aligned(table, types, physical) for table in (before, more)]
    name = f"{more.name} union"
    engine.load(f"create or replace table {quote(name)} as {' union all '.join(selects)}")
    return Table(schema_of(name, types, before.schema.source), physical)


def _aligned(table: Table, types: Mapping[str, KqlType], physical: Mapping[str, str]) -> str:
    items = (
        f"{_conform(table.physical.get(column), table.types.get(column, ''), kind)} as {quote(physical[column])}"
        for column, kind in types.items()
    )
    return f"select {', '.join(items)} from {quote(table.name)}"


def _common(left: KqlType, right: KqlType) -> KqlType:
    if left == right:
        return left
    number = promote(left, right)
    return number if number != "unknown" else "string"


def time_sql(text: str) -> str:
    """SQL that reads a text as UTC time to the microsecond; the seventh digit is cut off, as Kusto does."""
    return f"try_cast(regexp_replace({text}, '(\\.\\d{{6}})\\d+', '\\1') as timestamp)"
