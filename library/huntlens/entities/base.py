"""What an entity is: named attributes, an identity, links to other entities, and pivots that hang on it.

Attributes are named as Microsoft Sentinel names them. Entities are values: equal if all attributes are, never changed;
`merge` makes a new one. Values come from logs, so texts of an entity are cut and escaped where they are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from huntlens._lazy import resolve
from huntlens.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

_SHOWN = 80
_PIVOTS = "huntlens.pivots.namespace:find"
"""Where pivots are found; a string, for this room does not know that one."""


class Attribute(NamedTuple):
    """An attribute of an entity: its name, what it is, and the entity that it links to."""

    name: str
    doc: str
    entity: str = ""


class EntityType(type):
    """The type of entity classes, so that pivots hang on the class too: `Host.windows.logons(["web01", "web02"])`."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return resolve(_PIVOTS)(cls, None, name)


def attribute(doc: str, default: Any = "", *, entity: str = "", many: bool = False) -> Any:
    """A field of an entity: a text, a value, or a link to another entity."""
    empty = () if many else None if entity else default
    return field(default=empty, metadata={"doc": doc, "entity": entity})


@dataclass(frozen=True, repr=False)
class Entity(metaclass=EntityType):
    """Something that alerts and logs speak of.

    >>> from huntlens.entities import Host
    >>> Host("web01.contoso.com")
    Host(HostName='web01', DnsDomain='contoso.com')
    """

    IDENTITY: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Groups of attributes of which each tells an entity from others; the strongest first."""
    ALIASES: ClassVar[tuple[str, ...]] = ()
    """Other names of the class."""

    TimeGenerated: datetime | None = field(
        default=None, kw_only=True, metadata={"doc": "When it was seen", "entity": ""}
    )

    @classmethod
    def attributes(cls) -> tuple[Attribute, ...]:
        """The attributes, in order.

        >>> from huntlens.entities import Dns
        >>> [item.name for item in Dns.attributes()]
        ['DomainName', 'IpAddresses', 'TimeGenerated']
        """
        return _attributes(cls)

    @classmethod
    def of(cls, value: object) -> Self:
        """The entity that a value stands for: itself, its main attribute, or a mapping of attributes."""
        if isinstance(value, cls):
            return value
        names = [item.name for item in cls.attributes()]
        given = value if isinstance(value, Mapping) else {names[0]: value}
        values: dict[str, Any] = {name: item for name, item in given.items() if name in names}
        return cls(**values)

    @property
    def identity(self) -> dict[tuple[str, ...], tuple[object, ...]]:
        """What tells it from others: each group of identity attributes that is filled, with its values."""
        found = {}
        for group in self.IDENTITY:
            values = tuple(_folded(getattr(self, name)) for name in group)
            if all(value not in (None, "", ()) for value in values):
                found[group] = values
        return found

    @property
    def links(self) -> tuple[tuple[str, Entity], ...]:
        """The entities that its attributes hold, each with the attribute's name."""
        return tuple(
            (item.name, linked)
            for item in self.attributes()
            if item.entity
            for linked in _many(getattr(self, item.name))
        )

    def same_as(self, other: Entity) -> bool:
        r"""Whether both are the same thing: the strongest identity that both have decides.

        >>> from huntlens.entities import Account
        >>> Account("bob", Sid="S-1-5-21-1-2-3-500").same_as(Account("CONTOSO\\bob"))
        True
        """
        if type(other) is not type(self):
            return False
        mine, theirs = self.identity, other.identity
        return next(
            (mine[group] == theirs[group] for group in self.IDENTITY if group in mine and group in theirs), False
        )

    def merge(self, other: Self) -> Self:
        r"""Both as one: what this one does not know is taken from the other.

        >>> from huntlens.entities import Account
        >>> Account("bob").merge(Account("CONTOSO\\bob"))
        Account(Name='bob', NTDomain='CONTOSO')
        """
        if not self.same_as(other):
            raise DataError(f"{self!r} and {other!r} are not the same {type(self).__name__}")
        merged = {item.name: _merged(getattr(self, item.name), getattr(other, item.name)) for item in self.attributes()}
        return type(self)(**merged)

    def to_dict(self) -> dict[str, object]:
        """The attributes that have a value; linked entities as dictionaries."""
        return {name: _plain(value) for name, value in self._filled()}

    def _filled(self) -> Iterator[tuple[str, Any]]:
        for item in self.attributes():
            value = getattr(self, item.name)
            if value not in (None, "", ()):
                yield item.name, value

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return resolve(_PIVOTS)(type(self), self, name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *resolve("huntlens.pivots.namespace:names")(type(self))})

    def __str__(self) -> str:
        """The value of the main attribute."""
        first = self.attributes()[0].name
        return str(getattr(self, first))

    def __repr__(self) -> str:
        return self.shown(depth=1)

    def shown(self, depth: int) -> str:
        """The text of `repr`, with linked entities down to a depth."""
        parts = [f"{name}={_short(value, depth)}" for name, value in self._filled()]
        return f"{type(self).__name__}({', '.join(parts)})"

    def _set(self, values: Mapping[str, object]) -> None:
        """Fill in what follows from what was given; for `__post_init__` only."""
        for name, value in values.items():
            if value not in (None, "") and getattr(self, name) in (None, "", ()):
                object.__setattr__(self, name, value)


@lru_cache(maxsize=256)
def _attributes(cls: type[Entity]) -> tuple[Attribute, ...]:
    found = [Attribute(item.name, item.metadata["doc"], item.metadata["entity"]) for item in fields(cls)]
    return tuple(
        [item for item in found if item.name != "TimeGenerated"] + [Attribute("TimeGenerated", "When it was seen")]
    )


def _many(value: Any) -> tuple[Entity, ...]:
    found = value if isinstance(value, tuple) else (value,)
    return tuple(item for item in found if isinstance(item, Entity))


def _folded(value: object) -> object:
    """A value for comparing: names and paths of Windows and DNS ignore case."""
    if isinstance(value, str):
        return value.casefold()
    return tuple(value.identity.items()) if isinstance(value, Entity) else value


def _merged(mine: Any, theirs: Any) -> Any:
    if mine in (None, "", ()):
        return theirs
    if isinstance(mine, tuple) and isinstance(theirs, tuple):
        return tuple(dict.fromkeys((*mine, *theirs)))
    if isinstance(mine, Entity) and isinstance(theirs, type(mine)) and mine.same_as(theirs):
        return mine.merge(theirs)
    return mine


def _plain(value: Any) -> Any:
    if isinstance(value, Entity):
        return value.to_dict()
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _short(value: object, depth: int) -> str:
    if isinstance(value, Entity):
        return value.shown(depth - 1) if depth else f"{type(value).__name__}(...)"
    if isinstance(value, tuple):
        return f"<{len(value)}>" if len(value) > 3 or not depth else f"({', '.join(_short(v, 0) for v in value)})"
    if isinstance(value, str) and len(value) > _SHOWN:
        return repr(value[:_SHOWN]) + "..."
    return repr(value)
