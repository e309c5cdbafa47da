"""Reads what completion needs soon after loading, on a thread of its own: the first Tab need not wait for it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from huntlens.errors import HuntlensError
from huntlens_kernel.complete import offers
from huntlens_kernel.inspect import hover

if TYPE_CHECKING:
    from huntlens_kernel.session import Session

_AFTER_S: Final = 0.2
"""Loading and the rest of its cell come first."""
_PLACES: Final = (
    "%%kql\nSecurityEvent\n| where EventID == 4625 and Acc",
    "%%kql\nSecurityEvent | summarize n = count() by ",
    "%pivot Host.windows.",
    "%hunt run windows.lo",
)


def register(session: Session) -> None:
    """Do it where somebody types: in a kernel, or at a prompt."""
    shell = session.shell
    if getattr(shell, "kernel", None) is None and getattr(shell, "pt_app", None) is None:
        return
    timer = threading.Timer(_AFTER_S, warm, (session,))
    timer.name, timer.daemon = "huntlens-warm", True
    timer.start()
    session.undo.append(timer.cancel)


def warm(session: Session) -> None:
    """Ask for completions and help once; a broken pack or setting is told to whoever asks for it."""
    try:
        for text in _PLACES:
            offers(session, text, len(text))
        hover(session, _PLACES[0], len(_PLACES[0]) - 5)
    except HuntlensError:
        return
