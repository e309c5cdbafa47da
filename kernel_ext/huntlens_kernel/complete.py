"""Completion in our magics: a matcher for IPython over the services that the editor uses as well.

VS Code and JupyterLab reach it through `do_complete`, from any thread; it is synchronous and answers with plain data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from IPython.core.completer import SimpleCompletion, context_matcher

if TYPE_CHECKING:
    from huntlens.assist.bound_names import Where
    from huntlens.assist.context import Context
    from huntlens.assist.embedded import Embedded
    from huntlens.assist.meaning import Code
    from huntlens.assist.python_lex import Magic
    from huntlens.kql.edit.values import Completion
    from huntlens_kernel.session import Session

IDENTIFIER: Final = "huntlens.magics"
MARKS: Final = ("%", "query(")
"""What a cell must hold so that a magic or a query text can be in it."""
_PRIORITY: Final = 100
_DOTTED: Final = ("pivot", "query", "group", "entity")


class Nothing(list[Any]):
    """An empty list that says it is not.

    IPython heeds `suppress` only of a matcher that has completions; without this, Python names, built-ins and files
    would be offered in the body of a query.
    """

    def __len__(self) -> int:
        return 1


def register(session: Session) -> None:
    """Put the matcher into the shell's completer."""

    @context_matcher(identifier=IDENTIFIER, priority=_PRIORITY)  # type: ignore[untyped-decorator]  # IPython has no types
    def matcher(context: Any) -> dict[str, Any]:
        return match(session, context.full_text, _offset(context))

    matchers = session.shell.Completer.custom_matchers
    matchers.append(matcher)
    session.undo.append(lambda: matchers.remove(matcher))


def _offset(context: Any) -> int:
    lines = context.full_text.split("\n")
    return sum(len(line) + 1 for line in lines[: context.cursor_line]) + int(context.cursor_position)


def match(session: Session, text: str, offset: int) -> dict[str, Any]:
    """IPython's answer for a place in a cell; where nothing of ours is, the other matchers answer."""
    found = offers(session, text, offset) if any(mark in text for mark in MARKS) else None
    if found is None:
        return {"completions": [], "suppress": False}
    start = min((one.start for one in found), default=offset)
    start, same = _segments([one for one in found if one.start == start], text, start, offset)
    return {
        "completions": [SimpleCompletion(written, type=kind) for written, kind in same.items()] or Nothing(),
        "matched_fragment": text[start:offset],
        "suppress": True,
        "ordered": True,
    }


def _segments(found: list[Completion], text: str, start: int, offset: int) -> tuple[int, dict[str, str]]:
    """What is written, each once, and its kind; of dotted names the next part, since VS Code drops names with dots."""
    head = text[start:offset].rpartition(".")[0]
    skip = len(head) + 1 if head else 0
    written: dict[str, str] = {}
    for one in found:
        whole = _written(one)
        if one.kind in _DOTTED and whole.lower().startswith(head.lower()):
            part, dot, _ = whole[skip:].partition(".")
            written.setdefault(part, "group" if dot else one.kind)
        elif not skip:
            written.setdefault(whole, one.kind)
    return start + skip, written


def offers(session: Session, text: str, offset: int) -> list[Completion] | None:
    """What may be typed at a place of a cell, best first; None where the place is neither in KQL nor in a magic."""
    from huntlens.assist import kql_text, magics

    place = place_of(session, text, offset)
    if place is None:
        return None
    if place.kql is not None:
        found = kql_text.complete(place.kql, offset, place.context)
    elif place.in_body or place.magic is None:
        return []
    else:
        found = magics.complete(place.magic, place.code, place.at, place.context)
    typed = [one for one in found if one.start < 0 or _fits(one, text[one.start : offset])]
    return sorted(typed, key=lambda one: (one.sort, one.label))


class Place(NamedTuple):
    """A place of ours in a cell: in the KQL `kql`, else on the line of `magic` or in its body."""

    context: Context
    code: Code
    at: Where
    magic: Magic | None
    kql: Embedded | None
    in_body: bool


def place_of(session: Session, text: str, offset: int) -> Place | None:
    """What of ours a cell has at an offset: a magic, or a text that is run as KQL."""
    from huntlens.assist import cells, magics
    from huntlens.assist.bound_names import Where
    from huntlens.assist.magic_line import MAGICS
    from huntlens.assist.meaning import code_of
    from huntlens.assist.python_cursor import magic_at

    context = session.view.context(session)
    code = code_of((text,), _no_entity, context.session)
    at = Where(0, offset)
    whole = code.cells[0].magic
    in_body = whole is not None and offset > whole.line.end
    magic = whole if in_body else magic_at(code.cells[0], offset)
    if magic is None:
        kql = cells.kql_at(code, at, context)
        return None if kql is None else Place(context, code, at, None, kql, in_body=False)
    if magic.name not in MAGICS:
        return None
    kql = magics.kql_of(magic, text, context) if in_body or magic.body is None else None
    inside = kql is not None and kql.span.start <= offset <= kql.span.end
    return Place(context, code, at, magic, kql if inside else None, in_body)


def _fits(one: Completion, typed: str) -> bool:
    return one.label.lower().startswith(typed.lower()) or _written(one).lower().startswith(typed.lower())


def _written(one: Completion) -> str:
    """What is put in: a front end of a kernel knows no snippets."""
    return one.label if one.snippet or not one.insert else one.insert


def _no_entity(_name: str) -> bool:
    return False
