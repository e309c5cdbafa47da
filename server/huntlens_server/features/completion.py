"""Completion: ranked by what is typed, capped, told as incomplete where it was cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from huntlens_server.convert import Taken
from huntlens_server.convert import completion as convert
from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from huntlens.kql.edit.values import Completion
    from huntlens_server.server import HuntlensServer

__all__ = ["completion"]

TRIGGERS = [".", "|", " ", "(", ",", "=", "%", '"', "'", ":", "$", "-"]


def _complete(server: HuntlensServer, params: lsp.CompletionParams) -> lsp.CompletionList:
    document, where = server.place(params.text_document.uri)
    if document is None or where is None:
        return lsp.CompletionList(is_incomplete=False, items=[])
    offset = where.offset(params.position)
    offers = document.complete(offset)
    limit = server.knowledge.settings.max_completions
    chosen = sorted(offers, key=lambda one: one.sort)
    if len(offers) > limit:
        chosen = _fitting(chosen, where.text.text, offset)[:limit]
    client = Taken.of(server.client_capabilities)
    items = [convert(one, where, client, key=_key(one, where.text.text), rank=rank) for rank, one in enumerate(chosen)]
    return lsp.CompletionList(is_incomplete=len(offers) > len(items), items=items)


def _fitting(offers: list[Completion], text: str, offset: int) -> list[Completion]:
    """The offers that hold what is typed so far, those that begin with it first."""
    typed = {start: text[start:offset].lower() for start in {one.start for one in offers if one.start >= 0}}
    begin, within = [], []
    for one in offers:
        word = typed.get(one.start, "")
        label = one.label.lower()
        if label.startswith(word):
            begin.append(one)
        elif word in label:
            within.append(one)
    return [*begin, *within]


def _key(one: Completion, text: str) -> str:
    """What a query or pivot is looked up by: the label, with the dotted name that stands before it."""
    if one.doc or one.kind not in {"query", "pivot"}:
        return ""
    start = one.start
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] in "._"):
        start -= 1
    return f"{text[start : one.start]}{one.label}" if one.start >= 0 else one.label


completion = Feature(
    lsp.TEXT_DOCUMENT_COMPLETION,
    _complete,
    lsp.CompletionOptions(trigger_characters=TRIGGERS, resolve_provider=True),
)
