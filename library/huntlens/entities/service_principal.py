"""A service principal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from huntlens.entities.base import Entity, attribute

__all__ = ["ServicePrincipal"]


@dataclass(frozen=True, repr=False)
class ServicePrincipal(Entity):
    """A service principal in Microsoft Entra."""

    IDENTITY: ClassVar = (("ServicePrincipalObjectId",), ("AppId", "TenantId"), ("AppId",))

    ServicePrincipalName: str = attribute("Name")
    ServicePrincipalObjectId: str = attribute("Object id")
    AppId: str = attribute("Id of the application")
    AppOwnerTenantId: str = attribute("Tenant that owns the application")
    TenantId: str = attribute("Tenant")
    ServicePrincipalType: str = attribute("Application, managed identity and so on")
