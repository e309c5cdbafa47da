"""Beacons: steady ones are told from chance, with jitter and missing calls."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from huntlens.analyze.polling import beacons, fisher_g
from huntlens.errors import DataError

RANDOM = np.random.default_rng(7)
GAPS = {
    "exact": np.full(200, 60.0),
    "jitter": RANDOM.uniform(240, 360, 300),
    "missing": np.where(RANDOM.random(300) < 0.3, 600, 300) + RANDOM.normal(0, 4, 300),
    "chance": RANDOM.exponential(300, 300),
    "bursts": np.where(np.arange(300) % 30 == 0, 5_000, RANDOM.exponential(5, 300)),
}


def calls(gaps: np.ndarray, name: str) -> pd.DataFrame:
    times = pd.Timestamp("2026-03-01") + pd.to_timedelta(np.cumsum(gaps), unit="s")
    return pd.DataFrame({"TimeGenerated": times, "ip": name})


def test_order_and_scores() -> None:
    found = beacons(pd.concat([calls(gaps, name) for name, gaps in GAPS.items()]), "ip").set_index("ip")
    assert set(found.index[:3]) == {"exact", "jitter", "missing"}
    assert found.index[0] == "exact"
    assert found.loc["exact", ["period_s", "jitter", "score"]].tolist() == [60.0, 0.0, 1.0]
    assert found.loc["missing", "period_s"] == pytest.approx(300, abs=10)
    assert found.loc["chance", "score"] < 0.3
    assert found.loc["bursts", "score"] < 0.3


def test_chance_is_rarely_taken_for_a_beacon() -> None:
    values = [fisher_g(np.cumsum(RANDOM.exponential(60, 200))) for _ in range(200)]
    assert sum(value < 0.001 for value in values) <= 3


def test_several_columns_few_calls_and_missing_times() -> None:
    data = calls(np.full(20, 10.0), "a").assign(host="h", port=[443] * 19 + [None])
    data.loc[0, "TimeGenerated"] = pd.NaT
    found = beacons(data, ["host", "ip"], least_calls=19)
    assert found[["host", "ip", "calls"]].to_numpy().tolist() == [["h", "a", 19]]
    assert beacons(data, ["host", "ip"], least_calls=20).empty


def test_unknown_column() -> None:
    with pytest.raises(DataError, match="no column 'x'"):
        beacons(calls(GAPS["exact"], "a"), "x")
