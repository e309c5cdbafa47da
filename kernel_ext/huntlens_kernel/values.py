"""What a magic is given to work on: the cell below, a variable, a file, or the words themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from huntlens_kernel.errors import HuntError

if TYPE_CHECKING:
    from huntlens.assist.magic_line import Line
    from huntlens_kernel.session import Session

_MOST_BYTES: Final = 50_000_000


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
    return _file(words[0]) if len(words) == 1 else " ".join(words)


def _file(word: str) -> str:
    """The text of the file of that name, else the word itself."""
    path = Path(word)
    if not _is_file(path):
        return word
    if path.stat().st_size > _MOST_BYTES:
        raise HuntError([f"{word} is larger than {_MOST_BYTES // 1_000_000} MB; load it: %hunt connect local {word}"])
    return path.read_text("utf-8", errors="replace")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a text that no file can be called
        return False
