"""Every use: of a query or parameter over the workspace, of a name in KQL within its query."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.convert import Converter
from huntlens_server.feature import Feature
from huntlens_server.progress import gently, progress

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["references"]


async def _references(server: HuntlensServer, params: lsp.ReferenceParams) -> list[lsp.Location]:
    document, where = server.place(params.text_document.uri)
    if document is None or where is None:
        return []
    offset = where.offset(params.position)
    use = server.workspace_uses.use_at(params.text_document.uri, offset)
    if use is None:
        return where.locations(document.references(offset))
    with progress(server, params.work_done_token, f"Uses of {use.id}"):
        places = await server.workspace_uses.places(use, partial(gently, server, token=params.work_done_token))
    return [
        lsp.Location(text.uri, Converter(text, server.encoding).range(one.start, one.end))
        for text, one in places
        if params.context.include_declaration or not one.defines
    ]


references = Feature(lsp.TEXT_DOCUMENT_REFERENCES, _references, lsp.ReferenceOptions(work_done_progress=True))
