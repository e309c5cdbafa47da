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
from huntlens.viz.plots.anomaly import anomaly
from huntlens.viz.plots.bar import bar
from huntlens.viz.plots.durations import durations
from huntlens.viz.plots.matrix import matrix
from huntlens.viz.plots.network import network
from huntlens.viz.plots.timeline import timeline
from huntlens.viz.plots.world_map import world_map
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
        {
            "TimeGenerated": pd.date_range("2026-03-01", periods=6),
            "EndTime": pd.date_range("2026-03-02", periods=6),
            "Who": list("ababab"),
            "count_": range(1, 7),
        }
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
    frame["End"] = frame["TimeGenerated"] + pd.Timedelta("1h")
    title = hostile.VALUES[0]
    for kind in chart.KINDS:
        drawn = chart.draw(kind, frame, {"title": title, "xtitle": hostile.VALUES[1]})
        check_inert(drawn.to_html())
    other = hostile.VALUES[1]
    frame = frame.assign(**{other: pd.Series(hostile.VALUES[::-1], dtype=object)})
    check_inert(timeline(frame, group="Text", title=title, marker="2026-03-02", marker_label=title).to_html())
    check_inert(durations(frame, time="TimeGenerated", group="Text", title=title).to_html())
    check_inert(matrix(frame, x="Text", y=other, title=title).to_html())
    check_inert(network(frame, source="Text", target=other, title=title).to_html())
    check_inert(anomaly(frame, value="Ratio", flag="Count", title=title).to_html())
    check_inert(world_map(frame.assign(lat=1.0, lon=2.0), columns=["Text", other], title=title).to_html())


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


def test_arrays_of_make_series_are_unrolled():
    times = ["2026-03-01T00:00:00Z", "2026-03-01T01:00:00Z"]
    frame = pd.DataFrame({"Who": ["a", "b"], "n": [[1, 2], [3, 4]], "TimeGenerated": [times, times]})
    rows = chart.unrolled(frame)
    assert rows["n"].tolist() == [1, 2, 3, 4]
    assert rows["TimeGenerated"].dtype.kind == "M"
    drawn = chart.draw("timechart", frame)
    assert drawn is not None
    assert "2 series over 2 values" in drawn.summary


def test_anomalies_up_and_down():
    frame = pd.DataFrame(
        {"TimeGenerated": pd.date_range("2026-03-01", periods=4), "n": [1, 9, 1, -9], "anomalies": [0, 1, 0, -1]}
    )
    drawn = anomaly(frame)
    assert drawn.summary.endswith("4 points, 2 of them stand out")
    markers = [one["marker"]["value"] for one in models(drawn, "Scatter") if "marker" in one]
    assert {"triangle", "inverted_triangle"} <= set(markers)
    rendered = chart.draw("anomalychart", frame, {"anomalycolumns": "anomalies"})
    assert rendered is not None
    assert rendered.summary.endswith("2 of them stand out")


def test_durations_of_rows_and_of_groups():
    frame = pd.DataFrame(
        {
            "start": pd.to_datetime(["2026-03-01", "2026-03-02"]),
            "end": pd.to_datetime(["2026-03-02", None]),
            "Who": ["a", "b"],
        }
    )
    assert durations(frame, group="Who").summary.startswith("Durations by Who: 1 stretches")
    assert "3 lanes" in durations(events(50), time="TimeGenerated", group="Computer").summary
    with pytest.raises(DataError, match="group="):
        durations(frame, time="start")


def test_matrix_and_network_count_pairs():
    frame = pd.DataFrame({"a": ["x", "x", "y"], "b": ["1", "1", "2"]})
    assert "2 pairs of 2 and 2" in matrix(frame, x="a", y="b").summary
    assert "4 values, 2 pairs" in network(frame, source="a", target="b").summary
    many = pd.DataFrame({"a": [f"h{n}" for n in range(600)], "b": "hub"})
    assert "further pairs are left out" in network(many, source="a", target="b", most=100).summary


def test_network_looks_the_same_each_time():
    frame = pd.DataFrame({"a": list("abcd"), "b": list("bcda")})
    first, second = (models(network(frame, source="a", target="b"), "MultiLine") for _ in range(2))
    assert len(first) == len(second) == 3


def test_world_map():
    frame = pd.DataFrame({"Latitude": [52.5, 999, None], "Longitude": [13.4, 0, 1], "City": ["Berlin", "", ""]})
    assert world_map(frame).summary == "Places: 1 places"
    with pytest.raises(DataError, match="latitude="):
        world_map(pd.DataFrame({"a": [1]}))
    drawn = chart.draw("scatterchart", frame.dropna(), {"kind": "map", "xcolumn": "Longitude", "ycolumns": "Latitude"})
    assert drawn is not None
    assert "places" in drawn.summary


def test_frames_of_the_wrong_shape_are_said():
    with pytest.raises(DataError, match="start and end"):
        chart.draw("ladderchart", events(3))
    with pytest.raises(DataError, match="there are:"):
        matrix(events(3), x="Nope", y="Computer")
