"""The KQL services over a query that lies within another text, with the values that its surroundings pass to it.

Names that come from outside (`--param`, keyword arguments, the parameters of a pack) are declared in front of the
text, so that every service knows them; answers about that front are left out.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from huntlens._lazy import resolve
from huntlens.assist.embedded import Embedded, Piece
from huntlens.kql.types import canonical
from huntlens.text import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huntlens.assist.context import Context
    from huntlens.kql.diagnostics import Diagnostic, Edit, Fix
    from huntlens.kql.edit.values import Completion, Hover, InlayHint, Location, SemanticToken, SignatureHelp, Symbol

_NAME = re.compile(r"[A-Za-z_]\w*\Z")


def declared(embedded: Embedded, parameters: Mapping[str, str]) -> Embedded:
    """The query with a declaration of outside names in front; the types are those of KQL."""
    names = [f"{name}:{canonical(kind)}" for name, kind in parameters.items() if _NAME.match(name)]
    names = [name.replace(":unknown", ":string") for name in names]
    if not names or "query_parameters" in embedded.text:
        return embedded
    front = f"declare query_parameters({', '.join(names)});\n"
    shift = len(front)
    return replace(
        embedded,
        text=front + embedded.text,
        pieces=tuple(Piece(piece.inner + shift, piece.outer, piece.length) for piece in embedded.pieces),
        holes=tuple(Span(hole.start + shift, hole.end + shift) for hole in embedded.holes),
    )


def complete(embedded: Embedded, offset: int, context: Context) -> list[Completion]:
    """What may be typed at an outer offset."""
    inner = embedded.inner(offset)
    return [] if inner is None else embedded.completions(_service("complete")(embedded.text, inner, context.schema))


def hover(embedded: Embedded, offset: int, context: Context) -> Hover | None:
    """What stands at an outer offset."""
    inner = embedded.inner(offset)
    return None if inner is None else embedded.hover(_service("hover")(embedded.text, inner, context.schema))


def signature(embedded: Embedded, offset: int, context: Context) -> SignatureHelp | None:
    """The call that an outer offset is in."""
    inner = embedded.inner(offset)
    if inner is None:
        return None
    found: SignatureHelp | None = _service("signature")(embedded.text, inner, context.schema)
    return found


def check(embedded: Embedded, context: Context) -> list[Diagnostic]:
    """What is wrong with the query."""
    first = embedded.pieces[0].inner
    found = _service("check")(embedded.text, context.schema)
    return embedded.diagnostics(one for one in found if one.end > first or one.start >= first)


def definition(embedded: Embedded, offset: int, context: Context) -> list[Location]:
    """Where what stands at an outer offset is defined."""
    return _places(embedded, offset, "definition", context)


def references(embedded: Embedded, offset: int, context: Context) -> list[Location]:
    """Where what stands at an outer offset is used."""
    return _places(embedded, offset, "references", context)


def rename(embedded: Embedded, offset: int, new_name: str, context: Context) -> list[Edit]:
    """The edits that rename what stands at an outer offset."""
    inner = embedded.inner(offset)
    if inner is None or embedded.escaped:
        return []
    first = embedded.pieces[0].inner
    edits = list(_service("rename")(embedded.text, inner, new_name, context.schema))
    return list(embedded.edits(edits)) if all(edit.start >= first for edit in edits) else []


def actions(embedded: Embedded, start: int, end: int, context: Context) -> tuple[Fix, ...]:
    """Changes on offer for an outer span."""
    inner = embedded.inner(start)
    last = embedded.inner(end)
    if inner is None or last is None:
        return ()
    return embedded.fixes(_service("actions")(embedded.text, inner, last, context.schema))


def symbols(embedded: Embedded) -> list[Symbol]:
    """The outline of the query."""
    first = embedded.pieces[0].inner
    return embedded.symbols(one for one in _service("symbols")(embedded.text) if one.start >= first)


def tokens(embedded: Embedded, context: Context) -> list[SemanticToken]:
    """The coloured stretches of the query."""
    first = embedded.pieces[0].inner
    found = _service("highlight")(embedded.text, context.schema)
    return embedded.tokens(one for one in found if one.start >= first and not embedded.in_hole(one.start, one.end))


def folds(embedded: Embedded) -> list[Span]:
    """What can be folded in the query."""
    first = embedded.pieces[0].inner
    return embedded.spans(one for one in _service("fold")(embedded.text) if one[0] >= first)


def selection(embedded: Embedded, offset: int) -> list[Span]:
    """The parts of the query that hold an outer offset."""
    inner = embedded.inner(offset)
    if inner is None:
        return []
    first = embedded.pieces[0].inner
    return embedded.spans(one for one in _service("selection")(embedded.text, inner) if one[0] >= first)


def hints(embedded: Embedded, context: Context) -> list[InlayHint]:
    """Remarks within the query."""
    return embedded.hints(_service("hints")(embedded.text, context.schema))


def formatted(text: str) -> str:
    """A query, laid out."""
    found: str = _service("format")(text)
    return found


def _places(embedded: Embedded, offset: int, service: str, context: Context) -> list[Location]:
    inner = embedded.inner(offset)
    if inner is None:
        return []
    first = embedded.pieces[0].inner
    found: list[Location] = list(_service(service)(embedded.text, inner, context.schema))
    return embedded.locations(one for one in found if one.path or one.start >= first)


@lru_cache(maxsize=32)
def _service(name: str) -> Any:
    """A service of `huntlens.kql.edit`, loaded when it is first asked for."""
    try:
        return resolve(f"huntlens.kql.edit.{name}:{name}")
    except ModuleNotFoundError:
        return lambda *_: () if name not in {"hover", "signature"} else None
