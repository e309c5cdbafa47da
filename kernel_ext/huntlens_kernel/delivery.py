"""The drawing library goes into one output of a notebook: that of the cell which first drew something.

Running that cell again must bring it again, or the notebook would be saved without it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from huntlens.viz.delivery import DELIVERY

if TYPE_CHECKING:
    from huntlens_kernel.session import Session


def register(session: Session) -> None:
    """Decide for the figures of this kernel; outside of a kernel every figure brings its own."""
    if getattr(session.shell, "kernel", None) is None:
        return

    def carries_library() -> bool:
        cell = _cell(session.shell)
        if not cell or not session.library_cell or session.library_cell == cell:
            session.library_cell = cell
            return True
        return False

    DELIVERY.carries_library = carries_library
    session.undo.append(DELIVERY.reset)


def _cell(shell: Any) -> str:
    """The cell that is running, as its front end names it, else by its text."""
    parent = shell.get_parent() or {}
    known = parent.get("metadata", {}).get("cellId")
    if known:
        return str(known)
    code = str(parent.get("content", {}).get("code", ""))
    return hashlib.sha256(code.encode(errors="replace")).hexdigest() if code else ""
