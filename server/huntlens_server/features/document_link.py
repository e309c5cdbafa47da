"""Addresses and techniques that can be opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.convert import get
from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["document_link"]


def _links(server: HuntlensServer, params: lsp.DocumentLinkParams) -> list[lsp.DocumentLink]:
    document, where = server.place(params.text_document.uri)
    if document is None or where is None:
        return []
    tooltips = get(server.client_capabilities, "text_document", "document_link", "tooltip_support")
    return [
        lsp.DocumentLink(
            where.range(one.start, one.end), target=one.target, tooltip=(one.doc or None) if tooltips else None
        )
        for one in document.links()
    ]


document_link = Feature(lsp.TEXT_DOCUMENT_DOCUMENT_LINK, _links)
