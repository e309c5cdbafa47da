"""Something of an unknown kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from huntlens.entities.base import Entity, attribute

__all__ = ["UnknownEntity"]


@dataclass(frozen=True, repr=False)
class UnknownEntity(Entity):
    """Something that an alert names and that has no class here."""

    IDENTITY: ClassVar = (("Type", "Content"),)

    Type: str = attribute("What the alert calls it")
    Content: str = attribute("Its attributes as JSON")
