"""A pipe that begins a line goes under the pipe before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["on_type_formatting"]


def _format(server: HuntlensServer, params: lsp.DocumentOnTypeFormattingParams) -> list[lsp.TextEdit]:
    document, where = server.place(params.text_document.uri)
    if document is None or where is None:
        return []
    return where.edits(document.format_typed(where.offset(params.position)))


on_type_formatting = Feature(
    lsp.TEXT_DOCUMENT_ON_TYPE_FORMATTING, _format, lsp.DocumentOnTypeFormattingOptions(first_trigger_character="|")
)
