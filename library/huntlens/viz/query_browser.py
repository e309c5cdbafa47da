"""The queries of a catalogue as a page to look through: search, details, parameters, a call to copy.

Without scripts the names remain. Everything is in the page; nothing in it comes from data, but packs of others are
no more trusted than data is, so their texts are only ever put in as texts.
"""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from huntlens.viz import figure
from huntlens.viz import text as texts

if TYPE_CHECKING:
    from huntlens.catalog.collection import Catalog
    from huntlens.catalog.model import Query

_STATIC: Final = 20
"""How many names are there for readers without scripts."""


class QueryBrowser:
    """Shows itself in a notebook; `save` writes a page that works offline."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def to_html(self) -> str:
        """The browser as a part of a page."""
        queries = self.catalog.queries
        names = ", ".join(f"<code>{texts.escape(query.id)}</code>" for query in queries[:_STATIC])
        rest = f" and {len(queries) - _STATIC} more" if len(queries) > _STATIC else ""
        parts = [
            '<div class="huntlens-queries" data-huntlens-queries="">',
            f"<style>{texts.asset('queries.css')}</style>",
            f'<div class="q-static">{len(queries)} queries: {names}{rest}</div>',
            f'<script type="text/plain">{_packed(queries)}</script>',
            "</div>",
            f"<script>{texts.asset('queries.js')}</script>",
        ]
        return "\n".join(parts)

    def save(self, path: Path | str) -> Path:
        """Write a page."""
        path = Path(path)
        path.write_text(figure.page("Queries", self.to_html()), "utf-8")
        return path

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        del include, exclude
        return {"text/html": self.to_html(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<QueryBrowser of {len(self.catalog.queries)} queries>"


def _packed(queries: tuple[Query, ...]) -> str:
    """The queries as compressed JSON in letters that mean nothing to HTML."""
    rows = json.dumps([_row(query) for query in queries], ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(rows.encode(), 9, mtime=0)).decode()


def _row(query: Query) -> dict[str, Any]:
    shown = texts.visible
    return {
        "id": shown(query.id),
        "summary": shown(query.summary).rstrip("."),
        "description": shown(query.description),
        "returns": shown(query.returns).rstrip("."),
        "language": query.language,
        "text": shown(query.text),
        "environments": [shown(name) for name in query.environments],
        "tables": [shown(name) for name in query.tables],
        "techniques": list(query.techniques),
        "columns": [f"{shown(name)} ({kind})" for name, kind in query.columns.items()],
        "also": shown(" ".join((*query.tags, *query.aliases))),
        "parameters": [
            {
                "name": shown(item.name),
                "type": item.type,
                "doc": shown(item.doc),
                "required": item.required,
                "default": "" if item.default is None else texts.show(item.default, 80) or "",
                "entity": str(item.entity or ""),
            }
            for item in sorted(query.parameters, key=lambda item: not item.required)
        ],
    }
