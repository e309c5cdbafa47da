"""A mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from huntlens.entities.base import Entity, attribute

if TYPE_CHECKING:
    from datetime import datetime

    from huntlens.entities import file

__all__ = ["MailMessage"]


@dataclass(frozen=True, repr=False)
class MailMessage(Entity):
    """A mail, as one recipient has it."""

    IDENTITY: ClassVar = (("NetworkMessageId", "Recipient"), ("NetworkMessageId",))

    NetworkMessageId: str = attribute("Id in the service")
    Recipient: str = attribute("Who got it")
    Subject: str = attribute("Subject")
    Sender: str = attribute("Who sent it")
    P1Sender: str = attribute("Sender of the envelope")
    P2Sender: str = attribute("Sender of the header")
    SenderIP: str = attribute("Address that it was sent from")
    InternetMessageId: str = attribute("Id in the header")
    ReceivedDate: datetime | None = attribute("When it came", None)
    DeliveryAction: str = attribute("What was done with it")
    DeliveryLocation: str = attribute("Where it was put")
    Language: str = attribute("Language")
    AntispamDirection: str = attribute("Inbound, outbound or internal")
    Urls: tuple[str, ...] = attribute("URLs in it", ())
    Threats: tuple[str, ...] = attribute("What is wrong with it", ())
    ThreatDetectionMethods: tuple[str, ...] = attribute("How that was found", ())
    Files: tuple[file.File, ...] = attribute("What is attached", entity="File", many=True)
