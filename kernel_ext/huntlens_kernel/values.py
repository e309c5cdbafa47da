"""What a magic is given to work on: the cell below, a variable, or the words themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from huntlens_kernel.errors import HuntError

if TYPE_CHECKING:
    from huntlens.assist.magic_line import Line
    from huntlens_kernel.session import Session


def data_of(session: Session, line: Line, cell: str | None) -> Any:
    """The text of the cell, the value of the variable that the line names, or its words as a text."""
    words = line.values("data")
    if cell is not None and cell.strip():
        return cell
    if not words:
        raise HuntError([f"there is nothing to look at; {line.spec.usage}"])
    if len(words) == 1 and words[0].isidentifier() and words[0] in session.names:
        return getattr(session.names[words[0]], "df", session.names[words[0]])
    if line.given("column"):
        raise HuntError([f"no variable is named '{words[0]}'; --column reads a column of a data frame"])
    return " ".join(words)
