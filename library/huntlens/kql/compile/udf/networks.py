"""IP addresses: both families, prefixes, ranges, terms in a text."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_V4: Final = re.compile(r"(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:/(\d{1,2}))?")


@lru_cache(4096)
def v4(text: str) -> tuple[int, int] | None:
    """An IPv4 address with its prefix length as numbers."""
    match = _V4.fullmatch(text.strip())
    if match is None:
        return None
    parts = [int(part) for part in match.groups()[:4]]
    prefix = int(match[5]) if match[5] else 32
    if any(part > 255 for part in parts) or prefix > 32:
        return None
    return (parts[0] << 24) + (parts[1] << 16) + (parts[2] << 8) + parts[3], prefix


@lru_cache(4096)
def v6(text: str) -> tuple[int, int] | None:
    """An address of either family in the IPv6 space, with its prefix length."""
    base, _, length = text.strip().partition("/")
    four = v4(text)
    if four is not None:
        return (0xFFFF << 32) + four[0], four[1] + 96
    try:
        number = int(IPv6Address(base.split("%")[0]))
    except (AddressValueError, ValueError):
        return None
    if length and not length.isdigit():
        return None
    prefix = int(length) if length else 128
    return (number, prefix) if prefix <= 128 else None


def _masked(number: int, prefix: int, bits: int) -> int:
    return number >> (bits - prefix) << (bits - prefix) if prefix > 0 else 0


def _compare(
    first: str, second: str, prefix: int | None, read: Callable[[str], tuple[int, int] | None], bits: int
) -> int | None:
    left, right = read(first), read(second)
    if left is None or right is None:
        return None
    asked = bits if prefix is None else int(prefix)
    if not 0 <= asked <= bits:
        return None
    shared = min(left[1], right[1], asked)
    a, b = _masked(left[0], shared, bits), _masked(right[0], shared, bits)
    return (a > b) - (a < b)


def ipv4_compare(first: str, second: str, prefix: int | None = None) -> int | None:
    return _compare(first, second, prefix, v4, 32)


def ipv6_compare(first: str, second: str, prefix: int | None = None) -> int | None:
    return _compare(first, second, prefix, v6, 128)


def ipv4_is_match(first: str, second: str, prefix: int | None = None) -> bool | None:
    found = ipv4_compare(first, second, prefix)
    return None if found is None else found == 0


def ipv6_is_match(first: str, second: str, prefix: int | None = None) -> bool | None:
    found = ipv6_compare(first, second, prefix)
    return None if found is None else found == 0


def _in_range(address: str, network: str, read: Callable[[str], tuple[int, int] | None], bits: int) -> bool | None:
    left, right = read(address), read(network)
    if left is None or right is None:
        return None
    return _masked(left[0], right[1], bits) == _masked(right[0], right[1], bits)


def ipv4_is_in_range(address: str, network: str) -> bool | None:
    return _in_range(address, network, v4, 32)


def ipv6_is_in_range(address: str, network: str) -> bool | None:
    return _in_range(address, network, v6, 128)


def _flat(values: tuple[object, ...]) -> list[str]:
    found: list[str] = []
    for value in values:
        found.extend(str(item) for item in value) if isinstance(value, list) else found.append(str(value))
    return found


def ipv4_is_in_any_range(address: str, *networks: object) -> bool | None:
    answers = [ipv4_is_in_range(address, network) for network in _flat(networks)]
    return True if True in answers else None if None in answers else False


def ipv6_is_in_any_range(address: str, *networks: object) -> bool | None:
    answers = [ipv6_is_in_range(address, network) for network in _flat(networks)]
    return True if True in answers else None if None in answers else False


def parse_ipv4_mask(address: str, prefix: int) -> int | None:
    found = v4(address)
    return None if found is None or not 0 <= prefix <= 32 else _masked(found[0], min(found[1], prefix), 32)


def ipv4_netmask_suffix(address: str) -> int | None:
    found = v4(address)
    return None if found is None else found[1]


def ipv4_range_to_cidr_list(first: str, last: str) -> list[str] | None:
    low, high = v4(first), v4(last)
    if low is None or high is None or low[0] > high[0]:
        return None
    start, end = low[0], high[0]
    found: list[str] = []
    while start <= end:
        size = (start & -start).bit_length() - 1 if start else 32
        while size and start + (1 << size) - 1 > end:
            size -= 1
        found.append(f"{IPv4Address(start)}/{32 - size}")
        start += 1 << size
    return found


def _v6_text(number: int) -> str:
    return IPv6Address(number).exploded


def parse_ipv6(address: str) -> str | None:
    found = v6(address)
    return None if found is None else _v6_text(_masked(found[0], found[1], 128))


def parse_ipv6_mask(address: str, prefix: int) -> str | None:
    found = v6(address)
    if found is None or not 0 <= prefix <= 128:
        return None
    wide = prefix + 96 if v4(address) is not None and prefix <= 32 else prefix
    return _v6_text(_masked(found[0], min(found[1], wide), 128))


def format_ipv4(address: str | float, prefix: int = 32) -> str | None:
    number = _number(address)
    if number is None or not 0 <= prefix <= 32:
        return ""
    return str(IPv4Address(_masked(number[0], min(number[1], prefix), 32)))


def format_ipv4_mask(address: str | float, prefix: int = 32) -> str | None:
    number = _number(address)
    if number is None or not 0 <= prefix <= 32:
        return ""
    length = min(number[1], prefix)
    return f"{IPv4Address(_masked(number[0], length, 32))}/{length}"


def _number(address: str | float) -> tuple[int, int] | None:
    if isinstance(address, str):
        return v4(address)
    return (int(address), 32) if 0 <= int(address) < 2**32 else None


_ADDRESS: Final = re.compile(r"(?<![0-9A-Za-z.])\d{1,3}(?:\.\d{1,3}){3}(?![0-9A-Za-z]|\.\d)")


def _addresses(source: object) -> list[str]:
    text = source if isinstance(source, str) else str(source)
    return [found for found in _ADDRESS.findall(text) if v4(found) is not None]


def has_ipv4(source: str, address: str) -> bool:
    wanted = v4(address)
    return wanted is not None and any(v4(found) == wanted for found in _addresses(source))


def has_any_ipv4(source: str, *addresses: object) -> bool:
    return any(has_ipv4(source, address) for address in _flat(addresses))


def _is_prefix(prefix: str) -> bool:
    parts = prefix.split(".")
    return len(parts) in range(2, 5) and all(part.isdigit() and int(part) < 256 for part in parts[:-1] if part) and (
        parts[-1] == "" or v4(prefix) is not None
    )  # fmt: skip


def has_ipv4_prefix(source: str, prefix: str) -> bool:
    return _is_prefix(prefix) and any(
        found.startswith(prefix) if prefix.endswith(".") else found == prefix for found in _addresses(source)
    )


def has_any_ipv4_prefix(source: str, *prefixes: object) -> bool:
    return any(has_ipv4_prefix(source, prefix) for prefix in _flat(prefixes))


PACKED: Final[Mapping[str, tuple[str, Callable[..., object]]]] = {
    "ipv4_compare": ("long", ipv4_compare),
    "ipv4_is_match": ("bool", ipv4_is_match),
    "ipv4_is_in_range": ("bool", ipv4_is_in_range),
    "ipv4_is_in_any_range": ("bool", ipv4_is_in_any_range),
    "ipv4_netmask_suffix": ("long", ipv4_netmask_suffix),
    "ipv4_range_to_cidr_list": ("dynamic", ipv4_range_to_cidr_list),
    "parse_ipv4_mask": ("long", parse_ipv4_mask),
    "ipv6_compare": ("long", ipv6_compare),
    "ipv6_is_match": ("bool", ipv6_is_match),
    "ipv6_is_in_range": ("bool", ipv6_is_in_range),
    "ipv6_is_in_any_range": ("bool", ipv6_is_in_any_range),
    "parse_ipv6": ("string", parse_ipv6),
    "parse_ipv6_mask": ("string", parse_ipv6_mask),
    "format_ipv4": ("string", format_ipv4),
    "format_ipv4_mask": ("string", format_ipv4_mask),
    "has_ipv4": ("bool", has_ipv4),
    "has_any_ipv4": ("bool", has_any_ipv4),
    "has_ipv4_prefix": ("bool", has_ipv4_prefix),
    "has_any_ipv4_prefix": ("bool", has_any_ipv4_prefix),
}
