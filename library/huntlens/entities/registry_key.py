"""A registry key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from huntlens.entities.base import Entity, attribute

__all__ = ["RegistryKey"]


@dataclass(frozen=True, repr=False)
class RegistryKey(Entity):
    """A key of the Windows registry."""

    IDENTITY: ClassVar = (("Hive", "Key"),)

    Key: str = attribute("Path below the hive")
    Hive: str = attribute("HKEY_LOCAL_MACHINE and so on")
