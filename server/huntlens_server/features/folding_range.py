"""What can be folded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["folding_range"]


def _folds(server: HuntlensServer, params: lsp.FoldingRangeParams) -> list[lsp.FoldingRange]:
    document, where = server.place(params.text_document.uri)
    return where.folds(document.folds()) if document is not None and where is not None else []


folding_range = Feature(lsp.TEXT_DOCUMENT_FOLDING_RANGE, _folds)
