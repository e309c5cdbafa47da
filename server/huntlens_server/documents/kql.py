"""A `.kql` file, or a notebook cell that was set to Kusto: one KQL text, several queries set apart by blank lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from huntlens.assist import kql_text
from huntlens.assist.embedded import Embedded
from huntlens.assist.links import links
from huntlens.kql.diagnostics import Edit
from huntlens.text import Span
from huntlens_server.document import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.assist.links import Link
    from huntlens.kql.diagnostics import Diagnostic, Fix
    from huntlens.kql.edit.values import (
        Completion,
        Hover,
        InlayHint,
        Location,
        SemanticToken,
        SignatureHelp,
        Symbol,
    )

__all__ = ["KqlDocument"]


@dataclass(frozen=True)
class KqlDocument(Document):
    """One text of KQL."""

    @cached_property
    def _whole(self) -> Embedded:
        return Embedded.verbatim(self.open.text, Span(0, len(self.open.text)))

    def complete(self, offset: int, /) -> list[Completion]:
        return kql_text.complete(self._whole, offset, self.context)

    def hover(self, offset: int, /) -> Hover | None:
        return kql_text.hover(self._whole, offset, self.context)

    def signature(self, offset: int, /) -> SignatureHelp | None:
        return kql_text.signature(self._whole, offset, self.context)

    def check(self) -> list[Diagnostic]:
        return kql_text.check(self._whole, self.context)

    def definition(self, offset: int, /) -> list[Location]:
        return kql_text.definition(self._whole, offset, self.context)

    def references(self, offset: int, /) -> list[Location]:
        return kql_text.references(self._whole, offset, self.context)

    def rename(self, offset: int, new_name: str, /) -> list[Edit]:
        return kql_text.rename(self._whole, offset, new_name, self.context)

    def symbols(self) -> list[Symbol]:
        return kql_text.symbols(self._whole)

    def tokens(self) -> list[SemanticToken]:
        return kql_text.tokens(self._whole, self.context)

    def folds(self) -> list[Span]:
        return kql_text.folds(self._whole)

    def hints(self) -> list[InlayHint]:
        return kql_text.hints(self._whole, self.context)

    def format(self) -> list[Edit]:
        text = self.open.text
        laid_out = kql_text.formatted(text)
        return [] if laid_out == text else [Edit(0, len(text), laid_out)]

    def format_range(self, start: int, end: int, /) -> list[Edit]:
        return kql_text.format_range(self._whole, start, end)

    def format_typed(self, offset: int, /) -> list[Edit]:
        return kql_text.format_typed(self._whole, offset)

    def links(self) -> list[Link]:
        return links(self.open.text)

    def actions(self, start: int, end: int, /) -> Sequence[Fix]:
        return kql_text.actions(self._whole, start, end, self.context)

    def selection(self, offset: int, /) -> list[Span]:
        return kql_text.selection(self._whole, offset)

    def queries(self) -> list[Span]:
        return [Span(0, len(self.open.text))] if self.open.text.strip() else []
