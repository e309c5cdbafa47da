"""Above a query: run it, show its SQL (where the client can), and how often a pack's query is used."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.documents.pack import PackDocument
from huntlens_server.feature import Feature
from huntlens_server.progress import gently

if TYPE_CHECKING:
    from huntlens_server.convert import Converter
    from huntlens_server.server import HuntlensServer

__all__ = ["code_lens"]

_ACTIONS = {"huntlens.runQuery": "Run query", "huntlens.showSql": "Show SQL"}


async def _lenses(server: HuntlensServer, params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
    document, where = server.place(params.text_document.uri)
    if document is None or where is None:
        return []
    found: list[lsp.CodeLens] = []
    if isinstance(document, PackDocument):
        found += await _counts(server, where, document)
    for start, end in document.queries():
        first = where.range(start, start)
        found += [
            lsp.CodeLens(first, lsp.Command(title, command, arguments=[document.open.text[start:end]]))
            for command, title in _ACTIONS.items()
            if command in server.knowledge.settings.runs and not isinstance(document, PackDocument)
        ]
    return found


async def _counts(server: HuntlensServer, where: Converter, document: PackDocument) -> list[lsp.CodeLens]:
    pack = document.pack
    queries = pack.queries()
    found = []
    for id_, count in (await server.workspace_uses.count(list(queries), partial(gently, server))).items():
        start = pack.index.line_span(queries[id_].line - 1).start
        title = f"{count} use{'' if count == 1 else 's'}"
        found.append(lsp.CodeLens(where.range(start, start), lsp.Command(title, "")))
    return found


code_lens = Feature(lsp.TEXT_DOCUMENT_CODE_LENS, _lenses, lsp.CodeLensOptions(resolve_provider=False))
