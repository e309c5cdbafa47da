"""Queries of all packs, by name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["workspace_symbol"]

_LIMIT = 200


def _symbols(server: HuntlensServer, params: lsp.WorkspaceSymbolParams) -> list[lsp.SymbolInformation]:
    server.knowledge.ready.wait(2)
    found = server.knowledge.catalog.search(params.query, limit=_LIMIT)
    return [
        lsp.SymbolInformation(
            name=hit.query.id,
            kind=lsp.SymbolKind.Function,
            container_name=hit.query.pack,
            location=_line(hit.query.path, hit.query.line),
        )
        for hit in found
        if hit.query.path
    ]


def _line(path: str, line: int) -> lsp.Location:
    start = lsp.Position(max(line - 1, 0), 0)
    return lsp.Location(Path(path).absolute().as_uri(), lsp.Range(start, start))


workspace_symbol = Feature(lsp.WORKSPACE_SYMBOL, _symbols, thread=True)
