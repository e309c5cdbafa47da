"""What the client says of itself: column encoding, folders, settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["initialize"]


def _initialize(server: HuntlensServer, params: lsp.InitializeParams) -> None:
    server.initialised(params)


initialize = Feature(lsp.INITIALIZE, _initialize)
