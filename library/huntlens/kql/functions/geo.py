"""Geography: distances on the sphere, GeoJSON shapes, geohash and S2 cells; all of this runs in Python."""

from __future__ import annotations

from typing import Final

from huntlens.kql.functions.row import Function, special, unsupported

_SHAPES: Final = unsupported("cutting and joining shapes on the sphere needs a geometry engine that huntlens has not")


def _row(name: str, signature: str, returns: str, doc: str, example: str, value: str) -> Function:
    lower = special("python", name, returns)
    return Function(name, signature, returns, doc, example, value, lower, lower, category="geo")


def _no(name: str, signature: str, returns: str, doc: str) -> Function:
    return Function(name, signature, returns, doc, f"{name}(...)", None, _SHAPES, _SHAPES, category="geo",
                    untested="not answered locally")  # fmt: skip


_P: Final = "longitude: real, latitude: real"
_LINE: Final = "dynamic({'type': 'LineString', 'coordinates': [[0, 0], [0, 1]]})"
_AREA: Final = "dynamic({'type': 'Polygon', 'coordinates': [[[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]]})"

ROWS: Final = (
    _row("geo_distance_2points", "p1_longitude: real, p1_latitude: real, p2_longitude: real, p2_latitude: real", "real",
         "The distance of two points in metres.", "round(geo_distance_2points(0, 0, 0, 1))", "111195.0"),
    _row("geo_point_in_circle",
         "p_longitude: real, p_latitude: real, pc_longitude: real, pc_latitude: real, c_radius: real",
         "bool", "True if a point lies within a distance of another.", "geo_point_in_circle(0, 0, 0, 1, 120000)",
         "True"),
    _row("geo_point_in_polygon", f"{_P}, polygon: dynamic", "bool", "True if a polygon holds the point.",
         f"geo_point_in_polygon(5, 5, {_AREA})", "True"),
    _row("geo_distance_point_to_line", f"{_P}, lineString: dynamic", "real",
         "The distance of a point to a line in metres.",
         f"round(geo_distance_point_to_line(1, 0.5, {_LINE}))", "111191.0"),
    _row("geo_distance_point_to_polygon", f"{_P}, polygon: dynamic", "real",
         "The distance of a point to a polygon in metres; 0 within.", f"geo_distance_point_to_polygon(5, 5, {_AREA})",
         "0.0"),
    _row("geo_closest_point_on_line", f"{_P}, lineString: dynamic", "dynamic", "The point of a line that is nearest.",
         f"geo_closest_point_on_line(0, -1, {_LINE})", '{"type":"Point","coordinates":[0.0,0.0]}'),
    _row("geo_closest_point_on_polygon", f"{_P}, polygon: dynamic", "dynamic",
         "The point of a polygon that is nearest.",
         f"geo_closest_point_on_polygon(5, 5, {_AREA})", '{"type":"Point","coordinates":[5.0,5.0]}'),
    _row("geo_angle",
         "p1_longitude: real, p1_latitude: real, p2_longitude: real, p2_latitude: real, p3_longitude: real, "
         "p3_latitude: real", "real", "The angle between two lines from the second point, clockwise.",
         "round(geo_angle(0, 10, 0, 5, 3, -10), 6)", "2.944938"),
    _row("geo_azimuth", "p1_longitude: real, p1_latitude: real, p2_longitude: real, p2_latitude: real", "real",
         "The direction from one point to another, clockwise from north.", "round(geo_azimuth(5, 10, 10, -40), 6)",
         "3.054599"),
    _row("geo_line_length", "lineString: dynamic", "real", "The length of a line in metres.",
         f"round(geo_line_length({_LINE}))", "111195.0"),
    _row("geo_line_centroid", "lineString: dynamic", "dynamic", "The centre of a line.",
         f"geo_line_centroid({_LINE}).type", "Point"),
    _row("geo_line_interpolate_point", "lineString: dynamic, fraction: real", "dynamic",
         "The point at a fraction of a line.",
         f"round(todouble(geo_line_interpolate_point({_LINE}, 0.5).coordinates[1]), 6)",
         "0.5"),
    _row("geo_line_locate_point", "lineString: dynamic, longitude: real, latitude: real", "real",
         "The fraction of a line at which it is nearest to a point.",
         f"round(geo_line_locate_point({_LINE}, 1, 0.5), 4)", "0.5001"),
    _row("geo_line_densify", "lineString: dynamic, tolerance?: real, preserve_crossing?: bool", "dynamic",
         "The line with points added, so that straight edges follow the sphere.",
         f"isnull(geo_line_densify({_LINE}, 0))", "True"),
    _row("geo_line_simplify", "lineString: dynamic, tolerance?: real", "dynamic", "The line with fewer points.",
         "geo_line_simplify(dynamic({'type': 'LineString', 'coordinates': [[0, 0], [0, 1], [0, 2]]}), 10)",
         '{"type":"LineString","coordinates":[[0,0],[0,2]]}'),
    _row("geo_polygon_area", "polygon: dynamic", "real", "The area of a polygon in square metres.",
         f"geo_polygon_area({_AREA}) > 1e12", "True"),
    _row("geo_polygon_perimeter", "polygon: dynamic", "real", "The length of a polygon's border in metres.",
         f"geo_polygon_perimeter({_AREA}) > 4e6", "True"),
    _row("geo_polygon_centroid", "polygon: dynamic", "dynamic", "The centre of a polygon.",
         f"geo_polygon_centroid({_AREA}).type", "Point"),
    _row("geo_polygon_densify", "polygon: dynamic, tolerance?: real, preserve_crossing?: bool", "dynamic",
         "The polygon with points added, so that straight edges follow the sphere.",
         f"isnull(geo_polygon_densify({_AREA}, 0))", "True"),
    _row("geo_intersects_2lines", "lineString1: dynamic, lineString2: dynamic", "bool", "True if two lines cross.",
         f"geo_intersects_2lines({_LINE}, {_LINE.replace('[0, 0], [0, 1]', '[-1, 0.5], [1, 0.5]')})", "True"),
    _row("geo_intersects_line_with_polygon", "lineString: dynamic, polygon: dynamic", "bool",
         "True if a line meets a polygon.", f"geo_intersects_line_with_polygon({_LINE}, {_AREA})", "True"),
    _row("geo_intersects_2polygons", "polygon1: dynamic, polygon2: dynamic", "bool", "True if two polygons meet.",
         f"geo_intersects_2polygons({_AREA}, {_AREA})", "True"),
    _row("geo_point_to_geohash", f"{_P}, accuracy?: integer", "string", "The geohash of a point.",
         "geo_point_to_geohash(-80.195829, 25.802215, 8)", "dhwfz15h"),
    _row("geo_geohash_to_central_point", "geohash: string", "dynamic", "The centre of a geohash cell.",
         "round(todouble(geo_geohash_to_central_point('sunny').coordinates[0]), 4)", "42.4731"),
    _row("geo_geohash_to_polygon", "geohash: string", "dynamic", "The border of a geohash cell.",
         "tostring(geo_geohash_to_polygon('sunny').type)", "Polygon"),
    _row("geo_geohash_neighbors", "geohash: string", "dynamic", "The cells around a geohash cell.",
         "array_length(geo_geohash_neighbors('sunny'))", "8"),
    _row("geo_point_to_s2cell", f"{_P}, level?: integer", "string", "The S2 cell of a point.",
         "geo_point_to_s2cell(-80.195829, 25.802215, 8)", "88d9b"),
    _row("geo_s2cell_to_central_point", "s2cell: string", "dynamic", "The centre of an S2 cell.",
         "round(todouble(geo_s2cell_to_central_point('1234567').coordinates[0]), 6)", "9.868307"),
    _row("geo_s2cell_to_polygon", "s2cell: string", "dynamic", "The border of an S2 cell.",
         "tostring(geo_s2cell_to_polygon('89c259').type)", "Polygon"),
    _row("geo_s2cell_neighbors", "s2cell: string", "dynamic", "The cells around an S2 cell.",
         "array_length(geo_s2cell_neighbors('89c259'))", "8"),
    _row("geo_from_wkt", "wkt: string", "dynamic", "The GeoJSON of a shape in well-known text.",
         "geo_from_wkt('POINT (1 2)')", '{"type":"Point","coordinates":[1,2]}'),
    _no("geo_union_lines_array", "lineStrings: dynamic", "dynamic", "Several lines as one shape."),
    _no("geo_union_polygons_array", "polygons: dynamic", "dynamic", "Several polygons as one shape."),
    _no("geo_simplify_polygons_array", "polygons: dynamic, tolerance?: real", "dynamic", "Polygons with fewer points."),
    _no("geo_intersection_2lines", "lineString1: dynamic, lineString2: dynamic", "dynamic", "What two lines share."),
    _no("geo_intersection_line_with_polygon", "lineString: dynamic, polygon: dynamic", "dynamic",
        "What a line and a polygon share."),
    _no("geo_intersection_2polygons", "polygon1: dynamic, polygon2: dynamic", "dynamic", "What two polygons share."),
    _no("geo_line_buffer", "lineString: dynamic, radius: real, tolerance?: real", "dynamic", "The area around a line."),
    _no("geo_point_buffer", f"{_P}, radius: real, tolerance?: real", "dynamic", "The area around a point."),
    _no("geo_polygon_buffer", "polygon: dynamic, radius: real, tolerance?: real", "dynamic",
        "The area around a polygon."),
    _no("geo_polygon_simplify", "polygon: dynamic, tolerance?: real", "dynamic", "The polygon with fewer points."),
    _no("geo_line_to_s2cells", "lineString: dynamic, level?: integer, radius?: real", "dynamic",
        "The S2 cells of a line."),
    _no("geo_polygon_to_s2cells", "polygon: dynamic, level?: integer, radius?: real", "dynamic",
        "The S2 cells of a polygon."),
    _row("geo_polygon_to_h3cells", "polygon: dynamic, resolution?: integer", "dynamic", "The H3 cells of a polygon.",
         f"array_length(geo_polygon_to_h3cells({_AREA}, 2))", "18"),
    _row("geo_point_to_h3cell", f"{_P}, resolution?: integer", "string", "The H3 cell of a point.",
         "geo_point_to_h3cell(-74.04450446039874, 40.689250859314974, 6)", "862a1072fffffff"),
    _row("geo_h3cell_to_central_point", "h3cell: string", "dynamic", "The centre of an H3 cell.",
         "round(todouble(geo_h3cell_to_central_point('862a1072fffffff').coordinates[0]), 5)", "-74.01601"),
    _row("geo_h3cell_to_polygon", "h3cell: string", "dynamic", "The border of an H3 cell.",
         "tostring(geo_h3cell_to_polygon('862a1072fffffff').type)", "Polygon"),
    _row("geo_h3cell_neighbors", "h3cell: string", "dynamic", "The cells around an H3 cell.",
         "array_length(geo_h3cell_neighbors('862a1072fffffff'))", "6"),
    _row("geo_h3cell_children", "h3cell: string, resolution?: integer", "dynamic", "The cells within an H3 cell.",
         "array_length(geo_h3cell_children('862a1072fffffff'))", "7"),
    _row("geo_h3cell_parent", "h3cell: string, resolution?: integer", "string", "The cell that holds an H3 cell.",
         "geo_h3cell_parent('862a1072fffffff')", "852a1073fffffff"),
    _row("geo_h3cell_rings", "h3cell: string, distance: integer", "dynamic", "The rings of cells around an H3 cell.",
         "array_length(geo_h3cell_rings('861f8894fffffff', 2)[2])", "12"),
    _row("geo_h3cell_level", "h3cell: string", "int", "The resolution of an H3 cell.",
         "geo_h3cell_level('862a1072fffffff')", "6"),
)  # fmt: skip
