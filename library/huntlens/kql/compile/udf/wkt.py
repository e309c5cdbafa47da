"""Shapes in well-known text."""

from __future__ import annotations

import re
from typing import Any, Final

Shape = dict[str, Any]

_KINDS: Final = {
    "POINT": "Point", "LINESTRING": "LineString", "POLYGON": "Polygon", "MULTIPOINT": "MultiPoint",
    "MULTILINESTRING": "MultiLineString", "MULTIPOLYGON": "MultiPolygon", "GEOMETRYCOLLECTION": "GeometryCollection",
}  # fmt: skip
_DEPTH: Final = {"POINT": 0, "LINESTRING": 1, "MULTIPOINT": 1, "POLYGON": 2, "MULTILINESTRING": 2, "MULTIPOLYGON": 3}
_PIECE: Final = re.compile(r"[A-Za-z]+|-?[\d.]+(?:[eE][-+]?\d+)?|[(),]|\S")


def geo_from_wkt(text: str) -> Shape | None:
    """A shape in well-known text; None if it is none."""
    pieces = _PIECE.findall(text)
    made, rest = _shape(pieces)
    return made if not rest else None


def _shape(pieces: list[str]) -> tuple[Shape, list[str]]:
    word = pieces[0].upper()
    if word == "GEOMETRYCOLLECTION":
        parts: list[Shape] = []
        rest = pieces[2:]
        while rest[0] != ")":
            part, rest = _shape(rest[1:] if rest[0] == "," else rest)
            parts.append(part)
        return {"type": _KINDS[word], "geometries": parts}, rest[1:]
    numbers, rest = _nested(pieces[1:], _DEPTH[word])
    return {"type": _KINDS[word], "coordinates": numbers}, rest


def _nested(pieces: list[str], depth: int) -> tuple[list[Any], list[str]]:
    if depth == 0:
        inner = pieces[0] == "("
        rest = pieces[1:] if inner else pieces
        numbers: list[Any] = []
        while rest and rest[0] not in "(),":
            numbers.append(float(rest[0]) if any(mark in rest[0] for mark in ".eE") else int(rest[0]))
            rest = rest[1:]
        if len(numbers) < 2:
            raise ValueError("a point has two numbers")
        return numbers, rest[1:] if inner else rest
    if pieces[0] != "(":
        raise ValueError("a list is in parentheses")
    rest, made = pieces[1:], []
    while True:
        part, rest = _nested(rest, depth - 1)
        made.append(part)
        if rest[0] == ")":
            return made, rest[1:]
        rest = rest[1:]
