"""H3 cells, by the library of that name: the extra `geo` brings it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from huntlens.errors import MissingExtraError

try:
    import h3
except ImportError as problem:
    raise MissingExtraError("geo", "H3 cells") from problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Shape = dict[str, Any]


def _cell(text: str) -> str | None:
    return text if isinstance(text, str) and h3.is_valid_cell(text) else None


def geo_point_to_h3cell(x: float, y: float, resolution: int = 6) -> str | None:
    if not (-180 <= x <= 180 and -90 <= y <= 90 and 0 <= resolution <= 15):
        return None
    return str(h3.latlng_to_cell(y, x, resolution))


def geo_h3cell_to_central_point(text: str) -> Shape | None:
    if _cell(text) is None:
        return None
    latitude, longitude = h3.cell_to_latlng(text)
    return {"type": "Point", "coordinates": [longitude, latitude]}


def geo_h3cell_to_polygon(text: str) -> Shape | None:
    if _cell(text) is None:
        return None
    corners = [[longitude, latitude] for latitude, longitude in h3.cell_to_boundary(text)]
    return {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}


def geo_h3cell_neighbors(text: str) -> list[str] | None:
    return None if _cell(text) is None else geo_rings(text, 1)[1]


def geo_rings(text: str, distance: int) -> list[list[str]]:
    """The rings around a cell up to a distance, the cell itself first."""
    disk = iter(h3.grid_disk(text, distance))
    sizes = [len(h3.grid_ring(text, step)) if step else 1 for step in range(distance + 1)]
    return [list(islice(disk, size)) for size in sizes]


def geo_h3cell_rings(text: str, distance: int) -> list[list[str]] | None:
    return None if _cell(text) is None or not 0 <= distance <= 142 else geo_rings(text, distance)


def geo_h3cell_children(text: str, resolution: int | None = None) -> list[str] | None:
    if _cell(text) is None:
        return None
    level = h3.get_resolution(text)
    wanted = level + 1 if resolution is None else resolution
    return list(h3.cell_to_children(text, wanted)) if level < wanted <= min(15, level + 5) else None


def geo_h3cell_parent(text: str, resolution: int | None = None) -> str | None:
    if _cell(text) is None:
        return None
    level = h3.get_resolution(text)
    wanted = level - 1 if resolution is None else resolution
    return str(h3.cell_to_parent(text, wanted)) if 0 <= wanted < level else None


def geo_h3cell_level(text: str) -> int | None:
    return None if _cell(text) is None else int(h3.get_resolution(text))


def geo_polygon_to_h3cells(shape: Shape, resolution: int = 6) -> list[str] | None:
    shape = shape.get("geometry", shape)
    if shape.get("type") != "Polygon" or any(len(ring) < 4 for ring in shape["coordinates"]):
        return None
    return sorted(h3.h3shape_to_cells(h3.geo_to_h3shape(shape), resolution))


PACKED: Final[Mapping[str, tuple[str, Callable[..., object]]]] = {
    "geo_point_to_h3cell": ("string", geo_point_to_h3cell),
    "geo_h3cell_to_central_point": ("dynamic", geo_h3cell_to_central_point),
    "geo_h3cell_to_polygon": ("dynamic", geo_h3cell_to_polygon),
    "geo_h3cell_neighbors": ("dynamic", geo_h3cell_neighbors),
    "geo_h3cell_rings": ("dynamic", geo_h3cell_rings),
    "geo_h3cell_children": ("dynamic", geo_h3cell_children),
    "geo_h3cell_parent": ("string", geo_h3cell_parent),
    "geo_h3cell_level": ("int", geo_h3cell_level),
    "geo_polygon_to_h3cells": ("dynamic", geo_polygon_to_h3cells),
}
