"""Completion in our magics: a matcher for IPython over the services that the editor uses as well.

VS Code and JupyterLab reach it through `do_complete`, from any thread; it is synchronous and answers with plain data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from IPython.core.completer import SimpleCompletion, context_matcher

if TYPE_CHECKING:
    from huntlens.assist.context import Context
    from huntlens.assist.python_code import Cell
    from huntlens.assist.python_lex import Magic
    from huntlens.kql.edit.values import Completion
    from huntlens_kernel.session import Session

IDENTIFIER: Final = "huntlens.magics"
_PRIORITY: Final = 100


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
    """IPython's answer for a place in a cell; outside of our magics the others answer."""
    if "%" not in text:
        return {"completions": [], "suppress": False}
    found = offers(session, text, offset)
    if found is None:
        return {"completions": [], "suppress": False}
    start = min((one.start for one in found), default=offset)
    same = [one for one in found if one.start == start]
    return {
        "completions": [SimpleCompletion(_written(one), type=one.kind) for one in same] or Nothing(),
        "matched_fragment": text[start:offset],
        "suppress": True,
        "ordered": True,
    }


def offers(session: Session, text: str, offset: int) -> list[Completion] | None:
    """What may be typed at a place of a cell, best first; None where the place is not in one of our magics."""
    from huntlens.assist import kql_text, magics
    from huntlens.assist.meaning import Where, code_of

    context = context_of(session)
    code = code_of((text,), _no_entity, context.session)
    magic = our_magic(code.cells[0], offset)
    if magic is None:
        return None
    embedded = magics.kql_of(magic, text, context)
    in_body = magic.body is not None and offset > magic.line.end
    if embedded is not None and embedded.inner(offset) is not None and (in_body or magic.body is None):
        found = kql_text.complete(embedded, offset, context)
    elif in_body:
        return []
    else:
        found = magics.complete(magic, code, Where(0, offset), context)
    typed = [one for one in found if one.start < 0 or _fits(one, text[one.start : offset])]
    return sorted(typed, key=lambda one: (one.sort, one.label))


def our_magic(cell: Cell, offset: int) -> Magic | None:
    """The magic of ours that an offset of a cell is in, its line or its body."""
    from huntlens.assist.magic_line import MAGICS
    from huntlens.assist.python_code import magic_at

    magic = cell.magic if cell.magic is not None and cell.magic.line.start <= offset else magic_at(cell, offset)
    return magic if magic is not None and magic.name in MAGICS else None


def context_of(session: Session) -> Context:
    """What completion and help are answered from: the catalogue, and what the session knows."""
    from huntlens.assist.context import Context
    from huntlens_kernel.publish import snapshot

    return Context(session.catalogue(), snapshot(session), environment="local")


def _fits(one: Completion, typed: str) -> bool:
    return one.label.lower().startswith(typed.lower()) or _written(one).lower().startswith(typed.lower())


def _written(one: Completion) -> str:
    """What is put in: a front end of a kernel knows no snippets."""
    return one.label if one.snippet or not one.insert else one.insert


def _no_entity(_name: str) -> bool:
    return False
