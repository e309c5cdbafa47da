"""A catalogue: the queries and pivots of all packs in reach, found by name."""

from __future__ import annotations

from bisect import bisect_left
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from huntlens.catalog.model import Pivot
from huntlens.errors import QueryNotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.catalog.index import Entry, Index
    from huntlens.catalog.model import Pack, Query
    from huntlens.catalog.search import Hit
    from huntlens.errors import PackError


COMPARED: Final = 2000
"""With how many names one that is not known is compared: that takes time."""


class Group(NamedTuple):
    """What stands right below a dotted name: groups, each with how many queries are in it, and queries by their ids."""

    groups: dict[str, int]
    queries: tuple[str, ...]


def within(ids: Sequence[str], name: str) -> Sequence[str]:
    """The part of sorted dotted ids that lies below a name."""
    # The character behind the dot: ids that begin with `name.` stand together in front of it.
    return ids[bisect_left(ids, f"{name}.") : bisect_left(ids, f"{name}/")] if name else ids


def below(ids: Sequence[str], name: str) -> Group:
    """What stands right below a name in sorted dotted ids.

    >>> below(["linux.sudo", "windows.logons", "windows.sysmon.dns"], "windows")
    Group(groups={'sysmon': 1}, queries=('windows.logons',))
    """
    groups: dict[str, int] = {}
    queries = []
    for id_ in within(ids, name):
        group, dot, _ = id_[len(name) + 1 if name else 0 :].partition(".")
        if dot:
            groups[group] = groups.get(group, 0) + 1
        else:
            queries.append(id_)
    return Group(groups, tuple(queries))


def near(id_: str, ids: Sequence[str]) -> list[str]:
    """Sorted dotted ids that are written much like one; of very many, only those of its group or that begin as it."""
    if len(ids) > COMPARED:
        group = [one for one in within(ids, id_.rpartition(".")[0]) if abs(len(one) - len(id_)) < 4]
        alike = group or [one for one in within(ids, "") if one[:2] == id_[:2] and abs(len(one) - len(id_)) < 4]
        ids = alike[:COMPARED]
    return get_close_matches(id_, ids, 3)


class Catalog:
    """Queries by id; of queries with the same id and environment the one of the later index counts.

    Queries are decoded when they are asked for, so a catalogue of thousands costs little until it is used.
    """

    def __init__(self, indexes: Sequence[Index] = (), environment: str = "") -> None:
        self._indexes = tuple(indexes)
        self._environment = environment
        self._found: dict[int, Query] = {}
        self._ids: dict[str, tuple[str, ...]] = {}
        self._groups: dict[tuple[str, str], Group] = {}

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
    def state(self) -> tuple[str, ...]:
        """What the packs were read from: the same as long as no file of theirs has changed."""
        return tuple(index.fingerprint for index in self._indexes)

    @property
    def errors(self) -> tuple[PackError, ...]:
        """What is wrong in the packs; the queries that are right are there all the same."""
        return tuple(error for index in self._indexes for error in index.errors)

    def ids(self, environment: str = "") -> tuple[str, ...]:
        """The ids of all queries that run on an environment, in order."""
        if environment not in self._ids:
            self._ids[environment] = tuple(
                id_
                for id_, found in self._entries.items()
                if not environment or any(environment in entry.environments for _, entry in found)
            )
        return self._ids[environment]

    def below(self, name: str = "", environment: str = "") -> Group:
        """What stands below a dotted name (or at the top) on an environment."""
        key = name, environment
        if key not in self._groups:
            self._groups[key] = below(self.ids(environment), name)
        return self._groups[key]

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
        named = self._by_name.get(id_.rpartition(".")[2], ())
        return [one for one in named if not environment or self.find(one, environment)][:3] or near(
            id_, self.ids(environment)
        )

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        """Ids by their last part."""
        found: dict[str, list[str]] = {}
        for id_ in self._entries:
            found.setdefault(id_.rpartition(".")[2], []).append(id_)
        return found

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
