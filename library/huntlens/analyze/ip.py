"""What can be said of an IP address without asking anyone."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

# RFC 6598: shared between the customers of a provider, neither private nor global.
_CARRIER: Final = IPv4Network("100.64.0.0/10")

# RFC 5737 and RFC 3849: what examples are written with; Python counts them as private.
_DOCUMENTATION: Final = tuple(
    ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)

_FLAGS: Final = (
    ("unspecified", "is_unspecified"),
    ("loopback", "is_loopback"),
    ("multicast", "is_multicast"),
    ("link local", "is_link_local"),
    ("reserved", "is_reserved"),
    ("private", "is_private"),
)


@lru_cache(maxsize=65_536)
def ip_type(value: str) -> str:
    """The kind of an address: `public`, `private`, `loopback`, `link local`, `multicast`, `reserved`, ...

    Text that is no address gives `invalid`.

    >>> ip_type("10.1.2.3"), ip_type("8.8.8.8"), ip_type("fe80::1"), ip_type("999.1.1.1")
    ('private', 'public', 'link local', 'invalid')
    """
    try:
        address = ip_address(str(value).strip().strip("[]"))
    except ValueError:
        return "invalid"
    return _kind(address)


def _kind(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return _kind(address.ipv4_mapped)
    if isinstance(address, IPv4Address) and address in _CARRIER:
        return "carrier"
    if any(address in network for network in _DOCUMENTATION if network.version == address.version):
        return "documentation"
    if str(address) == "255.255.255.255":
        return "broadcast"
    return next((name for name, flag in _FLAGS if getattr(address, flag)), "public")


def ip_types(values: Iterable[object]) -> pd.DataFrame:
    """The kind of each address of a list or column: a frame with `ip` and `ip_type`, one row a value.

    >>> ip_types(["10.0.0.1", None]).ip_type.tolist()
    ['private', 'invalid']
    """
    import pandas as pd

    series = pd.Series(list(values), dtype="object")
    kinds = {value: ip_type(str(value)) for value in series.dropna().unique()}
    return pd.DataFrame({"ip": series, "ip_type": series.map(kinds).fillna("invalid")})
