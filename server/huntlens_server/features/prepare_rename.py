"""What a rename would change at a place."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens.errors import KqlError
from huntlens_server.feature import Feature
from huntlens_server.progress import gently

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["prepare_rename"]


async def _prepare(server: HuntlensServer, params: lsp.PrepareRenameParams) -> lsp.Range | None:
    document, where = server.place(params.text_document.uri)
    if document is None or where is None:
        return None
    offset = where.offset(params.position)
    use = server.workspace_uses.use_at(params.text_document.uri, offset)
    if use is not None:
        defined = await server.workspace_uses.is_defined(use, partial(gently, server))
        return where.range(use.start, use.end) if defined else None
    try:
        edits = document.rename(offset, "_renamed")
    except KqlError:
        return None
    edit = next((one for one in edits if one.start <= offset <= one.end), None)
    return where.range(edit.start, edit.end) if edit else None


prepare_rename = Feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME, _prepare)
