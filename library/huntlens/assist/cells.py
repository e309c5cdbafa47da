"""Cells of a notebook, or a Python file as one cell: who answers about a place, and all that is said of a cell.

A place is in KQL (a `%%kql` body, a `%kql` line, a string that is run), on the line of a magic, or in Python.

>>> from huntlens.assist.context import Context, is_entity
>>> from huntlens.assist.meaning import Where, code_of
>>> from huntlens.assist.session import EMPTY
>>> from huntlens.catalog.collection import Catalog
>>> code = code_of(["%%kq"], is_entity, EMPTY)
>>> [offer.label for offer in complete(code, Where(0, 4), Context(Catalog()))]
['%%kql', '%%ioc', '%%b64']
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.assist import call_checks, call_hints, calls, kql_text, magics
from huntlens.assist.bound_names import Where
from huntlens.assist.python_cursor import magic_at
from huntlens.assist.python_kql import strings_in

if TYPE_CHECKING:
    from huntlens.assist.context import Context
    from huntlens.assist.embedded import Embedded
    from huntlens.assist.meaning import Code
    from huntlens.kql.diagnostics import Diagnostic, Edit, Fix
    from huntlens.kql.edit.values import Completion, Hover, InlayHint, Location, SemanticToken, SignatureHelp
    from huntlens.text import Span


def complete(code: Code, at: Where, context: Context) -> list[Completion]:
    """What may be typed at a place."""
    embedded = kql_at(code, at, context)
    if embedded is not None:
        return kql_text.complete(embedded, at.offset, context)
    cell = code.cells[at.cell]
    magic = magic_at(cell, at.offset)
    if magic is not None:
        return magics.complete(magic, code, at, context)
    return magics.names(cell.text, at.offset) or calls.complete(code, at, context)


def hover(code: Code, at: Where, context: Context) -> Hover | None:
    """What stands at a place."""
    embedded = kql_at(code, at, context)
    if embedded is not None:
        return kql_text.hover(embedded, at.offset, context)
    cell = code.cells[at.cell]
    magic = magic_at(cell, at.offset)
    if magic is not None:
        return magics.hover(magic, cell.text, at.offset, context)
    return calls.hover(code, at, context)


def signature(code: Code, at: Where, context: Context) -> SignatureHelp | None:
    """The call that a place is in."""
    embedded = kql_at(code, at, context)
    found = kql_text.signature(embedded, at.offset, context) if embedded is not None else None
    return found or calls.signature(code, at, context)


def check(code: Code, cell: int, context: Context) -> list[Diagnostic]:
    """What is wrong with a cell."""
    found = call_checks.check(code, cell, context)
    for magic in filter(None, (code.cells[cell].magic, *code.cells[cell].magics)):
        found += magics.check(magic, code, Where(cell, magic.line.start), context)
    for embedded in kql_regions(code, cell, context):
        found += kql_text.check(embedded, context)
    return sorted(found, key=lambda one: (one.start, one.end))


def definition(code: Code, at: Where, context: Context) -> list[Location]:
    """Where what stands at a place is defined."""
    embedded = kql_at(code, at, context)
    if embedded is not None:
        return kql_text.definition(embedded, at.offset, context)
    cell = code.cells[at.cell]
    magic = magic_at(cell, at.offset)
    if magic is not None:
        return magics.definition(magic, cell.text, at.offset, context)
    return calls.definition(code, at, context)


def references(code: Code, at: Where, context: Context) -> list[Location]:
    """Where what stands at a place is used in the same query."""
    embedded = kql_at(code, at, context)
    return kql_text.references(embedded, at.offset, context) if embedded is not None else []


def rename(code: Code, at: Where, new_name: str, context: Context) -> list[Edit]:
    """The edits that rename what stands at a place in the same query."""
    embedded = kql_at(code, at, context)
    return kql_text.rename(embedded, at.offset, new_name, context) if embedded is not None else []


def actions(code: Code, at: Where, end: int, context: Context) -> tuple[Fix, ...]:
    """Changes on offer for a stretch of a cell."""
    embedded = kql_at(code, at, context)
    return kql_text.actions(embedded, at.offset, end, context) if embedded is not None else ()


def tokens(code: Code, cell: int, context: Context) -> list[SemanticToken]:
    """The coloured stretches of a cell's KQL."""
    return [token for embedded in kql_regions(code, cell, context) for token in kql_text.tokens(embedded, context)]


def hints(code: Code, cell: int, context: Context) -> list[InlayHint]:
    """Remarks within a cell: what calls leave out, and those within its KQL."""
    read = code.cells[cell]
    spans = {}
    for magic in filter(None, (read.magic, *read.magics)):
        embedded = magics.kql_of(magic, read.text, context)
        if embedded is not None:
            spans[embedded.span.start] = magics.read(magic, read.text, context).value("timespan")
    within = [
        hint
        for embedded in kql_regions(code, cell, context)
        for hint in kql_text.hints(embedded, context, spans.get(embedded.span.start, ""))
    ]
    return sorted([*call_hints.hints(code, cell, context), *within], key=lambda hint: hint.offset)


def folds(code: Code, cell: int, context: Context) -> list[Span]:
    """What can be folded in a cell's KQL."""
    return [fold for embedded in kql_regions(code, cell, context) for fold in kql_text.folds(embedded)]


def kql_regions(code: Code, cell: int, context: Context) -> list[Embedded]:
    """All the KQL of a cell, in order."""
    read = code.cells[cell]
    found = [magics.kql_of(magic, read.text, context) for magic in (read.magic, *read.magics) if magic is not None]
    strings = [kql_text.declared(one.embedded, one.parameters) for one in strings_in(code, cell)]
    return sorted([*filter(None, found), *strings], key=lambda embedded: embedded.span.start)


def kql_at(code: Code, at: Where, context: Context) -> Embedded | None:
    """The KQL that a place is in."""
    for embedded in kql_regions(code, at.cell, context):
        start, end = embedded.span
        if start <= at.offset <= end:
            return embedded
    return None
