"""The process tree as a page: its rows, its size, what is in its data."""

from __future__ import annotations

import base64
import gzip
import json
import re

import numpy as np
import pandas as pd
import pytest

import hostile
from huntlens.analyze.process_tree import build
from huntlens.errors import DataError
from huntlens.viz.plots.process_tree import MAX_BYTES, process_tree


def events(rows: int, line=lambda n: f"run {n}") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "TimeGenerated": pd.Timestamp("2026-03-01") + pd.to_timedelta(np.arange(rows), unit="s"),
            "Computer": "web01",
            "EventID": 4688,
            "NewProcessId": [hex(n + 16) for n in range(rows)],
            "ProcessId": [hex(n // 3 + 15) for n in range(rows)],
            "NewProcessName": [rf"C:\bin\p{n % 40}.exe" for n in range(rows)],
            "ParentProcessName": "",
            "CommandLine": [line(n) for n in range(rows)],
            "SubjectUserName": "bob",
        }
    )


def data_of(fragment: str) -> dict:
    if found := re.search(r'<script type="application/json">(.*?)</script>', fragment, re.DOTALL):
        return json.loads(found[1])
    found = re.search(r'<script type="text/plain">(.*?)</script>', fragment, re.DOTALL)
    assert found
    return json.loads(gzip.decompress(base64.b64decode(found[1])))


def test_rows_are_those_of_the_tree():
    tree = build(events(30))
    data = data_of(process_tree(tree).fragment)
    assert data["depth"] == tree.frame["depth"].tolist()
    names = [data["name"]["values"][code] for code in data["name"]["codes"]]
    assert names == tree.frame["name"].tolist()


def test_events_are_made_into_a_tree():
    assert process_tree(events(3)).summary == process_tree(build(events(3))).summary


def test_risk_is_kept():
    tree = build(events(3))
    data = data_of(process_tree(tree, risk=["high"] + [""] * (len(tree) - 1)).fragment)
    assert data["risk"]["values"][data["risk"]["codes"][0]] == "high"


def test_a_large_tree_stays_below_three_megabytes():
    figure = process_tree(build(events(30_000, lambda n: f"{n} {np.random.default_rng(n).bytes(60).hex()}")))
    assert len(figure.fragment) < 3_000_000
    data = data_of(figure.fragment)
    assert max(map(len, data["command_line"]["values"])) < 400
    if "left out" in figure.fragment:
        assert len(data["depth"]) < 30_000
    assert MAX_BYTES < 3_000_000


def test_times_survive_packing():
    tree = build(events(5_000))
    data = data_of(process_tree(tree).fragment)
    times = np.cumsum([step for step in data["time"]["steps"] if step is not None])
    known = tree.frame["time"].dropna().astype("datetime64[ms]").astype("int64")
    assert times.tolist() == known.tolist()


def test_hostile_processes_stay_text():
    values = pd.Series([value for value in hostile.VALUES if "\ud800" not in value])  # Arrow holds no half pairs
    frame = events(len(values)).assign(CommandLine=values, SubjectUserName=values)
    page = process_tree(build(frame), title=hostile.VALUES[0]).to_html()
    page.encode()
    outside = re.sub(r"<script.*?</script>|<style>.*?</style>", "", page, flags=re.DOTALL)
    assert set(re.findall(r"<(\w+)", outside)) <= {
        "html", "head", "meta", "title", "body", "div", "b", "span", "code",
    }  # fmt: skip
    assert page.count("<script") == 2
    assert not [mark for mark in hostile.HIDDEN if mark in page]


@pytest.mark.parametrize("data", [pd.DataFrame({"a": [1]}), 7])
def test_what_is_no_tree_is_said(data):
    with pytest.raises(DataError):
        process_tree(data)
