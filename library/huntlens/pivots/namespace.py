"""Pivots as attributes of entities: `Host.windows.logons`, `Host("web01").windows.logons()`."""

from __future__ import annotations

import inspect
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from huntlens import entities as classes
from huntlens._lazy import resolve
from huntlens.errors import PivotError
from huntlens.pivots.run import run
from huntlens.pivots.session import Session, current, default_catalog

if TYPE_CHECKING:
    import pandas as pd

    from huntlens.catalog.model import Pivot, Query
    from huntlens.entities.base import Entity
    from huntlens.pivots.session import Provider


def find(cls: type[Entity], entity: Entity | None, name: str) -> PivotCall | Namespace:
    """The pivot or group of pivots of that name; entity classes ask this for attributes that they do not have."""
    session = None if entity is None else entity.__dict__.get("_session")
    return look_up(cls, entity, name, session)


def names(cls: type[Entity]) -> list[str]:
    """The first part of every pivot of an entity, for completion."""
    return sorted({name.partition(".")[0] for name in current().pivots.get(cls.__name__, {})})


def named(text: str, session: Session | None = None) -> PivotCall:
    """The pivot that a text names: `Host.windows.logons`."""
    entity, _, name = text.partition(".")
    cls = classes.find(entity)
    if cls is None or not name:
        raise PivotError(f"'{text}' is no pivot; write Entity.name, such as Host.windows.logons")
    try:
        found = look_up(cls, None, name, session)
    except AttributeError as error:
        raise PivotError(str(error)) from None
    if isinstance(found, Namespace):
        raise PivotError(f"'{text}' is a group of pivots: {', '.join(dir(found))}")
    return found


def look_up(cls: type[Entity], entity: Entity | None, name: str, session: Session | None) -> PivotCall | Namespace:
    """The pivot or group of pivots of a dotted name."""
    known = (session or current()).pivots.get(cls.__name__, {})
    if name in known:
        return PivotCall(known[name], cls, entity, session)
    if any(other.startswith(f"{name}.") for other in known):
        return Namespace(cls, entity, name, session)
    last = name.rpartition(".")[2]
    near = [other for other in known if other.rpartition(".")[2] == last] or get_close_matches(name, known, 3)
    hint = f"; did you mean {' or '.join(near[:3])}?" if near else ""
    message = f"{cls.__name__} has no attribute or pivot '{name}'{hint}"
    raise AttributeError(message, name=name)


class Namespace:
    """A group of pivots of an entity or its class."""

    def __init__(self, cls: type[Entity], entity: Entity | None, prefix: str, session: Session | None) -> None:
        self._class, self._entity, self._prefix, self._session = cls, entity, prefix, session

    def __getattr__(self, name: str) -> PivotCall | Namespace:
        if name.startswith("_"):
            raise AttributeError(name)
        return look_up(self._class, self._entity, f"{self._prefix}.{name}", self._session)

    def __dir__(self) -> list[str]:
        known = (self._session or current()).pivots.get(self._class.__name__, {})
        start = f"{self._prefix}."
        return sorted({name.removeprefix(start).partition(".")[0] for name in known if name.startswith(start)})

    def __repr__(self) -> str:
        return f"<pivots {self._class.__name__}.{self._prefix}: {', '.join(dir(self))}>"


class PivotCall:
    """A pivot that can be called: on an entity without data, on a class with a value, list, Series or frame."""

    def __init__(self, pivot: Pivot, cls: type[Entity], entity: Entity | None, session: Session | None) -> None:
        self.pivot, self._class, self._entity, self._session = pivot, cls, entity, session
        self.__name__ = pivot.name.rpartition(".")[2]
        self.__qualname__ = f"{cls.__name__}.{pivot.name}"
        self.__doc__ = pivot.summary

    def __call__(
        self,
        data: object = None,
        *,
        column: str = "",
        join: str = "none",
        provider: Provider | None = None,
        **parameters: Any,
    ) -> pd.DataFrame:
        """Run it over `data`; `column` names the column of a frame, `join` says how the answer meets it."""
        if data is None:
            if self._entity is None:
                raise PivotError(f"{self.__qualname__} needs a value, a list, a Series or a frame")
            data = self._entity
        session = Session((provider,)) if provider is not None else self._session or current()
        return run(self.pivot, data, session=session, column=column, join=join, parameters=parameters)

    @property
    def query(self) -> Query | None:
        """The query behind it; None for a function."""
        if self.pivot.kind != "query":
            return None
        for provider in (self._session or current()).providers:
            if self.pivot.target in provider.catalog:
                return provider.catalog.get(self.pivot.target)
        return default_catalog().find(self.pivot.target)

    @property
    def __signature__(self) -> inspect.Signature:
        """For help and completion: the options of every pivot and the parameters of this one."""
        kind = inspect.Parameter.KEYWORD_ONLY
        shown = [inspect.Parameter("data", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None)]
        shown += [inspect.Parameter(name, kind, default=value) for name, value in _OPTIONS.items()]
        if self.query is not None:
            taken = {self.pivot.parameter, "data", *_OPTIONS, *dict(self.pivot.fixed)}
            others = [item for item in self.query.parameters if item.name not in taken]
            shown += [inspect.Parameter(item.name, kind, default=item.default) for item in others]
        else:
            target = list(inspect.signature(resolve(self.pivot.target)).parameters.values())[1:]
            shown += [item.replace(kind=kind) for item in target if item.name not in _OPTIONS]
        return inspect.Signature(shown)

    def __repr__(self) -> str:
        return f"<pivot {self.__qualname__}: {self.pivot.summary}>"


class Entities:
    """Entity classes that ask one provider: `entities(qp).Host("web01").windows.logons()`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Bound:
        cls = classes.find(name) if name[:1].isupper() else None
        if cls is None:
            raise AttributeError(f"there is no entity '{name}'; there are: {', '.join(classes.names())}")
        return Bound(cls, self._session)

    def __dir__(self) -> list[str]:
        return list(classes.names())


class Bound:
    """An entity class with a session."""

    def __init__(self, cls: type[Entity], session: Session) -> None:
        self._class, self._session = cls, session

    def __call__(self, *values: Any, **attributes: Any) -> Entity:
        made = self._class(*values, **attributes)
        object.__setattr__(made, "_session", self._session)
        return made

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return look_up(self._class, None, name, self._session)

    def __repr__(self) -> str:
        return f"<{self._class.__name__} of a session>"


def entities(*providers: Provider) -> Entities:
    """The entity classes, asking the given providers."""
    return Entities(Session(tuple(reversed(providers))))


_OPTIONS = {"column": "", "join": "none", "provider": None}
