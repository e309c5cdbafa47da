"""A directory group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from huntlens.entities.base import Entity, attribute

__all__ = ["SecurityGroup"]


@dataclass(frozen=True, repr=False)
class SecurityGroup(Entity):
    """A group of a directory."""

    IDENTITY: ClassVar = (("SID",), ("ObjectGuid",), ("DistinguishedName",))

    DistinguishedName: str = attribute("Name in the directory")
    SID: str = attribute("Security identifier")
    ObjectGuid: str = attribute("Object GUID")
