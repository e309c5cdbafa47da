"""A mailbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from huntlens.entities.base import Entity, attribute

__all__ = ["Mailbox"]


@dataclass(frozen=True, repr=False)
class Mailbox(Entity):
    """A mailbox."""

    IDENTITY: ClassVar = (("MailboxPrimaryAddress",), ("Upn",))

    MailboxPrimaryAddress: str = attribute("Address")
    DisplayName: str = attribute("Name as it is shown")
    Upn: str = attribute("User principal name of its owner")
    ExternalDirectoryObjectId: str = attribute("Object id in Microsoft Entra")
    RiskLevel: str = attribute("Risk")
