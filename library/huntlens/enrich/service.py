"""What a service of threat intelligence is: a few values and two functions, one to ask and one to read; knows none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Severity = Literal["high", "medium", "low", "none", "unknown"]

IP: Final = ("ipv4", "ipv6")
HASHES: Final = ("md5", "sha1", "sha256")


@dataclass(frozen=True, slots=True)
class Observable:
    """A value with its type: `ipv4`, `ipv6`, `domain`, `url`, `md5`, `sha1`, `sha256`, `email`."""

    value: str
    type: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A request: values from data stand in `parameters`, `json` or `form`, or quoted in `path`."""

    path: str
    method: str = "GET"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    form: Any = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a service says: how bad it is, the facts that a person wants to see, and a page about it."""

    severity: Severity
    details: Mapping[str, object] = field(default_factory=dict)
    link: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """A service; `headers` makes what it wants to know of the account, of the settings `key` and `id`.

    `calls` in `per_s` seconds is what a free account may ask. `missing` are the statuses that say that nothing is
    known. `is_list` says that the answer is a text that holds for all observables, and is asked for once.
    """

    title: str
    base: str
    types: tuple[str, ...]
    ask: Callable[[Observable], Ask]
    read: Callable[[Any, Observable], Verdict | None]
    headers: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict
    needs: tuple[str, ...] = ("key",)
    calls: int = 4
    per_s: float = 1.0
    missing: tuple[int, ...] = (404,)
    is_list: bool = False


def graded(score: float, medium: float, high: float) -> Severity:
    """How bad a score is, by the first values that are medium and high.

    >>> graded(0, 1, 2), graded(1, 1, 2), graded(9, 1, 2)
    ('none', 'medium', 'high')
    """
    return "high" if score >= high else "medium" if score >= medium else "none"


def facts(found: Mapping[str, Any], **names: str) -> dict[str, object]:
    """Some keys of an answer under names for people, without those that say nothing.

    >>> facts({"isp": "Example", "host": "", "n": 0}, provider="isp", host="host", reports="n")
    {'provider': 'Example', 'reports': 0}
    """
    picked = {name: found.get(key) for name, key in names.items()}
    return {name: value for name, value in picked.items() if value not in (None, "", [], {})}
