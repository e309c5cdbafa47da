"""Remarks within the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["inlay_hint"]


def _hints(server: HuntlensServer, params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
    document, where = server.place(params.text_document.uri)
    if document is None or where is None or not server.knowledge.settings.hints:
        return []
    start, end = where.span(params.range)
    return where.hints(hint for hint in document.hints() if start <= hint.offset <= end)


inlay_hint = Feature(lsp.TEXT_DOCUMENT_INLAY_HINT, _hints)
