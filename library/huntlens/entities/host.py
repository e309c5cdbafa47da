"""A machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from huntlens.entities.base import Entity, attribute

if TYPE_CHECKING:
    from huntlens.entities import ip_address

__all__ = ["Host"]

_IPV4: Final = re.compile(r"\d+(\.\d+){3}")


@dataclass(frozen=True, repr=False)
class Host(Entity):
    """A machine; a full name is split into name and domain.

    >>> Host("web01.contoso.com").fqdn
    'web01.contoso.com'
    """

    IDENTITY: ClassVar = (
        ("DeviceId",),
        ("AzureID",),
        ("OMSAgentID",),
        ("HostName", "DnsDomain"),
        ("HostName", "NTDomain"),
        ("HostName",),
    )
    ALIASES: ClassVar = ("Machine",)

    HostName: str = attribute("Name without domain")
    DnsDomain: str = attribute("DNS domain")
    NTDomain: str = attribute("NetBIOS domain")
    NetBiosName: str = attribute("NetBIOS name")
    DeviceId: str = attribute("Id in Microsoft Defender")
    DeviceName: str = attribute("Name in Microsoft Defender")
    AzureID: str = attribute("Azure resource id")
    OMSAgentID: str = attribute("Id of the Log Analytics agent")
    OSFamily: str = attribute("Operating system")
    IsDomainJoined: bool | None = attribute("Whether it is joined to a domain", None)
    IpAddress: ip_address.IpAddress | None = attribute("Its address", entity="IpAddress")

    def __post_init__(self) -> None:
        given = self.HostName or self.DeviceName
        if self.HostName and ("\\" in given or _split(given)[1]):
            domain, _, name = given.rpartition("\\")
            name, dns = _split(name)
            object.__setattr__(self, "HostName", name)
            self._set({"DnsDomain": dns, "NTDomain": domain})
        elif given:
            self._set(dict(zip(("HostName", "DnsDomain"), _split(given), strict=True)))

    @property
    def fqdn(self) -> str:
        """Name and DNS domain."""
        return f"{self.HostName}.{self.DnsDomain}" if self.DnsDomain and self.HostName else self.HostName

    @property
    def computer(self) -> str:
        """The name as logs have it: with the domain where it is known."""
        return self.fqdn

    def __str__(self) -> str:
        return str(self.fqdn or self.DeviceId or self.AzureID)


def _split(name: str) -> tuple[str, str]:
    if _IPV4.fullmatch(name) or ":" in name:
        return name, ""
    host, _, domain = name.partition(".")
    return host, domain
