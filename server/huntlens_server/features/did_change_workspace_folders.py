"""Folders have joined or left the workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["did_change_workspace_folders"]


def _changed(server: HuntlensServer, params: lsp.DidChangeWorkspaceFoldersParams) -> None:
    server.knowledge.add_folders(
        [folder.uri for folder in params.event.added], [folder.uri for folder in params.event.removed]
    )


did_change_workspace_folders = Feature(lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, _changed)
