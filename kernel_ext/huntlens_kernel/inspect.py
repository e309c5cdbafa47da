"""Help in our magics: Shift-Tab and hover ask the kernel's `do_inspect`, which knows Python names only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from huntlens_kernel.complete import MARKS, place_of

if TYPE_CHECKING:
    from huntlens.kql.edit.values import Hover
    from huntlens_kernel.session import Session


def register(session: Session) -> None:
    """Answer for our magics, and hand everything else to the kernel as before."""
    kernel = getattr(session.shell, "kernel", None)
    if kernel is None:
        return
    before = kernel.do_inspect

    def do_inspect(code: str, cursor_pos: int, detail_level: int = 0, omit_sections: Any = ()) -> Any:
        found = hover(session, code, cursor_pos)
        if found is None:
            return before(code, cursor_pos, detail_level, omit_sections)
        if not found:
            return {"status": "ok", "found": False, "data": {}, "metadata": {}}
        return {"status": "ok", "found": True, "data": {"text/plain": found, "text/markdown": found}, "metadata": {}}

    kernel.do_inspect = do_inspect
    session.undo.append(lambda: kernel.__dict__.pop("do_inspect", None))


def hover(session: Session, text: str, offset: int) -> str | None:
    """What is known about a place of a cell, as markdown; None where the place is neither in KQL nor in a magic."""
    if not any(mark in text for mark in MARKS):
        return None
    from huntlens.assist import kql_text, magics

    place = place_of(session, text, offset)
    if place is None:
        return None
    found: Hover | None = None
    if place.kql is not None:
        found = kql_text.hover(place.kql, offset, place.context)
    elif place.magic is not None and not place.in_body:
        found = magics.hover(place.magic, text, offset, place.context)
    return found.markdown if found is not None else ""
