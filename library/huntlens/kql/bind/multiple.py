"""Functions of several results: `extend f(x)` makes a column for each, named `f_x_part`.

In the plan the call is one value, an array of the results, and `[]` picks each of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql.bind import plan
from huntlens.kql.bind.operands import row

if TYPE_CHECKING:
    from huntlens.kql import tree
    from huntlens.kql.types import KqlType

_FIT: Final = (("rsquare", "real"), ("slope", "real"), ("variance", "real"), ("rvariance", "real"),
               ("interception", "real"), ("line_fit", "dynamic"))  # fmt: skip
_TWO_LINES: Final = (
    ("rsquare", "real"), ("split_idx", "long"), ("variance", "real"), ("rvariance", "real"), ("line_fit", "dynamic"),
    ("right_rsquare", "real"), ("right_slope", "real"), ("right_interception", "real"), ("right_variance", "real"),
    ("right_rvariance", "real"), ("left_rsquare", "real"), ("left_slope", "real"), ("left_interception", "real"),
    ("left_variance", "real"), ("left_rvariance", "real"),
)  # fmt: skip

OUTPUTS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "series_fit_line": _FIT,
    "series_fit_2lines": _TWO_LINES,
    "series_fit_poly": (("rsquare", "real"), ("coefficients", "dynamic"), ("variance", "real"), ("rvariance", "real"),
                        ("poly_fit", "dynamic")),
    "series_decompose": (("baseline", "dynamic"), ("seasonal", "dynamic"), ("trend", "dynamic"),
                         ("residual", "dynamic")),
    "series_decompose_anomalies": (("ad_flag", "dynamic"), ("ad_score", "dynamic"), ("baseline", "dynamic")),
    "series_decompose_forecast": (("forecast", "dynamic"), ("seasonal", "dynamic"), ("trend", "dynamic"),
                                  ("residual", "dynamic")),
    "series_periods_detect": (("periods", "dynamic"), ("scores", "dynamic")),
    "series_periods_validate": (("periods", "dynamic"), ("scores", "dynamic")),
    "series_stats": (("min", "real"), ("min_idx", "long"), ("max", "real"), ("max_idx", "long"), ("avg", "real"),
                     ("stdev", "real"), ("variance", "real")),
    "series_fft": (("real", "dynamic"), ("imag", "dynamic")),
    "series_ifft": (("real", "dynamic"), ("imag", "dynamic")),
}  # fmt: skip
"""The results of each such function, in order: what its name ends in, and its type."""


def parts_of(value: plan.Value) -> tuple[tuple[str, str], ...]:
    """The results of a call; nothing for a function of one result."""
    return OUTPUTS.get(value.function.name, ()) if isinstance(value, plan.Apply) else ()


def pick(value: plan.Value, place: int, kind: KqlType, node: tree.Node) -> plan.Apply:
    """One result of a call."""
    return plan.Apply(kind, node, row("[]"), (value, plan.Constant("long", node, place)))
