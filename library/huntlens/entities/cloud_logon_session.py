"""A session in the cloud."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from huntlens.entities.base import Entity, attribute

if TYPE_CHECKING:
    from huntlens.entities import account

__all__ = ["CloudLogonSession"]


@dataclass(frozen=True, repr=False)
class CloudLogonSession(Entity):
    """A session in the cloud."""

    IDENTITY: ClassVar = (("SessionId",),)

    SessionId: str = attribute("Id")
    Account: account.Account | None = attribute("Whose session it is", entity="Account")
    UserAgent: str = attribute("The browser or program")
