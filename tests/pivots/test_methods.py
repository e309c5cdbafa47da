"""`df.hunt.<name>()`: functions of analysis as methods of a frame, each on logs that were recorded."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import huntlens.pivots  # noqa: F401  (registers df.hunt)
from huntlens._lazy import resolve
from huntlens.catalog.methods import METHODS
from huntlens.registry import member_names
from huntlens.viz import accessor
from huntlens.viz.figure import Figure

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", METHODS)
def test_a_row_names_a_function_that_takes_a_frame_first(name: str) -> None:
    function = resolve(METHODS[name].target)
    frame = pd.DataFrame({"a": [1]})
    bound = getattr(frame.hunt, name)
    assert list(inspect.signature(bound).parameters) == list(inspect.signature(function).parameters)[1:]
    assert bound.__doc__ == function.__doc__
    assert bound.__doc__
    assert name in dir(frame.hunt)
    assert METHODS[name].summary


def test_plots_and_methods_do_not_hide_each_other() -> None:
    assert not set(METHODS) & {*member_names(accessor.PLOTS), "table"}


def read(shared: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(shared / "data" / "logs" / name)


@pytest.mark.shared
def test_processes(shared: Path) -> None:
    frame = read(shared, "processes_on_host.csv")
    tree = frame.hunt.tree()
    assert len(tree.frame) > len(frame)
    assert isinstance(tree.frame.hunt.process_tree(), Figure)
    risky = frame.hunt.risk(column="CommandLine")
    assert "download" in " ".join(frame.loc[risky["row"], "CommandLine"]).lower()
    kinds = frame.hunt.cluster(columns=["CommandLine", "NewProcessName"])
    assert kinds["rows"].sum() == len(frame)
    odd = frame.hunt.outliers(columns=["CommandLine"], most=5)
    assert len(odd) == 5
    assert odd["outlier"].is_monotonic_decreasing
    found = frame.hunt.ioc(columns=["CommandLine"])
    assert {"windows_path", "url"} <= set(found["type"])
    assert isinstance(frame.hunt.clusters(columns=["CommandLine", "NewProcessName"]), Figure)


@pytest.mark.shared
def test_sessions_and_their_scores(shared: Path) -> None:
    frame = read(shared, "demo_exchange_data.csv").assign(TimeGenerated=lambda f: pd.to_datetime(f["TimeGenerated"]))
    sessions = frame.hunt.sessions("UserId", "Operation")
    assert sessions["number_events"].sum() == len(frame)
    scored = sessions.hunt.score_sessions("Operation")
    assert scored["rarest_likelihood"].is_monotonic_increasing
    assert isinstance(scored.hunt.sequences(), Figure)


@pytest.mark.shared
def test_series_and_what_stands_out(shared: Path) -> None:
    frame = read(shared, "time_series.csv")[["TimeGenerated", "TotalBytesSent"]]
    found = frame.hunt.anomalies(value="TotalBytesSent")
    assert len(found) == len(frame)
    assert (found["anomaly"] != 0).any()
    assert "stand out" in found.hunt.anomaly().summary
    assert len(frame.hunt.forecast(24, value="TotalBytesSent")) == 24


@pytest.mark.shared
def test_masking_and_logons(shared: Path) -> None:
    frame = read(shared, "host_logons.csv")
    masked = frame.hunt.mask(key="k")
    assert masked.shape == frame.shape
    names = {name for name in frame["TargetUserName"] if len(str(name)) > 6}
    assert not names & set(masked["TargetUserName"])
    assert frame.hunt.logon_sessions()["account"].notna().all()


@pytest.mark.shared
def test_a_figure_of_every_alert(shared: Path) -> None:
    alerts = read(shared, "alertlist.csv")
    assert "further entities" in alerts.hunt.entity_graph().summary
    places = read(shared, "ip_locs.csv")
    assert places.hunt.world_map(country="CountryCode").summary.startswith("Rows by country: ")
    assert "not on the map" not in places.hunt.world_map(country="CountryOrRegionName").summary
