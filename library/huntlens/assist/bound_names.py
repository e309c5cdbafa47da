"""Where names are bound in a series of cells: an index that follows edits instead of being made anew.

>>> from huntlens.assist.python_code import read_cell
>>> cells = read_cell("a = 1"), read_cell("b = a")
>>> names = Names.of(cells)
>>> names.find("a", Where(1, 5))[0], names.outer_cells("b")
(Where(cell=0, offset=5), (1,))
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from huntlens.assist.python_code import Cell
    from huntlens.assist.python_scope import Bind


class Where(NamedTuple):
    """A place in a series of cells."""

    cell: int
    offset: int


class Bound(NamedTuple):
    """A binding and its place."""

    where: Where
    bind: Bind


class Names:
    """The bindings of each name, in order of place."""

    def __init__(self, bound: dict[str, tuple[Bound, ...]]) -> None:
        self._bound = bound
        self._outer: dict[str, tuple[int, ...]] = {}

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> Names:
        """The names of cells."""
        found: dict[str, list[Bound]] = {}
        for number, cell in enumerate(cells):
            for bind in cell.binds:
                found.setdefault(bind.name, []).append(Bound(Where(number, bind.offset), bind))
        return cls({name: tuple(bound) for name, bound in found.items()})

    def changed(self, before: Sequence[Cell], cells: Sequence[Cell]) -> Names:
        """The names of other cells, where these are the names of `before`: only what differs is looked at."""
        if len(before) != len(cells):
            return Names.of(cells)
        bound = dict(self._bound)
        for number, (old, new) in enumerate(zip(before, cells, strict=True)):
            if old is new:
                continue
            for name in {bind.name for bind in (*old.binds, *new.binds)}:
                others = [one for one in bound.get(name, ()) if one.where.cell != number]
                own = [Bound(Where(number, bind.offset), bind) for bind in new.binds if bind.name == name]
                bound[name] = tuple(sorted([*others, *own], key=lambda one: one.where))
        return Names(bound)

    def __iter__(self) -> Iterator[str]:
        return iter(self._bound)

    def all_of(self, name: str) -> tuple[Bound, ...]:
        """Every binding of a name."""
        return self._bound.get(name, ())

    def outer_cells(self, name: str) -> tuple[int, ...]:
        """The cells that bind a name for all the others, in order."""
        if name not in self._outer:
            cells = (one.where.cell for one in self.all_of(name) if one.bind.scope is None)
            self._outer[name] = tuple(dict.fromkeys(cells))
        return self._outer[name]

    def find(self, name: str, at: Where) -> Bound | None:
        """The last binding before a place, else the first behind it, of those that can be seen from there."""
        found = self._bound.get(name)
        if not found:
            return None
        cut = bisect_right(found, at, key=lambda one: one.where)
        return next((one for one in (*reversed(found[:cut]), *found[cut:]) if _seen(one, at)), None)


def _seen(bound: Bound, at: Where) -> bool:
    scope = bound.bind.scope
    return scope is None or (bound.where.cell == at.cell and scope.start <= at.offset <= scope.end)
