"""Addresses to other addresses of the same kind: neighbours stay neighbours, private stays private.

Each byte is permuted under a key and the bytes in front of it (the prefix-preserving scheme of Xu, Fan, Ammar and
Moon, 2002), so two addresses that share a network before share one afterwards. The network of a private or special
range is kept. A public address whose image is not public is mapped again until it is; the map is a permutation, so
that ends and no two addresses meet.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

_PRIVATE: Final = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "192.0.2.0/24",
        "198.51.100.0/24", "203.0.113.0/24", "198.18.0.0/15", "fc00::/7", "fe80::/10", "2001:db8::/32",
    )
)  # fmt: skip


def mask_address(text: str, key: bytes) -> str:
    """The image of an address; loopback, multicast, reserved and the like stay, other text is given back.

    >>> mask_address("10.1.2.3", b"k").startswith("10."), mask_address("127.0.0.1", b"k")
    (True, '127.0.0.1')
    """
    try:
        address = ip_address(text.strip())
    except ValueError:
        return text
    network = next((one for one in _PRIVATE if one.version == address.version and address in one), None)
    if network is not None:
        return str(_permuted(address, network.prefixlen, key))
    if not _is_public(address):
        return text
    image = address
    while True:
        image = _permuted(image, 0, key)
        if _is_public(image):
            return str(image)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not address.is_multicast


def _permuted(address: IPv4Address | IPv6Address, kept_bits: int, key: bytes) -> IPv4Address | IPv6Address:
    data, out = address.packed, bytearray()
    for at, byte in enumerate(data):
        kept = min(8, max(0, kept_bits - 8 * at))
        if kept == 8:
            out.append(byte)
            continue
        free = (1 << (8 - kept)) - 1
        # An IPv6 address is global by its first bits; they are permuted within 2000::/3.
        if address.version == 6 and at == 0 and not kept:
            free = 0x1F
        table = _table(key, data[:at], free)
        out.append((byte & ~free) | table[byte & free])
    return type(address)(bytes(out))


@lru_cache(maxsize=65_536)
def _table(key: bytes, prefix: bytes, free: int) -> bytes:
    """The permutation of the free bits of a byte behind a prefix."""
    stream = hashlib.shake_256(b"".join((key, bytes((len(prefix), free)), prefix))).digest(8 * (free + 1))
    return np.frombuffer(stream, dtype=np.uint64).argsort(kind="stable").astype(np.uint8).tobytes()
