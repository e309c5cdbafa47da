"""Settings of a mailbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from huntlens.entities.base import Entity, attribute

__all__ = ["MailboxConfiguration"]


@dataclass(frozen=True, repr=False)
class MailboxConfiguration(Entity):
    """Settings of a mailbox that were changed."""

    IDENTITY: ClassVar = (("MailboxPrimaryAddress", "ConfigId"), ("MailboxPrimaryAddress",))

    MailboxPrimaryAddress: str = attribute("Address")
    ConfigId: str = attribute("What was changed")
    DisplayName: str = attribute("Name as it is shown")
    Upn: str = attribute("User principal name of its owner")
    ExternalDirectoryObjectId: str = attribute("Object id in Microsoft Entra")
