"""What a member of `features` is: a request and the function that answers it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Feature:
    """One request or notification: its method, `answer(server, params)`, and the options to register it with."""

    method: str
    answer: Callable[..., Any] | Mapping[str, Callable[..., Any]]
    """For the request that executes commands, the commands by name."""
    options: Any = None
    thread: bool = False
    """Whether it may take long (files are read), and so runs beside the others."""
