"""`%b64`, `%%b64`: what is hidden in encoded texts, as deep as it is nested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from huntlens_kernel.display import Table
from huntlens_kernel.values import data_of

if TYPE_CHECKING:
    from huntlens.assist.magic_line import Line
    from huntlens_kernel.session import Session

__all__ = ["b64"]

_FIRST: Final = ("row", "path", "encoding", "kind", "text", "size")


def b64(session: Session, line: Line, cell: str | None) -> Any:
    """The decoded items as a table, those inside of others below them."""
    from huntlens.analyze.base64 import decode

    found = decode(data_of(session, line, cell), line.value("column") or None)
    order = [*_FIRST, *(name for name in found.columns if name not in _FIRST)]
    return Table(found[order], caption="Decoded", note="" if len(found) else "nothing encoded was found")
