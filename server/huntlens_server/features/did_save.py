"""A text was saved: where it is a pack, queries have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["did_save"]


def _saved(server: HuntlensServer, params: lsp.DidSaveTextDocumentParams) -> None:
    if params.text_document.uri.lower().endswith((".yaml", ".yml")):
        server.reload()


did_save = Feature(lsp.TEXT_DOCUMENT_DID_SAVE, _saved)
