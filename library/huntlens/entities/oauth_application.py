"""An OAuth application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from huntlens.entities.base import Entity, attribute

__all__ = ["OAuthApplication"]


@dataclass(frozen=True, repr=False)
class OAuthApplication(Entity):
    """An application that users consented to."""

    IDENTITY: ClassVar = (("OAuthAppId",), ("OAuthObjectId",))

    OAuthAppId: str = attribute("Id of the application")
    OAuthObjectId: str = attribute("Object id in the tenant")
    TenantId: str = attribute("Tenant")
    PublisherName: str = attribute("Publisher")
    Risk: str = attribute("Risk")
    Permissions: tuple[str, ...] = attribute("What it may do", ())
    RedirectURLs: tuple[str, ...] = attribute("Where it sends users to", ())
    AuthorizedBy: tuple[str, ...] = attribute("Who consented", ())
