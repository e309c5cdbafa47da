"""A text that lies within another: KQL in a notebook cell, in a Python string, in the block of a pack.

Services run over the inner text; their answers are carried to offsets of the outer one here, and only here.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from huntlens.kql.diagnostics import Diagnostic, Edit, Fix
from huntlens.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from huntlens.kql.edit.values import Completion, Hover, InlayHint, Location, SemanticToken, Symbol


class Piece(NamedTuple):
    """`length` characters that are the same in both texts; what lies between pieces is escapes or indentation."""

    inner: int
    outer: int
    length: int


@dataclass(frozen=True)
class Embedded:
    r"""The inner text, and where its pieces stand in the outer one, in order.

    `holes` are spans of the inner text that only stand for something else (the `{...}` of an f-string).

    >>> embedded = Embedded.verbatim("%%kql\nT | take 1", Span(6, 16))
    >>> embedded.text, embedded.outer(4), embedded.inner(8)
    ('T | take 1', 10, 2)
    """

    text: str
    pieces: tuple[Piece, ...]
    holes: tuple[Span, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Names that come from outside (`--param`, keyword arguments, the parameters of a pack), with their KQL types."""
    escaped: bool = False
    """Whether what is inserted has to be written with the outer text's escapes."""

    @classmethod
    def verbatim(cls, outer: str, span: Span) -> Embedded:
        """The part of a text that stands there as it is."""
        return cls(span.of(outer), (Piece(0, span.start, span.end - span.start),))

    @property
    def span(self) -> Span:
        """The stretch of the outer text, from the first piece to the end of the last."""
        last = self.pieces[-1]
        return Span(self.pieces[0].outer, last.outer + last.length)

    def outer(self, offset: int) -> int:
        """The outer offset of an inner one."""
        index = max(bisect_right(self.pieces, offset, key=lambda piece: piece.inner) - 1, 0)
        piece = self.pieces[index]
        inside = offset - piece.inner
        if inside <= piece.length or index + 1 == len(self.pieces):
            return piece.outer + min(max(inside, 0), piece.length)
        return self.pieces[index + 1].outer if offset >= self.pieces[index + 1].inner else piece.outer + piece.length

    def inner(self, offset: int) -> int | None:
        """The inner offset of an outer one; None where it lies outside."""
        start, end = self.span
        if not start <= offset <= end:
            return None
        index = bisect_right(self.pieces, offset, key=lambda piece: piece.outer) - 1
        piece = self.pieces[index]
        return piece.inner + min(offset - piece.outer, piece.length)

    def in_hole(self, start: int, end: int) -> bool:
        """Whether an inner span touches a hole."""
        return any((hole.start < end and start < hole.end) or hole.start == start for hole in self.holes)

    def completions(self, offers: Iterable[Completion]) -> list[Completion]:
        """Completions at their outer places."""
        return [
            replace(offer, start=self.outer(offer.start), end=self.outer(offer.end)) if offer.start >= 0 else offer
            for offer in offers
        ]

    def diagnostics(self, found: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Diagnostics at their outer places, without those about holes.

        Fixes are left out where they would have to be escaped.
        """
        return [
            replace(one, start=self.outer(one.start), end=self.outer(one.end), fixes=self.fixes(one.fixes))
            for one in found
            if not self.in_hole(one.start, one.end)
        ]

    def fixes(self, fixes: Iterable[Fix]) -> tuple[Fix, ...]:
        """Fixes with their edits at outer places."""
        return () if self.escaped else tuple(Fix(fix.title, self.edits(fix.edits)) for fix in fixes)

    def edits(self, edits: Iterable[Edit]) -> tuple[Edit, ...]:
        """Edits at their outer places."""
        return tuple(Edit(self.outer(edit.start), self.outer(edit.end), edit.text) for edit in edits)

    def hover(self, found: Hover | None) -> Hover | None:
        """A hover at its outer place."""
        return found and replace(found, start=self.outer(found.start), end=self.outer(found.end))

    def locations(self, found: Iterable[Location]) -> list[Location]:
        """Locations, those within the text itself at their outer places."""
        return [
            one if one.path else replace(one, start=self.outer(one.start), end=self.outer(one.end)) for one in found
        ]

    def tokens(self, found: Iterable[SemanticToken]) -> list[SemanticToken]:
        """Coloured stretches at their outer places."""
        return [replace(one, start=self.outer(one.start), end=self.outer(one.end)) for one in found]

    def hints(self, found: Iterable[InlayHint]) -> list[InlayHint]:
        """Inlay hints at their outer places."""
        return [replace(one, offset=self.outer(one.offset)) for one in found]

    def symbols(self, found: Iterable[Symbol]) -> list[Symbol]:
        """Symbols and their children at their outer places."""
        return [
            replace(
                one, start=self.outer(one.start), end=self.outer(one.end), children=tuple(self.symbols(one.children))
            )
            for one in found
        ]

    def spans(self, found: Iterable[Span]) -> list[Span]:
        """Spans at their outer places."""
        return [Span(self.outer(start), self.outer(end)) for start, end in found]
