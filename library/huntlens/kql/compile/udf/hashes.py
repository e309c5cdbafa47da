"""The 64-bit xxHash, as Kusto's `hash` gives it."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ONE: Final = 0x9E3779B185EBCA87
_TWO: Final = 0xC2B2AE3D27D4EB4F
_THREE: Final = 0x165667B19E3779F9
_FOUR: Final = 0x85EBCA77C2B2AE63
_FIVE: Final = 0x27D4EB2F165667C5
_MASK: Final = 2**64 - 1


def _rotated(value: int, bits: int) -> int:
    return (value << bits | value >> (64 - bits)) & _MASK


def _round(state: int, lane: int) -> int:
    return _rotated((state + lane * _TWO) & _MASK, 31) * _ONE & _MASK


def xxhash64(data: bytes, seed: int = 0) -> int:
    """The xxHash of bytes, unsigned.

    >>> xxhash64(b"World")
    1846988464401551951
    """
    place, size = 0, len(data)
    if size >= 32:
        states = [(seed + _ONE + _TWO) & _MASK, (seed + _TWO) & _MASK, seed, (seed - _ONE) & _MASK]
        while place <= size - 32:
            lanes = struct.unpack_from("<4Q", data, place)
            states = [_round(state, lane) for state, lane in zip(states, lanes, strict=True)]
            place += 32
        value = sum(_rotated(state, bits) for state, bits in zip(states, (1, 7, 12, 18), strict=True)) & _MASK
        for state in states:
            value = ((value ^ _round(0, state)) * _ONE + _FOUR) & _MASK
    else:
        value = (seed + _FIVE) & _MASK
    return _finished((value + size) & _MASK, data, place)


def _finished(value: int, data: bytes, place: int) -> int:
    size = len(data)
    while place <= size - 8:
        (lane,) = struct.unpack_from("<Q", data, place)
        value = (_rotated(value ^ _round(0, lane), 27) * _ONE + _FOUR) & _MASK
        place += 8
    if place <= size - 4:
        (lane,) = struct.unpack_from("<I", data, place)
        value = (_rotated(value ^ lane * _ONE & _MASK, 23) * _TWO + _THREE) & _MASK
        place += 4
    for byte in data[place:]:
        value = _rotated(value ^ byte * _FIVE & _MASK, 11) * _ONE & _MASK
    value = (value ^ value >> 33) * _TWO & _MASK
    value = (value ^ value >> 29) * _THREE & _MASK
    return value ^ value >> 32


def _signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value


def xxhash(value: object, mod: int | None = None) -> int | None:
    if value is None:
        return None
    data = value.encode() if isinstance(value, str) else _bytes(value)
    found = xxhash64(data)
    return found % mod if mod else _signed(found)


def _bytes(value: object) -> bytes:
    if isinstance(value, bool):
        return struct.pack("<B", value)
    if isinstance(value, int):
        return struct.pack("<q", value)
    return struct.pack("<d", value) if isinstance(value, float) else repr(value).encode()


def hash_combine(*values: int) -> int:
    made = 0
    for value in values:
        made ^= (value + 0x9E3779B97F4A7C15 + (made << 6) + (made >> 2)) & _MASK
        made &= _MASK
    return _signed(made)


def hash_many(*values: object) -> int:
    return hash_combine(*(xxhash(value) or 0 for value in values))


PACKED: Final[Mapping[str, tuple[str, Callable[..., object]]]] = {
    "xxhash": ("long", xxhash),
    "hash_combine": ("long", hash_combine),
    "hash_many": ("long", hash_many),
}
