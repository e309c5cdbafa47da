"""Cards: the values of one row in large type, and what is known of one thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.viz.table import take
from huntlens.viz.text import escape, show

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


PLAIN: Final = "margin:0;padding:0;float:none;width:auto;font-weight:400"
"""Terms and their values without what the style sheets of notebooks make of them."""


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


def facts(title: str, values: Mapping[str, object], *, note: str = "") -> str:
    """What is known of one thing: its name, and a line for each value."""
    lines = "".join(
        f'<dt style="opacity:.7;{PLAIN}">{escape(name)}</dt>'
        f'<dd style="{PLAIN};overflow-wrap:anywhere">{escape(shown)}</dd>'
        for name, value in values.items()
        if (shown := show(value, 600))
    )
    return (
        '<div style="display:inline-block;min-width:16em;padding:8px 14px;border:1px solid #8886;border-radius:4px;'
        f'font-family:system-ui,sans-serif;font-size:12px"><b>{escape(title)}</b>'
        '<dl style="display:grid;grid-template-columns:max-content 1fr;gap:1px 14px;margin:6px 0 0">'
        f'{lines}</dl><div style="opacity:.7;padding-top:4px">{escape(note)}</div></div>'
    )
