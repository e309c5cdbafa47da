"""Numbers: rounding, powers, angles, bits, distributions, units."""

from __future__ import annotations

from typing import Final

from huntlens.kql.functions import returns
from huntlens.kql.functions.row import Function, special


def _real(name: str, doc: str, example: str, value: str, duckdb: str, spark: str = "", *,
formal: str = "number: number",
          named: bool = True) -> Function:  # fmt: skip
    return Function(
        name, formal, "real", doc, example, value, duckdb, spark or duckdb, category="math",
        result_name="@0" if named else "",
    )  # fmt: skip


def _bits(name: str, doc: str, example: str, value: str, duckdb: str, spark: str = "", *, formal: str = "") -> Function:
    return Function(
        name, formal or "value1: integer, value2: integer", "long", doc, example, value, f"CAST({duckdb} AS BIGINT)",
        f"CAST({spark or duckdb} AS BIGINT)", category="bits", result_name="@0",
    )  # fmt: skip


def _python(name: str, signature: str, doc: str, example: str, value: str, *, named: bool = False) -> Function:
    lower = special("python", name, "real")
    return Function(name, signature, "real", doc, example, value, lower, lower, category="math",
                    result_name="@0" if named else "")  # fmt: skip


def _unit(name: str, doc: str, example: str, value: str) -> Function:
    lower = special("unit", name)
    return Function(name, "value: real, from: string, to: string", "real", doc, example, value, lower, lower,
                    category="units", constant_only=("from", "to"))  # fmt: skip


_N: Final = "CAST({number} AS DOUBLE)"

ROWS: Final = (
    Function("abs", "value: number|timespan", returns.absolute, "The absolute value.", "abs(-5)", "5", "abs({value})",
             "abs({value})", category="math", result_name="@0"),
    Function("round", "number: number, precision?: long", returns.rounded, "The value rounded to a number of digits.",
             "round(2.98765, 3)", "2.988", special("round_"), special("round_"), category="math", result_name="@0"),
    Function("ceiling", "number: number", returns.whole, "The smallest whole number not below the value.",
             "ceiling(1.2)",
             "2.0", {"int": "{number}", "long": "{number}", "*": "ceil({number})"},
             {"int": "{number}", "long": "{number}", "decimal": "ceil({number})",
             "*": "CAST(ceil({number}) AS DOUBLE)"}, category="math", result_name="@0"),
    Function("sign", "number: number", "real", "-1, 0 or 1 as the value is below, at or above zero.", "sign(-42)",
             "-1.0",
             "CAST(sign({number}) AS DOUBLE)", "CAST(sign({number}) AS DOUBLE)", category="math"),
    _real("pow", "The base to the power of the exponent.", "pow(2, 10)", "1024.0",
          "pow(CAST({base} AS DOUBLE), CAST({exponent} AS DOUBLE))", formal="base: number, exponent: number"),
    _real("sqrt", "The square root; null of what is negative.", "sqrt(16)", "4.0",
          f"CASE WHEN {{number}} >= 0 THEN sqrt({_N}) END"),
    _real("exp", "e to the power of the value.", "exp(0)", "1.0", f"exp({_N})"),
    _real("exp2", "2 to the power of the value.", "exp2(3)", "8.0", f"pow(2e0, {_N})"),
    _real("exp10", "10 to the power of the value.", "exp10(3)", "1000.0", f"pow(10e0, {_N})"),
    _real("log", "The natural logarithm; null unless the value is positive.", "log(exp(2))", "2.0",
          f"CASE WHEN {{number}} > 0 THEN ln({_N}) END"),
    _real("log2", "The logarithm to base 2; null unless the value is positive.", "log2(8)", "3.0",
          f"CASE WHEN {{number}} > 0 THEN log2({_N}) END"),
    _real("log10", "The logarithm to base 10; null unless the value is positive.", "log10(1000)", "3.0",
          f"CASE WHEN {{number}} > 0 THEN log10({_N}) END"),
    _real("sin", "The sine of an angle in radians.", "sin(0)", "0.0", f"sin({_N})"),
    _real("cos", "The cosine of an angle in radians.", "cos(0)", "1.0", f"cos({_N})"),
    _real("tan", "The tangent of an angle in radians.", "tan(0)", "0.0", f"tan({_N})"),
    _real("cot", "The cotangent of an angle in radians.", "round(cot(1), 6)", "0.642093", f"1e0 / tan({_N})",
          named=False),
    _real("asin", "The angle with that sine; null outside of -1 to 1.", "asin(1)", "1.5707963267948966",
          f"CASE WHEN abs({_N}) <= 1 THEN asin({_N}) END"),
    _real("acos", "The angle with that cosine; null outside of -1 to 1.", "acos(1)", "0.0",
          f"CASE WHEN abs({_N}) <= 1 THEN acos({_N}) END"),
    _real("atan", "The angle with that tangent.", "atan(1)", "0.7853981633974483", f"atan({_N})"),
    _real("atan2", "The angle of the point (x, y) from the x axis.", "atan2(1, 1)", "0.7853981633974483",
          "atan2(CAST({y} AS DOUBLE), CAST({x} AS DOUBLE))", formal="y: number, x: number"),
    _real("degrees", "The angle in degrees.", "degrees(pi())", "180.0", "degrees(CAST({radians} AS DOUBLE))",
          formal="radians: number", named=False),
    _real("radians", "The angle in radians.", "radians(180)", "3.141592653589793", "radians(CAST({degrees} AS DOUBLE))",
          formal="degrees: number", named=False),
    _real("pi", "The number pi.", "pi()", "3.141592653589793", "pi()", formal="", named=False),
    Function("rand", "number?: integer", "real", "A random number from 0 up to 1, or a whole one below a limit.",
             "rand() < 1.0", "True", {0: "random()", 1: "floor(random() * {number})"},
             {0: "rand()", 1: "floor(rand() * {number})"}, category="math", result_name="@0"),
    _python("gamma", "number: number", "The gamma function.", "gamma(5)", "24.0", named=True),
    _python("loggamma", "number: number", "The logarithm of the gamma function.", "round(loggamma(5), 6)", "3.178054",
            named=True),
    _python("erf", "x: number", "The error function.", "round(erf(0.5), 6)", "0.5205"),
    _python("erfc", "x: number", "The complementary error function.", "erfc(0)", "1.0"),
    _python("beta_cdf", "x: number, alpha: number, beta: number", "The cumulative beta distribution.",
            "round(beta_cdf(0.5, 2, 2), 6)", "0.5"),
    _python("beta_inv", "probability: number, alpha: number, beta: number",
            "The inverse of the cumulative beta distribution.",
            "round(beta_inv(0.5, 2, 2), 6)", "0.5"),
    _python("beta_pdf", "x: number, alpha: number, beta: number", "The density of the beta distribution.",
            "round(beta_pdf(0.5, 2, 2), 6)", "1.5"),
    _python("welch_test",
            "mean1: number, variance1: number, count1: number, mean2: number, variance2: number, count2: number",
            "The p-value of Welch's test that two means are equal.", "round(welch_test(10, 4, 10, 10, 4, 10), 3)",
            "1.0"),
    _bits("binary_and", "Bitwise and.", "binary_and(12, 10)", "8", "{value1} & {value2}"),
    _bits("binary_or", "Bitwise or.", "binary_or(12, 10)", "14", "{value1} | {value2}"),
    _bits("binary_xor", "Bitwise exclusive or.", "binary_xor(12, 10)", "6", "xor({value1}, {value2})",
          "{value1} ^ {value2}"),
    _bits("binary_not", "Bitwise negation.", "binary_not(100)", "-101", "~{value}", formal="value: integer"),
    _bits("binary_shift_left", "The bits moved to the left, by the count modulo 64.", "binary_shift_left(1, 4)", "16",
          "kql_shift_left(CAST({value} AS BIGINT), CAST({shift} AS BIGINT))",
          "shiftleft(CAST({value} AS BIGINT), CAST({shift} % 64 AS INT))", formal="value: integer, shift: integer"),
    _bits("binary_shift_right", "The bits moved to the right, by the count modulo 64.", "binary_shift_right(16, 4)",
          "1",
          "CAST({value} AS BIGINT) >> (({shift} % 64 + 64) % 64)",
          "shiftright(CAST({value} AS BIGINT), CAST({shift} % 64 AS INT))", formal="value: integer, shift: integer"),
    _bits("bitset_count_ones", "The number of bits that are set.", "bitset_count_ones(42)", "3",
          "bit_count(CAST({value} AS BIGINT))", formal="value: integer"),
    Function("format_bytes", "value: number, precision?: long, units?: string", "string",
             "A number of bytes as text, in the unit that fits or the one given.", "format_bytes(20010332, 2)",
             "19.08 MB",
             special("python", "format_bytes", "string"), special("python", "format_bytes", "string"), category="text",
             result_name="@0"),
    _unit("convert_angle", "An angle in another unit.", "round(convert_angle(180, 'Degree', 'Radian'), 6)", "3.141593"),
    _unit("convert_energy", "An energy in another unit.", "convert_energy(1, 'Kilojoule', 'Joule')", "1000.0"),
    _unit("convert_force", "A force in another unit.", "convert_force(1, 'Kilonewton', 'Newton')", "1000.0"),
    _unit("convert_length", "A length in another unit.", "convert_length(1.2, 'Meter', 'Centimeter')", "120.0"),
    _unit("convert_mass", "A mass in another unit.", "convert_mass(1, 'Kilogram', 'Gram')", "1000.0"),
    _unit("convert_speed", "A speed in another unit.",
          "round(convert_speed(36, 'KilometerPerHour', 'MeterPerSecond'), 6)",
          "10.0"),
    _unit("convert_temperature", "A temperature in another unit.",
          "convert_temperature(100, 'DegreeCelsius', 'DegreeFahrenheit')", "212.0"),
    _unit("convert_volume", "A volume in another unit.", "convert_volume(1, 'CubicMeter', 'Liter')", "1000.0"),
)  # fmt: skip
