"""A user, service or machine account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from huntlens.entities.base import Entity, attribute

if TYPE_CHECKING:
    from huntlens.entities import host

__all__ = ["Account"]


@dataclass(frozen=True, repr=False)
class Account(Entity):
    r"""An account; `DOMAIN\name` and `name@suffix` are split.

    >>> Account("CONTOSO\\bob").NTDomain, Account("bob@contoso.com").Upn
    ('CONTOSO', 'bob@contoso.com')
    """

    IDENTITY: ClassVar = (
        ("Sid",), ("AadUserId",), ("ObjectGuid",), ("PUID",), ("Name", "UPNSuffix"), ("Name", "NTDomain"), ("Name",),
    )  # fmt: skip
    ALIASES: ClassVar = ("User",)

    Name: str = attribute("Name without domain")
    NTDomain: str = attribute("NetBIOS domain, or the name of the machine for a local account")
    UPNSuffix: str = attribute("What follows the @ of the user principal name")
    Sid: str = attribute("Security identifier")
    AadUserId: str = attribute("Object id in Microsoft Entra")
    AadTenantId: str = attribute("Tenant in Microsoft Entra")
    PUID: str = attribute("Passport user id")
    ObjectGuid: str = attribute("Object GUID in Active Directory")
    DisplayName: str = attribute("Name as it is shown")
    LogonId: str = attribute("Id of the logon session")
    IsDomainJoined: bool | None = attribute("Whether it is a domain account", None)
    Host: host.Host | None = attribute("The machine of a local account", entity="Host")

    def __post_init__(self) -> None:
        domain, slash, name = self.Name.rpartition("\\")
        user, at, suffix = self.Name.partition("@")
        if slash:
            object.__setattr__(self, "Name", name)
            self._set({"NTDomain": domain})
        elif at:
            object.__setattr__(self, "Name", user)
            self._set({"UPNSuffix": suffix})

    @property
    def Upn(self) -> str:
        """The user principal name, where the suffix is known."""
        return f"{self.Name}@{self.UPNSuffix}" if self.UPNSuffix else ""

    @property
    def qualified_name(self) -> str:
        r"""The name with its domain: `CONTOSO\bob` or `bob@contoso.com`."""
        return f"{self.NTDomain}\\{self.Name}" if self.NTDomain and self.Name else self.Upn or self.Name

    def __str__(self) -> str:
        return str(self.qualified_name or self.Sid or self.AadUserId)
