"""Hints behind the arguments of a query call: the parameters that are left out, with the values that they then have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.assist import magics
from huntlens.assist.bound_names import Where
from huntlens.assist.offers import target_of
from huntlens.kql.edit.values import InlayHint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from huntlens.assist.context import Context
    from huntlens.assist.meaning import Code
    from huntlens.assist.offers import Target

_DOC = "The values of parameters that are not given"


def hints(code: Code, cell: int, context: Context) -> Iterator[InlayHint]:
    """The hints of one cell, calls first."""
    read = code.cells[cell]
    for start, block in read.blocks:
        for call in block.calls:
            span = block.span(call)
            target = target_of(code.meaning(call.func, Where(cell, start + span.start)), context)
            if target is None or any(one.arg is None for one in call.keywords):
                continue
            given = {one.arg for one in call.keywords if one.arg}
            end = start + span.end
            if read.text[end - 1 : end] == ")":
                label = ", ".join(f"{name}={value!r}" for name, value in _defaults(target, given))
                separator = ", " if (call.args or call.keywords) and label else ""
                yield from _hint(end - 1, f"{separator}{label}")
    for magic in filter(None, (read.magic, *read.magics)):
        if magic.name in {"hunt", "pivot"}:
            line = magics.read(magic, read.text, context)
            target = magics.target(line, context)
            if target is not None:
                given = {word.value.partition("=")[0] for word in magics.pair_words(line)}
                end = magic.arguments.start + len(magic.arguments.of(read.text).rstrip())
                yield from _hint(end, "".join(f" {name}={value}" for name, value in _defaults(target, given)))


def _defaults(target: Target, given: Collection[str]) -> Iterator[tuple[str, object]]:
    for item in target.query.parameters:
        if not item.required and item.name not in given and item.name != target.bound:
            yield item.name, item.default


def _hint(offset: int, label: str) -> Iterator[InlayHint]:
    if label:
        yield InlayHint(offset, label, _DOC)
