"""A logon session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from huntlens.entities.base import Entity, attribute

if TYPE_CHECKING:
    from datetime import datetime

    from huntlens.entities import account, host

__all__ = ["HostLogonSession"]


@dataclass(frozen=True, repr=False)
class HostLogonSession(Entity):
    """A logon session on a machine."""

    IDENTITY: ClassVar = (("SessionId", "Host"), ("SessionId",))

    SessionId: str = attribute("Logon id")
    Account: account.Account | None = attribute("Who logged on", entity="Account")
    Host: host.Host | None = attribute("Where", entity="Host")
    StartTimeUtc: datetime | None = attribute("When it began", None)
    EndTimeUtc: datetime | None = attribute("When it ended", None)
