"""A query pack in YAML."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from huntlens.assist import kql_text, packs
from huntlens.assist.links import links
from huntlens.assist.packs import PackText
from huntlens.text import Span
from huntlens_server.document import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.assist.links import Link
    from huntlens.kql.diagnostics import Diagnostic, Edit, Fix
    from huntlens.kql.edit.values import Completion, Hover, Location, SemanticToken, SignatureHelp, Symbol

__all__ = ["PackDocument"]


@dataclass(frozen=True)
class PackDocument(Document):
    """A pack with the KQL inside."""

    @cached_property
    def pack(self) -> PackText:
        """The text as a pack."""
        return PackText(self.open.text, self.open.path)

    def complete(self, offset: int, /) -> list[Completion]:
        return packs.complete(self.pack, offset, self.context)

    def hover(self, offset: int, /) -> Hover | None:
        return packs.hover(self.pack, offset, self.context)

    def signature(self, offset: int, /) -> SignatureHelp | None:
        return packs.signature(self.pack, offset, self.context)

    def check(self) -> list[Diagnostic]:
        return packs.check(self.pack, self.context)

    def definition(self, offset: int, /) -> list[Location]:
        return packs.definition(self.pack, offset, self.context)

    def references(self, offset: int, /) -> list[Location]:
        embedded = self.pack.kql_at(offset)
        return kql_text.references(embedded, offset, self.context) if embedded is not None else []

    def rename(self, offset: int, new_name: str, /) -> list[Edit]:
        embedded = self.pack.kql_at(offset)
        return kql_text.rename(embedded, offset, new_name, self.context) if embedded is not None else []

    def symbols(self) -> list[Symbol]:
        return packs.symbols(self.pack)

    def folds(self) -> list[Span]:
        return [Span(one.start, one.end) for one in packs.symbols(self.pack)]

    def tokens(self) -> list[SemanticToken]:
        found: list[SemanticToken] = []
        for id_, embedded in self.pack.blocks:
            found += kql_text.tokens(self.pack.declared(id_, embedded), self.context)
        return found

    def format_typed(self, offset: int, /) -> list[Edit]:
        embedded = self.pack.kql_at(offset)
        return kql_text.format_typed(embedded, offset) if embedded is not None else []

    def links(self) -> list[Link]:
        return links(self.open.text)

    def actions(self, start: int, end: int, /) -> Sequence[Fix]:
        embedded = self.pack.kql_at(start)
        return kql_text.actions(embedded, start, end, self.context) if embedded is not None else ()

    def selection(self, offset: int, /) -> list[Span]:
        embedded = self.pack.kql_at(offset)
        return kql_text.selection(embedded, offset) if embedded is not None else []

    def queries(self) -> list[Span]:
        return [embedded.span for _, embedded in self.pack.blocks]
