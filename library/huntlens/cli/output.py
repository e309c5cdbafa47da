"""How a frame is printed at a prompt."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING

from huntlens.errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd

_CONTROL = dict.fromkeys((*range(32), 127, *range(128, 160), 8234, 8235, 8237, 8238, 8294, 8295), "�")


def show(frame: pd.DataFrame, form: str) -> None:
    """Print a frame as `table`, `csv` or `json` (one object a line)."""
    if form == "csv":
        frame.to_csv(sys.stdout, index=False)
    elif form == "json":
        for row in frame.to_dict("records"):
            print(json.dumps(row, default=str, ensure_ascii=False))
    elif form == "table":
        print(_table(frame))
    else:
        raise ConfigError(f"--format takes table, csv or json, not '{form}'")


def _table(frame: pd.DataFrame) -> str:
    """Rows as aligned columns that fit the terminal; control characters from data cannot steer it."""
    width = max(8, shutil.get_terminal_size((160, 40)).columns // max(1, min(len(frame.columns), 8)) - 2)
    cells = [[_cell(value, width) for value in row] for row in frame.itertuples(index=False)]
    heads = [_cell(name, width) for name in frame.columns]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    lines = [
        "  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip() for row in [heads, *cells]
    ]
    lines.insert(1, "  ".join("-" * size for size in widths))
    return "\n".join([*lines, f"({len(frame)} rows)"])


def _cell(value: object, width: int) -> str:
    text = str(value).translate(_CONTROL)
    return text if len(text) <= width else text[: width - 1] + "…"
