"""An IoT device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from huntlens.entities.base import Entity, attribute

if TYPE_CHECKING:
    from huntlens.entities import ip_address

__all__ = ["IoTDevice"]


@dataclass(frozen=True, repr=False)
class IoTDevice(Entity):
    """A device of the internet of things."""

    IDENTITY: ClassVar = (("IoTHub", "DeviceId"), ("DeviceId",))

    DeviceId: str = attribute("Id in the hub")
    IoTHub: str = attribute("The hub")
    DeviceName: str = attribute("Name")
    DeviceType: str = attribute("What it is")
    IoTSecurityAgentId: str = attribute("Id of its agent")
    Source: str = attribute("Who reported it")
    SourceRef: str = attribute("Its reference there")
    Manufacturer: str = attribute("Manufacturer")
    Model: str = attribute("Model")
    OperatingSystem: str = attribute("Operating system")
    MacAddress: str = attribute("MAC address")
    SerialNumber: str = attribute("Serial number")
    Protocols: tuple[str, ...] = attribute("Protocols that it speaks", ())
    IpAddress: ip_address.IpAddress | None = attribute("Its address", entity="IpAddress")
