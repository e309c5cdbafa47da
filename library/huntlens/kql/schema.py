"""What tables and functions a query may name: values, found by name, loaded when named.

A schema is immutable and cheap to extend: `with_tables` layers new tables over old ones, so a session's
live tables stand in front of the shipped ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from huntlens.kql.types import KqlType, canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@dataclass(frozen=True, slots=True)
class ColumnSchema:
    """One column of a table; `values` lists well-known values for completion."""

    name: str
    type: KqlType
    doc: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableSchema:
    """One table: its columns in order.

    `open` says that more columns may exist than are listed (a data frame of JSON, `externaldata`).
    """

    name: str
    columns: tuple[ColumnSchema, ...]
    doc: str = ""
    source: str = ""
    open: bool = False

    def column(self, name: str) -> ColumnSchema | None:
        """The column of exactly that name (KQL is case-sensitive)."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True)
class FunctionSchema:
    """A stored function that the source offers: a name and the text of its lambda or its signature."""

    name: str
    parameters: str
    body: str = ""
    doc: str = ""


@dataclass(frozen=True)
class Schema:
    """The tables and stored functions in reach of a query.

    >>> schema = Schema.from_dict({"tables": {"T": {"Name": "string", "N": "long"}}})
    >>> schema.table("T").column("N").type
    'long'
    """

    tables: Mapping[str, TableSchema] = field(default_factory=dict)
    functions: Mapping[str, FunctionSchema] = field(default_factory=dict)
    loader: Callable[[str], TableSchema | None] | None = None
    """Finds a table that is not in `tables`; called at most once a name by `table`."""
    names: Callable[[], tuple[str, ...]] | None = None
    """The names that `loader` knows, for completion and did-you-mean."""
    strict: bool = True
    """Whether an unknown table is an error; without a connection it is not known what exists."""
    _found: dict[str, TableSchema | None] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_dict(cls, value: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Schema:
        """A schema from `{"tables": {table: {column: type}}}`."""
        tables = {
            name: TableSchema(name, tuple(ColumnSchema(column, canonical(kind)) for column, kind in columns.items()))
            for name, columns in value.get("tables", {}).items()
        }
        return cls(tables=tables)

    def table(self, name: str) -> TableSchema | None:
        """The table of exactly that name, or None."""
        found = self.tables.get(name)
        if found is not None or self.loader is None:
            return found
        if name not in self._found:
            self._found[name] = self.loader(name)
        return self._found[name]

    def table_names(self) -> tuple[str, ...]:
        """All table names, those of this layer first."""
        more = self.names() if self.names is not None else ()
        return tuple(dict.fromkeys((*self.tables, *more)))

    def __iter__(self) -> Iterator[str]:
        return iter(self.table_names())

    def with_tables(self, *tables: TableSchema) -> Schema:
        """This schema with more tables in front."""
        return Schema(
            tables={**self.tables, **{table.name: table for table in tables}},
            functions=self.functions,
            loader=self.loader,
            names=self.names,
            strict=self.strict,
        )
