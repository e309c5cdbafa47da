"""The values of one row in large type: a card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.viz.table import take
from huntlens.viz.text import escape

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


def to_html(frame: pd.DataFrame, *, types: Mapping[str, str] | None = None, note: str = "") -> str:
    """The first row of a frame as cards: a name, and its value large."""
    cells = take(frame, types=types, limit=1)
    row = cells.rows[0] if cells.rows else ()
    cards = "".join(
        '<div style="padding:8px 18px;border:1px solid #8886;border-radius:4px">'
        f'<div style="opacity:.75">{escape(name)}</div>'
        f'<div style="font-size:26px;font-weight:600">{escape(value or "–")}</div></div>'
        for name, value in zip(cells.columns, row, strict=False)
    )
    return (
        f'<div style="display:flex;gap:10px;flex-wrap:wrap;font-family:system-ui,sans-serif">{cards}</div>'
        f'<div style="font-size:11px;opacity:.75;padding:3px 0">{escape(note)}</div>'
    )
