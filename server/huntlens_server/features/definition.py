"""Go to definition: a query to its pack, a pivot to its function, a `let` to its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["definition"]


def _definition(server: HuntlensServer, params: lsp.DefinitionParams) -> list[lsp.Location]:
    document, where = server.place(params.text_document.uri)
    if document is None or where is None:
        return []
    return where.locations(document.definition(where.offset(params.position)))


definition = Feature(lsp.TEXT_DOCUMENT_DEFINITION, _definition)
