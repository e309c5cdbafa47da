"""The drawing library (0.5 MB) goes into one output of a notebook: that of the cell which first drew something.

That output may be deleted or cleared, and nothing tells the kernel so. What a reader of a picture that cannot be drawn
does is to run its cell again as it is; that brings the library, once for all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from huntlens.viz.delivery import DELIVERY

if TYPE_CHECKING:
    from huntlens_kernel.session import Session


def register(session: Session) -> None:
    """Decide for the figures of this kernel; outside of a kernel every figure brings its own."""
    if getattr(session.shell, "kernel", None) is None:
        return
    brought = Brought()
    DELIVERY.carries_library = lambda: brought.is_due(_cell(session.shell))
    session.undo.append(DELIVERY.reset)


class Cell(NamedTuple):
    """A run of a cell: the cell as its front end names it (else its text), its text, and which run it is."""

    name: str
    text: str
    run: str


class Brought:
    """Which cells drew something, and in whose outputs the library is, as far as the kernel can know.

    >>> brought = Brought()
    >>> [brought.is_due(Cell(*one)) for one in [("a", "", "1"), ("b", "", "2"), ("b", "", "2"), ("b", "", "3")]]
    [True, False, False, True]
    """

    def __init__(self) -> None:
        self._run, self._turn = "", 0
        self._drawn: dict[str, tuple[int, str]] = {}
        self._carrying: dict[str, int] = {}

    def is_due(self, cell: Cell) -> bool:
        """Whether the figure that is shown now has to bring the library."""
        if not cell.name:
            return True
        if cell.run != self._run:
            self._run, self._turn = cell.run, self._turn + 1
        turn, text = self._drawn.get(cell.name, (0, ""))
        if turn == self._turn:
            return False  # the first figure of this run has settled it
        elsewhere = max((one for name, one in self._carrying.items() if name != cell.name), default=0)
        again = cell.name in self._carrying or text == cell.text  # an edited cell is new, unless it would take it away
        due = not elsewhere or (again and elsewhere <= turn)
        self._drawn[cell.name] = self._turn, cell.text
        self._carrying.pop(cell.name, None)
        if due:
            self._carrying[cell.name] = self._turn
        return due


def _cell(shell: Any) -> Cell:
    parent = shell.get_parent() or {}
    code = str(parent.get("content", {}).get("code", ""))
    text = f"text {hash(code)}" if code else ""
    known = parent.get("metadata", {}).get("cellId")
    return Cell(str(known or text), text, str(parent.get("header", {}).get("msg_id", "")))
