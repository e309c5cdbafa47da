"""Colours: one palette that colour-blind readers can tell apart, and the ink of a light and of a dark page.

Figures are made for a light page; the script that draws them puts the ink of `DARK` in where the page is dark.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


# Okabe and Ito's set (2008) in an order that keeps neighbours apart, its yellow and black made brown and grey.
PALETTE: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#6B5310", "#5F5F5F")
ON_DARK: Final[Mapping[str, str]] = {
    "#0072B2": "#3D93DD",
    "#56B4E9": "#7CC8F2",
    "#6B5310": "#B8923A",
    "#5F5F5F": "#C9CED4",
}
CLOUDS: Final = tuple(colour for colour in PALETTE if colour != "#D55E00")
"""The palette without the accent, which marks what is like no other."""
DASHES: Final = ("solid", "dashed", "dotted", "dashdot")
MARKERS: Final = ("circle", "square", "triangle", "diamond", "inverted_triangle", "hex", "star", "plus")
ACCENT: Final = "#D55E00"
QUIET: Final = "#8A8F98"
RISK: Final[Mapping[str, str]] = {"high": "#D55E00", "medium": "#E69F00", "low": "#56B4E9", "": "#0072B2"}

# Models that carry this tag have text which takes the colour of the page's ink.
INK_TAG: Final = "huntlens-ink"


@dataclass(frozen=True, slots=True)
class Ink:
    """What is drawn around the data: text, lines, surfaces."""

    text: str
    muted: str
    line: str
    grid: str
    surface: str


LIGHT: Final = Ink(text="#1F2328", muted="#57606A", line="#8C959F", grid="#E4E7EB", surface="#FFFFFF")
DARK: Final = Ink(text="#E6EAF0", muted="#A9B1BB", line="#6E7681", grid="#2F353D", surface="#16181C")


def attributes(ink: Ink) -> dict[str, dict[str, Any]]:
    """The properties that carry the ink, by Bokeh model."""
    axis = {
        "axis_label_text_color": ink.muted,
        "major_label_text_color": ink.text,
        "axis_line_color": ink.line,
        "major_tick_line_color": ink.line,
    }
    axes = ("LinearAxis", "LogAxis", "DatetimeAxis", "CategoricalAxis", "TimedeltaAxis", "MercatorAxis")
    return {
        **dict.fromkeys(axes, axis),
        "Grid": {"grid_line_color": ink.grid},
        "Title": {"text_color": ink.text},
        "Legend": {
            "label_text_color": ink.text,
            "title_text_color": ink.muted,
            "background_fill_color": ink.surface,
            "border_line_color": ink.grid,
            "inactive_fill_color": ink.surface,
        },
        "Label": {
            "text_color": ink.text,
            "background_fill_color": ink.surface,
            "background_fill_alpha": 0.8,
        },
        "ColorBar": {"major_label_text_color": ink.text, "title_text_color": ink.muted},
        "Figure": {"outline_line_color": ink.grid},
    }


def colour(index: int) -> str:
    """The colour of the series with that number; colours come round again after eight."""
    return PALETTE[index % len(PALETTE)]


def dash(index: int) -> str:
    """The line pattern of a series: it changes when the colours come round."""
    return DASHES[(index // len(PALETTE)) % len(DASHES)]


def marker(index: int) -> str:
    """The shape of the marks of a series, so that colour is not all that tells them apart."""
    return MARKERS[index % len(MARKERS)]
