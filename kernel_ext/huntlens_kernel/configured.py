"""Connections, and what the settings say of them: a notebook names them and holds none of their secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from huntlens.errors import ConfigError
from huntlens.timespan import TimeRange

if TYPE_CHECKING:
    from huntlens.config.settings import Settings

DEFAULT: Final = "local"
TAKE_FRAMES: Final = ("local", "spark")
"""Environments whose queries can name data frames, and whose tables are in memory."""


@dataclass(slots=True)
class Connection:
    """A named source of data; `variable` says that it is the value of a Python variable of that name.

    One of the settings has no `provider` before it is first used. `worked` says that a query has been answered.
    """

    name: str
    environment: str
    provider: Any
    variable: bool = False
    options: dict[str, Any] = field(default_factory=dict, repr=False)
    timespan: TimeRange | None = None
    worked: bool = False
    configured: bool = False

    @property
    def takes_frames(self) -> bool:
        """Whether its queries can name data frames of the session."""
        return self.environment in TAKE_FRAMES

    @property
    def kind(self) -> str:
        """Where it is from, for the list of connections."""
        return "variable" if self.variable else "settings" if self.configured else ""


@dataclass(frozen=True, slots=True, repr=False)
class Configured:
    """The settings, their connections by name, and which of those is meant where none is named."""

    settings: Settings
    connections: dict[str, Connection] = field(default_factory=dict)
    default: str = ""
    problem: ConfigError | None = None

    @property
    def timespan(self) -> TimeRange | None:
        """The time range of queries that are given none."""
        length = self.settings.get("timespan")
        return TimeRange.parse(length) if length else None


def read(workspace: str = ".") -> Configured:
    """What the settings say; where they cannot be read they are empty, and `problem` is why."""
    from huntlens.config.settings import Settings

    try:
        settings = Settings.load(workspace)
        names = settings.names("connections")
        found = {name: _connection(settings, name) for name in names}
    except ConfigError as error:
        return Configured(Settings(), problem=error)
    default = next((name for name in names if settings.get(f"connections.{name}.default")), "")
    return Configured(settings, found, default)


def _connection(settings: Settings, name: str) -> Connection:
    environment = settings.get(f"connections.{name}.environment") or DEFAULT
    length = settings.get(f"connections.{name}.timespan") or settings.get("timespan")
    span = TimeRange.parse(length) if length else None
    return Connection(name, environment, None, timespan=span, configured=True)
