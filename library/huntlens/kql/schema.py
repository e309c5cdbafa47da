"""What tables and functions a query may name: values, found by name, loaded when named.

A schema is immutable and cheap to extend: `with_tables` layers new tables over old ones, so a session's
live tables stand in front of the shipped ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from huntlens.kql.types import KqlType, canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from importlib.resources.abc import Traversable

PACKS: Final = "huntlens.packs"
"""The entry points whose packages may bring a folder `schemas` of table files."""


@dataclass(frozen=True, slots=True)
class ColumnSchema:
    """One column of a table; `values` lists well-known values, or paths of properties where it is dynamic."""

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


class Written(NamedTuple):
    """The line of a file in which a table or column stands, counted from 0."""

    path: str
    line: int


def written(table: str, column: str = "") -> Written | None:
    """Where a shipped table, or a column of it, is written down.

    >>> written("NoSuchTable") is None
    True
    """
    for folder in _shipped_folders():
        family = _Folder(folder).index.get(table)
        path = folder.joinpath(f"{family}.tsv")
        if family is None or not isinstance(path, Path):  # within a zip, for instance
            continue
        lines = path.read_text("utf-8").split("\n")
        start = next((at for at, line in enumerate(lines) if line.startswith((f"# {table}\t", f"# {table}\n"))), None)
        if start is None:
            continue
        of_column = (at for at in range(start + 1, len(lines)) if lines[at].startswith((f"{column}\t", "# ")))
        found = next(of_column, start) if column else start
        return Written(str(path), start if lines[found].startswith("# ") else found)
    return None


@cache
def shipped() -> Schema:
    """The known Sentinel, Log Analytics and Defender tables; a table is read when it is named.

    Not strict: a workspace has more tables and columns than anybody lists.

    >>> shipped().table("SecurityEvent").column("EventID").type
    'int'
    """
    return _of_folders(_shipped_folders(), strict=False)


@cache
def _shipped_folders() -> tuple[Traversable, ...]:
    from importlib import metadata, resources  # takes longer to import than all of the binder

    found = (resources.files(entry.module).joinpath("schemas") for entry in metadata.entry_points(group=PACKS))
    return tuple(folder for folder in found if folder.joinpath("index.tsv").is_file())


def read_schemas(folder: Traversable, *, strict: bool = False) -> Schema:
    """The tables of a folder of table files with its `index.tsv`."""
    return _of_folders([folder], strict=strict)


class _Folder:
    """A folder of table files; each is read once, when a table of it is named."""

    def __init__(self, place: Traversable) -> None:
        self._place = place
        self._texts: dict[str, str] = {}

    @cached_property
    def index(self) -> dict[str, str]:
        """Table name to the file of its family."""
        lines = self._place.joinpath("index.tsv").read_text("utf-8").splitlines()
        pairs = (line.split("\t") for line in lines if line)
        return {pair[0]: pair[1] for pair in pairs}

    def table(self, name: str) -> TableSchema | None:
        """One table of a file: `# name <tab> doc`, then a line for each column: name, type, doc, values."""
        family = self.index.get(name)
        if family is None:
            return None
        if family not in self._texts:
            self._texts[family] = "\n" + self._place.joinpath(f"{family}.tsv").read_text("utf-8")
        text = self._texts[family]
        start = text.find(f"\n# {name}\t")
        if start < 0:
            return None
        end = text.find("\n# ", start + 1)
        head, *lines = text[start + 1 : end if end >= 0 else len(text)].splitlines()
        columns = tuple(_read_column(line) for line in lines if line)
        return TableSchema(name, columns, head.partition("\t")[2], source=family)


def _of_folders(places: Iterable[Traversable], *, strict: bool) -> Schema:
    folders = [_Folder(place) for place in places]

    def find(name: str) -> TableSchema | None:
        return next(filter(None, (folder.table(name) for folder in folders)), None)

    def names() -> tuple[str, ...]:
        return tuple(name for folder in folders for name in folder.index)

    return Schema(loader=find, names=names, strict=strict)


def _read_column(line: str) -> ColumnSchema:
    name, kind, doc, values = (*line.split("\t"), "", "", "")[:4]
    return ColumnSchema(name, canonical(kind), doc, tuple(values.split("|")) if values else ())
