"""Findings about one text, for clients that ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.diagnostics import findings, told
from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["diagnostic"]


def _diagnostic(
    server: HuntlensServer, params: lsp.DocumentDiagnosticParams
) -> lsp.RelatedFullDocumentDiagnosticReport | lsp.RelatedUnchangedDocumentDiagnosticReport:
    uri = params.text_document.uri
    found = findings(server, uri)
    state = server.state(uri, found)
    if state and state == params.previous_result_id:
        return lsp.RelatedUnchangedDocumentDiagnosticReport(result_id=state)
    return lsp.RelatedFullDocumentDiagnosticReport(items=told(server, uri, found), result_id=state or None)


diagnostic = Feature(
    lsp.TEXT_DOCUMENT_DIAGNOSTIC,
    _diagnostic,
    lsp.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=False, identifier="huntlens"),
)
