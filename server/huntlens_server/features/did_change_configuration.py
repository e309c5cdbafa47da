"""The client's settings have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["did_change_configuration"]


def _changed(server: HuntlensServer, params: lsp.DidChangeConfigurationParams) -> None:
    server.configure(params.settings)
    if not params.settings:  # the client waits to be asked
        server.ask_for_settings()


did_change_configuration = Feature(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION, _changed)
