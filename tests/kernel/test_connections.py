"""Connections of a session: made, of the settings, in variables; which one is meant, what happens when one breaks."""

from __future__ import annotations

import pandas as pd
import pytest
from IPython.utils.capture import capture_output

import huntlens_kernel
from huntlens_kernel.configured import Connection
from kernel.shell import error, run


def test_connections(ip, tmp_path):
    (tmp_path / "Things.csv").write_text("Name,Size\na,1\nb,2\n")
    run(ip, f"%hunt connect local {tmp_path} name=lab")
    assert run(ip, "%hunt tables").df["table"].tolist() == ["Things"]
    assert run(ip, "%hunt schema Things").df["type"].tolist() == ["string", "long"]
    assert run(ip, "%kql lab Things | where Size > 1").rows == [("b", 2)]
    run(ip, "%hunt connect local name=other")
    assert "KQL101" in error(ip, "%kql Things")
    run(ip, "%hunt use lab")
    assert len(run(ip, "%kql Things")) == 2
    run(ip, "%hunt close lab")
    names = set(run(ip, "%hunt connections").df["name"])
    assert names == {"other"}


def test_a_provider_in_a_variable_is_a_connection(ip):
    ip.run_cell("from huntlens import QueryProvider\nqp = QueryProvider('local', data={'T': [{'a': 1}]})")
    assert run(ip, "%%kql qp\nT").rows == [(1,)]
    assert run(ip, "%%kql\nT").rows == [(1,)]


def test_the_last_connection_is_used_where_none_is_chosen(ip):
    ip.run_cell("from huntlens import QueryProvider\na = QueryProvider('local', data={'A': [{'x': 1}]})")
    ip.run_cell("b = QueryProvider('local', data={'B': [{'x': 2}]})")
    assert run(ip, "%kql B").rows == [(2,)]
    run(ip, "%hunt use a")
    assert run(ip, "%kql A").rows == [(1,)]
    assert run(ip, "%hunt connections").df.set_index("name")["state"].to_dict() == {"a": "current", "b": ""}


def test_connections_keep_their_secrets(ip, tmp_path):
    held = huntlens_kernel.current(ip)
    held.connect("lab", "local", data={"T": [{"a": 1}]})
    held.own["lab"].options["client_secret"] = "hunter2"
    assert "hunter2" not in repr(held) + repr(held.own)


SETTINGS = """
timespan: 2d
connections:
  lab:
    data: [seen.csv]
    default: true
    timespan: 1h
  prod:
    environment: splunk
    host: splunk.example.com
    user: ana
    password: {env: SPLUNK_PASSWORD}
"""


@pytest.fixture
def configured(ip, tmp_path, monkeypatch):
    """A shell in a folder with settings; nothing is connected."""
    (tmp_path / "huntlens.yaml").write_text(SETTINGS, "utf-8")
    (tmp_path / "seen.csv").write_text("TimeGenerated,Name\n2026-03-01T00:00:00Z,a\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPLUNK_PASSWORD", "hunter2")
    return ip


def test_connections_come_back_from_the_settings(configured):
    listed = run(configured, "%hunt connections").df.set_index("name")
    assert listed["environment"].to_dict() == {"lab": "local", "prod": "splunk"}
    assert set(listed["kind"]) == {"settings"}
    assert listed["state"]["lab"] == "current"
    assert run(configured, "%%kql --timespan all\nseen").rows[0][-1] == "a"
    assert run(configured, "%kql seen | count").rows == [(0,)]  # the settings say: the last hour
    run(configured, "%hunt timespan all")
    assert run(configured, "%kql seen | count").rows == [(1,)]
    shown = configured.display_formatter.format(run(configured, "%hunt status"))[0]
    session = huntlens_kernel.current(configured)
    assert "hunter2" not in repr(shown) + repr(session) + repr(session.connections) + repr(session.configured)


def test_time_range_of_the_settings_is_shown(configured):
    status = run(configured, "%hunt status").df.set_index("what")["value"]
    assert status["current"] == "lab"
    assert status["time range"].endswith("(settings)")


def test_settings_that_cannot_be_read(ip, tmp_path, monkeypatch):
    (tmp_path / "huntlens.yaml").write_text("connections: [", "utf-8")
    monkeypatch.chdir(tmp_path)
    ip.user_ns["T"] = pd.DataFrame({"a": [1]})
    assert "huntlens.yaml" in error(ip, "%%kql prod\nT")
    assert "huntlens.yaml" in run(ip, "%hunt connections").note


def test_a_broken_connection_is_made_again(configured):
    from huntlens.errors import ConnectionFailedError

    assert len(run(configured, "%%kql lab --timespan all\nseen")) == 1
    provider = huntlens_kernel.current(configured).own["lab"].provider

    class Gone:
        language = "kql"

        def __init__(self, source):
            self.schema, self.close = source.schema, source.close

        def run(self, *_):
            raise ConnectionFailedError("the service hung up")

    provider.source = Gone(provider.source)
    with capture_output() as captured:
        done = configured.run_cell("%%kql lab --timespan all\nseen")
    assert done.success
    assert "the connection lab was lost; it is made again" in captured.stdout
    assert len(done.result) == 1


def test_engines(logons):
    assert run(logons, "%%kql --engine local\nlogons | count").rows == [(4,)]
    assert "fast" in error(logons, "%%kql --engine fast\nlogons")
    assert "leave one of them out" in error(logons, "%%kql local --engine local\nlogons")
    assert huntlens_kernel.current(logons).active == "local"


def test_an_engine_does_not_become_current(logons):
    session = huntlens_kernel.current(logons)
    session.own["far"] = Connection("far", "spark", session.connection("local").provider)
    session.current = ""
    assert run(logons, "%%kql --engine spark\nlogons | count").rows == [(4,)]
    run(logons, "%hunt use local")
    assert run(logons, "%%kql --engine spark\nlogons | count").rows == [(4,)]
    assert session.active == "local"
