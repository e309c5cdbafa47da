"""A data frame as a table for a page: static and escaped, readable everywhere, with a small script on top.

Without scripts and styles (an untrusted notebook, a mail) the first twenty rows remain.
Where scripts run they add search, sorting, pages, the whole of a cell and copying; rows are never put in as mark-up.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from huntlens.viz import text as texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

STATIC_ROWS: Final = 20
STATIC_CHARACTERS: Final = 160
MAX_COLUMNS: Final = 200
MAX_BYTES: Final = 1_000_000
MAX_CELL: Final = 4096
_NUMBERS: Final = ("int", "long", "real", "decimal")
# Written into the cells, since a notebook that is not trusted keeps no style sheet and aligns cells to the right.
_AS_TEXT: Final = ' style="text-align:left;max-width:36em;word-wrap:break-word"'
_ATTRIBUTES: Final = {
    **dict.fromkeys(_NUMBERS, ' class="n"'),
    **dict.fromkeys(("datetime", "timespan", "bool"), ' style="text-align:left;white-space:nowrap"'),
}

Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Cells:
    """What of a frame is put on a page: texts, cut to the limits."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: list[Row]
    total: int
    left_out: int


def to_html(
    frame: pd.DataFrame,
    *,
    types: Mapping[str, str] | None = None,
    caption: str = "",
    limit: int = 1000,
    note: str = "",
) -> str:
    """The safe static table of a frame.

    `types` are KQL types by column, `note` is one line under the table; at most `limit` rows and 1 MB are embedded.
    """
    cells = take(frame, types=types, limit=limit)
    data = texts.page_json({"columns": cells.columns, "types": cells.types, "rows": cells.rows, "total": cells.total})
    parts = [
        '<div class="huntlens-table" data-huntlens-table="" style="font-size:12px">',
        f"<style>{_css()}</style>",
        _head(cells, caption),
        '<div class="hl-scroll" style="overflow:auto;max-height:440px">',
        _static(cells),
        "</div>",
        f'<div class="hl-note" style="opacity:.75">{texts.escape(note)}</div>' if note else "",
        f'<script type="application/json">{data}</script>',
        "</div>",
        f"<script>{_script()}</script>",
    ]
    return "".join(parts)


def to_text(frame: pd.DataFrame, *, types: Mapping[str, str] | None = None, rows: int = 10, width: int = 40) -> str:
    r"""The same for a terminal: the first rows in columns, nothing that a terminal would obey.

    >>> import pandas as pd
    >>> print(to_text(pd.DataFrame({"a": [1], "b": ["x\x1b[31m"]})))
    a  b
    1  x‹U+001B›[31m
    """
    cells = take(frame, types=types, limit=rows)
    shown = [[texts.clip((value or "").replace("\n", "⏎"), width) for value in row] for row in cells.rows]
    table = [list(cells.columns), *shown]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["  ".join(f"{value:{size}}" for value, size in zip(row, widths, strict=True)).rstrip() for row in table]
    more = cells.total - len(cells.rows)
    return "\n".join([*lines, *([f"… {more:,} more rows"] if more > 0 else [])])


def take(frame: pd.DataFrame, *, types: Mapping[str, str] | None = None, limit: int = 1000) -> Cells:
    """The texts of the first rows of a frame, within the limits."""
    columns = list(frame.columns[:MAX_COLUMNS])
    cell_limit = max(64, min(MAX_CELL, MAX_BYTES // (2 * STATIC_ROWS * max(len(columns), 1))))
    head = frame.iloc[: max(limit, 0), : len(columns)]
    series = [head.iloc[:, index] for index in range(len(columns))]
    kinds = tuple(
        (types or {}).get(str(name)) or texts.kql_type(one) for name, one in zip(columns, series, strict=True)
    )
    names = tuple(texts.clip(texts.visible(str(name)), 200) for name in columns)
    rows = _within_budget([_texts(one, cell_limit) for one in series])
    return Cells(names, kinds, rows, len(frame), frame.shape[1] - len(columns))


def _texts(series: pd.Series[Any], limit: int) -> list[str | None]:
    missing = series.isna().to_numpy()
    values = series.astype(object).tolist() if series.dtype.kind in "mM" else series.tolist()
    return [None if gone else texts.show(value, limit) for value, gone in zip(values, missing, strict=True)]


def _within_budget(columns: Sequence[Sequence[str | None]]) -> list[Row]:
    rows: list[Row] = []
    spent = 0
    for row in zip(*columns, strict=True):
        spent += sum(3 + len(value.encode()) if value else 5 for value in row)
        if spent > MAX_BYTES:
            break
        rows.append(row)
    return rows


def _head(cells: Cells, caption: str) -> str:
    title = f"<b>{texts.escape(caption)}</b> " if caption else ""
    rows = f"{cells.total:,} row{'' if cells.total == 1 else 's'} × {len(cells.columns) + cells.left_out:,} columns"
    cut = f" · the first {len(cells.rows):,} are here" if len(cells.rows) < cells.total else ""
    wide = f" · {cells.left_out:,} columns are left out" if cells.left_out else ""
    return f'<div class="hl-bar" style="padding:3px 0">{title}<span class="hl-count">{rows}{cut}{wide}</span></div>'


def _static(cells: Cells) -> str:
    head = "".join(
        f'<th style="text-align:left" title="{texts.escape(kind)}">{texts.escape(name)}</th>'
        for name, kind in zip(cells.columns, cells.types, strict=True)
    )
    classes = [_ATTRIBUTES.get(kind, _AS_TEXT) for kind in cells.types]
    body = "".join(f"<tr>{_static_row(row, classes)}</tr>" for row in cells.rows[:STATIC_ROWS])
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _static_row(row: Row, classes: Sequence[str]) -> str:
    shown = (texts.escape(texts.clip(value, STATIC_CHARACTERS)) if value else "" for value in row)
    return "".join(f"<td{cls}>{value}</td>" for value, cls in zip(shown, classes, strict=True))


@cache
def _css() -> str:
    return texts.asset("table.css")


@cache
def _script() -> str:
    return texts.asset("table.js")
