"""An IP address."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from huntlens.entities.base import Entity, attribute
from huntlens.errors import DataError

if TYPE_CHECKING:
    from huntlens.entities import threat_intelligence
    from huntlens.entities.geo_location import GeoLocation

__all__ = ["IpAddress"]


@dataclass(frozen=True, repr=False)
class IpAddress(Entity):
    """An IPv4 or IPv6 address, in canonical writing; a text that is none is refused.

    >>> IpAddress("2001:DB8:0:0::1").Address
    '2001:db8::1'
    """

    IDENTITY: ClassVar = (("Address",),)
    ALIASES: ClassVar = ("Ip",)

    Address: str = attribute("The address")
    Location: GeoLocation | None = attribute("Where it is", entity="GeoLocation")
    ThreatIntelligence: tuple[threat_intelligence.ThreatIntelligence, ...] = attribute(
        "What is known of it", entity="ThreatIntelligence", many=True
    )

    def __post_init__(self) -> None:
        try:
            address = ipaddress.ip_address(str(self.Address).strip().strip("[]"))
        except ValueError:
            raise DataError(f"{self.Address!r:.80} is no IP address") from None
        object.__setattr__(self, "Address", str(address))

    @property
    def version(self) -> int:
        """4 or 6."""
        return ipaddress.ip_address(self.Address).version

    @property
    def is_public(self) -> bool:
        """Whether it is reachable from the internet."""
        return ipaddress.ip_address(self.Address).is_global
