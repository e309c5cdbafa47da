"""Fixes of findings, and changes on offer for what is selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["code_action"]


def _actions(server: HuntlensServer, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    document, where = server.place(params.text_document.uri)
    if document is None or where is None:
        return []
    start, end = where.span(params.range)
    found = [
        where.action(fix, one, preferred=len(one.fixes) == 1)
        for one in document.findings
        if one.start <= end and start <= one.end
        for fix in one.fixes
    ]
    titles = {action.title for action in found}
    return [*found, *(where.action(fix) for fix in document.actions(start, end) if fix.title not in titles)]


code_action = Feature(
    lsp.TEXT_DOCUMENT_CODE_ACTION,
    _actions,
    lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix, lsp.CodeActionKind.RefactorRewrite]),
)
