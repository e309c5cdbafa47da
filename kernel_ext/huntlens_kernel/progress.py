"""A line that says how long a query has been running, and what its source tells of it.

No widget, and nothing of it stays in the notebook.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, Self

from IPython.display import clear_output, display

from huntlens_kernel.errors import visible

if TYPE_CHECKING:
    from types import TracebackType

_FIRST_S: Final = 0.7
_STEP_S: Final = 0.5


class Progress:
    """Shows itself once a query takes longer than a moment, and is gone when it ends.

    In a cell magic the result takes the line's place; beside other outputs of a cell it ends up empty.
    """

    def __init__(self, shell: Any, what: str, *, whole_cell: bool = False) -> None:
        self._is_kernel = hasattr(shell, "kernel")
        self._what = visible(what)
        self._whole_cell = whole_cell
        self._handle: Any = None
        self._due = time.monotonic() + _FIRST_S

    def tick(self, elapsed_s: float, told: str = "") -> None:
        """Called now and then on the main thread while a query runs."""
        if not self._is_kernel or time.monotonic() < self._due:
            return
        self._due = time.monotonic() + _STEP_S
        known = f" · {visible(told)}" if told else ""
        text = f"{self._what} · {elapsed_s:.1f} s{known} · interrupt the kernel to cancel"
        if self._handle is None:
            self._handle = display({"text/plain": text}, raw=True, display_id=True)
        else:
            self._handle.update({"text/plain": text}, raw=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handle is None:
            return
        if self._whole_cell:
            clear_output(wait=kind is None)
        else:
            self._handle.update({"text/plain": "", "text/html": ""}, raw=True)
