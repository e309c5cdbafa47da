"""Colours of the KQL in a part of a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.convert import TOKEN_TYPES
from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["semantic_tokens_range"]


def _tokens(server: HuntlensServer, params: lsp.SemanticTokensRangeParams) -> lsp.SemanticTokens:
    document, where = server.place(params.text_document.uri)
    if document is None or where is None:
        return lsp.SemanticTokens([])
    start, end = where.span(params.range)
    return where.tokens([one for one in document.tokens() if one.start < end and start < one.end])


semantic_tokens_range = Feature(
    lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE,
    _tokens,
    lsp.SemanticTokensLegend(token_types=list(TOKEN_TYPES), token_modifiers=[]),
)
