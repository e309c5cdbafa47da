"""The outline of a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["document_symbol"]


def _symbols(server: HuntlensServer, params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
    document, where = server.place(params.text_document.uri)
    return where.symbols(document.symbols()) if document is not None and where is not None else []


document_symbol = Feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL, _symbols)
