"""Names that may have been meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], limit: int = 2) -> list[str]:
    """The known names that a slip of the fingers would turn into `name`, best first.

    >>> nearest("TimeGenerted", ["Computer", "TimeGenerated"])
    ['TimeGenerated']
    >>> nearest("x", ["abc"])
    []
    """
    folded = name.casefold()
    allowed = max(1, len(folded) // 4)
    found = []
    for other in known:
        low = other.casefold()
        if abs(len(low) - len(folded)) > allowed or other == name:
            continue
        steps = 0 if low == folded else distance(folded, low, allowed)
        if steps <= allowed and steps < len(folded):
            found.append((steps, other))
    return [other for _, other in sorted(found)[:limit]]


def distance(left: str, right: str, limit: int) -> int:
    """How many letters must be added, dropped, changed or swapped with a neighbour; more than `limit` is `limit + 1`.

    >>> distance("acount", "account", 2), distance("sumarzie", "summarize", 2)
    (1, 2)
    """
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for row, a in enumerate(left, 1):
        current = [row]
        for place, b in enumerate(right, 1):
            best = min(previous[place] + 1, current[-1] + 1, previous[place - 1] + (a != b))
            if before and row > 1 and place > 1 and a == right[place - 2] and b == left[row - 2]:
                best = min(best, before[place - 2] + 1)
            current.append(best)
        if min(current) > limit:
            return limit + 1
        before, previous = previous, current
    return previous[-1]
