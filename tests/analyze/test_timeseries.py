"""Time series: spikes and dips are found both ways, in high and low season, and little else is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from huntlens.analyze.timeseries import decompose, forecast, periods, series
from huntlens.errors import DataError

HOURS = 24 * 40
INDEX = pd.date_range("2026-01-01", periods=HOURS, freq="1h")


def wave(scale: float = 1.0, noise: float = 5.0) -> pd.Series:
    random = np.random.default_rng(3)
    daily = 100 + 50 * np.sin(np.arange(HOURS) / 24 * 2 * np.pi)
    return pd.Series(scale * (daily + random.normal(0, noise, HOURS)), INDEX)


@pytest.mark.parametrize("scale", [1.0, 0.001, 1e6])
def test_spikes_and_dips(scale: float) -> None:
    """Also for rates below one, and for a spike in the low season that stays below the usual maximum."""
    values = wave(scale)
    values.iloc[[402, 500]] += 45 * scale
    values.iloc[[702, 900]] -= 45 * scale
    found = decompose(values, threshold=4)
    assert found.loc[[402, 500], "anomaly"].tolist() == [1, 1]
    assert found.loc[[702, 900], "anomaly"].tolist() == [-1, -1]
    assert (found["anomaly"] != 0).sum() <= 8


def test_parts_add_up() -> None:
    values = wave()
    found = decompose(values)
    assert np.allclose(found["trend"] + found["seasonal"] + found["residual"], values)
    assert np.allclose(found["baseline"], found["trend"] + found["seasonal"])


def test_periods_join_runs() -> None:
    values = wave()
    values.iloc[400:404] += 80
    values.iloc[600] -= 80
    runs = periods(decompose(values, threshold=6), gap=2)
    assert runs[["start", "direction", "steps"]].to_numpy().tolist() == [
        [INDEX[400], 1, 4],
        [INDEX[600], -1, 1],
    ]


def test_rows_become_counts_and_sums() -> None:
    rows = pd.DataFrame(
        {
            "TimeGenerated": ["2026-03-01T10:10:00Z", "2026-03-01T12:50:00Z", None],
            "bytes": [5, 7, 9],
        }
    )
    assert series(rows).tolist() == [1.0, 0.0, 1.0]
    assert series(rows, value="bytes").tolist() == [5.0, 0.0, 7.0]


def test_forecast_goes_on_with_the_season() -> None:
    ahead = forecast(wave(noise=0.1), 24)
    assert ahead.index[0] == INDEX[-1] + pd.Timedelta("1h")
    assert ahead.to_numpy() == pytest.approx(100 + 50 * np.sin(np.arange(24) / 24 * 2 * np.pi), abs=2)


def test_a_perfect_season_has_no_anomalies() -> None:
    assert (decompose(wave(noise=0.0))["anomaly"] == 0).all()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (wave().iloc[:30], "needs 49 values, there are 30"),
        (wave().where(wave() < 140), "missing values"),
        (pd.Series([1.0] * 100), "pass period="),
    ],
)
def test_bad_series(values: pd.Series, words: str) -> None:
    with pytest.raises(DataError, match=words):
        decompose(values)
