"""Which types of arguments go together, for functions whose parameters alone cannot tell.

A rule is asked only where all types are known and none is dynamic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql.types import is_numeric

if TYPE_CHECKING:
    from huntlens.kql.types import KqlType


def moved(start: KqlType, stop: KqlType, step: KqlType | None = None) -> bool:
    """Two values on one scale and a distance on it: numbers, timespans, or datetimes and a timespan.

    >>> moved("datetime", "datetime", "timespan"), moved("long", "datetime")
    (True, False)
    """
    if is_numeric(start):
        return is_numeric(stop) and (step is None or is_numeric(step))
    return start == stop and step in (None, "timespan")


def binned_at(value: KqlType, size: KqlType, fixed: KqlType) -> bool:
    """A value, the size of a bin, and a point on the scale of the value."""
    return moved(value, fixed, size)
