"""Named queries as attributes of a provider: groups, and the queries in them as callables with a signature."""

from __future__ import annotations

import inspect
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from huntlens.errors import QueryNotFoundError
from huntlens.providers.source import Options

if TYPE_CHECKING:
    from huntlens.catalog.model import Query
    from huntlens.providers.query_provider import QueryProvider
    from huntlens.providers.result import Result


class Group:
    """The queries whose ids begin with a prefix."""

    def __init__(self, provider: QueryProvider, prefix: str) -> None:
        self._provider, self._prefix = provider, prefix

    def __getattr__(self, name: str) -> Group | NamedQuery:
        if name.startswith("__"):
            raise AttributeError(name)
        id_ = f"{self._prefix}{name}"
        found = self._provider.catalog.find(id_)
        if found is not None:
            return NamedQuery(self._provider, found)
        if any(other.startswith(f"{id_}.") for other in self._provider.catalog.ids()):
            return Group(self._provider, f"{id_}.")
        near = get_close_matches(name, dir(self), 3)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        message = f"there is no query or group '{id_}' for {self._provider.environment}{hint}"
        raise AttributeError(message, name=name, obj=self)

    def __getitem__(self, id_: str) -> NamedQuery:
        found = self._provider.catalog.find(f"{self._prefix}{id_}")
        if found is None:
            raise QueryNotFoundError(f"{self._prefix}{id_}", self._provider.catalog.near(f"{self._prefix}{id_}"))
        return NamedQuery(self._provider, found)

    def __dir__(self) -> list[str]:
        length = len(self._prefix)
        ids = (id_[length:] for id_ in self._provider.catalog.ids() if id_.startswith(self._prefix))
        return sorted({id_.partition(".")[0] for id_ in ids})

    def __repr__(self) -> str:
        return f"<queries {self._prefix.rstrip('.') or 'of ' + self._provider.name}: {', '.join(dir(self))}>"


class NamedQuery:
    """A query of the catalogue, called with its parameters."""

    def __init__(self, provider: QueryProvider, query: Query) -> None:
        self._provider, self.query = provider, query
        self.__doc__ = "\n\n".join(filter(None, (query.summary, query.description, query.returns)))
        self.__name__, self.__qualname__ = query.name, query.id

    def __call__(
        self,
        *args: Any,
        timespan: Any = None,
        limit: int | None = None,
        timeout_s: float | None = None,
        add_query_items: str = "",
        **parameters: Any,
    ) -> Result:
        """Run it; a value without a name is that of the next required parameter."""
        names = [*(p.name for p in self.query.required), *(p.name for p in self.query.parameters if not p.required)]
        if len(args) > len(names):
            message = f"{self.query.id} takes at most {len(names)} values, {len(args)} were given"
            raise TypeError(message)
        return self._provider.run(
            self.query,
            {**dict(zip(names, args, strict=False)), **parameters},
            timespan=timespan,
            options=Options(add_query_items, limit, timeout_s),
        )

    @property
    def __signature__(self) -> inspect.Signature:
        kind = inspect.Parameter.KEYWORD_ONLY
        items = [
            inspect.Parameter(item.name, kind, default=inspect.Parameter.empty if item.required else item.default)
            for item in sorted(self.query.parameters, key=lambda item: not item.required)
        ]
        return inspect.Signature(items)

    def __repr__(self) -> str:
        return f"<query {self.query.signature}>"
