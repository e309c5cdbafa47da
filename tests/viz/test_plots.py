"""Plots as values: what is in the JSON that a browser draws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huntlens.analyze.observations import Observations
from huntlens.analyze.sequences import score
from huntlens.entities import Account, Host
from huntlens.errors import DataError
from huntlens.registry import load_members, public_object
from huntlens.viz import accessor, axes, chart, levels, theme
from huntlens.viz.plots.anomaly import anomaly
from huntlens.viz.plots.bar import bar
from huntlens.viz.plots.clusters import clusters
from huntlens.viz.plots.durations import durations
from huntlens.viz.plots.entity_graph import entity_graph
from huntlens.viz.plots.matrix import matrix
from huntlens.viz.plots.network import network
from huntlens.viz.plots.observations import observations
from huntlens.viz.plots.sequences import sequences
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


def test_timeline_of_values():
    rows = events(300)
    for kind in ("points", "bars", "line"):
        figure = timeline(rows, value="Bytes", group="Computer", kind=kind)
        assert len(models(figure, "Scatter")) >= 3
        assert len(models(figure, "Legend")[0]["items"]) == 3
    assert any("kB" in str(one) for one in models(figure, "CustomJSTickFormatter"))
    with pytest.raises(DataError, match="points, bars, line"):
        timeline(rows, value="Bytes", kind="pie")
    rows.loc[:9, "Bytes"] = np.nan
    assert timeline(rows, value="Bytes").summary.endswith("10 rows without a time or a value are left out")


def test_values_above_the_limit_are_bands_from_lowest_to_highest():
    rows = events(100_000)
    rows.loc[50_000, "Bytes"] = 10**9
    figure = timeline(rows, value="Bytes")
    assert not models(figure, "Line")
    assert len(models(figure, "Quad")) >= 3
    assert len(figure.embed(library=False)) < 3_000_000


@pytest.mark.parametrize("marker", ["2026-03-03", ["2026-03-03", "2026-03-04"], {"a": "2026-03-03", "b": "2026-03-04"}])
def test_markers(marker):
    figure = timeline(events(50), marker=marker, marker_label="" if isinstance(marker, dict) else "alert")
    count = 1 if isinstance(marker, str) else 2
    assert len(models(figure, "Span")) == count
    assert [one["text"] for one in models(figure, "Label")] == (
        ["a", "b"] if isinstance(marker, dict) else ["alert"] * count
    )


@given(st.lists(st.tuples(st.integers(0, 10**13), st.integers(0, 4)), min_size=1, max_size=200))
def test_levels_lose_no_row(rows):
    """Every level counts every row once, and a band holds all of its values."""
    when = np.array([moment for moment, _ in rows], dtype="datetime64[us]")
    lane = np.array([one for _, one in rows], dtype=np.intp)
    values = np.arange(len(rows), dtype=float)
    for level in levels.cells(when, lane):
        assert level.count.sum() == len(rows)
        assert (level.lowest(values)[level.place] <= values).all()
        assert (level.highest(values)[level.place] >= values).all()
        start = level.start[level.place]
        stamps = when.astype(np.int64)
        assert ((start <= stamps) & (stamps < start + level.width)).all()
        assert (level.lane[level.place] == lane).all()


@given(st.lists(st.floats(-1e6, 1e6) | st.just(np.nan), min_size=1, max_size=300), st.integers(4, 80))
def test_an_outline_keeps_what_stands_out(values, most):
    line = np.array(values)
    kept = levels.outline(line, most)
    assert {0, len(line) - 1} <= set(kept.tolist())
    assert len(kept) <= max(most, 4) + 4
    if not np.isnan(line).all():
        assert (np.nanmin(line[kept]), np.nanmax(line[kept])) == (np.nanmin(line), np.nanmax(line))


def test_a_long_line_makes_a_small_page():
    rows = pd.DataFrame({"TimeGenerated": pd.date_range("2026-01-01", periods=200_000, freq="s"), "n": 1.0})
    rows.loc[77_777, "n"] = 500.0
    rows["anomalies"] = (rows["n"] > 9).astype(int)
    for draw in (anomaly, chart.KINDS["timechart"]):
        figure = draw(rows) if draw is anomaly else draw(rows[["TimeGenerated", "n"]], {})
        assert len(figure.embed(library=False)) < 600_000
    assert anomaly(rows).summary.endswith("200,000 points, 1 of them stand out")


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


def test_countries_by_name_and_code():
    frame = pd.DataFrame({"Country": ["DE", "deu", "Germany", "United States", "USA", "Atlantis", None]})
    figure = world_map(frame, country="Country")
    assert figure.summary == "Rows by country: 2 countries; not on the map: (none), Atlantis"
    with pytest.raises(DataError, match="is a country"):
        world_map(frame.tail(2), country="Country")


def test_places_are_counted():
    frame = pd.DataFrame({"lat": [52.5, 52.5, 48.1], "lon": [13.4, 13.4, 11.6], "Bytes": [10.0, 20.0, 5.0]})
    figure = world_map(frame, value="Bytes")
    assert figure.summary == "Places: 3 places in 2 spots"


def test_entity_graph_of_alerts_rows_and_entities():
    alert = (
        '[{"$id": "1", "Type": "host", "HostName": "web01"}, {"Type": "account", "Name": "bob", "Host": {"$ref": "1"}}]'
    )
    alerts = pd.DataFrame({"AlertName": ["Spray", "Dump"], "Entities": [alert, alert]})
    assert entity_graph(alerts).summary == "Entities: 4 entities, 5 ties"
    logs = pd.DataFrame({"Computer": ["web01", "web02"], "TargetUserName": "bob", "IpAddress": ["203.0.113.9", None]})
    assert entity_graph(logs).summary == "Entities: 4 entities, 4 ties"
    bob = Account("bob", Host=Host("web01"))
    assert entity_graph([bob, Host("web02")]).summary == "Entities: 3 entities, 1 ties"
    assert "further entities" in entity_graph(logs, most=2).summary
    with pytest.raises(DataError, match="no entities"):
        entity_graph(pd.DataFrame({"a": [1]}))


def test_clusters_of_rows():
    frame = pd.DataFrame({"sent": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0] * 3 + [90.0], "count": 1})
    assert clusters(frame).summary == "Clusters: 19 rows in 1 clusters, 1 like no other"
    known = frame.assign(cluster=[0] * 9 + [1] * 9 + [-1])
    assert clusters(known).summary == "Clusters: 19 rows in 2 clusters, 1 like no other"
    with pytest.raises(DataError, match="tells these rows apart"):
        clusters(frame[["count"]])
    many = pd.concat([frame] * 2_000, ignore_index=True).assign(noise=np.random.default_rng(1).random(38_000))
    assert len(clusters(many.assign(cluster=0)).embed(library=False)) < 3_000_000


def test_sequences_show_what_was_rarest():
    often, once = ["open", "read", "close"], ["open", "delete", "close"]
    sessions = pd.DataFrame({"start": pd.date_range("2026-03-01", periods=21), "events": [often] * 20 + [once]})
    for one in (sessions, score(sessions, "events")):
        figure = sequences(one)
        assert figure.summary == "Sessions: 21 sessions; the rarest thing done: open → delete → close"
    assert "21 sessions" in sequences(sessions.drop(columns="start")).summary
    with pytest.raises(DataError, match="sessionize"):
        sequences(pd.DataFrame({"a": [1]}))


def test_findings_as_a_report():
    found = Observations().add(
        "Logs were cleared", events(3), score=8, techniques="T1070.001", link="https://a.example"
    )
    figure = observations(found.add("Noted"))
    assert figure.summary == "Findings: 2 findings, 1 of them grave"
    assert "<summary>3 rows</summary>" in figure.fragment
    assert "href" not in figure.fragment
    assert observations(found.to_frame()).summary == "Findings: 1 findings, 1 of them grave"
    with pytest.raises(DataError, match="nothing was noted"):
        observations(Observations())


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    bright, dim = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


# How colours look to people without one kind of cone: Machado, Oliveira and Fernandes 2009, severity 1, linear RGB.
BLIND = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def lab(colour: str, eyes: str) -> np.ndarray:
    srgb = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(BLIND[eyes]) @ linear, 0, 1) if eyes else linear
    to_xyz = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
    xyz = np.array(to_xyz) @ seen / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eyes", ["", *BLIND])
@pytest.mark.parametrize("dark", [False, True])
def test_colours_can_be_told_apart(eyes, dark):
    """Neighbours in the order in which series take their colours differ for everyone; no two of all are the same."""
    palette = [theme.ON_DARK.get(one, one) if dark else one for one in theme.PALETTE]
    seen = [lab(one, eyes) for one in palette]
    apart = {(a, b): np.linalg.norm(seen[a] - seen[b]) for a in range(8) for b in range(a)}
    assert min(apart[at + 1, at] for at in range(7)) > 14
    assert min(apart.values()) > 12
    assert len(set(theme.MARKERS)) == len(palette), "shapes tell apart what colours do not"


@pytest.mark.parametrize(("ink", "dark"), [(theme.LIGHT, False), (theme.DARK, True)])
def test_ink_and_marks_stand_out(ink, dark):
    assert contrast(ink.text, ink.surface) > 7
    assert contrast(ink.muted, ink.surface) > 4.5
    for colour in theme.PALETTE:
        assert contrast(theme.ON_DARK.get(colour, colour) if dark else colour, ink.surface) > 2


def test_frames_of_the_wrong_shape_are_said():
    with pytest.raises(DataError, match="start and end"):
        chart.draw("ladderchart", events(3))
    with pytest.raises(DataError, match="there are:"):
        matrix(events(3), x="Nope", y="Computer")
