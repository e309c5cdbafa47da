"""An alert."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from huntlens.entities.base import Entity, attribute

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["Alert"]


@dataclass(frozen=True, repr=False)
class Alert(Entity):
    """An alert of any product."""

    IDENTITY: ClassVar = (("SystemAlertId",), ("ProviderAlertId", "ProviderName"))

    SystemAlertId: str = attribute("Id in Sentinel")
    AlertDisplayName: str = attribute("Title")
    Severity: str = attribute("High, Medium, Low or Informational")
    Description: str = attribute("What happened")
    AlertType: str = attribute("The rule or detector")
    ProviderAlertId: str = attribute("Id at the provider")
    ProviderName: str = attribute("The service that raised it")
    ProductName: str = attribute("The product that raised it")
    ProductComponentName: str = attribute("The part of the product")
    VendorName: str = attribute("The vendor")
    Status: str = attribute("New, in progress, closed")
    StartTimeUtc: datetime | None = attribute("When it began", None)
    EndTimeUtc: datetime | None = attribute("When it ended", None)
    ProcessingEndTime: datetime | None = attribute("When it was raised", None)
    ConfidenceLevel: str = attribute("How sure the provider is")
    ConfidenceScore: float | None = attribute("The same as a number", None)
    Intent: str = attribute("ATT&CK tactics")
    Techniques: tuple[str, ...] = attribute("ATT&CK techniques", ())
    CompromisedEntity: str = attribute("What was attacked")
    RemediationSteps: str = attribute("What to do")
    AlertUri: str = attribute("Where to look at it")
    CorrelationKey: str = attribute("What groups it with others")
    IsIncident: bool | None = attribute("Whether it is an incident", None)
    Entities: tuple[Entity, ...] = attribute("What it speaks of", entity="Entity", many=True)

    @property
    def AlertId(self) -> str:
        """Its id, wherever it has one."""
        return self.SystemAlertId or self.ProviderAlertId
