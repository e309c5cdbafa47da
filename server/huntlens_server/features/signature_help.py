"""Signature help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.convert import get, shows_markdown
from huntlens_server.convert import signature_help as convert
from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["signature_help"]


def _signature(server: HuntlensServer, params: lsp.SignatureHelpParams) -> lsp.SignatureHelp | None:
    document, where = server.place(params.text_document.uri)
    if document is None or where is None:
        return None
    found = document.signature(where.offset(params.position))
    named = get(server.client_capabilities, "text_document", "signature_help", "signature_information")
    return convert(found, markdown=shows_markdown(get(named, "documentation_format"))) if found else None


signature_help = Feature(
    lsp.TEXT_DOCUMENT_SIGNATURE_HELP,
    _signature,
    lsp.SignatureHelpOptions(trigger_characters=["(", ","], retrigger_characters=["="]),
)
