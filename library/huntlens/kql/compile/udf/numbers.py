"""Special functions of numbers, and numbers as texts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from huntlens.kql.compile.udf import Udf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_UNITS: Final = ("Bytes", "KB", "MB", "GB", "TB", "PB", "EB")


def format_bytes(value: float, precision: int = 0, unit: str = "") -> str:
    size = float(value)
    power = _UNITS.index(unit) if unit in _UNITS else 0
    if not unit:
        while abs(size) / 1024**power >= 1024 and power < len(_UNITS) - 1:
            power += 1
    digits = min(max(int(precision or 0), 0), 15)
    text = f"{round(size / 1024**power, digits):.{digits}f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} {_UNITS[power]}"


def gamma(value: float) -> float | None:
    if value > 171 or (value <= 0 and value == int(value)):
        return math.inf if value > 171 else math.nan
    return math.gamma(value)


def loggamma(value: float) -> float:
    return math.lgamma(value)


def beta_cdf(x: float, alpha: float, beta: float) -> float:
    """The regularised incomplete beta function, by its continued fraction."""
    if alpha <= 0 or beta <= 0:
        return math.nan
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    front = math.exp(
        math.lgamma(alpha + beta) - math.lgamma(alpha) - math.lgamma(beta) + alpha * math.log(x) + beta * math.log1p(-x)
    )
    if x < (alpha + 1) / (alpha + beta + 2):
        return front * _fraction(x, alpha, beta) / alpha
    return 1 - front * _fraction(1 - x, beta, alpha) / beta


def _fraction(x: float, a: float, b: float) -> float:
    tiny = 1e-300
    c, d = 1.0, 1 / max(1 - (a + b) * x / (a + 1), tiny)
    result = d
    for m in range(1, 300):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d, c = 1 / ((1 + even * d) or tiny), (1 + even / c) or tiny
        result *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d, c = 1 / ((1 + odd * d) or tiny), (1 + odd / c) or tiny
        result *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return result


def beta_inv(probability: float, alpha: float, beta: float) -> float | None:
    if alpha <= 0 or beta <= 0:
        return math.nan
    if not 0 <= probability <= 1:
        return None
    low, high = 0.0, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        if beta_cdf(middle, alpha, beta) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def beta_pdf(x: float, alpha: float, beta: float) -> float | None:
    if alpha <= 0 or beta <= 0:
        return math.nan
    if not 0 <= x <= 1:
        return 0.0
    if x in (0, 1):
        return 0.0 if (alpha if x == 0 else beta) > 1 else math.inf
    scale = math.lgamma(alpha + beta) - math.lgamma(alpha) - math.lgamma(beta)
    return math.exp(scale + (alpha - 1) * math.log(x) + (beta - 1) * math.log1p(-x))


def welch_test(
    mean1: float, variance1: float, count1: float, mean2: float, variance2: float, count2: float
) -> float | None:
    share1, share2 = variance1 / count1, variance2 / count2
    if share1 + share2 == 0:
        return None
    t = (mean1 - mean2) / math.sqrt(share1 + share2)
    freedom = (share1 + share2) ** 2 / (share1**2 / (count1 - 1) + share2**2 / (count2 - 1))
    return beta_cdf(freedom / (freedom + t * t), freedom / 2, 0.5)


def shift_left(value: int | None, shift: int | None) -> int | None:
    if value is None or shift is None:
        return None
    moved = (value << shift % 64) & (2**64 - 1)
    return moved - 2**64 if moved >= 2**63 else moved


DIRECT: Final = (Udf("kql_shift_left", ("BIGINT", "BIGINT"), "BIGINT", shift_left),)
PACKED: Final[Mapping[str, tuple[str, Callable[..., object]]]] = {
    "format_bytes": ("string", format_bytes),
    "gamma": ("real", gamma),
    "loggamma": ("real", loggamma),
    "erf": ("real", math.erf),
    "erfc": ("real", math.erfc),
    "beta_cdf": ("real", beta_cdf),
    "beta_inv": ("real", beta_inv),
    "beta_pdf": ("real", beta_pdf),
    "welch_test": ("real", welch_test),
}
