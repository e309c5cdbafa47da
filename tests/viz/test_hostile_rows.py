"""Every plot with rows that were written to break it: a safe picture, or an error that says what is missing."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

import hostile
from huntlens.errors import DataError
from plot_rows import CALLS, PLOTS, unusual, usual

if TYPE_CHECKING:
    import pandas as pd

    from huntlens.viz.figure import Figure

USUAL = [name for name in CALLS if not name.startswith("render ")]
WHOLE = ("one row", "equal names and labels", "extension types")
"""Frames of which every plot of `SURE` can be drawn."""
SURE = {"timeline", "bar", "matrix", "network", "durations of groups", "clusters", "scatter, unnamed"}
UNUSUAL = {name: (calls, frame) for name, calls, frame in unusual()}


def test_every_plot_is_called_here():
    assert {name.partition(",")[0].partition(" ")[0] for name in CALLS} >= set(PLOTS)


@pytest.mark.parametrize("call", CALLS)
def test_hostile_texts(call):
    figure = CALLS[call](usual())
    assert figure is not None, call
    check_inert(figure)


@pytest.mark.parametrize("kind", UNUSUAL)
def test_unusual_frames(kind):
    calls, frame = UNUSUAL[kind]
    drawn = {call for call in calls or USUAL if is_drawn(call, frame)}
    if kind in WHOLE:
        # One row has nothing to be told apart from.
        assert drawn >= SURE - ({"clusters"} if len(frame) == 1 else set())


def is_drawn(call: str, frame: pd.DataFrame) -> bool:
    """Whether there is a picture; an error must say what is missing, a picture must be safe."""
    try:
        figure = CALLS[call](frame)
    except DataError as error:
        if len(str(error)) < 10:
            raise
        return False
    check_inert(figure)
    assert 100 <= figure.height <= 2_000, call
    return True


def check_inert(figure: Figure) -> None:
    """What is on the page is text: two scripts of ours and one of data, no element of the data's."""
    fragment = figure.embed(library=False)
    fragment.encode()
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", fragment, re.DOTALL)
    assert len(scripts) == fragment.count("<script")
    outside = re.sub(r"<script.*?</script>|<style>.*?</style>", "", fragment, flags=re.DOTALL)
    known = {
        "div",
        "span",
        "b",
        "code",
        "ol",
        "li",
        "p",
        "details",
        "summary",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    }
    assert set(re.findall(r"<(\w+)", outside)) <= known
    for script in re.findall(r'<script type="application/json">(.*?)</script>', fragment, re.DOTALL):
        json.loads(script)
    assert not [mark for mark in hostile.HIDDEN if mark in fragment]
    assert not [mark for mark in hostile.HIDDEN if mark in figure.title + figure.summary]
