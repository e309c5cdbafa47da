"""`df.hunt.<plot>(...)`: every plot of `viz/plots` as a method of a frame; importing this module registers it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from huntlens._lazy import resolve
from huntlens.registry import load_member, member_names, public_object
from huntlens.viz.table import to_html

if TYPE_CHECKING:
    from collections.abc import Callable

PLOTS: Final = "huntlens.viz.plots"
METHODS: Final = {"pivot": "huntlens.pivots.accessor:pivot", "verdicts": "huntlens.viz.verdicts:verdicts"}
"""Methods beside the plots, some of higher rooms: functions whose first argument is the frame."""


@pd.api.extensions.register_dataframe_accessor("hunt")
class Hunt:
    """What hunters do with a frame.

    >>> import huntlens.viz.accessor
    >>> frame = pd.DataFrame({"TimeGenerated": pd.to_datetime(["2026-03-01"]), "Computer": ["web01"]})
    >>> frame.hunt.timeline(group="Computer").summary
    '1 events from 2026-03-01 00:00:00 to 2026-03-01 00:00:00 UTC in 1 lanes of Computer'
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def table(self, **options: Any) -> str:
        """The safe static table as HTML."""
        return to_html(self._frame, **options)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name in METHODS:
            return partial(resolve(METHODS[name]), self._frame)
        if name.startswith("_") or name not in member_names(PLOTS):
            message = f"a frame has no hunt.{name}; there are: {', '.join(sorted(set(dir(self)) - set(dir(object))))}"
            raise AttributeError(message, name=name, obj=self)
        return partial(public_object(load_member(PLOTS, name)), self._frame)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *METHODS, *member_names(PLOTS)})
