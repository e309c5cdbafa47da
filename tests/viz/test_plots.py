"""Plots as values: what is in the JSON that a browser draws."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest

import hostile
from huntlens.errors import DataError
from huntlens.registry import load_members, public_object
from huntlens.viz import accessor, axes, chart
from huntlens.viz.plots.bar import bar
from huntlens.viz.plots.timeline import timeline
from huntlens.viz.series import arrange


def events(rows: int) -> pd.DataFrame:
    random = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "TimeGenerated": pd.Timestamp("2026-03-01")
            + pd.to_timedelta(np.sort(random.integers(0, 604800, rows)), unit="s"),
            "Computer": random.choice(["web01", "dc01", "fs02"], rows, p=[0.6, 0.3, 0.1]),
            "Bytes": random.integers(1, 10_000, rows),
        }
    )


def models(figure, name: str) -> list[dict]:
    """All models of a kind in a figure."""
    found = []

    def walk(node):
        if isinstance(node, dict):
            if node.get("name") == name and "attributes" in node:
                found.append(node["attributes"])
            for value in node.values():
                walk(value)
        elif isinstance(node, list | tuple):
            for value in node:
                walk(value)

    walk(figure.item)
    return found


def test_timeline_draws_every_row_up_to_a_limit():
    figure = timeline(events(500), group="Computer", marker="2026-03-03", marker_label="alert")
    assert len(models(figure, "Scatter")) >= 1
    assert figure.summary.startswith("500 events from 2026-03-01")
    assert figure.summary.endswith("in 3 lanes of Computer")
    assert models(figure, "Label")[0]["text"] == "alert"


def test_timeline_counts_above_the_limit_and_stays_small():
    figure = timeline(events(200_000), group="Computer")
    assert not models(figure, "Scatter")
    assert len(models(figure, "Rect")) >= 3
    assert len(figure.embed(library=False)) < 3_000_000


def test_timeline_of_several_frames():
    figure = timeline({"logons": events(10), "alerts": events(3).rename(columns={"TimeGenerated": "Timestamp"})})
    assert figure.summary.endswith("in 2 lanes of series")


def test_timeline_reads_texts_and_ignores_rows_without_time():
    frame = pd.DataFrame({"TimeGenerated": ["2026-03-01T10:00:00Z", None, "nonsense", "2026-03-01T11:00:00.5Z"]})
    assert timeline(frame).summary.startswith("2 events")


@pytest.mark.parametrize("frame", [pd.DataFrame(), pd.DataFrame({"a": ["x"]}), pd.DataFrame({"Timestamp": ["x"]})])
def test_no_times_is_said(frame):
    with pytest.raises(DataError):
        timeline(frame)


def test_many_lanes_share_the_last():
    frame = events(300).assign(Computer=[f"host{n}" for n in range(300)])
    assert "in 40 lanes" in timeline(frame, group="Computer").summary


@pytest.mark.parametrize("kind", chart.KINDS)
def test_every_kind_of_render(kind):
    frame = pd.DataFrame(
        {"TimeGenerated": pd.date_range("2026-03-01", periods=6), "Who": list("ababab"), "count_": range(1, 7)}
    )
    drawn = chart.draw(kind, frame, {"title": "Logons", "legend": "hidden"})
    assert drawn is not None
    assert drawn.title == "Logons"
    assert not models(drawn, "Legend")


def test_render_without_a_chart():
    assert chart.draw("table", events(3)) is None
    with pytest.raises(DataError, match="no chart here"):
        chart.draw("hologram", events(3))
    with pytest.raises(DataError, match="no rows"):
        chart.draw("barchart", events(0))
    with pytest.raises(DataError, match="summarize count"):
        chart.draw("barchart", pd.DataFrame({"a": ["x"]}))


def test_columns_are_picked_as_kusto_picks_them():
    frame = pd.DataFrame(
        {"Who": ["a", "b"], "TimeGenerated": pd.to_datetime(["2026-03-02", "2026-03-01"]), "n": [1, 2]}
    )
    drawn = arrange(frame)
    assert (drawn.x_name, drawn.y_name, list(drawn.values)) == ("TimeGenerated", "n", ["b", "a"])
    assert drawn.x[0] == np.datetime64("2026-03-01")


def test_rows_of_one_place_are_added_up():
    assert arrange(pd.DataFrame({"Who": ["a", "a", "b"], "n": [1, 2, 3]})).values["n"].tolist() == [3, 3]


def test_many_categories_and_series_are_cut_and_said():
    frame = pd.DataFrame({"Who": [f"u{n}" for n in range(500)], "n": range(500)})
    assert bar(frame).summary.endswith("440 smaller ones are left out")
    frame = pd.DataFrame({"x": [1.0] * 50, "Who": [f"u{n}" for n in range(50)], "n": range(50)})
    assert list(arrange(frame, "x", ["n"]).values)[-1] == "(others): 31 more"


def test_scatter_counts_cells_above_the_limit():
    figure = chart.draw("scatterchart", events(axes.MAX_MARKS + 1))
    assert models(figure, "Quad")
    assert not models(figure, "Scatter")


def test_hostile_rows_in_every_plot():
    frame = hostile.frame()
    for kind in chart.KINDS:
        drawn = chart.draw(kind, frame, {"title": hostile.VALUES[0], "xtitle": hostile.VALUES[1]})
        check_inert(drawn.to_html())
    check_inert(timeline(frame, group="Text", title=hostile.VALUES[0], marker_label=hostile.VALUES[2]).to_html())


def check_inert(page: str) -> None:
    page.encode()
    scripts = re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL)
    assert len(scripts) == page.count("<script") == 3
    outside = re.sub(r"<script.*?</script>|<style>.*?</style>", "", page, flags=re.DOTALL)
    assert set(re.findall(r"<(\w+)", outside)) <= {"html", "head", "meta", "title", "body", "div"}
    json.loads(scripts[1])
    assert not [mark for mark in hostile.HIDDEN if mark in page]


def test_every_plot_is_a_method_of_a_frame():
    assert set(load_members(accessor.PLOTS)) <= set(dir(events(1).hunt))
    for name, module in load_members(accessor.PLOTS).items():
        assert public_object(module).__name__ == name
        assert public_object(module).__doc__
    assert events(5).hunt.timeline(group="Computer").summary.startswith("5 events")
    with pytest.raises(AttributeError, match=r"hunt\.nonsense"):
        events(1).hunt.nonsense  # noqa: B018


def test_the_library_is_in_a_page_once_and_not_in_a_bare_fragment():
    figure = timeline(events(5))
    assert "DecompressionStream" in figure.embed()
    assert "DecompressionStream" not in figure.embed(library=False)
    assert len(figure.embed(library=False)) < 30_000
