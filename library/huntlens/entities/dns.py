"""A DNS name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from huntlens.entities.base import Entity, attribute

if TYPE_CHECKING:
    from huntlens.entities.ip_address import IpAddress

__all__ = ["Dns"]


@dataclass(frozen=True, repr=False)
class Dns(Entity):
    """A DNS name, in lower case and without the final dot.

    >>> str(Dns("Evil.Example."))
    'evil.example'
    """

    IDENTITY: ClassVar = (("DomainName",),)

    DomainName: str = attribute("The name")
    IpAddresses: tuple[IpAddress, ...] = attribute("What it resolves to", entity="IpAddress", many=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "DomainName", self.DomainName.strip().rstrip(".").lower())
