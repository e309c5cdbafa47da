"""Frequent patterns over discrete columns: what `basket`, `autocluster` and `diffpatterns` look for.

A pattern fixes some columns to a value and leaves the others open. Found by Apriori: a pattern can only be frequent
if each smaller one within it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

Item = tuple[int, Any]
"""A column by its place, and its value."""
Pattern = frozenset[Item]
Row = tuple[Sequence[Any], float]
"""The cells of a row, and how often the row is there."""

_MOST_PATTERNS: Final = 20_000
"""Patterns that one search keeps; beyond it only shorter ones are reported."""


def frequent(rows: Sequence[Row], least: float, most_columns: int) -> dict[Pattern, float]:
    """Every pattern that at least `least` rows fulfil, with their number.

    >>> found = frequent([(("a", 1), 3), (("a", 2), 1)], 3, 2)
    >>> sorted((len(pattern), count) for pattern, count in found.items())
    [(1, 3.0), (1, 4.0), (2, 3.0)]
    """
    singles: Counter[Item] = Counter()
    for cells, weight in rows:
        for item in _items(cells):
            singles[item] += weight  # type: ignore[assignment]  # weights may be fractions
    level = {frozenset((item,)): float(count) for item, count in singles.items() if count >= least}
    found = dict(level)
    for size in range(2, most_columns + 1):
        candidates = _joined(level, size)
        if not candidates or len(found) > _MOST_PATTERNS:
            break
        level = _counted(candidates, rows, least)
        found.update(level)
    return found


def _items(cells: Sequence[Any]) -> Iterable[Item]:
    return ((place, value) for place, value in enumerate(cells) if value is not None)


def _joined(level: dict[Pattern, float], size: int) -> set[Pattern]:
    """Patterns of the next size whose parts are all frequent."""
    known = sorted(level, key=lambda pattern: sorted(map(repr, pattern)))
    joined: set[Pattern] = set()
    for one, two in combinations(known[:2000], 2):
        both = one | two
        if len(both) == size and len({place for place, _ in both}) == size:
            joined.add(both)
    return {pattern for pattern in joined if all(pattern - {item} in level for item in pattern)}


def _counted(candidates: set[Pattern], rows: Sequence[Row], least: float) -> dict[Pattern, float]:
    counts: Counter[Pattern] = Counter()
    for cells, weight in rows:
        for pattern in candidates:
            if all(cells[place] == value for place, value in pattern):
                counts[pattern] += weight  # type: ignore[assignment]  # weights may be fractions
    return {pattern: float(count) for pattern, count in counts.items() if count >= least}


def covers(pattern: Pattern, cells: Sequence[Any]) -> bool:
    """Whether a row fulfils a pattern."""
    return all(cells[place] == value for place, value in pattern)


def clusters(rows: Sequence[Row], columns: int, size_weight: float) -> list[tuple[Pattern, float]]:
    """A few patterns that are both large and telling, each mostly of rows that no earlier one holds."""
    total = sum(weight for _, weight in rows) or 1.0
    found = frequent(rows, max(total * 0.05, 1), min(columns, 5))
    scored = sorted(
        found.items(), key=lambda one: (-_score(one, total, columns, size_weight), sorted(map(repr, one[0])))
    )
    chosen: list[tuple[Pattern, float]] = []
    taken = [False] * len(rows)
    for pattern, count in scored:
        members = [index for index, (cells, _) in enumerate(rows) if covers(pattern, cells)]
        fresh = sum(rows[index][1] for index in members if not taken[index])
        if fresh * 2 > count:
            chosen.append((pattern, count))
            for index in members:
                taken[index] = True
        if all(taken):
            break
    return sorted(chosen, key=lambda one: -one[1])


def _score(found: tuple[Pattern, float], total: float, columns: int, size_weight: float) -> float:
    pattern, count = found
    return float((count / total) ** size_weight * (len(pattern) / max(columns, 1)) ** (1 - size_weight))


def differences(
    one: Sequence[Row], two: Sequence[Row], columns: int, threshold: float
) -> list[tuple[Pattern, float, float]]:
    """Patterns whose shares in two sets of rows differ by at least `threshold`; the widest of equal ones only."""
    totals = [sum(weight for _, weight in rows) or 1.0 for rows in (one, two)]
    found: dict[Pattern, tuple[float, float]] = {}
    for rows, total in ((one, totals[0]), (two, totals[1])):
        for pattern in frequent(rows, max(total * threshold, 1), min(columns, 5)):
            found.setdefault(pattern, (_weight(pattern, one), _weight(pattern, two)))
    kept = {
        pattern: counts
        for pattern, counts in found.items()
        if abs(counts[0] / totals[0] - counts[1] / totals[1]) >= threshold
    }
    closed = [
        (pattern, *counts)
        for pattern, counts in kept.items()
        if not any(pattern < other and counts == more for other, more in kept.items())
    ]
    return sorted(closed, key=lambda one: -abs(one[1] / totals[0] - one[2] / totals[1]))


def _weight(pattern: Pattern, rows: Sequence[Row]) -> float:
    return sum(weight for cells, weight in rows if covers(pattern, cells))
