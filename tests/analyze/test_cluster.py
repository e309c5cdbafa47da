"""Clusters, outliers and findings: rows that are planted, columns of any kind, missing values, bounded memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huntlens.analyze import cluster, features, outliers
from huntlens.analyze.observations import Observations
from huntlens.errors import DataError

PROCESSES = Path(__file__).resolve().parents[2] / "../shared/data/logs/processes_on_host.csv"
ODD = "cmd.exe /c powershell -enc " + "QQBCAEMARAB4AHkAegA9AD0A" * 40


def commands(count: int = 300) -> pd.DataFrame:
    lines = [f"C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Service{n % 9}" for n in range(count)]
    return pd.DataFrame({"CommandLine": [*lines, ODD], "user": ["SYSTEM"] * count + ["bob"]})


def test_a_planted_line_is_like_no_other_and_ranks_first() -> None:
    frame = commands()
    labels = cluster.label(frame)
    assert (labels.iloc[-1], set(labels.iloc[:-1])) == (-1, {0})
    shown = cluster.patterns(frame)
    assert shown["rows"].tolist() == [1, 300]
    first = outliers.rank(frame, most=3).iloc[0]
    assert first["user"] == "bob"
    assert first["reasons"]


def test_columns_weigh_alike_whatever_their_units() -> None:
    random = np.random.default_rng(1)
    frame = pd.DataFrame({"bytes": random.normal(1e9, 1e7, 400), "share": random.normal(0.5, 0.01, 400)})
    frame.loc[7, "share"] = 0.9
    assert outliers.rank(frame, most=1).index.tolist() == [7]
    assert outliers.rank(frame, most=1)["reasons"].tolist()[0][0].startswith("share +")


def test_missing_values_and_every_type_of_column() -> None:
    frame = commands(40)
    frame["time"] = pd.date_range("2026-03-01", periods=41, freq="min")
    frame["n"] = [None, float("inf"), *range(39)]
    frame["flag"] = pd.array([True, None, *[False] * 39], dtype="boolean")
    frame["lists"] = [["a"]] * 41
    frame["empty"] = None
    frame.loc[3, ["CommandLine", "time", "user"]] = None
    assert len(cluster.label(frame)) == len(outliers.rank(frame)) == 41


def test_memory_follows_distinct_rows() -> None:
    frame = pd.DataFrame({"a": np.arange(200_000) % 50, "b": "text of one kind"})
    assert cluster.label(frame).nunique() == 1
    many = pd.DataFrame({"a": np.append(np.random.default_rng(2).normal(size=40_000), 1e6)})
    labels = cluster.label(many)
    assert (labels.iloc[-1], (labels == 0).mean() > 0.99) == (-1, True)


def test_errors_name_the_remedy() -> None:
    with pytest.raises(DataError, match="no column tells these rows apart"):
        cluster.label(pd.DataFrame({"a": [1, 1]}))
    with pytest.raises(DataError, match="no column 'x'"):
        outliers.rank(pd.DataFrame({"a": [1, 2]}), ["x"])
    with pytest.raises(DataError, match="above 0"):
        cluster.label(pd.DataFrame({"a": [1, 2]}), distance=0)
    assert outliers.rank(pd.DataFrame({"a": []})).columns.tolist() == ["a", "outlier", "reasons"]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(max_size=20), st.integers(), st.floats()), min_size=1, max_size=20))
def test_hostile_values_are_numbers_or_nothing(values: list[object]) -> None:
    found = features.features(pd.DataFrame({"x": pd.Series(values, dtype=object)}))
    assert np.isfinite(features.scaled(found)).all()


def test_findings() -> None:
    rows = pd.DataFrame({"n": range(4)})
    found = Observations().add("a", rows, where=rows["n"] > 1, score=2, techniques="T1059.001", tags=["x"])
    found = found.add("b", score=9).add("a", rows, score=3, techniques=["T1059.003"], tags="x")
    rows.loc[0, "n"] = 99
    assert found["a"].data["n"].tolist() == [0, 1, 2, 3]  # type: ignore[index]  # it was given above
    assert [one.caption for one in found.ranked()] == ["b", "a"]
    assert [one.caption for one in found.tagged("T1059", "x")] == ["a"]
    assert found.to_frame()[["caption", "rows"]].values.tolist() == [["a", 4], ["b", 0]]
    assert len(found.remove("a")) == 1
    for wrong in ({"caption": " "}, {"caption": "c", "score": 11}, {"caption": "c", "link": "javascript:x"},
                  {"caption": "c", "techniques": "phishing"}):  # fmt: skip
        with pytest.raises(DataError):
            found.add(**wrong)  # type: ignore[arg-type]  # wrong by intent
    with pytest.raises(DataError, match="noted so far: a, b"):
        found["zzz"]


@pytest.mark.shared
@pytest.mark.skipif(not PROCESSES.exists(), reason="no recorded processes here")
def test_real_processes() -> None:
    frame = pd.read_csv(PROCESSES, index_col=0)
    shown = cluster.patterns(frame, ["CommandLine"])
    assert shown["rows"].sum() == len(frame)
    assert len(shown) < len(frame) / 2
