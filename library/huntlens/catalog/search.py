"""Ranked search over queries: names weigh most, then what they are about, then where they look."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from huntlens.catalog.model import Query

_WORD: Final = re.compile(r"[A-Za-z0-9]+")
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Hit(NamedTuple):
    """A query that was found, and how well it fits."""

    query: Query
    score: float


def search(queries: Iterable[Query], words: str, limit: int = 50) -> list[Hit]:
    """Queries in which every word occurs somewhere, the best first; an ATT&CK id finds its sub-techniques."""
    wanted = [word.lower() for word in re.findall(r"[\w.]+", words)]
    hits = []
    for query in queries:
        score = _score(query, wanted)
        if score > 0:
            hits.append(Hit(query, score))
    hits.sort(key=lambda hit: (-hit.score, hit.query.id))
    return hits[:limit]


def _score(query: Query, wanted: list[str]) -> float:
    fields = _fields(query)
    total = 0.0
    for word in wanted:
        best = max((weight * _fit(word, text) for weight, text in fields), default=0.0)
        if best == 0:
            return 0.0
        total += best
    return total / max(len(wanted), 1) if wanted else 1.0


def _fields(query: Query) -> tuple[tuple[float, str], ...]:
    return (
        (10.0, query.name),
        (8.0, query.id),
        (6.0, " ".join(query.techniques)),
        (6.0, " ".join(query.tables)),
        (5.0, f"{query.summary} {' '.join(query.tags)}"),
        (5.0, " ".join(query.aliases)),
        (4.0, " ".join(f"{item.entity or ''} {item.name}" for item in query.parameters)),
        (3.0, " ".join((*query.columns, *query.environments, query.returns))),
        (2.0, query.description),
        (1.0, query.text),
    )


def _fit(word: str, text: str) -> float:
    """1 for the whole text, less for a whole word, the beginning of one, a part of one."""
    lowered = text.lower()
    if word not in lowered:
        return 0.0
    if word == lowered:
        return 1.0
    parts = [part.lower() for found in _WORD.findall(text) for part in (found, *_HUMP.split(found))]
    if word in parts:
        return 0.8
    return 0.5 if any(part.startswith(word) for part in parts) else 0.25
