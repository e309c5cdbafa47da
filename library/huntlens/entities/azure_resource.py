"""A resource in Azure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from huntlens.entities.base import Entity, attribute

__all__ = ["AzureResource"]


@dataclass(frozen=True, repr=False)
class AzureResource(Entity):
    """A resource of any type, by its resource id."""

    IDENTITY: ClassVar = (("ResourceId",),)

    ResourceId: str = attribute("The resource id")
    ResourceIdParts: tuple[str, ...] = attribute("Other ids", ())

    def _part(self, after: str) -> str:
        parts = self.ResourceId.split("/")
        lowered = [part.lower() for part in parts]
        place = lowered.index(after) + 1 if after in lowered else len(parts)
        return parts[place] if place < len(parts) else ""

    @property
    def SubscriptionId(self) -> str:
        """The subscription that it belongs to.

        >>> AzureResource("/subscriptions/1/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v").Provider
        'Microsoft.Compute'
        """
        return self._part("subscriptions")

    @property
    def ResourceGroup(self) -> str:
        """The resource group that it is in."""
        return self._part("resourcegroups")

    @property
    def Provider(self) -> str:
        """The resource provider."""
        return self._part("providers")
