"""Laying out a whole text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["formatting"]


def _format(server: HuntlensServer, params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
    document, where = server.place(params.text_document.uri)
    return where.edits(document.format()) if document is not None and where is not None else []


formatting = Feature(lsp.TEXT_DOCUMENT_FORMATTING, _format)
