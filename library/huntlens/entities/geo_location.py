"""A place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from huntlens.entities.base import Entity, attribute

__all__ = ["GeoLocation"]


@dataclass(frozen=True, repr=False)
class GeoLocation(Entity):
    """A place on earth."""

    IDENTITY: ClassVar = (("Latitude", "Longitude"), ("CountryCode", "State", "City"), ("CountryCode",))

    CountryCode: str = attribute("Two letters")
    CountryOrRegionName: str = attribute("Name of the country")
    State: str = attribute("State or province")
    City: str = attribute("City")
    Latitude: float | None = attribute("Degrees north", None)
    Longitude: float | None = attribute("Degrees east", None)
    Asn: str = attribute("Number of the network")
