"""Geography on the sphere, with the radius that Kusto uses; shapes are GeoJSON as Python values.

A shape that is no valid one gives None. What would need shapes to be cut is refused with `CannotAnswerError`.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from huntlens.kql.compile.udf import CannotAnswerError, cells
from huntlens.kql.compile.udf.wkt import geo_from_wkt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Shape = dict[str, Any]
Vector = tuple[float, float, float]
Place = tuple[float, float]

RADIUS: Final = 6371010.0
_TINY: Final = 1e-15


def vector(place: Place) -> Vector:
    """A point on the unit sphere, of longitude and latitude in degrees."""
    longitude, latitude = math.radians(place[0]), math.radians(place[1])
    return (math.cos(latitude) * math.cos(longitude), math.cos(latitude) * math.sin(longitude), math.sin(latitude))


def place_of(point: Vector) -> list[float]:
    return [
        math.degrees(math.atan2(point[1], point[0])),
        math.degrees(math.atan2(point[2], math.hypot(point[0], point[1]))),
    ]


def _cross(a: Vector, b: Vector) -> Vector:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def _dot(a: Vector, b: Vector) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _unit(a: Vector) -> Vector:
    size = math.sqrt(_dot(a, a)) or 1.0
    return (a[0] / size, a[1] / size, a[2] / size)


def _angle(a: Vector, b: Vector) -> float:
    cross = _cross(a, b)
    return math.atan2(math.sqrt(_dot(cross, cross)), _dot(a, b))


def _valid(longitude: float, latitude: float) -> bool:
    """Whether numbers are a place; what is no number raises TypeError, which gives null."""
    return -180 <= longitude <= 180 and -90 <= latitude <= 90


def _point(longitude: float, latitude: float) -> Vector | None:
    return vector((float(longitude), float(latitude))) if _valid(longitude, latitude) else None


def geo_json(point: Vector) -> Shape:
    return {"type": "Point", "coordinates": place_of(point)}


def _points(places: object, least: int) -> list[Vector]:
    if not isinstance(places, list):
        raise TypeError("no coordinates")
    made: list[Vector] = []
    for place in places:
        point = _point(place[0], place[1])
        if point is None:
            raise ValueError("no place on earth")
        if not made or _angle(made[-1], point) > _TINY:
            made.append(point)
    if len(made) < least:
        raise ValueError("too few points")
    return made


def _lines(shape: Shape) -> list[list[Vector]]:
    shape = shape.get("geometry", shape)
    if shape.get("type") == "LineString":
        return [_points(shape["coordinates"], 2)]
    if shape.get("type") == "MultiLineString" and shape["coordinates"]:
        return [_points(line, 2) for line in shape["coordinates"]]
    raise ValueError("no line")


def _ring(places: object) -> list[Vector]:
    points = _points(places, 3)
    if _angle(points[0], points[-1]) <= _TINY:
        points.pop()
    if len(points) < 3 or abs(_ring_area(points)) < 1e-18:
        raise ValueError("no area")
    return points


def _polygons(shape: Shape) -> list[list[list[Vector]]]:
    """Polygons as rings, the outer one first."""
    shape = shape.get("geometry", shape)
    if shape.get("type") == "Polygon" and shape["coordinates"]:
        return [[_ring(ring) for ring in shape["coordinates"]]]
    if shape.get("type") == "MultiPolygon" and shape["coordinates"]:
        return [[_ring(ring) for ring in polygon] for polygon in shape["coordinates"]]
    raise ValueError("no polygon")


def _edges(points: list[Vector], *, closed: bool) -> Iterable[tuple[Vector, Vector]]:
    yield from pairwise(points)
    if closed:
        yield points[-1], points[0]


def _apart(polygons: list[list[list[Vector]]]) -> list[list[list[Vector]]]:
    """Polygons that do not meet; to join others needs a geometry engine."""
    for index, polygon in enumerate(polygons):
        for other in polygons[index + 1 :]:
            if _polygons_meet(polygon, other):
                raise CannotAnswerError("polygons of one shape that overlap cannot be joined here")
    return polygons


# --- distances -------------------------------------------------------------------------------------------------


def geo_distance_2points(x1: float, y1: float, x2: float, y2: float) -> float | None:
    first, second = _point(x1, y1), _point(x2, y2)
    return None if first is None or second is None else _angle(first, second) * RADIUS


def geo_point_in_circle(x: float, y: float, cx: float, cy: float, radius: float) -> bool | None:
    found = geo_distance_2points(x, y, cx, cy)
    return None if found is None or radius < 0 else found <= radius


def _bearing(start: Vector, end: Vector) -> float | None:
    if _angle(start, end) < _TINY:
        return None
    east = _unit((-start[1], start[0], 0.0))
    north = _cross(start, east)
    return math.atan2(_dot(end, east), _dot(end, north)) % (2 * math.pi)


def geo_azimuth(x1: float, y1: float, x2: float, y2: float) -> float | None:
    first, second = _point(x1, y1), _point(x2, y2)
    return None if first is None or second is None else _bearing(first, second)


def geo_angle(x1: float, y1: float, x2: float, y2: float, x3: float, y3: float) -> float | None:
    first, middle, last = _point(x1, y1), _point(x2, y2), _point(x3, y3)
    if first is None or middle is None or last is None:
        return None
    a, b = _bearing(middle, first), _bearing(middle, last)
    return None if a is None or b is None else (b - a) % (2 * math.pi)


def _nearest(point: Vector, a: Vector, b: Vector) -> Vector:
    normal = _unit(_cross(a, b))
    height = _dot(point, normal)
    foot = _unit((point[0] - height * normal[0], point[1] - height * normal[1], point[2] - height * normal[2]))
    if _dot(_cross(a, foot), normal) >= 0 and _dot(_cross(foot, b), normal) >= 0:
        return foot
    return a if _angle(point, a) <= _angle(point, b) else b


def _nearest_of(point: Vector, paths: Iterable[tuple[list[Vector], bool]]) -> Vector:
    found = [_nearest(point, a, b) for path, closed in paths for a, b in _edges(path, closed=closed)]
    return min(found, key=lambda place: _angle(point, place))


def _on_line(x: float, y: float, shape: Shape) -> tuple[Vector, Vector] | None:
    point = _point(x, y)
    return None if point is None else (point, _nearest_of(point, ((line, False) for line in _lines(shape))))


def geo_closest_point_on_line(x: float, y: float, shape: Shape) -> Shape | None:
    found = _on_line(x, y, shape)
    return None if found is None else geo_json(found[1])


def geo_distance_point_to_line(x: float, y: float, shape: Shape) -> float | None:
    found = _on_line(x, y, shape)
    return None if found is None else _angle(*found) * RADIUS


def _on_polygon(x: float, y: float, shape: Shape) -> tuple[Vector, Vector] | None:
    point, polygons = _point(x, y), _polygons(shape)
    if point is None:
        return None
    if any(_holds(polygon, point) for polygon in polygons):
        return point, point
    return point, _nearest_of(point, ((ring, True) for polygon in polygons for ring in polygon))


def geo_closest_point_on_polygon(x: float, y: float, shape: Shape) -> Shape | None:
    found = _on_polygon(x, y, shape)
    if found is None:
        return None
    return {"type": "Point", "coordinates": [float(x), float(y)]} if found[0] is found[1] else geo_json(found[1])


def geo_distance_point_to_polygon(x: float, y: float, shape: Shape) -> float | None:
    found = _on_polygon(x, y, shape)
    return None if found is None else _angle(*found) * RADIUS


# --- lines -----------------------------------------------------------------------------------------------------


def _length(line: list[Vector]) -> float:
    return sum(_angle(a, b) for a, b in _edges(line, closed=False))


def geo_line_length(shape: Shape) -> float:
    return sum(_length(line) for line in _lines(shape)) * RADIUS


def geo_line_centroid(shape: Shape) -> Shape:
    total = (0.0, 0.0, 0.0)
    for line in _lines(shape):
        for a, b in _edges(line, closed=False):
            middle = _unit((a[0] + b[0], a[1] + b[1], a[2] + b[2]))
            weight = 2 * math.sin(_angle(a, b) / 2)
            total = (total[0] + middle[0] * weight, total[1] + middle[1] * weight, total[2] + middle[2] * weight)
    return geo_json(total)


def _between(a: Vector, b: Vector, share: float) -> Vector:
    angle = _angle(a, b)
    first, second = math.sin((1 - share) * angle), math.sin(share * angle)
    return _unit((a[0] * first + b[0] * second, a[1] * first + b[1] * second, a[2] * first + b[2] * second))


def geo_line_interpolate_point(shape: Shape, share: float) -> Shape | None:
    (line,) = _lines(shape)
    if not 0 <= share <= 1:
        return None
    left = _length(line) * share
    for a, b in _edges(line, closed=False):
        step = _angle(a, b)
        if left <= step:
            return geo_json(_between(a, b, left / step))
        left -= step
    return geo_json(line[-1])


def geo_line_locate_point(shape: Shape, x: float, y: float) -> float | None:
    (line,) = _lines(shape)
    point = _point(x, y)
    if point is None:
        return None
    gone, best = 0.0, (math.inf, 0.0)
    for a, b in _edges(line, closed=False):
        foot = _nearest(point, a, b)
        best = min(best, (_angle(point, foot), gone + _angle(a, foot)))
        gone += _angle(a, b)
    return best[1] / gone


def _densified(places: list[list[float]], tolerance: float) -> list[list[float]]:
    made = [places[0]]
    for start, end in pairwise(places):
        made.extend(_midpoints(start, end, tolerance, 0))
        made.append(end)
    return made


def _midpoints(start: list[float], end: list[float], tolerance: float, depth: int) -> list[list[float]]:
    """Planar middles wherever the great circle leaves the straight line by more than the tolerance."""
    middle = [(start[0] + end[0]) / 2, (start[1] + end[1]) / 2]
    curve = _between(vector((start[0], start[1])), vector((end[0], end[1])), 0.5)
    if depth > 12 or _angle(vector((middle[0], middle[1])), curve) * RADIUS <= tolerance:
        return []
    return [*_midpoints(start, middle, tolerance, depth + 1), middle, *_midpoints(middle, end, tolerance, depth + 1)]


def geo_line_densify(shape: Shape, tolerance: float = 10, _crossing: object = None) -> Shape | None:
    _lines(shape)
    if not 0.1 <= tolerance <= 10000:
        return None
    if shape["type"] == "LineString":
        return {**shape, "coordinates": _densified(shape["coordinates"], tolerance)}
    return {**shape, "coordinates": [_densified(line, tolerance) for line in shape["coordinates"]]}


def geo_polygon_densify(shape: Shape, tolerance: float = 10, _crossing: object = None) -> Shape | None:
    _polygons(shape)
    if not 0.1 <= tolerance <= 10000:
        return None
    if shape["type"] == "Polygon":
        return {**shape, "coordinates": [_densified(ring, tolerance) for ring in shape["coordinates"]]}
    return {**shape, "coordinates": [[_densified(ring, tolerance) for ring in part] for part in shape["coordinates"]]}


def geo_line_simplify(shape: Shape, tolerance: float = 10) -> Shape | None:
    (line,) = _lines(shape)
    if tolerance <= 0 or all(_angle(line[0], point) * RADIUS <= tolerance for point in line):
        return None

    def keep(low: int, high: int) -> list[int]:
        if high - low < 2:
            return []
        worst = max(range(low + 1, high), key=lambda i: _angle(line[i], _nearest(line[i], line[low], line[high])))
        if _angle(line[worst], _nearest(line[worst], line[low], line[high])) * RADIUS <= tolerance:
            return []
        return [*keep(low, worst), worst, *keep(worst, high)]

    chosen = [0, *keep(0, len(line) - 1), len(line) - 1]
    return {"type": "LineString", "coordinates": [shape["coordinates"][index] for index in chosen]}


# --- polygons --------------------------------------------------------------------------------------------------


def _ring_area(ring: list[Vector]) -> float:
    """The solid angle of a ring, positive if it runs against the clock."""
    total = 0.0
    origin = ring[0]
    for a, b in pairwise(ring[1:]):
        volume = _dot(origin, _cross(a, b))
        total += 2 * math.atan2(volume, 1 + _dot(origin, a) + _dot(a, b) + _dot(b, origin))
    return total


def geo_polygon_area(shape: Shape) -> float:
    total = 0.0
    for outer, *holes in _apart(_polygons(shape)):
        total += abs(_ring_area(outer)) - sum(abs(_ring_area(hole)) for hole in holes)
    return total * RADIUS**2


def geo_polygon_perimeter(shape: Shape) -> float:
    rings = [ring for polygon in _apart(_polygons(shape)) for ring in polygon]
    return sum(_angle(a, b) for ring in rings for a, b in _edges(ring, closed=True)) * RADIUS


def geo_polygon_centroid(shape: Shape) -> Shape:
    """By the identity that the integral of the position over a polygon is half the sum of edge angle times normal."""
    total = [0.0, 0.0, 0.0]
    for outer, *holes in _apart(_polygons(shape)):
        for ring, sign in ((outer, 1), *((hole, -1) for hole in holes)):
            turned = sign if _ring_area(ring) > 0 else -sign
            for a, b in _edges(ring, closed=True):
                normal, angle = _unit(_cross(a, b)), _angle(a, b)
                for axis in range(3):
                    total[axis] += turned * angle * normal[axis] / 2
    return geo_json((total[0], total[1], total[2]))


def _crosses(a: Vector, b: Vector, c: Vector, d: Vector) -> bool:
    """Whether two arcs cross or touch."""
    first, second = _cross(a, b), _cross(c, d)
    line = _cross(first, second)
    if _dot(line, line) < 1e-30:
        return any(_angle(end, _nearest(end, c, d)) < 1e-12 for end in (a, b)) or any(
            _angle(end, _nearest(end, a, b)) < 1e-12 for end in (c, d)
        )
    for point in (_unit(line), _unit((-line[0], -line[1], -line[2]))):
        if all(_angle(point, _nearest(point, *arc)) < 1e-12 for arc in ((a, b), (c, d))):
            return True
    return False


def _within(ring: list[Vector], point: Vector) -> bool:
    """Whether the ring winds around the point."""
    total = 0.0
    for a, b in _edges(ring, closed=True):
        first, second = _bearing(point, a), _bearing(point, b)
        if first is None or second is None:
            return True
        step = (second - first + math.pi) % (2 * math.pi) - math.pi
        if abs(abs(step) - math.pi) < 1e-12:
            return True
        total += step
    return abs(total) > math.pi


def _holds(polygon: list[list[Vector]], point: Vector) -> bool:
    outer, *holes = polygon
    return _within(outer, point) and not any(_within(hole, point) for hole in holes)


def geo_point_in_polygon(x: float, y: float, shape: Shape) -> bool | None:
    point, polygons = _point(x, y), _polygons(shape)
    return None if point is None else any(_holds(polygon, point) for polygon in polygons)


def _paths_cross(first: Iterable[tuple[Vector, Vector]], second: list[tuple[Vector, Vector]]) -> bool:
    return any(_crosses(a, b, c, d) for a, b in first for c, d in second)


def _polygons_meet(first: list[list[Vector]], second: list[list[Vector]]) -> bool:
    edges = [list(_edges(ring, closed=True)) for ring in second]
    if any(_paths_cross(_edges(ring, closed=True), others) for ring in first for others in edges):
        return True
    return _holds(first, second[0][0]) or _holds(second, first[0][0])


def geo_intersects_2lines(first: Shape, second: Shape) -> bool:
    others = [edge for line in _lines(second) for edge in _edges(line, closed=False)]
    return any(_paths_cross(_edges(line, closed=False), others) for line in _lines(first))


def geo_intersects_line_with_polygon(line: Shape, polygon: Shape) -> bool:
    lines, polygons = _lines(line), _polygons(polygon)
    borders = [edge for rings in polygons for ring in rings for edge in _edges(ring, closed=True)]
    if any(_paths_cross(_edges(path, closed=False), borders) for path in lines):
        return True
    return any(_holds(rings, path[0]) for rings in polygons for path in lines)


def geo_intersects_2polygons(first: Shape, second: Shape) -> bool:
    left, right = _polygons(first), _polygons(second)
    return any(_polygons_meet(one, other) for one in left for other in right)


# --- cells -----------------------------------------------------------------------------------------------------


def geo_point_to_geohash(x: float, y: float, accuracy: int = 5) -> str | None:
    return cells.geohash(x, y, accuracy) if _valid(x, y) and 1 <= accuracy <= 18 else None


def geo_geohash_to_central_point(text: str) -> Shape | None:
    low_x, low_y, high_x, high_y = cells.geohash_box(text)
    return {"type": "Point", "coordinates": [(low_x + high_x) / 2, (low_y + high_y) / 2]}


def geo_geohash_to_polygon(text: str) -> Shape:
    a, b, c, d = cells.geohash_box(text)
    return {"type": "Polygon", "coordinates": [[[a, b], [c, b], [c, d], [a, d], [a, b]]]}


def geo_geohash_neighbors(text: str) -> list[str]:
    return cells.geohash_neighbors(text)


def geo_point_to_s2cell(x: float, y: float, level: int = 11) -> str | None:
    point = _point(x, y)
    return None if point is None or not 0 <= level <= 30 else cells.token(cells.s2_parent(cells.s2_of(point), level))


def geo_s2cell_to_central_point(text: str) -> Shape | None:
    cell = cells.s2_read(text)
    return None if cell is None else geo_json(cells.s2_center(cell))


def geo_s2cell_to_polygon(text: str) -> Shape | None:
    cell = cells.s2_read(text)
    if cell is None:
        return None
    corners = [place_of(_unit(corner)) for corner in cells.s2_corners(cell)]
    return {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}


def geo_s2cell_neighbors(text: str) -> list[str] | None:
    cell = cells.s2_read(text)
    return None if cell is None else [cells.token(other) for other in cells.s2_neighbors(cell)]


PACKED: Final[Mapping[str, tuple[str, Callable[..., object]]]] = {
    "geo_distance_2points": ("real", geo_distance_2points),
    "geo_point_in_circle": ("bool", geo_point_in_circle),
    "geo_point_in_polygon": ("bool", geo_point_in_polygon),
    "geo_distance_point_to_line": ("real", geo_distance_point_to_line),
    "geo_distance_point_to_polygon": ("real", geo_distance_point_to_polygon),
    "geo_closest_point_on_line": ("dynamic", geo_closest_point_on_line),
    "geo_closest_point_on_polygon": ("dynamic", geo_closest_point_on_polygon),
    "geo_angle": ("real", geo_angle),
    "geo_azimuth": ("real", geo_azimuth),
    "geo_line_length": ("real", geo_line_length),
    "geo_line_centroid": ("dynamic", geo_line_centroid),
    "geo_line_interpolate_point": ("dynamic", geo_line_interpolate_point),
    "geo_line_locate_point": ("real", geo_line_locate_point),
    "geo_line_densify": ("dynamic", geo_line_densify),
    "geo_line_simplify": ("dynamic", geo_line_simplify),
    "geo_polygon_area": ("real", geo_polygon_area),
    "geo_polygon_perimeter": ("real", geo_polygon_perimeter),
    "geo_polygon_centroid": ("dynamic", geo_polygon_centroid),
    "geo_polygon_densify": ("dynamic", geo_polygon_densify),
    "geo_intersects_2lines": ("bool", geo_intersects_2lines),
    "geo_intersects_line_with_polygon": ("bool", geo_intersects_line_with_polygon),
    "geo_intersects_2polygons": ("bool", geo_intersects_2polygons),
    "geo_point_to_geohash": ("string", geo_point_to_geohash),
    "geo_geohash_to_central_point": ("dynamic", geo_geohash_to_central_point),
    "geo_geohash_to_polygon": ("dynamic", geo_geohash_to_polygon),
    "geo_geohash_neighbors": ("dynamic", geo_geohash_neighbors),
    "geo_point_to_s2cell": ("string", geo_point_to_s2cell),
    "geo_s2cell_to_central_point": ("dynamic", geo_s2cell_to_central_point),
    "geo_s2cell_to_polygon": ("dynamic", geo_s2cell_to_polygon),
    "geo_s2cell_neighbors": ("dynamic", geo_s2cell_neighbors),
    "geo_from_wkt": ("dynamic", geo_from_wkt),
}
