"""What is said about a text as it is typed, as the client wants it: pushed, or asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens_server.convert import Converter

if TYPE_CHECKING:
    from lsprotocol import types as lsp

    from huntlens.kql.diagnostics import Diagnostic
    from huntlens_server.server import HuntlensServer

NONE: list[Diagnostic] = []


def findings(server: HuntlensServer, uri: str) -> list[Diagnostic]:
    """All findings about a text."""
    document, _ = server.place(uri)
    return document.findings if document is not None and server.knowledge.settings.diagnostics else NONE


def told(server: HuntlensServer, uri: str, found: list[Diagnostic]) -> list[lsp.Diagnostic]:
    """Findings about a text, in words of the protocol."""
    text = server.texts.get(uri)
    where = Converter(text, server.encoding) if text else None
    return [where.diagnostic(one) for one in found] if where else []
