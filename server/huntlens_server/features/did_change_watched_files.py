"""Files have changed outside of the editor: packs are read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["did_change_watched_files"]


def _changed(server: HuntlensServer, _params: lsp.DidChangeWatchedFilesParams) -> None:
    server.reload()


did_change_watched_files = Feature(lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES, _changed)
