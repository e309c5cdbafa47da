"""Hover."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.convert import get, shows_markdown
from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["hover"]


def _hover(server: HuntlensServer, params: lsp.HoverParams) -> lsp.Hover | None:
    document, where = server.place(params.text_document.uri)
    if document is None or where is None:
        return None
    found = document.hover(where.offset(params.position))
    formats = get(server.client_capabilities, "text_document", "hover", "content_format")
    return replace(where, markdown=shows_markdown(formats)).hover(found) if found else None


hover = Feature(lsp.TEXT_DOCUMENT_HOVER, _hover)
