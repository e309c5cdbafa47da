"""The client's settings have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["did_change_configuration"]


def _changed(server: HuntlensServer, params: lsp.DidChangeConfigurationParams) -> None:
    server.knowledge.configure(params.settings)
    server.knowledge_changed()


did_change_configuration = Feature(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION, _changed)
