"""`df.hunt.<name>(...)`: plots and functions of analysis as methods of a frame; importing this registers it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from huntlens._lazy import resolve
from huntlens.catalog.methods import METHODS
from huntlens.registry import load_member, member_names, public_object
from huntlens.viz.table import to_html

if TYPE_CHECKING:
    from collections.abc import Callable

PLOTS: Final = "huntlens.viz.plots"


@pd.api.extensions.register_dataframe_accessor("hunt")
class Hunt:
    """What hunters do with a frame: every plot of `viz/plots`, every row of `catalog.methods`.

    >>> import huntlens.viz.accessor
    >>> frame = pd.DataFrame({"TimeGenerated": pd.to_datetime(["2026-03-01"]), "Computer": ["web01"]})
    >>> frame.hunt.timeline(group="Computer").summary
    '1 events from 2026-03-01 00:00:00 to 2026-03-01 00:00:00 UTC in 1 lanes of Computer'
    >>> pd.DataFrame({"note": ["from 203.0.113.9"]}).hunt.ioc()["value"].tolist()
    ['203.0.113.9']
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def table(self, **options: Any) -> str:
        """The safe static table as HTML."""
        return to_html(self._frame, **options)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name in METHODS:
            function = resolve(METHODS[name].target)
        elif not name.startswith("_") and name in member_names(PLOTS):
            function = public_object(load_member(PLOTS, name))
        else:
            message = f"a frame has no hunt.{name}; there are: {', '.join(sorted(set(dir(self)) - set(dir(object))))}"
            raise AttributeError(message, name=name, obj=self)
        bound = partial(function, self._frame)
        # For help in a notebook; `functools.wraps` would bring the frame back into the signature.
        bound.__doc__, bound.__name__ = function.__doc__, name  # type: ignore[attr-defined]  # a partial has a __dict__
        return bound

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *METHODS, *member_names(PLOTS)})
