"""The client is ready: begin to watch packs and kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["initialized"]


def _initialized(server: HuntlensServer, _params: lsp.InitializedParams) -> None:
    server.begin()


initialized = Feature(lsp.INITIALIZED, _initialized)
