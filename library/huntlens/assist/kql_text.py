"""The KQL services over a query that lies within another text, with the values that its surroundings pass to it."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from huntlens._lazy import resolve
from huntlens.kql.diagnostics import Edit
from huntlens.kql.edit.values import InlayHint
from huntlens.kql.types import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huntlens.assist.context import Context
    from huntlens.assist.embedded import Embedded
    from huntlens.kql.diagnostics import Diagnostic, Fix
    from huntlens.kql.edit.values import Completion, Hover, Location, SemanticToken, SignatureHelp, Symbol
    from huntlens.text import Span

_TIME = "The time range in force: of the line, of the connection, or of the settings"
_NAME = re.compile(r"[A-Za-z_]\w*\Z")


def declared(embedded: Embedded, parameters: Mapping[str, str]) -> Embedded:
    """The query with names that come from outside; what is no type of KQL is taken as a text."""
    types = {name: canonical(kind) for name, kind in parameters.items() if _NAME.match(name)}
    return replace(embedded, parameters={name: "string" if kind == "unknown" else kind for name, kind in types.items()})


def complete(embedded: Embedded, offset: int, context: Context) -> list[Completion]:
    """What may be typed at an outer offset."""
    return embedded.completions(_at("complete", embedded, offset, context))


def hover(embedded: Embedded, offset: int, context: Context) -> Hover | None:
    """What stands at an outer offset."""
    return embedded.hover(_at("hover", embedded, offset, context) or None)


def signature(embedded: Embedded, offset: int, context: Context) -> SignatureHelp | None:
    """The call that an outer offset is in."""
    found: SignatureHelp | None = _at("signature", embedded, offset, context) or None
    return found


def check(embedded: Embedded, context: Context) -> list[Diagnostic]:
    """What is wrong with the query."""
    return embedded.diagnostics(
        _service("check")(embedded.text, context.schema, parameters=embedded.parameters or None)
    )


def definition(embedded: Embedded, offset: int, context: Context) -> list[Location]:
    """Where what stands at an outer offset is defined: in the query, else in the files of the known tables."""
    return embedded.locations(_at("definition", embedded, offset, context))


def references(embedded: Embedded, offset: int, context: Context) -> list[Location]:
    """Where what stands at an outer offset is used."""
    return embedded.locations(_at("references", embedded, offset, context))


def rename(embedded: Embedded, offset: int, new_name: str, context: Context) -> list[Edit]:
    """The edits that rename what stands at an outer offset; raises `KqlError` where it cannot be."""
    inner = embedded.inner(offset)
    if inner is None or embedded.escaped:
        return []
    edits = _service("rename")(embedded.text, inner, new_name, context.schema, embedded.parameters or None)
    return list(embedded.edits(edits))


def actions(embedded: Embedded, start: int, end: int, context: Context) -> tuple[Fix, ...]:
    """Changes on offer for an outer span."""
    first, last = embedded.inner(start), embedded.inner(end)
    if first is None or last is None:
        return ()
    found = _service("actions")(embedded.text, first, last, context.schema, embedded.parameters or None)
    return embedded.fixes(found)


def symbols(embedded: Embedded) -> list[Symbol]:
    """The outline of the query."""
    return embedded.symbols(_service("symbols")(embedded.text))


def tokens(embedded: Embedded, context: Context) -> list[SemanticToken]:
    """The coloured stretches of the query."""
    found = _service("highlight")(embedded.text, context.schema)
    return embedded.tokens(one for one in found if not embedded.in_hole(one.start, one.end))


def folds(embedded: Embedded) -> list[Span]:
    """What can be folded in the query."""
    return embedded.spans(_service("fold")(embedded.text))


def selection(embedded: Embedded, offset: int) -> list[Span]:
    """The parts of the query that hold an outer offset."""
    inner = embedded.inner(offset)
    return [] if inner is None else embedded.spans(_service("selection")(embedded.text, inner))


def hints(embedded: Embedded, context: Context, timespan: str = "") -> list[InlayHint]:
    """Remarks within the query; behind a table that is read without a condition on its time, the time in force."""
    found = list(_service("inlay")(embedded.text, context.schema, embedded.parameters or None))
    span = timespan or context.timespan
    if span:
        checked = _service("check")(embedded.text, context.schema, parameters=embedded.parameters or None)
        found += [InlayHint(one.end, f" in {span}", _TIME) for one in checked if one.name == "no-time-filter"]
    return embedded.hints(sorted(found, key=lambda one: one.offset))


def formatted(text: str) -> str:
    """A query, laid out."""
    found: str = _service("format")(text)
    return found


def format_range(embedded: Embedded, start: int, end: int) -> list[Edit]:
    """The edits that lay out the statements that an outer span touches; none in a text with escapes or holes."""
    first, last = embedded.span
    if embedded.escaped or embedded.holes or len(embedded.pieces) > 1 or start > last or end < first:
        return []
    inner = embedded.inner(max(start, first)), embedded.inner(min(end, last))
    return list(embedded.edits(resolve("huntlens.kql.edit.format:format_range")(embedded.text, *inner)))


def format_typed(embedded: Embedded, offset: int) -> list[Edit]:
    r"""The edit that puts a pipe that begins its line under the one before; `offset` is behind the pipe.

    >>> from huntlens.assist.embedded import Embedded, Span
    >>> text = "T\n  | take 1\n|"
    >>> format_typed(Embedded.verbatim(text, Span(0, len(text))), len(text))
    [Edit(start=13, end=13, text='  ')]
    """
    inner = embedded.inner(offset)
    if inner is None or embedded.escaped:
        return []
    *before, line = embedded.text[:inner].split("\n")
    if line.strip() != "|":
        return []
    pipes = [one for one in before if one.lstrip().startswith("|")]
    wanted = pipes[-1][: len(pipes[-1]) - len(pipes[-1].lstrip())] if pipes else ""
    typed = line[: line.index("|")]
    start = embedded.outer(inner - len(line))
    return [] if typed == wanted else [Edit(start, start + len(typed), wanted)]


def _at(service: str, embedded: Embedded, offset: int, context: Context) -> Any:
    inner = embedded.inner(offset)
    if inner is None:
        return ()
    return _service(service)(embedded.text, inner, context.schema, embedded.parameters or None)


@lru_cache(maxsize=32)
def _service(name: str) -> Any:
    """A service of `huntlens.kql.edit`, loaded when it is first asked for."""
    return resolve(f"huntlens.kql.edit.{name}:{name}")
