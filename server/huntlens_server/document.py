"""What a kind of document is: a text in context, and what can be asked about an offset of it.

Answers are values of `huntlens.kql.edit.values`; kinds of documents say what they can and leave the rest empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.assist.context import Context
    from huntlens.assist.links import Link
    from huntlens.kql.diagnostics import Diagnostic, Edit, Fix
    from huntlens.kql.edit.values import (
        Completion,
        Hover,
        InlayHint,
        Location,
        SemanticToken,
        SignatureHelp,
        Symbol,
    )
    from huntlens.text import Span
    from huntlens_server.texts import OpenText


@dataclass(frozen=True)
class Document:
    """A text in context; the base answers nothing."""

    open: OpenText
    context: Context

    def complete(self, _offset: int, /) -> list[Completion]:
        """What may be typed at an offset."""
        return []

    def hover(self, _offset: int, /) -> Hover | None:
        """What stands at an offset."""
        return None

    def signature(self, _offset: int, /) -> SignatureHelp | None:
        """The call that an offset is in."""
        return None

    @cached_property
    def findings(self) -> list[Diagnostic]:
        """What is wrong, looked for once."""
        return self.check()

    def check(self) -> list[Diagnostic]:
        """What is wrong."""
        return []

    def definition(self, _offset: int, /) -> list[Location]:
        """Where that which stands at an offset is defined."""
        return []

    def references(self, _offset: int, /) -> list[Location]:
        """Where that which stands at an offset is used, within the document."""
        return []

    def rename(self, _offset: int, _new_name: str, /) -> list[Edit]:
        """The edits that rename what stands at an offset, within the document."""
        return []

    def symbols(self) -> list[Symbol]:
        """The outline."""
        return []

    def tokens(self) -> list[SemanticToken]:
        """Coloured stretches."""
        return []

    def folds(self) -> list[Span]:
        """What can be folded."""
        return []

    def format(self) -> list[Edit]:
        """The edits that lay the text out."""
        return []

    def format_range(self, _start: int, _end: int, /) -> list[Edit]:
        """The edits that lay out the queries that a span touches."""
        return []

    def format_typed(self, _offset: int, /) -> list[Edit]:
        """The edits that follow on what was typed before an offset."""
        return []

    def links(self) -> list[Link]:
        """What can be opened."""
        return []

    def hints(self) -> list[InlayHint]:
        """Remarks within the text."""
        return []

    def actions(self, _start: int, _end: int, /) -> Sequence[Fix]:
        """Changes that are on offer for a span, beside the fixes of diagnostics."""
        return ()

    def selection(self, _offset: int, /) -> list[Span]:
        """The spans that a selection at an offset may grow over."""
        return []

    def queries(self) -> list[Span]:
        """The spans of the queries that can be run from here."""
        return []
