"""One pass of `scan` over ordered rows, and the scalar operations that its conditions may need of remembered rows.

For step k of a row: where step k-1 holds a sequence and the condition of k is true over it, that sequence moves on to
k (promotion); otherwise, where k holds a sequence or is the first step, and the condition is true over that, the row
takes the place of what k holds (renewal), which for the first step begins a sequence.
Times are microseconds here, lengths of time ticks.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from huntlens.kql.types import is_numeric

if TYPE_CHECKING:
    from huntlens.kql.types import KqlType

Cells = Mapping[tuple[int, str], Any]
"""What a sequence remembers: by step and column, the value in the last row that matched the step."""


class Moment(NamedTuple):
    """What an expression sees: the row, what the sequence remembers, and the declared columns so far."""

    row: Sequence[Any]
    held: Cells
    declared: Sequence[Any]


Reader = Callable[[Moment], Any]


@dataclass(frozen=True, slots=True)
class Step:
    """A step: when it matches, what it assigns to which declared column, what it remembers, and what it puts out."""

    condition: Reader
    assignments: Sequence[tuple[int, Reader]]
    remembered: Sequence[tuple[str, Reader]]
    output: str


class Match(NamedTuple):
    """A row that matched a step."""

    row: int
    step: int
    id: int
    declared: tuple[Any, ...]


@dataclass(slots=True)
class _Sequence:
    id: int
    cells: dict[tuple[int, str], Any]
    pending: Match | None = None


@dataclass(slots=True)
class Scan:
    """The state of a scan of one partition; `feed` takes the rows in order, `found` are the matches."""

    steps: Sequence[Step]
    defaults: Sequence[Any]
    found: list[Match] = field(default_factory=list)
    last: int = -1
    states: list[_Sequence | None] = field(default_factory=list)

    def run(self, rows: Iterable[tuple[int, Sequence[Any]]]) -> list[Match]:
        """The matches of the rows, which come with their numbers."""
        self.states = [None] * len(self.steps)
        for number, row in rows:
            self._feed(number, row)
        for state in self.states:
            self._put_out(state)
        return self.found

    def _feed(self, number: int, row: Sequence[Any]) -> None:
        old, size = list(self.states), len(self.steps)
        promoted = [False] * (size + 1)
        for place in range(1, size):
            before = old[place - 1]
            promoted[place] = before is not None and self._matches(place, row, before.cells)
        for place in range(size):
            before, held = old[place - 1] if place else None, old[place]
            if promoted[place] and before is not None:
                self._put_out(held)
                self._enter(place, number, row, before.id, before.cells, None)
            elif self._renews(place, row, held, leaves=promoted[place + 1]):
                cells = held.cells if held is not None and not (place == 0 and promoted[1]) else {}
                if place == 0:
                    self.last += 1
                again = held if held is not None and not promoted[place + 1] else None
                if again is None:
                    self._put_out(held)
                self._enter(place, number, row, held.id if place and held is not None else self.last, cells, again)
            elif promoted[place + 1]:
                self._put_out(held)
                self.states[place] = None

    def _matches(self, place: int, row: Sequence[Any], cells: Cells) -> bool:
        return self.steps[place].condition(Moment(row, cells, self.defaults)) is True

    def _renews(self, place: int, row: Sequence[Any], held: _Sequence | None, *, leaves: bool) -> bool:
        if place == 0:
            return self._matches(0, row, {} if held is None or leaves else held.cells)
        return held is not None and not leaves and self._matches(place, row, held.cells)

    def _enter(
        self, place: int, number: int, row: Sequence[Any], match: int, cells: Cells, again: _Sequence | None
    ) -> None:
        """The row becomes what a step holds; `again` is the sequence there that it goes on with."""
        step, declared = self.steps[place], list(self.defaults)
        for index, value in step.assignments:
            declared[index] = value(Moment(row, cells, declared))
        kept = {key: cell for key, cell in cells.items() if key[0] < place}
        moment = Moment(row, cells, declared)
        kept.update({(place, name): value(moment) for name, value in step.remembered})
        state = self.states[place] = _Sequence(match, kept)
        made = Match(number, place, match, tuple(declared))
        if step.output == "all":
            self.found.append(made)
        elif step.output == "last":
            state.pending = made
            if again is not None:
                again.pending = None

    def _put_out(self, state: _Sequence | None) -> None:
        """Of repeated matches the last one, where a step says so and the repetition ends."""
        if state is not None and state.pending is not None:
            self.found.append(state.pending)
            state.pending = None


# --- operations -------------------------------------------------------------------------------------------------

_TIMES: Final = ("datetime", "timespan")


def _equal(left: Any, right: Any) -> bool | None:
    return None if left is None and right is None else bool(left == right)


def _unequal(left: Any, right: Any) -> bool | None:
    same = _equal(left, right)
    return None if same is None else not same


def _strict(function: Callable[..., Any]) -> Callable[..., Any]:
    """Null for a null."""
    return lambda *values: None if None in values else function(*values)


def _whole(function: Callable[..., int]) -> Callable[..., Any]:
    """Null for a null, and for what a long has no room for."""

    def limited(*values: Any) -> int | None:
        if None in values:
            return None
        made = function(*values)
        return made if -(2**63) <= made < 2**63 else None

    return limited


def _and(*values: Any) -> bool | None:
    return False if False in values else None if None in values else True


def _or(*values: Any) -> bool | None:
    return True if True in values else None if None in values else False


def _extreme(choose: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values: choose((value for value in values if value is not None), default=None)


def _between(value: Any, low: Any, high: Any) -> bool | None:
    return None if None in (value, low, high) else bool(low <= value <= high)


_ANY: Final[dict[str, Callable[..., Any]]] = {
    "==": _equal, "!=": _unequal, "<>": _unequal, "<": _strict(operator.lt), "<=": _strict(operator.le),
    ">": _strict(operator.gt), ">=": _strict(operator.ge), "and": _and, "or": _or, "not": _strict(operator.not_),
    "iff": lambda test, one, two: one if test is True else two,
    "iif": lambda test, one, two: one if test is True else two,
    "isnull": lambda value: value is None, "isnotnull": lambda value: value is not None,
    "isempty": lambda value: value in (None, ""), "isnotempty": lambda value: value not in (None, ""),
    "coalesce": lambda *values: next((value for value in values if value not in (None, "")), values[-1]),
    "max_of": _extreme(max), "min_of": _extreme(min), "between": _between,
    "in": lambda value, *items: value in items, "!in": lambda value, *items: value not in items,
}  # fmt: skip
"""Operations over values of one type, whichever that is."""
_TEXTS: Final[dict[str, Callable[..., Any]]] = {
    "=~": lambda one, two: one.lower() == two.lower(), "!~": lambda one, two: one.lower() != two.lower(),
    "contains": lambda one, two: two.lower() in one.lower(), "contains_cs": lambda one, two: two in one,
    "startswith": lambda one, two: one.lower().startswith(two.lower()),
    "endswith": lambda one, two: one.lower().endswith(two.lower()), "strcat": lambda *values: "".join(values),
    "tolower": str.lower, "toupper": str.upper, "strlen": len,
}  # fmt: skip
_NUMBERS: Final[dict[str, Callable[..., Any]]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "unary -": operator.neg, "abs": abs,
}  # fmt: skip


def operation(name: str, types: Sequence[KqlType]) -> Callable[..., Any] | None:
    """What a function does with values of these types; None where that is not known here.

    >>> (operation("-", ["datetime", "datetime"]) or abs)(5, 2)
    30
    """
    kinds = set(types)
    if kinds & {"dynamic", "unknown", "decimal"}:
        return _ANY[name] if name in ("isnull", "isnotnull") else None
    if name in _TEXTS:
        return _TEXTS[name] if kinds <= {"string"} else None
    if name in _ANY:
        values = kinds - {"bool"} if name in ("iff", "iif") else kinds
        alike = len(values) == 1 or all(is_numeric(kind) for kind in values)
        return _ANY[name] if alike or name in ("iff", "iif") else None
    if name == "-" and len(types) == 1:
        name = "unary -"
    if kinds & {"datetime"}:
        return _moved(name, types)
    if name not in _NUMBERS or "string" in kinds or "bool" in kinds:
        return None
    if kinds <= {"real"} or ("real" in kinds and "timespan" not in kinds):
        return _strict(_NUMBERS[name])
    return _whole(_NUMBERS[name]) if "real" not in kinds and (name != "*" or kinds != {"timespan"}) else None


def _moved(name: str, types: Sequence[KqlType]) -> Callable[..., Any] | None:
    match name, tuple(types):
        case "-", ("datetime", "datetime"):
            return _whole(lambda one, two: (one - two) * 10)
        case "-", ("datetime", "timespan"):
            return _strict(lambda moment, span: moment - span // 10)
        case "+", ("datetime", "timespan"):
            return _strict(lambda moment, span: moment + span // 10)
        case "+", ("timespan", "datetime"):
            return _strict(lambda span, moment: moment + span // 10)
    return None
