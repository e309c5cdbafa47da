"""A group of similar mails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from huntlens.entities.base import Entity, attribute

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["MailCluster"]


@dataclass(frozen=True, repr=False)
class MailCluster(Entity):
    """A group of similar mails."""

    IDENTITY: ClassVar = (("Query", "Source"),)

    Query: str = attribute("What selects the mails")
    Source: str = attribute("Who grouped them")
    NetworkMessageIds: tuple[str, ...] = attribute("The mails", ())
    MailCount: int | None = attribute("How many", None)
    IsVolumeAnomaly: bool | None = attribute("Whether there are unusually many", None)
    Threats: tuple[str, ...] = attribute("What is wrong with them", ())
    QueryTime: datetime | None = attribute("When it was asked", None)
    ClusterGroup: str = attribute("The group")
    ClusterSourceType: str = attribute("What they have in common")
    ClusterSourceIdentifier: str = attribute("The mail that it began with")
