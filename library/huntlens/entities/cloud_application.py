"""A cloud application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from huntlens.entities.base import Entity, attribute

__all__ = ["CloudApplication"]


@dataclass(frozen=True, repr=False)
class CloudApplication(Entity):
    """A cloud application."""

    IDENTITY: ClassVar = (("AppId", "InstanceName"), ("AppId",), ("Name",))

    Name: str = attribute("Name")
    AppId: str = attribute("Id")
    InstanceName: str = attribute("Name of the instance")
