"""Renaming a query or a parameter over the workspace, or a name in KQL within its query."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens.assist.uses import renamed
from huntlens.errors import KqlError
from huntlens_server.convert import Converter
from huntlens_server.feature import Feature
from huntlens_server.progress import gently, progress
from huntlens_server.protocol import RefusedError

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["rename"]

_NAME = re.compile(r"[A-Za-z_]\w*\Z")


async def _rename(server: HuntlensServer, params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
    document, where = server.place(params.text_document.uri)
    if document is None or where is None:
        return None
    offset = where.offset(params.position)
    use = server.workspace_uses.use_at(params.text_document.uri, offset)
    if use is None:
        try:
            edits = document.rename(offset, params.new_name)
        except KqlError as error:
            raise RefusedError(lsp.ErrorCodes.InvalidParams, str(error)) from error
        return where.workspace_edit(edits) if edits else None
    new_name = params.new_name.rpartition(".")[2]
    if not _NAME.match(new_name):
        message = f"'{params.new_name}' is no name: letters, digits and underscores"
        raise RefusedError(lsp.ErrorCodes.InvalidParams, message)
    with progress(server, params.work_done_token, f"Renaming {use.id}"):
        places = await server.workspace_uses.places(use, partial(gently, server, token=params.work_done_token))
    if not any(one.defines for _, one in places):
        raise RefusedError(lsp.ErrorCodes.InvalidParams, f"{use.id} is not defined in the workspace")
    changes: dict[str, list[lsp.TextEdit]] = {}
    for text, one in places:
        if server.texts.get(text.uri) not in {None, text}:
            raise RefusedError(lsp.LSPErrorCodes.ContentModified, "the text was changed meanwhile")
        edit = lsp.TextEdit(Converter(text, server.encoding).range(one.start, one.end), renamed(one, new_name))
        changes.setdefault(text.uri, []).append(edit)
    return lsp.WorkspaceEdit(changes=changes)


rename = Feature(lsp.TEXT_DOCUMENT_RENAME, _rename, lsp.RenameOptions(prepare_provider=True, work_done_progress=True))
