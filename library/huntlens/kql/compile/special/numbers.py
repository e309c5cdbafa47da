"""Rounding and units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql.compile.literal import MISSING, cast_to, literal
from huntlens.kql.compile.special.convert import to_type

if TYPE_CHECKING:
    from sqlglot import exp

    from huntlens.kql.compile.template import Call

__all__ = ("round_", "unit")


def round_(call: Call) -> exp.Expr:
    """`round(number, precision)`; halves go away from zero."""
    kind = call.type(0)
    node = call.node(0)
    if kind in ("dynamic", "unknown"):
        node = to_type(node, kind, "real", call.target)
    if kind in ("int", "long") and not call.given(1):
        return node
    if not call.given(1):
        return call.sql("round({v})", v=node)
    digits = call.constant(1)
    if kind == "decimal":
        if digits is MISSING:
            call.refuse("the digits of a decimal have to be a constant")
        return call.sql("round({v}, CAST({n} AS INTEGER))", v=node, n=call.node(1))
    if digits is MISSING:
        return call.sql("round({v}, CAST(greatest(least({n}, 400), -400) AS INTEGER))", v=node, n=call.node(1))
    return call.sql("round({v}, CAST({n} AS INTEGER))", v=node, n=call.node(1))


# Each unit as a multiple of the first one of its kind.
_FACTORS: Final[dict[str, dict[str, float]]] = {
    "convert_angle": {
        "Degree": 1, "Radian": 57.29577951308232, "Gradian": 0.9, "Revolution": 360, "Arcminute": 1 / 60,
        "Arcsecond": 1 / 3600, "Milliradian": 0.05729577951308232, "Microradian": 5.729577951308232e-05,
        "Nanoradian": 5.729577951308232e-08, "Centiradian": 0.5729577951308232, "Deciradian": 5.729577951308232,
        "Microdegree": 1e-6, "Millidegree": 1e-3, "Nanodegree": 1e-9, "Tilt": 57.29577951308232,
    },
    "convert_energy": {
        "Joule": 1, "Kilojoule": 1e3, "Megajoule": 1e6, "Gigajoule": 1e9, "Terajoule": 1e12, "Petajoule": 1e15,
        "Millijoule": 1e-3, "Calorie": 4.184, "Kilocalorie": 4184, "Megacalorie": 4.184e6, "WattHour": 3600,
        "KilowattHour": 3.6e6, "MegawattHour": 3.6e9, "GigawattHour": 3.6e12, "TerawattHour": 3.6e15,
        "WattDay": 86400, "KilowattDay": 8.64e7, "MegawattDay": 8.64e10, "BritishThermalUnit": 1055.05585262,
        "KilobritishThermalUnit": 1055055.85262, "MegabritishThermalUnit": 1055055852.62,
        "ElectronVolt": 1.602176565e-19,
        "KiloelectronVolt": 1.602176565e-16, "MegaelectronVolt": 1.602176565e-13, "Erg": 1e-7,
        "FootPound": 1.355817948, "HorsepowerHour": 2.6845195377e6, "ThermUs": 1.054804e8, "ThermEc": 1.05505585262e8,
        "ThermImperial": 1.05505585257348e8,
    },
    "convert_force": {
        "Newton": 1, "Kilonewton": 1e3, "Meganewton": 1e6, "Micronewton": 1e-6, "Millinewton": 1e-3, "Decanewton": 10,
        "Dyn": 1e-5, "KilogramForce": 9.80665, "KiloPond": 9.80665, "KilopoundForce": 4448.2216152605,
        "PoundForce": 4.4482216152605, "OunceForce": 0.2780138509537812, "Poundal": 0.138254954376,
        "ShortTonForce": 8896.443230521, "TonneForce": 9806.65,
    },
    "convert_length": {
        "Meter": 1, "Kilometer": 1e3, "Hectometer": 100, "Decimeter": 0.1, "Centimeter": 0.01, "Millimeter": 1e-3,
        "Micrometer": 1e-6, "Nanometer": 1e-9, "Angstrom": 1e-10, "Inch": 0.0254, "Foot": 0.3048, "Yard": 0.9144,
        "Mile": 1609.344, "NauticalMile": 1852, "Fathom": 1.8288, "Chain": 20.1168, "Hand": 0.1016, "Mil": 2.54e-5,
        "AstronomicalUnit": 1.495978707e11, "LightYear": 9.4607304725808e15, "Parsec": 3.085677581491367e16,
        "Kilofoot": 304.8, "Microinch": 2.54e-8, "UsSurveyFoot": 1200 / 3937, "Shackle": 27.432, "DataMile": 1828.8,
    },
    "convert_mass": {
        "Kilogram": 1, "Gram": 1e-3, "Hectogram": 0.1, "Decagram": 0.01, "Decigram": 1e-4, "Centigram": 1e-5,
        "Milligram": 1e-6, "Microgram": 1e-9, "Nanogram": 1e-12, "Tonne": 1e3, "Kilotonne": 1e6, "Megatonne": 1e9,
        "Pound": 0.45359237, "Kilopound": 453.59237, "Megapound": 453592.37, "Ounce": 0.028349523125,
        "Stone": 6.35029318, "Slug": 14.59390294, "Grain": 6.479891e-5, "ShortTon": 907.18474, "LongTon": 1016.0469088,
        "ShortHundredweight": 45.359237, "LongHundredweight": 50.80234544, "SolarMass": 1.98947e30,
        "EarthMass": 5.9722e24,
    },
    "convert_speed": {
        "MeterPerSecond": 1, "KilometerPerSecond": 1e3, "CentimeterPerSecond": 0.01, "MillimeterPerSecond": 1e-3,
        "MicrometerPerSecond": 1e-6, "NanometerPerSecond": 1e-9, "DecimeterPerSecond": 0.1,
        "MeterPerHour": 1 / 3600, "MeterPerMinute": 1 / 60, "KilometerPerHour": 1 / 3.6,
        "KilometerPerMinute": 1000 / 60,
        "CentimeterPerHour": 0.01 / 3600, "CentimeterPerMinute": 0.01 / 60, "MillimeterPerHour": 1e-3 / 3600,
        "MillimeterPerMinute": 1e-3 / 60, "FootPerSecond": 0.3048, "FootPerMinute": 0.3048 / 60,
        "FootPerHour": 0.3048 / 3600, "InchPerSecond": 0.0254, "InchPerMinute": 0.0254 / 60,
        "InchPerHour": 0.0254 / 3600, "YardPerSecond": 0.9144, "YardPerMinute": 0.9144 / 60,
        "YardPerHour": 0.9144 / 3600, "MilePerHour": 0.44704, "Knot": 1852 / 3600,
    },
    "convert_volume": {
        "CubicMeter": 1, "CubicKilometer": 1e9, "CubicHectometer": 1e6, "CubicDecimeter": 1e-3, "CubicCentimeter": 1e-6,
        "CubicMillimeter": 1e-9, "CubicMicrometer": 1e-18, "Liter": 1e-3, "Kiloliter": 1, "Megaliter": 1e3,
        "Hectoliter": 0.1, "Deciliter": 1e-4, "Centiliter": 1e-5, "Milliliter": 1e-6, "Microliter": 1e-9,
        "CubicInch": 1.6387064e-5, "CubicFoot": 0.028316846592, "CubicYard": 0.764554857984,
        "CubicMile": 4.168181825440579584e9,
        "UsGallon": 0.003785411784, "UsQuart": 0.000946352946, "UsPint": 0.000473176473, "UsOunce": 2.95735295625e-5,
        "UsTablespoon": 1.478676478125e-5, "UsTeaspoon": 4.92892159375e-6, "UsLegalCup": 2.4e-4,
        "UsCustomaryCup": 2.365882365e-4, "ImperialGallon": 0.00454609, "ImperialOunce": 2.84130625e-5,
        "ImperialBeerBarrel": 0.16365924, "UsBeerBarrel": 0.117347765304, "OilBarrel": 0.158987294928,
        "MetricCup": 2.5e-4, "MetricTeaspoon": 5e-6,
    },
}  # fmt: skip
# Temperatures as a multiple and a shift to kelvin.
_TEMPERATURES: Final[dict[str, tuple[float, float]]] = {
    "Kelvin": (1, 0), "DegreeCelsius": (1, 273.15), "DegreeFahrenheit": (5 / 9, 459.67 * 5 / 9),
    "DegreeRankine": (5 / 9, 0),
    "DegreeReaumur": (1.25, 273.15), "DegreeDelisle": (-2 / 3, 373.15), "DegreeNewton": (100 / 33, 273.15),
    "DegreeRoemer": (40 / 21, 273.15 - 7.5 * 40 / 21), "MillidegreeCelsius": (1e-3, 273.15),
    "SolarTemperature": (5778, 0),
}  # fmt: skip


def unit(call: Call) -> exp.Expr:
    """`convert_length(value, from, to)` and its kin, for constant units; null for a unit that is none."""
    kind = call.options[0]
    before, after = call.constant(1), call.constant(2)
    if not isinstance(before, str) or not isinstance(after, str):
        call.refuse("the units have to be constants")
    value = to_type(call.node(0), call.type(0), "real", call.target)
    if kind == "convert_temperature":
        if before not in _TEMPERATURES or after not in _TEMPERATURES:
            return literal(None, "real", call.target)
        (scale, shift), (other_scale, other_shift) = _TEMPERATURES[before], _TEMPERATURES[after]
        ratio, offset = scale / other_scale, (shift - other_shift) / other_scale
        return call.sql("round({v} * {r} + {o}, 12)", v=value, r=literal(ratio, "real"), o=literal(offset, "real"))
    factors = _FACTORS[kind]
    if before not in factors or after not in factors:
        return literal(None, "real", call.target)
    return call.sql(
        "{v} * {r}", v=cast_to(value, "real", call.target), r=literal(factors[before] / factors[after], "real")
    )
