"""The other places of the same text where a name stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["document_highlight"]


def _highlight(server: HuntlensServer, params: lsp.DocumentHighlightParams) -> list[lsp.DocumentHighlight] | None:
    document, where = server.place(params.text_document.uri)
    if document is None or where is None:
        return None
    found = [one for one in document.references(where.offset(params.position)) if not one.path]
    return [lsp.DocumentHighlight(where.range(one.start, one.end)) for one in found] or None


document_highlight = Feature(lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, _highlight)
