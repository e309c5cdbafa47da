"""`%load_ext huntlens_kernel`: magics, completion, help and display for hunting in IPython and Jupyter.

Loading registers thin functions only; what a magic needs is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from huntlens_kernel.session import Session

__all__ = ["current", "load_ipython_extension", "unload_ipython_extension"]

_ATTRIBUTE = "_huntlens_session"


def load_ipython_extension(shell: Any) -> None:
    """Put the extension into a shell; loading it again changes nothing."""
    if getattr(shell, _ATTRIBUTE, None) is not None:
        return
    from huntlens_kernel.register import register
    from huntlens_kernel.session import Session

    made = Session(shell)
    setattr(shell, _ATTRIBUTE, made)
    register(made)


def unload_ipython_extension(shell: Any) -> None:
    """Take the extension out again and close its connections."""
    held = getattr(shell, _ATTRIBUTE, None)
    if held is None:
        return
    from huntlens_kernel.register import unregister

    unregister(held)
    held.close()
    setattr(shell, _ATTRIBUTE, None)


def current(shell: Any) -> Session:
    """The session that the extension keeps for a shell."""
    held: Session | None = getattr(shell, _ATTRIBUTE, None)
    if held is None:
        raise RuntimeError("the extension is not loaded here: %load_ext huntlens_kernel")
    return held
