"""Who brings BokehJS (0.5 MB) to a notebook: every figure, unless a kernel sees to it that one output does.

Light on purpose: a kernel extension registers here when it is loaded, long before the first figure is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable


def _always() -> bool:
    return True


@dataclass(slots=True)
class Delivery:
    """`carries_library` says whether the figure that is shown now has to bring the library."""

    carries_library: Callable[[], bool] = field(default=_always)

    def reset(self) -> None:
        """Let every figure bring the library again."""
        self.carries_library = _always


DELIVERY: Final = Delivery()
