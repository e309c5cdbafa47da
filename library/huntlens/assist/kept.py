"""Answers about cells that are kept while what they were made from stays the same.

While an answer is made, it is noted which names were looked up from which cell, in which cell each was found, and what
those cells bind. An edit of one cell leaves the answers about the others as they are unless one of these has changed;
looking that over is much less work than answering again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from huntlens.assist.bound_names import Bound, Names, Where
    from huntlens.assist.meaning import Code
    from huntlens.assist.python_code import Cell

T = TypeVar("T")


class Asked(NamedTuple):
    """A name that was looked up: from which cell, the cell in which it was found or None, and on which side."""

    name: str
    cell: int
    found: int | None
    ahead: bool
    """Whether it was found behind the place only."""

    def same(self, names: Names) -> bool:
        """Whether it would be found in the same cell now, given that the cell that looked binds what it did."""
        if self.found == self.cell and not self.ahead:
            return True
        others = names.outer_cells(self.name)
        before = max((one for one in others if one < self.cell), default=None)
        if before is not None or self.found == self.cell:
            return before == (None if self.found == self.cell else self.found)
        return self.found == min((one for one in others if one > self.cell), default=None)


@dataclass(frozen=True, slots=True)
class Noted:
    """What an answer was made from."""

    asked: set[Asked] = field(default_factory=set)
    bound: dict[int, str] = field(default_factory=dict)
    """What the cells bind in which names were found."""
    also: dict[object, tuple[Callable[[Code], object], object]] = field(default_factory=dict)
    """Other things that were asked of the code, and what it said."""

    def looked_up(self, name: str, at: Where, found: Bound | None, code: Code) -> None:
        """A name was looked up."""
        if found is None:
            self.asked.add(Asked(name, at.cell, None, ahead=False))
            return
        where = found.where
        self.asked.add(Asked(name, at.cell, where.cell, ahead=where > at))
        self.bound[where.cell] = code.cells[where.cell].shown

    def holds(self, code: Code) -> bool:
        """Whether the same would be noted with the cells as they are now."""
        return (
            all(cell < len(code.cells) and code.cells[cell].shown == shown for cell, shown in self.bound.items())
            and all(one.same(code.names_of) for one in self.asked)
            and all(ask(code) == said for ask, said in self.also.values())
        )


class Keeper:
    """The answers about the cells of a notebook, by what was asked and the number of the cell."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], tuple[Cell, Noted, Any]] = {}

    def get(self, code: Code, what: str, cell: int, work: Callable[[Code], T]) -> T:
        """The answer about a cell; `work` makes it, from the code that notes what it is asked."""
        known = self._kept.get((what, cell))
        if known is not None and known[0] is code.cells[cell] and known[1].holds(code):
            kept: T = known[2]
            return kept
        noted = Noted()
        answer = work(code.noting(noted))
        self._kept[what, cell] = code.cells[cell], noted, answer
        return answer
