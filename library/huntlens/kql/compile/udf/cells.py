"""Cells that divide the earth: geohash by halving, S2 by six faces and a Hilbert curve on each."""

from __future__ import annotations

import math
from functools import cache
from typing import Final

Vector = tuple[float, float, float]

_DIGITS: Final = "0123456789bcdefghjkmnpqrstuvwxyz"
_LEVELS: Final = 30
_SIDE: Final = 1 << _LEVELS


def geohash(x: float, y: float, accuracy: int) -> str:
    """The geohash of a point, with so many digits.

    >>> geohash(-80.195829, 25.802215, 8)
    'dhwfz15h'
    """
    bounds = [[-180.0, 180.0], [-90.0, 90.0]]
    made, value = [], 0
    for bit in range(accuracy * 5):
        here, number = bounds[bit % 2], (x, y)[bit % 2]
        middle = (here[0] + here[1]) / 2
        upper = number >= middle
        here[0 if upper else 1] = middle
        value = value * 2 + upper
        if bit % 5 == 4:
            made.append(_DIGITS[value])
            value = 0
    return "".join(made)


def geohash_box(text: str) -> tuple[float, float, float, float]:
    """West, south, east and north of a geohash cell; a letter that is no digit raises ValueError."""
    if not 1 <= len(text) <= 18:
        raise ValueError("no geohash")
    bounds = [[-180.0, 180.0], [-90.0, 90.0]]
    bit = 0
    for letter in text:
        value = _DIGITS.index(letter)
        for mask in (16, 8, 4, 2, 1):
            here = bounds[bit % 2]
            here[0 if value & mask else 1] = (here[0] + here[1]) / 2
            bit += 1
    return bounds[0][0], bounds[1][0], bounds[0][1], bounds[1][1]


def geohash_neighbors(text: str) -> list[str]:
    """The eight cells around, in the order in which Kusto lists them."""
    west, south, east, north = geohash_box(text)
    x, y, width, height = (west + east) / 2, (south + north) / 2, east - west, north - south
    steps = ((-1, -1), (-1, 1), (1, -1), (0, 1), (-1, 0), (1, 1), (1, 0), (0, -1))
    found = []
    for right, up in steps:
        latitude = y + up * height
        if -90 <= latitude <= 90:
            found.append(geohash((x + right * width + 180) % 360 - 180, latitude, len(text)))
    return found


# --- S2 --------------------------------------------------------------------------------------------------------

_ORDER: Final = ((0, 1, 3, 2), (0, 2, 3, 1), (3, 2, 0, 1), (3, 1, 0, 2))
_TURN: Final = (1, 0, 0, 3)


def _st(u: float) -> float:
    return 0.5 * math.sqrt(1 + 3 * u) if u >= 0 else 1 - 0.5 * math.sqrt(1 - 3 * u)


def _uv(s: float) -> float:
    return (4 * s * s - 1) / 3 if s >= 0.5 else (1 - 4 * (1 - s) ** 2) / 3


def _face_uv(point: Vector) -> tuple[int, float, float]:
    x, y, z = point
    axis = max(range(3), key=lambda index: abs(point[index]))
    face = axis if point[axis] >= 0 else axis + 3
    u, v = (
        (y / x, z / x), (-x / y, z / y), (-x / z, -y / z), (z / x, y / x), (z / y, -x / y), (-y / z, -x / z),
    )[face] if point[axis] else (0.0, 0.0)  # fmt: skip
    return face, u, v


def _xyz(face: int, u: float, v: float) -> Vector:
    return ((1.0, u, v), (-u, 1.0, v), (-u, -v, 1.0), (-1.0, -v, -u), (v, -1.0, -u), (v, u, -1.0))[face]


@cache
def _place_in(order: int) -> tuple[int, ...]:
    return tuple(_ORDER[order].index(cell) for cell in range(4))


def _from_ij(face: int, i: int, j: int) -> int:
    order, made = face & 1, face
    for level in range(_LEVELS - 1, -1, -1):
        cell = ((i >> level) & 1) * 2 + ((j >> level) & 1)
        place = _place_in(order)[cell]
        made = made * 4 + place
        order ^= _TURN[place]
    return made * 2 + 1


def _to_ij(cell: int) -> tuple[int, int, int]:
    face = cell >> 61
    order, i, j = face & 1, 0, 0
    for level in range(_LEVELS - 1, -1, -1):
        place = (cell >> (2 * level + 1)) & 3
        found = _ORDER[order][place]
        i, j = i * 2 + (found >> 1), j * 2 + (found & 1)
        order ^= _TURN[place]
    return face, i, j


def s2_of(point: Vector) -> int:
    """The leaf cell of a point."""
    face, u, v = _face_uv(point)
    i, j = (min(max(math.floor(_SIDE * _st(t)), 0), _SIDE - 1) for t in (u, v))
    return _from_ij(face, i, j)


def s2_parent(cell: int, level: int) -> int:
    """The cell of a level that holds a cell."""
    low = 1 << (2 * (_LEVELS - level))
    return (cell & -low) | low


def s2_level(cell: int) -> int:
    """The level of a cell, from 0 for a face to 30."""
    return _LEVELS - ((cell & -cell).bit_length() - 1) // 2


def token(cell: int) -> str:
    """The text of a cell."""
    return f"{cell:016x}".rstrip("0") or "X"


def s2_read(text: str) -> int | None:
    """The cell that a text names; None if it names none."""
    if not 1 <= len(text) <= 16:
        return None
    cell = int(text.ljust(16, "0"), 16)
    low = cell & -cell
    valid = cell >> 61 < 6 and low and (low.bit_length() - 1) % 2 == 0
    return cell if valid else None


def _corner_ij(cell: int) -> tuple[int, int, int, int]:
    face, i, j = _to_ij(cell)
    size = 1 << (_LEVELS - s2_level(cell))
    return face, i & -size, j & -size, size


def s2_center(cell: int) -> Vector:
    """The middle of a cell, on its face."""
    face, i, j, size = _corner_ij(cell)
    return _xyz(face, _uv((i + size / 2) / _SIDE), _uv((j + size / 2) / _SIDE))


def s2_corners(cell: int) -> list[Vector]:
    """The corners of a cell against the clock."""
    face, i, j, size = _corner_ij(cell)
    us, vs = ([_uv(place / _SIDE), _uv((place + size) / _SIDE)] for place in (i, j))
    return [_xyz(face, us[a], vs[b]) for a, b in ((0, 0), (1, 0), (1, 1), (0, 1))]


def s2_neighbors(cell: int) -> list[int]:
    """The cells around one, in the order in which Kusto lists them."""
    face, i, j, size = _corner_ij(cell)
    level = s2_level(cell)
    found: list[int] = []
    for right, up in ((1, 1), (-1, -1), (1, -1), (0, -1), (0, 1), (1, 0), (-1, 0), (-1, 1)):
        other = s2_parent(_wrapped(face, i + right * size + size // 2, j + up * size + size // 2), level)
        if other != cell and other not in found:
            found.append(other)
    return found


def _wrapped(face: int, i: int, j: int) -> int:
    if 0 <= i < _SIDE and 0 <= j < _SIDE:
        return _from_ij(face, i, j)
    # Beyond the border the plane of the face is carried on, and the point falls on another face.
    u, v = (max(-1.0000000001, min(1.0000000001, 2 * place / _SIDE - 1)) for place in (i, j))
    return s2_of(_xyz(face, u if not 0 <= i < _SIDE else _uv(i / _SIDE), v if not 0 <= j < _SIDE else _uv(j / _SIDE)))
