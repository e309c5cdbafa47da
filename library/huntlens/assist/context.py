"""What is known around a text: the catalogue, the entities, the tables, and what a running kernel has published."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

from huntlens import registry
from huntlens.assist.session import EMPTY, Session
from huntlens.catalog.collection import near
from huntlens.kql.schema import Schema, shipped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huntlens.catalog.collection import Catalog
    from huntlens.catalog.model import Pivot

RUN_OPTIONS: Final[Mapping[str, str]] = {
    "timespan": "Rows of this time only: `7d`, `-3d@d`, or `2026-01-01/2026-01-08`",
    "limit": "Stop after so many rows",
    "timeout_s": "Give up after so many seconds",
}
"""What every call that runs a query takes beside the query's own parameters."""


@dataclass(frozen=True)
class Attribute:
    """An attribute of an entity; `type` is the entity that it links to, where it is one."""

    name: str
    type: str
    doc: str


@dataclass(frozen=True)
class EntityFacts:
    """What is told about an entity."""

    name: str
    doc: str
    attributes: tuple[Attribute, ...]
    members: frozenset[str] = frozenset()
    """Its methods and computed properties."""

    def attribute(self, name: str) -> Attribute | None:
        """The attribute of that name."""
        return next((one for one in self.attributes if one.name == name), None)


@dataclass(frozen=True, eq=False)
class Context:
    """The surroundings of a text; the same text in the same context gives the same answers."""

    catalog: Catalog
    session: Session = EMPTY
    environment: str = ""
    """Where text that names no connection would run; empty where that is not known."""
    tables: Schema = field(default_factory=shipped)
    default_timespan: str = ""
    """The time range of queries that are given none, where the connection has none either."""
    memo: dict[object, Any] = field(default_factory=dict)
    """What was worked out in these surroundings, kept as long as they are."""

    @cached_property
    def schema(self) -> Schema:
        """The shipped tables, with the frames and live tables of the kernel in front."""
        return self.tables.with_tables(*self.session.tables) if self.session.tables else self.tables

    @cached_property
    def timespan(self) -> str:
        """The time range in force for queries that are given none: of the current connection, else as it is set."""
        current = (one.timespan for one in self.session.connections.values() if one.current)
        return next(current, "") or self.default_timespan

    @cached_property
    def groups(self) -> frozenset[str]:
        """Every group of queries and every group of groups, dotted."""
        found: set[str] = set()
        for group in self.catalog.groups():
            parts = group.split(".")
            found.update(".".join(parts[: depth + 1]) for depth in range(len(parts)))
        return frozenset(found)

    @cached_property
    def environments(self) -> tuple[str, ...]:
        """The environments that the packs name, the local one first."""
        named = (name for pack in self.catalog.packs for name in pack.environments)
        return tuple(dict.fromkeys(("local", *sorted(named))))

    def pivots(self, entity: str) -> dict[str, Pivot]:
        """The pivots of an entity by dotted name."""
        return self._pivots.get(entity, {})

    def sorted_pivots(self, entity: str) -> tuple[str, ...]:
        """The names of an entity's pivots in order."""
        return self._sorted_pivots.get(entity, ())

    @cached_property
    def _sorted_pivots(self) -> dict[str, tuple[str, ...]]:
        return {entity: tuple(sorted(named)) for entity, named in self._pivots.items()}

    @cached_property
    def _pivots(self) -> dict[str, dict[str, Pivot]]:
        return {entity: {one.name: one for one in pivots} for entity, pivots in self.catalog.pivots.items()}

    @cached_property
    def pivot_names(self) -> dict[str, Pivot]:
        """Every pivot by entity and name, in order: `Host.windows.logons`."""
        named = ((f"{entity}.{name}", one) for entity, pivots in self._pivots.items() for name, one in pivots.items())
        return dict(sorted(named, key=lambda pair: pair[0]))

    def near_pivots(self, name: str) -> list[str]:
        """Pivots with their entities that are written much like a name."""
        return near(name, tuple(self.pivot_names))


@lru_cache(maxsize=1)
def entity_facts() -> dict[str, EntityFacts]:
    """All entities by name."""
    modules = registry.load_members("huntlens.entities")
    classes = [registry.public_object(module) for name, module in modules.items() if name not in _NO_ENTITY]
    return {name: _facts(name, cls) for cls in classes for name in (cls.__name__, *cls.ALIASES)}


def is_entity(name: str) -> bool:
    """Whether an entity has that name."""
    return name in entity_facts()


_NO_ENTITY: Final = frozenset({"base", "observables", "read"})


def _facts(name: str, cls: Any) -> EntityFacts:
    doc = (cls.__doc__ or "").split("\n\n")[0].strip()
    attributes = tuple(Attribute(one.name, one.entity, one.doc) for one in cls.attributes())
    members = {member for base in cls.__mro__ for member in vars(base) if not member.startswith("_")}
    return EntityFacts(name, doc, attributes, frozenset(members))
