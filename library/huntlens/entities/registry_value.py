"""A registry value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from huntlens.entities.base import Entity, attribute

if TYPE_CHECKING:
    from huntlens.entities import registry_key

__all__ = ["RegistryValue"]


@dataclass(frozen=True, repr=False)
class RegistryValue(Entity):
    """A value of a registry key."""

    IDENTITY: ClassVar = (("Key", "Name", "Value"), ("Key", "Name"))

    Name: str = attribute("Name")
    Value: str = attribute("Data")
    ValueType: str = attribute("REG_SZ and so on")
    Key: registry_key.RegistryKey | None = attribute("The key that it stands under", entity="RegistryKey")
