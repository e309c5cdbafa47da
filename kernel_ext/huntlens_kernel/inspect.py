"""Help in our magics: Shift-Tab and hover ask the kernel's `do_inspect`, which knows Python names only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    """What is known about a place of a cell, as markdown; None where the place is not in one of our magics."""
    if "%" not in text:
        return None
    from huntlens.assist import kql_text, magics
    from huntlens.assist.python_code import read_cell
    from huntlens_kernel.complete import context_of, our_magic

    magic = our_magic(read_cell(text), offset)
    if magic is None:
        return None
    context = context_of(session)
    embedded = magics.kql_of(magic, text, context)
    found: Hover | None
    in_body = magic.body is not None and offset > magic.line.end
    if embedded is not None and embedded.inner(offset) is not None and (in_body or magic.body is None):
        found = kql_text.hover(embedded, offset, context)
    elif in_body:
        return ""
    else:
        found = magics.hover(magic, text, offset, context)
    return found.markdown if found is not None else ""
