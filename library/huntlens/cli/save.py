"""An answer as a file: CSV, JSON or Parquet for other programs, a page with table and picture for people."""

from __future__ import annotations

import json
import math
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import pyarrow.parquet as pq

from huntlens.errors import ConfigError
from huntlens.providers import Result
from huntlens.providers.parquet import TYPES, table_to_file
from huntlens.viz.chart import render
from huntlens.viz.figure import page
from huntlens.viz.table import to_html

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_FORMULA: Final = re.compile(r"^[=+@\t\r]|^-(?!\d+(?:\.\d+)?$)")
"""What a spreadsheet takes for a formula: `-3` is a number, `-2+3` and `=cmd` are not."""


def save(result: Result, *paths: Path) -> None:
    """Write an answer in the form that the name of each file asks for, and say so."""
    for path in paths:
        write = FORMS.get(path.suffix.lower())
        if write is None:
            raise ConfigError(f"{path.name}: the name ends in one of {', '.join(FORMS)}")
        write(result, path)
        print(f"{len(result)} rows in {path}")


def _csv(result: Result, path: Path) -> None:
    """Texts that a spreadsheet would run begin with an apostrophe."""
    frame = result.df.copy()
    for position, kind in enumerate(result.types.values()):
        name = frame.columns[position]
        if kind == "dynamic":
            frame[name] = ["" if value is None else _json(value) for value in frame[name]]
        elif kind == "string":
            frame[name] = [f"'{value}" if _FORMULA.match(value) else value for value in frame[name]]
    frame.to_csv(path, index=False)


def _json_file(result: Result, path: Path) -> None:
    names = result.columns
    rows = (_json(dict(zip(names, map(_value, row), strict=True))) for row in result.rows)
    path.write_text("[\n" + ",\n".join(rows) + "\n]\n", "utf-8")


def _parquet(result: Result, path: Path) -> None:
    """Dynamic values are JSON text, as they are in Arrow; the KQL types are in the metadata."""
    table_to_file(path, result.table, result.types)


def saved(path: Path) -> Result:
    """An answer that was saved as Parquet."""
    table = pq.read_table(path)
    told = (table.schema.metadata or {}).get(TYPES)
    if told is None:
        raise ConfigError(f"{path.name}: was not written with `huntlens query --save`; read it with --data")
    return Result(table, json.loads(told))


def _html(result: Result, path: Path) -> None:
    path.write_text(page(result.query.strip().partition("\n")[0] or "result", report(result)), "utf-8")


def report(result: Result) -> str:
    """Pictures and tables of all results of a text, in order, as a fragment of HTML."""
    parts: list[str] = []
    for one in (*result.more, result):
        figure = render(one)
        if figure is not None:
            parts.append(figure.embed(library=not parts))
        parts.append(to_html(one.df, types=one.types, note="cut at the limit" if one.truncated else ""))
    return "\n".join(parts)


FORMS: Final[Mapping[str, Callable[[Result, Path], None]]] = {
    ".csv": _csv,
    ".json": _json_file,
    ".parquet": _parquet,
    ".html": _html,
}


def _value(value: Any) -> Any:
    """A value as JSON has it: a moment as ISO 8601 in UTC, null for a number that is none."""
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z"
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _json(value: Any) -> str:
    return json.dumps(value, default=str)
