"""A catalogue: the queries and pivots of all packs in reach, found by name."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING

from huntlens.catalog.model import Pivot
from huntlens.errors import QueryNotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.catalog.index import Entry, Index
    from huntlens.catalog.model import Pack, Query
    from huntlens.catalog.search import Hit
    from huntlens.errors import PackError


class Catalog:
    """Queries by id; of queries with the same id and environment the one of the later index counts.

    Queries are decoded when they are asked for, so a catalogue of thousands costs little until it is used.
    """

    def __init__(self, indexes: Sequence[Index] = (), environment: str = "") -> None:
        self._indexes = tuple(indexes)
        self._environment = environment
        self._found: dict[int, Query] = {}

    @cached_property
    def _entries(self) -> dict[str, list[tuple[Index, Entry]]]:
        """By id; those of later indexes first."""
        found: dict[str, list[tuple[Index, Entry]]] = {}
        for index in reversed(self._indexes):
            for entry in index.entries:
                if not self._environment or self._environment in entry.environments:
                    found.setdefault(entry.id, []).append((index, entry))
        return dict(sorted(found.items()))

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._entries

    def __repr__(self) -> str:
        return f"<Catalog of {len(self)} queries>"

    @property
    def packs(self) -> tuple[Pack, ...]:
        """The packs, without their queries."""
        return tuple(pack for index in self._indexes for pack in index.packs)

    @property
    def errors(self) -> tuple[PackError, ...]:
        """What is wrong in the packs; the queries that are right are there all the same."""
        return tuple(error for index in self._indexes for error in index.errors)

    def ids(self, environment: str = "") -> tuple[str, ...]:
        """The ids of all queries that run on an environment, in order."""
        if not environment:
            return tuple(self._entries)
        return tuple(
            id_ for id_, found in self._entries.items() if any(environment in entry.environments for _, entry in found)
        )

    def groups(self, environment: str = "") -> tuple[str, ...]:
        """The groups that ids begin with, in order."""
        return tuple(dict.fromkeys(id_.rpartition(".")[0] for id_ in self.ids(environment)))

    @cached_property
    def queries(self) -> tuple[Query, ...]:
        """All queries, in order of their ids."""
        return tuple(self._decode(*pair) for found in self._entries.values() for pair in _without_shadowed(found))

    def of(self, environment: str) -> Catalog:
        """The part of the catalogue that runs on an environment."""
        return Catalog(self._indexes, environment) if environment else self

    def find(self, id_: str, environment: str = "") -> Query | None:
        """The query of that id, or None."""
        for index, entry in self._entries.get(id_, ()):
            if not environment or environment in entry.environments:
                return self._decode(index, entry)
        return None

    def get(self, id_: str, environment: str = "") -> Query:
        """The query of that id; the error names what may have been meant.

        >>> Catalog().get("windows.logons")
        Traceback (most recent call last):
        huntlens.errors.QueryNotFoundError: no query is named 'windows.logons'; list_queries() shows all
        """
        found = self.find(id_, environment)
        if found is None:
            raise QueryNotFoundError(id_, self.near(id_, environment))
        return found

    def near(self, id_: str, environment: str = "") -> list[str]:
        """Ids that are written much like one."""
        known = self.ids(environment)
        same_name = [name for name in known if name.rpartition(".")[2] == id_.rpartition(".")[2]]
        return (same_name or get_close_matches(id_, known, 3))[:3]

    def pivots_for(self, entity: str, environment: str = "") -> tuple[Pivot, ...]:
        """What hangs on an entity: a pivot for each query parameter that takes its attribute, and the functions."""
        return tuple(
            pivot
            for pivot in self.pivots.get(entity, ())
            if not environment or not pivot.environments or environment in pivot.environments
        )

    @cached_property
    def pivots(self) -> dict[str, tuple[Pivot, ...]]:
        """All pivots by entity, functions first."""
        found: dict[str, list[Pivot]] = {}
        for index in self._indexes:
            for pivot in index.pivots:
                found.setdefault(pivot.entity, []).append(pivot)
        for query in self.queries:
            for pivot in query_pivots(query):
                found.setdefault(pivot.entity, []).append(pivot)
        return {entity: tuple(pivots) for entity, pivots in found.items()}

    def search(self, words: str, environment: str = "", limit: int = 50) -> list[Hit]:
        """Queries that fit the words, the best first."""
        from huntlens.catalog.search import search

        chosen = self.queries if not environment else self.of(environment).queries
        return search(chosen, words, limit)

    def _decode(self, index: Index, entry: Entry) -> Query:
        key = id(entry)
        if key not in self._found:
            self._found[key] = index.query(entry)
        return self._found[key]


def query_pivots(query: Query) -> tuple[Pivot, ...]:
    """The pivots that a query gives: one for each entity that it has a parameter for, or a column of its result."""
    found: dict[str, Pivot] = {}
    for item in query.parameters:
        if item.entity is None or item.entity.entity in found:
            continue
        found[item.entity.entity] = Pivot(
            item.entity.entity,
            item.entity.attribute,
            query.id,
            "query",
            query.id,
            item.name,
            "list" if item.is_list else "value",
            query.summary,
            query.environments,
            query.path,
            query.line,
            _columns(query, str(item.entity)) if item.is_list else (),
        )
    if not query.required:
        for name in query.entity_columns.values():
            entity, _, attribute = name.partition(".")
            if entity not in found:
                found[entity] = Pivot(
                    entity,
                    attribute,
                    query.id,
                    "query",
                    query.id,
                    summary=query.summary,
                    parameter="",
                    environments=query.environments,
                    path=query.path,
                    line=query.line,
                    columns=_columns(query, name),
                )
    return tuple(found.values())


def _columns(query: Query, attribute: str) -> tuple[str, ...]:
    return tuple(column for column, known in query.entity_columns.items() if known == attribute)


def _without_shadowed(found: list[tuple[Index, Entry]]) -> list[tuple[Index, Entry]]:
    taken: set[str] = set()
    kept = []
    for index, entry in found:
        if not taken.issuperset(entry.environments) or not entry.environments:
            kept.append((index, entry))
        taken.update(entry.environments)
    return kept
