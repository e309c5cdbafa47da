"""A mail that a user reported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from huntlens.entities.base import Entity, attribute

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["SubmissionMail"]


@dataclass(frozen=True, repr=False)
class SubmissionMail(Entity):
    """A mail that a user reported."""

    IDENTITY: ClassVar = (("SubmissionId", "NetworkMessageId"), ("SubmissionId",))

    SubmissionId: str = attribute("Id of the report")
    NetworkMessageId: str = attribute("Id of the mail")
    Submitter: str = attribute("Who reported it")
    SubmissionDate: datetime | None = attribute("When", None)
    Timestamp: datetime | None = attribute("When the mail came", None)
    Recipient: str = attribute("Who got it")
    Sender: str = attribute("Who sent it")
    SenderIp: str = attribute("Address that it was sent from")
    Subject: str = attribute("Subject")
    ReportType: str = attribute("Junk, phish and so on")
