"""Series as numpy arrays; null is NaN inside, and null again outside.

Kusto says of `series_decompose` and its kin what they do, not every number: season and period are found here by
autocorrelation, so that scores may differ in their decimals.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Series = list[Any]
Floats = NDArray[np.float64]


def _floats(series: object) -> Floats:
    if not isinstance(series, list) or not series:
        raise TypeError("no series")
    return np.array([math.nan if item is None or isinstance(item, str) else float(item) for item in series])


def _out(values: Floats) -> Series:
    return [None if math.isnan(value) else value for value in values.tolist()]


def _pair(first: Any, second: Any) -> tuple[Floats, Floats]:
    """Two series of one length; a number stands for a series of it, and what is neither raises TypeError."""
    if not isinstance(first, list) and not isinstance(second, list):
        return np.array([float(first)]), np.array([float(second)])
    left = _floats(first) if isinstance(first, list) else np.full(len(second), float(first))
    right = _floats(second) if isinstance(second, list) else np.full(len(left), float(second))
    size = max(len(left), len(right))
    padded = [np.concatenate([side, np.full(size - len(side), math.nan)]) for side in (left, right)]
    return padded[0], padded[1]


def _two(operation: Callable[[Floats, Floats], Floats]) -> Callable[[object, object], Series]:
    def applied(first: object, second: object) -> Series:
        left, right = _pair(first, second)
        return _out(operation(left, right))

    return applied


def _compared(operation: Callable[[Floats, Floats], NDArray[np.bool_]]) -> Callable[[object, object], Series]:
    def applied(first: object, second: object) -> Series:
        left, right = _pair(first, second)
        missing = np.isnan(left) | np.isnan(right)
        found = operation(left, right)
        return [None if gone else bool(value) for gone, value in zip(missing.tolist(), found.tolist(), strict=True)]

    return applied


def _one(operation: Callable[[Floats], Floats]) -> Callable[[object], Series]:
    def applied(series: object) -> Series:
        return _out(operation(_floats(series)))

    return applied


def series_sum(series: Series) -> float:
    return float(np.nansum(_floats(series)))


def series_product(series: Series) -> float:
    return float(np.nanprod(_floats(series)))


def series_magnitude(series: Series) -> float:
    return float(np.sqrt(np.nansum(_floats(series) ** 2)))


def series_dot_product(first: object, second: object) -> float:
    left, right = _pair(first, second)
    return float(np.nansum(left * right))


def series_cosine_similarity(
    first: Series, second: Series, size1: float | None = None, size2: float | None = None
) -> float | None:
    left, right = _pair(first, second)
    sizes = (size1 or float(np.linalg.norm(left))) * (size2 or float(np.linalg.norm(right)))
    return float(np.dot(left, right)) / sizes if sizes else None


def series_pearson_correlation(first: Series, second: Series) -> float | None:
    left, right = _pair(first, second)
    if np.std(left) == 0 or np.std(right) == 0:
        return None
    return round(float(np.corrcoef(left, right)[0, 1]), 15)


def series_stats(series: Series, ignore: object = None) -> Series | None:
    values = _floats(series)
    kept = values[np.isfinite(values)] if ignore or np.isnan(values).any() else values
    if not len(kept):
        return None
    low, high = float(kept.min()), float(kept.max())
    spread = float(np.var(kept, ddof=1)) if len(kept) > 1 else 0.0
    places = [int(np.nonzero(values == edge)[0][0]) for edge in (low, high)]
    return [low, places[0], high, places[1], float(kept.mean()), math.sqrt(spread), spread]


def series_stats_dynamic(series: Series, ignore: object = None) -> dict[str, Any] | None:
    found = series_stats(series, ignore)
    return (
        None
        if found is None
        else dict(zip(("min", "min_idx", "max", "max_idx", "avg", "stdev", "variance"), found, strict=True))
    )


def _is_gap(value: object, placeholder: object) -> bool:
    return value is None or (placeholder is not None and value == placeholder)


def series_fill_forward(series: Series, placeholder: object = None) -> Series:
    made: Series = []
    for value in series:
        made.append(made[-1] if _is_gap(value, placeholder) and made else value)
    return made


def series_fill_backward(series: Series, placeholder: object = None) -> Series:
    return series_fill_forward(series[::-1], placeholder)[::-1]


def series_fill_const(series: Series, constant: object, placeholder: object = None) -> Series:
    return [constant if _is_gap(value, placeholder) else value for value in series]


def series_fill_linear(
    series: Series, placeholder: object = None, edges: object = None, constant: float | None = 0
) -> Series:
    known = [index for index, value in enumerate(series) if not _is_gap(value, placeholder)]
    if not known:
        return [constant] * len(series)
    whole = all(isinstance(series[index], int) for index in known)
    filled = np.interp(range(len(series)), known, [float(series[index]) for index in known])
    made: Series = []
    for index, value in enumerate(filled.tolist()):
        if index in known or (edges is False and not known[0] <= index <= known[-1]):
            made.append(series[index])
        else:
            made.append(int(value) if whole else value)
    return made


def series_fir(series: Series, taps: Series, normalize: object = None, center: object = None) -> Series:
    values, weights = np.nan_to_num(_floats(series)), _floats(taps)
    if normalize is None:
        normalize = bool((weights >= 0).all())
    if normalize and weights.sum():
        weights = weights / weights.sum()
    shift = (len(weights) - 1) // 2 if center else 0
    return [float(value) for value in np.convolve(values, weights)[shift : shift + len(values)]]


def series_iir(series: Series, numerators: Series, denominators: Series) -> Series:
    values, b, a = np.nan_to_num(_floats(series)), _floats(numerators), _floats(denominators)
    made: list[float] = []
    for index in range(len(values)):
        total = sum(b[k] * values[index - k] for k in range(len(b)) if index >= k)
        total -= sum(a[k] * made[index - k] for k in range(1, len(a)) if index >= k)
        made.append(float(total / a[0]))
    return made


def _line(values: Floats) -> tuple[float, float, float, float, float, Floats]:
    """Fit, slope, variance, variance of the rest, start, and the line."""
    places = np.arange(len(values), dtype=float)
    slope, start = np.polyfit(places, values, 1) if len(values) > 1 else (0.0, float(values[0]))
    line = slope * places + start
    variance, rest = float(np.var(values)), float(np.var(values - line))
    fit = 1 - rest / variance if variance else 1.0
    return fit, float(slope), variance, rest, float(start), line


def series_fit_line(series: Series) -> Series:
    *numbers, line = _line(_filled(series))
    return [*numbers, _out(line)]


_LINE: Final = ("rsquare", "slope", "variance", "rvariance", "interception", "line_fit")


def series_fit_line_dynamic(series: Series) -> dict[str, Any]:
    return dict(zip(_LINE, series_fit_line(series), strict=True))


def _filled(series: Series) -> Floats:
    return _floats([0 if value is None else value for value in series_fill_linear(series)])


def series_fit_2lines(series: Series) -> Series:
    values = _filled(series)
    best: tuple[float, int] | None = None
    for split in range(1, len(values)):
        rest = _line(values[:split])[3] * split + _line(values[split:])[3] * (len(values) - split)
        if best is None or rest < best[0] - 1e-12:
            best = (rest, split)
    assert best is not None
    left, right = _line(values[: best[1]]), _line(values[best[1] :])
    variance, rest = float(np.var(values)), best[0] / len(values)
    fit = 1 - rest / variance if variance else 1.0
    line = np.concatenate([left[5], right[5]])
    sides = [[side[0], side[1], side[4], side[2], side[3]] for side in (right, left)]
    return [fit, best[1], variance, rest, _out(line), *sides[0], *sides[1]]


def series_fit_2lines_dynamic(series: Series) -> dict[str, Any]:
    found = series_fit_2lines(series)
    side = ("rsquare", "slope", "interception", "variance", "rvariance")
    return {
        **dict(zip(("rsquare", "split_idx", "variance", "rvariance", "line_fit"), found[:5], strict=True)),
        "right": dict(zip(side, found[5:10], strict=True)), "left": dict(zip(side, found[10:], strict=True)),
    }  # fmt: skip


def series_fit_poly(series: Series, places: Series | int | None = None, degree: int = 2) -> Series:
    values = _filled(series)
    if isinstance(places, int):
        degree = places
    x = _moments(places) if isinstance(places, list) else np.arange(len(values), dtype=float)
    factors = np.polyfit(x, values, degree)
    line = np.polyval(factors, x)
    variance, rest = float(np.var(values)), float(np.var(values - line))
    return [1 - rest / variance if variance else 1.0, _out(factors[::-1]), variance, rest, _out(line)]


def _moments(places: Series) -> Floats:
    return (
        _floats(places) if not any(isinstance(place, str) for place in places) else np.arange(len(places), dtype=float)
    )


def _transformed(series: Series, imaginary: Series | None, *, back: bool) -> Series:
    values = _floats(series) + 1j * (_floats(imaginary) if imaginary else 0)
    made = np.fft.ifft(values) if back else np.fft.fft(values)
    return [[float(value) + 0.0 for value in part] for part in (made.real, made.imag)]


def series_fft(series: Series, imaginary: Series | None = None) -> Series:
    return _transformed(series, imaginary, back=False)


def series_ifft(series: Series, imaginary: Series | None = None) -> Series:
    return _transformed(series, imaginary, back=True)


# --- seasons and outliers ---------------------------------------------------------------------------------------


def _scores(values: Floats, kind: str, low: float, high: float, tests: int) -> Floats:
    """How many ranges a value lies outside of the middle one; 0 within."""
    if kind == "tukey":
        low, high = 25, 75
    training = values[: len(values) - tests] if tests else values
    training = training[np.isfinite(training)]
    if not len(training):
        return np.zeros(len(values))
    bottom, top = np.percentile(training, [low, high])
    width = (top - bottom) or 1e-9
    above, below = (values - top) / width, (values - bottom) / width
    return np.where(values > top, above, np.where(values < bottom, below, 0.0))


def series_outliers(
    series: Series, kind: str = "ctukey", ignore: float | None = None, low: float = 10, high: float = 90, tests: int = 0
) -> Series:
    values = _floats([None if ignore is not None and ignore != 0 and value == ignore else value for value in series])
    return [float(score) for score in np.nan_to_num(_scores(values, kind, low, high, tests))]


def _autocorrelation(values: Floats) -> Floats:
    centred = values - values.mean()
    full = np.correlate(centred, centred, "full")[len(values) - 1 :]
    pairs = np.arange(len(values), 0, -1)
    power = full[0] / len(values)
    return full / pairs / power if power else np.zeros(len(values))


def _score(found: Floats, period: float) -> float:
    place = round(period)
    return max(float(found[place]), 0.0) if 0 < place < len(found) else 0.0


def series_periods_detect(series: Series, low: float, high: float, count: int) -> Series:
    found = _autocorrelation(_filled(series))
    last = min(int(high), len(found) // 2)
    peaks = [
        (float(found[place]), place)
        for place in range(max(int(low), 2), last + 1)
        if found[place] >= found[place - 1]
        and (place + 1 >= len(found) or found[place] >= found[place + 1])
        and found[place] > 0.1
    ]
    chosen: list[tuple[float, int]] = []
    for score, place in sorted(peaks, key=lambda peak: (-round(peak[0], 2), peak[1])):
        if len(chosen) < count and not any(place % other == 0 for _, other in chosen):
            chosen.append((score, place))
    return [[float(place) for _, place in chosen], [round(min(score, 1.0), 6) for score, _ in chosen]]


def series_periods_validate(series: Series, *periods: float) -> Series:
    found = _autocorrelation(_filled(series))
    return [[float(period) for period in periods], [round(min(_score(found, period), 1.0), 6) for period in periods]]


def _period(values: Floats, wanted: int | None) -> int:
    if wanted is not None and wanted >= 0:
        return int(wanted)
    found = series_periods_detect(values.tolist(), 2, len(values) / 2, 1)[0]
    return int(found[0]) if found else 0


def series_seasonal(series: Series, period: int | None = None, tests: int = 0) -> Series:
    values = _filled(series)
    size = _period(values[: len(values) - tests] if tests else values, period)
    return _out(_season(values, size, tests)) if size > 1 else [0.0] * len(values)


def _season(values: Floats, period: int, tests: int) -> Floats:
    training = values[: len(values) - tests] if tests else values
    means = np.array([np.median(training[phase::period]) if phase < len(training) else 0.0 for phase in range(period)])
    return means[np.arange(len(values)) % period]


def _decomposed(series: Series, period: int | None, trend: str, tests: int) -> tuple[Floats, Floats, Floats, Floats]:
    values = _filled(series)
    training = values[: len(values) - tests] if tests else values
    if not len(training):
        raise ValueError("nothing to learn from")
    places = np.arange(len(values), dtype=float)
    size = _period(training, period)
    size = size if 1 < size <= len(training) / 2 else 1
    phases = np.arange(len(values)) % size
    if trend == "linefit":
        # Slope and phases at once, so that a season is not taken for a slope.
        known = np.column_stack([places, *(phases == phase for phase in range(size))])
        slope, *levels = np.linalg.lstsq(known[: len(training)], training)[0].round(10).tolist()
    else:
        slope, levels = 0.0, [training[phase::size].mean() for phase in range(size)]
    means = np.array(levels)
    level = means.mean() if trend != "none" or size > 1 else 0.0
    line = slope * places + (level if trend != "none" else 0.0)
    season = (means - (level if trend != "none" else 0.0))[phases] if size > 1 else np.zeros(len(values))
    baseline = season + line
    return baseline, season, line, values - baseline


def series_decompose(
    series: Series, period: int = -1, trend: str = "avg", tests: int = 0, _threshold: float = 0.6
) -> Series:
    return [_out(part) for part in _decomposed(series, period, trend, tests)]


def series_decompose_forecast(
    series: Series, points: int, period: int = -1, trend: str = "linefit", _threshold: float = 0.6
) -> Series:
    return [_out(part) for part in _decomposed(series, period, trend, points)]


def series_decompose_anomalies(
    series: Series, threshold: float = 1.5, period: int = -1, trend: str = "avg", tests: int = 0,
    method: str = "ctukey",
    _seasonality: float = 0.6,
) -> Series:  # fmt: skip
    baseline, _, _, rest = _decomposed(series, period, trend, tests)
    scores = _scores(rest, method, 10, 90, tests)
    flags = [1 if score > threshold else -1 if score < -threshold else 0 for score in scores.tolist()]
    return [flags, _out(scores), _out(baseline)]


_FUNCTIONS: Final[Mapping[str, tuple[str, Callable[..., object]]]] = {
    "series_add": ("dynamic", _two(np.add)),
    "series_subtract": ("dynamic", _two(np.subtract)),
    "series_multiply": ("dynamic", _two(np.multiply)),
    "series_divide": ("dynamic", _two(np.divide)),
    "series_pow": ("dynamic", _two(np.power)),
    "series_greater": ("dynamic", _compared(np.greater)),
    "series_greater_equals": ("dynamic", _compared(np.greater_equal)),
    "series_less": ("dynamic", _compared(np.less)),
    "series_less_equals": ("dynamic", _compared(np.less_equal)),
    "series_equals": ("dynamic", _compared(np.equal)),
    "series_not_equals": ("dynamic", _compared(np.not_equal)),
    "series_exp": ("dynamic", _one(np.exp)),
    "series_sign": ("dynamic", _one(np.sign)),
    "series_abs": ("dynamic", _one(np.abs)),
    "series_sin": ("dynamic", _one(np.sin)),
    "series_asin": ("dynamic", _one(np.arcsin)),
    "series_cos": ("dynamic", _one(np.cos)),
    "series_acos": ("dynamic", _one(np.arccos)),
    "series_tan": ("dynamic", _one(np.tan)),
    "series_atan": ("dynamic", _one(np.arctan)),
    "series_log": ("dynamic", _one(np.log)),
    "series_floor": ("dynamic", _one(np.floor)),
    "series_ceiling": ("dynamic", _one(np.ceil)),
    "series_sum": ("real", series_sum),
    "series_product": ("real", series_product),
    "series_magnitude": ("real", series_magnitude),
    "series_dot_product": ("real", series_dot_product),
    "series_cosine_similarity": ("real", series_cosine_similarity),
    "series_pearson_correlation": ("real", series_pearson_correlation),
    "series_stats": ("dynamic", series_stats),
    "series_stats_dynamic": ("dynamic", series_stats_dynamic),
    "series_fill_forward": ("dynamic", series_fill_forward),
    "series_fill_backward": ("dynamic", series_fill_backward),
    "series_fill_const": ("dynamic", series_fill_const),
    "series_fill_linear": ("dynamic", series_fill_linear),
    "series_fir": ("dynamic", series_fir),
    "series_iir": ("dynamic", series_iir),
    "series_fit_line": ("dynamic", series_fit_line),
    "series_fit_line_dynamic": ("dynamic", series_fit_line_dynamic),
    "series_fit_2lines": ("dynamic", series_fit_2lines),
    "series_fit_2lines_dynamic": ("dynamic", series_fit_2lines_dynamic),
    "series_fit_poly": ("dynamic", series_fit_poly),
    "series_fft": ("dynamic", series_fft),
    "series_ifft": ("dynamic", series_ifft),
    "series_outliers": ("dynamic", series_outliers),
    "series_periods_detect": ("dynamic", series_periods_detect),
    "series_periods_validate": ("dynamic", series_periods_validate),
    "series_seasonal": ("dynamic", series_seasonal),
    "series_decompose": ("dynamic", series_decompose),
    "series_decompose_forecast": ("dynamic", series_decompose_forecast),
    "series_decompose_anomalies": ("dynamic", series_decompose_anomalies),
}

PACKED: Final = {
    name: (returns, np.errstate(all="ignore")(function)) for name, (returns, function) in _FUNCTIONS.items()
}
"""As a query runs them: infinities and what is not a number are answers, nothing to warn of."""
