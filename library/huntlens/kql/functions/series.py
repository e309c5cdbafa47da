"""Series: arrays of numbers as `make-series` gives them; all of this runs in Python over numpy."""

from __future__ import annotations

from typing import Final

from huntlens.kql.functions.row import Function, special


def _row(
    name: str, signature: str, returns: str, doc: str, example: str, value: str, *, prefix: str = "",
    columns: tuple[tuple[str, str], ...] = (),
) -> Function:  # fmt: skip
    lower = special("python", name, returns)
    return Function(
        name, signature, returns, doc, example, value, lower, lower, category="series", result_name=prefix,
        columns=columns,
    )  # fmt: skip


def _two(name: str, doc: str, value: str) -> Function:
    return _row(name, "series1: dynamic|number, series2: dynamic|number", "dynamic", doc,
                f"{name}(dynamic([1, 2, 4]), dynamic([4, 2, 1]))", value)  # fmt: skip


def _one(name: str, doc: str, series: str, value: str) -> Function:
    return _row(name, "series: dynamic", "dynamic", doc, f"{name}(dynamic({series}))", value)


def _columns(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, kind) for name, _, kind in (part.partition(":") for part in text.split()))


_S: Final = "series: dynamic"
_LINE: Final = "rsquare:real slope:real variance:real rvariance:real interception:real line_fit:dynamic"
_LINES: Final = (
    "rsquare:real split_idx:long variance:real rvariance:real line_fit:dynamic right_rsquare:real right_slope:real "
    "right_interception:real right_variance:real right_rvariance:real left_rsquare:real left_slope:real "
    "left_interception:real left_variance:real left_rvariance:real"
)
_PARTS: Final = "baseline:dynamic seasonal:dynamic trend:dynamic residual:dynamic"
_STATS: Final = "min:real min_idx:long max:real max_idx:long avg:real stdev:real variance:real"

ROWS: Final = (
    _two("series_add", "The sums, item by item.", "[5.0,4.0,5.0]"),
    _two("series_subtract", "The differences, item by item.", "[-3.0,0.0,3.0]"),
    _two("series_multiply", "The products, item by item.", "[4.0,4.0,4.0]"),
    _two("series_divide", "The quotients, item by item.", "[0.25,1.0,4.0]"),
    _two("series_pow", "The powers, item by item.", "[1.0,4.0,4.0]"),
    _two("series_greater", "Whether the first is greater, item by item.", "[false,false,true]"),
    _two("series_greater_equals", "Whether the first is greater or equal, item by item.", "[false,true,true]"),
    _two("series_less", "Whether the first is smaller, item by item.", "[true,false,false]"),
    _two("series_less_equals", "Whether the first is smaller or equal, item by item.", "[true,true,false]"),
    _two("series_equals", "Whether both are equal, item by item.", "[false,true,false]"),
    _two("series_not_equals", "Whether both differ, item by item.", "[true,false,true]"),
    _one("series_exp", "e to the power of each item.", "[0]", "[1.0]"),
    _one("series_sign", "The sign of each item.", "[-6, 0, 8]", "[-1.0,0.0,1.0]"),
    _one("series_abs", "The absolute value of each item.", "[-6.5, 0, 8.2]", "[6.5,0.0,8.2]"),
    _one("series_sin", "The sine of each item.", "[0]", "[0.0]"),
    _one("series_asin", "The angle with the sine of each item.", "[0, 1]", "[0.0,1.5707963267948966]"),
    _one("series_cos", "The cosine of each item.", "[0]", "[1.0]"),
    _one("series_acos", "The angle with the cosine of each item.", "[1]", "[0.0]"),
    _one("series_tan", "The tangent of each item.", "[0]", "[0.0]"),
    _one("series_atan", "The angle with the tangent of each item.", "[0, 1]", "[0.0,0.7853981633974483]"),
    _one("series_log", "The natural logarithm of each item.", "[1]", "[0.0]"),
    _one("series_floor", "Each item rounded down.", "[-1.5, 2.5]", "[-2.0,2.0]"),
    _one("series_ceiling", "Each item rounded up.", "[-1.5, 2.5]", "[-1.0,3.0]"),
    _row("series_sum", _S, "real", "The sum of the items.", "series_sum(dynamic([1, 2, 3]))", "6.0"),
    _row("series_product", _S, "real", "The product of the items.", "series_product(dynamic([1, 2, 4]))", "8.0"),
    _row("series_magnitude", _S, "real", "The length of the series as a vector.", "series_magnitude(dynamic([3, 4]))",
         "5.0"),
    _row("series_dot_product", "series1: dynamic|number, series2: dynamic|number", "real",
         "The dot product of two series.", "series_dot_product(dynamic([1, 2]), dynamic([3, 4]))", "11.0"),
    _row("series_cosine_similarity", "series1: dynamic, series2: dynamic, magnitude1?: real, magnitude2?: real", "real",
         "The cosine of the angle between two series.", "series_cosine_similarity(dynamic([0, 1]), dynamic([0, 2]))",
         "1.0"),
    _row("series_pearson_correlation", "series1: dynamic, series2: dynamic", "real", "The correlation of two series.",
         "series_pearson_correlation(dynamic([1, 2, 3]), dynamic([2, 4, 6]))", "1.0"),
    _row("series_stats", f"{_S}, ignore_nonfinite?: bool", "dynamic",
         "Smallest, greatest and mean value of a series, their places, its spread.",
         "series_stats(dynamic([1, 3, 2]))[2]", "3.0", columns=_columns(_STATS)),
    _row("series_stats_dynamic", f"{_S}, ignore_nonfinite?: bool", "dynamic",
         "Smallest, greatest and mean value of a series, their places, its spread, as a bag.",
         "series_stats_dynamic(dynamic([1, 3, 2])).avg", "2.0"),
    _row("series_fill_backward", f"{_S}, missing_value_placeholder?: scalar", "dynamic",
         "The series with gaps filled from the next item.", "series_fill_backward(dynamic([null, 2, null]))",
         "[2,2,null]",
         prefix="@0"),
    _row("series_fill_forward", f"{_S}, missing_value_placeholder?: scalar", "dynamic",
         "The series with gaps filled from the item before.", "series_fill_forward(dynamic([null, 2, null]))",
         "[null,2,2]", prefix="@0"),
    _row("series_fill_const", f"{_S}, constant_value: number, missing_value_placeholder?: scalar", "dynamic",
         "The series with gaps filled by a constant.", "series_fill_const(dynamic([null, 2]), 0)", "[0,2]",
         prefix="@0"),
    _row("series_fill_linear",
         f"{_S}, missing_value_placeholder?: scalar, fill_edges?: bool, constant_value?: scalar", "dynamic",
         "The series with gaps filled along straight lines.", "series_fill_linear(dynamic([1.0, null, 3.0]))",
         "[1.0,2.0,3.0]", prefix="@0"),
    _row("series_fir", f"{_S}, filter: dynamic, normalize?: bool, center?: bool", "dynamic",
         "The series through a finite impulse response filter.",
         "series_fir(dynamic([1, 2, 3]), dynamic([1, 1]), false)",
         "[1.0,3.0,5.0]", prefix="@0"),
    _row("series_iir", f"{_S}, numerators: dynamic, denominators: dynamic", "dynamic",
         "The series through an infinite impulse response filter.",
         "series_iir(dynamic([1, 2, 3]), dynamic([1]), dynamic([1, -1]))", "[1.0,3.0,6.0]", prefix="@0"),
    _row("series_fit_line", _S, "dynamic", "The straight line that fits a series best.",
         "round(todouble(series_fit_line(dynamic([1, 2, 3]))[1]), 6)", "1.0", columns=_columns(_LINE)),
    _row("series_fit_line_dynamic", _S, "dynamic", "The straight line that fits a series best, as a bag.",
         "round(todouble(series_fit_line_dynamic(dynamic([1, 2, 3])).interception), 6)", "1.0"),
    _row("series_fit_2lines", "array: dynamic", "dynamic", "The two straight lines that fit a series best.",
         "series_fit_2lines(dynamic([1, 1, 1, 5, 6, 7]))[1]", "3", columns=_columns(_LINES)),
    _row("series_fit_2lines_dynamic", _S, "dynamic", "The two straight lines that fit a series best, as a bag.",
         "series_fit_2lines_dynamic(dynamic([1, 1, 1, 5, 6, 7])).split_idx", "3"),
    _row("series_fit_poly", "y_series: dynamic, x_series?: dynamic|int, degree?: int", "dynamic",
         "The polynomial that fits a series best.", "round(todouble(series_fit_poly(dynamic([1, 4, 9, 16]), "
         "dynamic([1, 2, 3, 4]), 2)[1][2]), 6)", "1.0",
         columns=_columns("rsquare:real coefficients:dynamic variance:real rvariance:real poly_fit:dynamic")),
    _row("series_fft", f"{_S}, series_imaginary?: dynamic", "dynamic", "The Fourier transform of a series.",
         "series_fft(dynamic([1, 1, 1, 1]))[0]", "[4.0,0.0,0.0,0.0]", columns=_columns("real:dynamic imag:dynamic")),
    _row("series_ifft", f"{_S}, series_imaginary?: dynamic", "dynamic", "The inverse Fourier transform of a series.",
         "series_ifft(dynamic([4, 0, 0, 0]))[0]", "[1.0,1.0,1.0,1.0]", columns=_columns("real:dynamic imag:dynamic")),
    _row("series_outliers", f"{_S}, kind?: string = ctukey tukey, ignore_val?: number, min_percentile?: real, "
         "max_percentile?: real, test_points?: integer", "dynamic", "How far each item lies outside, by Tukey's test.",
         "series_outliers(dynamic([1, 1, 1, 2, 2, 2, 1, 2, 1, 50]))[9] > 1.5", "True", prefix="@0"),
    _row("series_periods_detect", f"{_S}, min_period: number, max_period: number, num_periods: long", "dynamic",
         "The most marked periods of a series and their scores.",
         "series_periods_detect(dynamic([1, 5, 1, 5, 1, 5, 1, 5, 1, 5, 1, 5]), 2.0, 5.0, 1)[0]", "[2.0]",
         columns=_columns("periods:dynamic scores:dynamic")),
    _row("series_periods_validate", f"{_S}, ...period: number", "dynamic",
         "Whether periods are in a series: their scores.",
         "series_periods_validate(dynamic([1, 5, 1, 5, 1, 5, 1, 5]), 2.0)[0]", "[2.0]",
         columns=_columns("periods:dynamic scores:dynamic")),
    _row("series_seasonal", f"{_S}, period?: integer, test_points?: integer", "dynamic",
         "The seasonal part of a series: the median of each phase.", "series_seasonal(dynamic([1, 3, 5, 1, 3, 5]), 3)",
         "[1.0,3.0,5.0,1.0,3.0,5.0]"),
    _row("series_decompose", f"{_S}, seasonality?: integer, trend?: string = avg linefit none, test_points?: integer, "
         "seasonality_threshold?: number", "dynamic", "Baseline, season, trend and rest of a series.",
         "series_decompose(dynamic([1, 3, 1, 3]), 2)[0]", "[1.0,3.0,1.0,3.0]", columns=_columns(_PARTS)),
    _row("series_decompose_forecast",
         f"{_S}, points: integer, seasonality?: integer, trend?: string = avg linefit none, "
         "seasonality_threshold?: number", "dynamic", "The series carried on by season and trend.",
         "series_decompose_forecast(dynamic([1, 3, 1, 3, 0, 0]), 2, 2)[0]", "[1.0,3.0,1.0,3.0,1.0,3.0]",
         columns=_columns("forecast:dynamic seasonal:dynamic trend:dynamic residual:dynamic")),
    _row("series_decompose_anomalies",
         f"{_S}, threshold?: number, seasonality?: integer, trend?: string = avg linefit none, "
         "test_points?: integer, AD_method?: string = ctukey tukey, seasonality_threshold?: number", "dynamic",
         "Which items of a series leave its season and trend: 1 above, -1 below, with score and baseline.",
         "series_decompose_anomalies(dynamic([1, 2, 1, 2, 1, 2, 1, 2, 1, 90]), 1.5, 0)[0]", "[0,0,0,0,0,0,0,0,0,1]",
         columns=_columns("ad_flag:dynamic ad_score:dynamic baseline:dynamic")),
)  # fmt: skip
