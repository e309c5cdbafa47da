"""`df.hunt.pivot(...)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from huntlens.errors import PivotError
from huntlens.pivots.namespace import PivotCall, named
from huntlens.viz.accessor import Hunt

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Hunt", "pivot"]


def pivot(
    frame: pd.DataFrame, call: PivotCall | str, column: str = "", *, join: str = "none", **options: Any
) -> pd.DataFrame:
    """A pivot over a column of the frame: `df.hunt.pivot(Host.windows.logons, column="Computer", join="left")`."""
    if isinstance(call, str):
        call = named(call)
    if not isinstance(call, PivotCall):
        raise PivotError("df.hunt.pivot takes a pivot such as Host.windows.logons, or its name as a text")
    return call(frame, column=column, join=join, **options)
