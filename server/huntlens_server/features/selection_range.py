"""Growing a selection over the parts of a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["selection_range"]


def _ranges(server: HuntlensServer, params: lsp.SelectionRangeParams) -> list[lsp.SelectionRange] | None:
    document, where = server.place(params.text_document.uri)
    if document is None or where is None:
        return None
    found = []
    for position in params.positions:
        offset = where.offset(position)
        spans = sorted(set(document.selection(offset)), key=lambda span: span.start - span.end)
        chosen: lsp.SelectionRange | None = None
        for start, end in spans:
            chosen = lsp.SelectionRange(where.range(start, end), chosen)
        found.append(chosen or lsp.SelectionRange(where.range(offset, offset)))
    return found


selection_range = Feature(lsp.TEXT_DOCUMENT_SELECTION_RANGE, _ranges)
