"""Colours of the KQL in a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.convert import TOKEN_TYPES
from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["semantic_tokens"]


def _tokens(server: HuntlensServer, params: lsp.SemanticTokensParams) -> lsp.SemanticTokens:
    document, where = server.place(params.text_document.uri)
    found = where.tokens(document.tokens()) if document is not None and where is not None else lsp.SemanticTokens([])
    server.colour(params.text_document.uri, found)
    return found


semantic_tokens = Feature(
    lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL,
    _tokens,
    lsp.SemanticTokensLegend(token_types=list(TOKEN_TYPES), token_modifiers=[]),
)
