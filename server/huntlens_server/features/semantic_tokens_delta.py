"""What has changed in the colours of a text since they were last asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.convert import TOKEN_TYPES
from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens_server.server import HuntlensServer

__all__ = ["semantic_tokens_delta"]


def _changes(
    server: HuntlensServer, params: lsp.SemanticTokensDeltaParams
) -> lsp.SemanticTokens | lsp.SemanticTokensDelta:
    uri = params.text_document.uri
    before = server.coloured(uri)
    document, where = server.place(uri)
    found = where.tokens(document.tokens()) if document is not None and where is not None else lsp.SemanticTokens([])
    server.colour(uri, found)
    if before is None or before.result_id != params.previous_result_id:
        return found
    return lsp.SemanticTokensDelta(_edits(before.data, found.data), found.result_id)


def _edits(before: Sequence[int], now: Sequence[int]) -> list[lsp.SemanticTokensEdit]:
    """The one edit between what is the same in front and behind."""
    shorter = min(len(before), len(now))
    start = next((at for at in range(shorter) if before[at] != now[at]), shorter)
    end = next((at for at in range(shorter - start) if before[-1 - at] != now[-1 - at]), shorter - start)
    if len(before) == len(now) == start:
        return []
    return [lsp.SemanticTokensEdit(start, len(before) - start - end, now[start : len(now) - end])]


semantic_tokens_delta = Feature(
    lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA,
    _changes,
    lsp.SemanticTokensLegend(token_types=list(TOKEN_TYPES), token_modifiers=[]),
)
