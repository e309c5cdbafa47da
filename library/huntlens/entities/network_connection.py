"""A network connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from huntlens.entities.base import Entity, attribute

if TYPE_CHECKING:
    from huntlens.entities import ip_address

__all__ = ["NetworkConnection"]


@dataclass(frozen=True, repr=False)
class NetworkConnection(Entity):
    """A connection between two addresses."""

    IDENTITY: ClassVar = (
        ("SourceAddress", "SourcePort", "DestinationAddress", "DestinationPort", "Protocol"),
        ("SourceAddress", "DestinationAddress", "DestinationPort"),
    )

    SourceAddress: ip_address.IpAddress | None = attribute("Where from", entity="IpAddress")
    SourcePort: str = attribute("Port there")
    DestinationAddress: ip_address.IpAddress | None = attribute("Where to", entity="IpAddress")
    DestinationPort: str = attribute("Port there")
    Protocol: str = attribute("Protocol")
