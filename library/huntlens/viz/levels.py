"""Levels of detail: many rows along time as cells, coarse for the whole and finer as one zooms in.

A page holds three levels; those of more than 25,000 cells are left out. The range on view picks one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from bokeh.models import CustomJS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

BINS: Final = (200, 1_600, 12_800)
MOST_CELLS: Final = 25_000
MOST_POINTS: Final = 12_000
_FOLLOW: Final = """
    const zoom = full / Math.max(1, range.end - range.start);
    const level = Math.min(levels.length - 1, zoom > 32 ? 2 : zoom > 4 ? 1 : 0);
    levels.forEach((group, index) => group.forEach(one => {
      if (one.visible !== (index === level)) one.visible = index === level;
    }));
"""


@dataclass(frozen=True, slots=True)
class Cells:
    """The rows of one level: a cell for each lane and stretch of time that has rows, `place` maps rows to cells."""

    start: NDArray[np.int64]
    """Microseconds since 1970."""
    width: int
    lane: NDArray[np.int64]
    count: NDArray[np.int64]
    place: NDArray[np.intp]

    @property
    def starts(self) -> NDArray[np.datetime64]:
        """The beginnings as times."""
        return self.start.astype("datetime64[us]")

    @property
    def middles(self) -> NDArray[np.datetime64]:
        """The middles as times."""
        return (self.start + self.width // 2).astype("datetime64[us]")

    def lowest(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The lowest value in each cell."""
        found = np.full(len(self.start), np.inf)
        np.minimum.at(found, self.place, values)
        return found

    def highest(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The highest value in each cell."""
        return -self.lowest(-values)


def cells(when: Any, lane: NDArray[np.intp]) -> Iterator[Cells]:
    """The levels of rows at times in lanes, the coarsest first."""
    stamps = np.asarray(when).astype("datetime64[us]").astype(np.int64)
    first, length = int(stamps.min()), max(int(np.ptp(stamps)), 1)
    for bins in BINS:
        width = max(1, -(-length // bins))
        keys = lane.astype(np.int64) * (bins + 1) + (stamps - first) // width
        found, place, counts = _count(keys, int(lane.max() + 1) * (bins + 1))
        if bins != BINS[0] and len(found) > MOST_CELLS:
            return
        yield Cells(first + found % (bins + 1) * width, width, found // (bins + 1), counts, place)


def outline(values: NDArray[np.float64], most: int = MOST_POINTS) -> NDArray[np.intp]:
    """The points of a long line that keep its shape: of each stretch the first, the lowest, the highest, the last.

    >>> outline(np.array([0.0, 5.0, 1.0, -3.0, 2.0, 2.0, 2.0, 9.0]), most=4).tolist()
    [0, 3, 7]
    """
    if len(values) <= most:
        return np.arange(len(values))
    stretch = -(-len(values) * 4 // most)
    starts = np.arange(0, len(values), stretch)
    padded = np.full(len(starts) * stretch, np.nan)
    padded[: len(values)] = values
    rows = padded.reshape(len(starts), stretch)
    low = np.where(np.isnan(rows), np.inf, rows).argmin(axis=1)
    high = np.where(np.isnan(rows), -np.inf, rows).argmax(axis=1)
    ends = np.minimum(starts + stretch, len(values)) - 1
    return np.unique(np.concatenate([starts, starts + low, starts + high, ends]))


def _count(keys: NDArray[np.int64], most: int) -> tuple[NDArray[np.int64], NDArray[np.intp], NDArray[np.int64]]:
    """As `numpy.unique` with inverse and counts, by counting where it sorts."""
    counts = np.bincount(keys, minlength=most)
    found = np.flatnonzero(counts)
    rank = np.zeros(most, dtype=np.intp)
    rank[found] = np.arange(len(found))
    return found, rank[keys], counts[found]


def follow(plot: Any, when: Any, draw: Callable[[Cells], list[Any]], lane: NDArray[np.intp]) -> list[list[Any]]:
    """Draw each level, show the first, and let the range on view choose from then on."""
    drawn = [draw(level) for level in cells(when, lane)]
    for group in drawn[1:]:
        for renderer in group:
            renderer.visible = False
    full = float(np.ptp(np.asarray(when).astype("datetime64[us]").astype(np.int64))) / 1000
    choose = CustomJS(args={"levels": drawn, "range": plot.x_range, "full": full}, code=_FOLLOW)
    plot.x_range.js_on_change("start", choose)
    plot.x_range.js_on_change("end", choose)
    return drawn
