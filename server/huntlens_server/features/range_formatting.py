"""Laying out the queries that a selection touches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["range_formatting"]


def _format(server: HuntlensServer, params: lsp.DocumentRangeFormattingParams) -> list[lsp.TextEdit]:
    document, where = server.place(params.text_document.uri)
    if document is None or where is None:
        return []
    start, end = where.span(params.range)
    return where.edits(document.format_range(start, end))


range_formatting = Feature(lsp.TEXT_DOCUMENT_RANGE_FORMATTING, _format)
