"""The documentation of the offer that is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens.assist.offers import document
from huntlens_server.convert import Taken, markup
from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens_server.server import HuntlensServer

__all__ = ["completion_resolve"]


def _resolve(server: HuntlensServer, item: lsp.CompletionItem) -> lsp.CompletionItem:
    data = item.data if isinstance(item.data, dict) else {}
    key, kind = data.get("key"), data.get("kind")
    if isinstance(key, str) and isinstance(kind, str) and item.documentation is None:
        text = document(kind, key, server.knowledge.context(""))
        item.documentation = markup(text, markdown=Taken.of(server.client_capabilities).markdown) if text else None
    return item


completion_resolve = Feature(lsp.COMPLETION_ITEM_RESOLVE, _resolve)
