"""`%ioc`, `%%ioc`: indicators in a text, a variable, a file, or the cell below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from huntlens_kernel.display import Indicators
from huntlens_kernel.values import data_of

if TYPE_CHECKING:
    from huntlens.assist.magic_line import Line
    from huntlens_kernel.session import Session

__all__ = ["ioc"]


def ioc(session: Session, line: Line, cell: str | None) -> Any:
    """The indicators: a card with what there is of each type, and a table with every place."""
    from huntlens.analyze.ioc import defang, extract

    types = [part for value in line.values("types") for part in value.split(",") if part]
    found = extract(data_of(session, line, cell), line.value("column") or None, types or None)
    if line.given("defang"):
        found["value"] = [defang(value) for value in found["value"]]
    return Indicators(found)
