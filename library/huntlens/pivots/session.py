"""What is connected: the providers that entities ask, in an object that is passed, or that a context holds.

There is no global provider. A session is given with the call (`provider=`), with the class (`entities(qp).Host`), or
by `use`, which sets it for the running context: a kernel extension calls it once, a test or a thread has its own.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol

from huntlens.catalog.discover import catalog
from huntlens.errors import PivotError

if TYPE_CHECKING:
    from collections.abc import Callable

    from huntlens.catalog.collection import Catalog
    from huntlens.catalog.model import Pivot


class Queries(Protocol):
    """Named queries that can be called; the result has the frame `df`."""

    def __getitem__(self, id_: str, /) -> Callable[..., Any]:
        """The query of that id."""


class Provider(Protocol):
    """What pivots ask of a provider."""

    @property
    def environment(self) -> str:
        """Where it runs queries: `local`, `sentinel`."""

    @property
    def catalog(self) -> Catalog:
        """The queries that it can run."""

    @property
    def queries(self) -> Queries:
        """The queries by id, each to be called with its parameters."""


@dataclass(frozen=True)
class Session:
    """The providers in reach, the one that was connected last first."""

    providers: tuple[Provider, ...] = ()

    @cached_property
    def pivots(self) -> dict[str, dict[str, Pivot]]:
        """All pivots in reach, by entity and name."""
        found: dict[str, dict[str, Pivot]] = {}
        sources = [provider.catalog for provider in reversed(self.providers)] or [default_catalog()]
        for source in sources:
            for entity, pivots in source.pivots.items():
                found.setdefault(entity, {}).update({pivot.name: pivot for pivot in pivots})
        return found

    def provider_for(self, pivot: Pivot) -> Provider:
        """The provider that runs a query pivot."""
        for provider in self.providers:
            if pivot.target in provider.catalog:
                return provider
        names = " or ".join(pivot.environments)
        example = "local" if "local" in pivot.environments else pivot.environments[0]
        raise PivotError(
            f"{pivot.entity}.{pivot.name} runs on {names}, and none is connected: pass provider=..., "
            f"or call huntlens.pivots.use(QueryProvider('{example}', ...)) first"
        )


_CURRENT: Final[ContextVar[Session | None]] = ContextVar("huntlens_pivots", default=None)


def use(*providers: Provider) -> Session:
    """Make providers the ones that entities of this context ask; none at all takes them away.

    A kernel extension calls this whenever something is connected.
    """
    session = Session(tuple(reversed(providers)))
    _CURRENT.set(session if providers else None)
    return session


def current() -> Session:
    """The session of this context; without one the built-in catalogue with nothing connected."""
    return _CURRENT.get() or _unconnected()


@lru_cache(maxsize=1)
def default_catalog() -> Catalog:
    """The catalogue of what is installed."""
    return catalog()


@lru_cache(maxsize=1)
def _unconnected() -> Session:
    return Session()
