"""A case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from huntlens.entities.base import Entity, attribute

if TYPE_CHECKING:
    from huntlens.entities import alert

__all__ = ["Incident"]


@dataclass(frozen=True, repr=False)
class Incident(Entity):
    """A case that gathers alerts."""

    IDENTITY: ClassVar = (("IncidentId",),)

    IncidentId: str = attribute("Id")
    DisplayName: str = attribute("Title")
    Severity: str = attribute("Severity")
    Status: str = attribute("New, active, closed")
    Owner: str = attribute("Who works on it")
    Classification: str = attribute("What it turned out to be")
    Labels: tuple[str, ...] = attribute("Labels", ())
    Alerts: tuple[alert.Alert, ...] = attribute("Its alerts", entity="Alert", many=True)
    Entities: tuple[Entity, ...] = attribute("What it speaks of", entity="Entity", many=True)
