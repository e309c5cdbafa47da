"""Local data as a source: files and data frames, queried in KQL by the embedded engine."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from huntlens.errors import DataError
from huntlens.frames import is_frame, to_arrow, to_frame
from huntlens.kql.schema import Schema
from huntlens.providers import load
from huntlens.providers.engine import Engine, quote
from huntlens.providers.files import scan

if TYPE_CHECKING:
    from huntlens.providers.archives import Limits
    from huntlens.providers.files import Found

__all__ = ["Local"]


class Local:
    """Tables by name, over files and data frames.

    >>> import pandas as pd
    >>> local = Local({"T": pd.DataFrame({"Name": ["a"], "N": [1]})})
    >>> [(column.name, column.type) for column in local.schema().table("T").columns]
    [('Name', 'string'), ('N', 'long')]
    >>> local.close()
    """

    language = "kql"

    def __init__(
        self,
        data: Any = (),
        *,
        raw: bool = False,
        on_error: load.OnError = "raise",
        limits: Limits | None = None,
        memory_limit: str = "",
        threads: int = 0,
    ) -> None:
        self.engine = Engine(memory_limit=memory_limit, threads=threads)
        self.tables: dict[str, load.Table] = {}
        self._raw, self._on_error, self._limits = raw, on_error, limits
        try:
            self.add(data)
        except BaseException:
            self.close()
            raise

    def add(
        self, data: Any, name: str = "", *, raw: bool | None = None, on_error: load.OnError | None = None
    ) -> list[str]:
        """Add a frame, a file, a folder, a glob, a list of those, or a dict of name to those; gives the table names."""
        if isinstance(data, Mapping):
            return [
                table for key, value in data.items() for table in self.add(value, str(key), raw=raw, on_error=on_error)
            ]
        if isinstance(data, str | os.PathLike):
            return self._add_files(data, name, self._raw if raw is None else raw, on_error or self._on_error)
        if is_frame(data) or _is_records(data):
            return [self._add_frame(data, name)]
        if isinstance(data, Iterable):
            return [table for item in data for table in self.add(item, name, raw=raw, on_error=on_error)]
        raise DataError(f"{type(data).__name__} is no data: give a frame, a path, or a dict of name to those")

    def schema(self) -> Schema:
        """The tables that are loaded."""
        return Schema(tables={name: table.schema for name, table in self.tables.items()})

    def close(self) -> None:
        """Let go of the memory."""
        self.engine.close()

    def _add_frame(self, data: Any, name: str) -> str:
        if not name:
            raise DataError("a data frame needs a name: pass {'name': frame}")
        frame = data if is_frame(data) else to_frame(data)
        self._put(load.from_frame(name, to_arrow(frame)))
        return name

    def _add_files(self, where: str | os.PathLike[str], name: str, raw: bool, on_error: load.OnError) -> list[str]:
        names: list[str] = []
        for found in scan(where, self._limits):
            names += self._add_file(found, name or found.table, raw, on_error)
        if not names:
            raise DataError(f"{where} holds no rows that can be read")
        return list(dict.fromkeys(names))

    def _add_file(self, found: Found, name: str, raw: bool, on_error: load.OnError) -> list[str]:
        source = found.piece.name
        if found.format == "csv":
            return [self._put(load.load_csv(self.engine, found, name, source))]
        if found.format == "parquet":
            return [self._put(load.load_parquet(self.engine, found, name, source))]
        staging = f"huntlens raw {len(self.tables)}"
        kind, _problem = load.load_lines(self.engine, found, staging, on_error)
        table = load.typed_from_documents(self.engine, staging, name, source)
        self.engine.load(f"drop table {quote(staging)}")
        return [self._put(table)]

    def _put(self, table: load.Table) -> str:
        self.tables[table.name] = table
        return table.name


def _is_records(data: Any) -> bool:
    return (
        isinstance(data, list | tuple)
        and bool(data)
        and all(isinstance(item, Mapping) and not any(map(is_frame, item.values())) for item in data)
    )
