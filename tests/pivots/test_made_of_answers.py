"""Pivots that ask a query and give what a function of analysis makes of the answer."""

from __future__ import annotations

import inspect

import pandas as pd
import pytest

from huntlens import QueryProvider
from huntlens.catalog.pivots import load_pivots
from huntlens.cli.demo.story import tell
from huntlens.entities import Account, Host, Url


@pytest.fixture(scope="module")
def provider():
    events = pd.DataFrame(tell()["SecurityEvent"])
    logons = events[(events["EventID"] == 4624) & events["Computer"].str.startswith("dc01")]
    ends = pd.DataFrame({
        "TimeGenerated": [pd.Timestamp("2026-03-02 08:00")], "Computer": "dc01.corp.example", "EventID": 4634,
        "TargetLogonId": logons["TargetLogonId"].iloc[0],
    })  # fmt: skip
    with QueryProvider("local", data={"SecurityEvent": pd.concat([events, ends], ignore_index=True)}) as one:
        yield one


def test_processes_of_a_host_as_a_tree(provider):
    tree = Host("ws07").process_tree(provider=provider)
    assert set(tree["HostName"]) == {"ws07"}
    assert tree["host"].str.startswith("ws07").all()
    shell = tree[tree["name"].str.lower() == "powershell.exe"].iloc[0]
    parent = tree.set_index("key").loc[shell["parent_key"]]
    assert parent["name"].lower() == "winword.exe"
    assert "below 1 root on 1 host" in tree.hunt.process_tree().summary


def test_several_hosts_are_trees_one_after_the_other(provider):
    trees = Host.process_tree(["ws07", "dc01", "nowhere"], provider=provider)
    assert trees["HostName"].drop_duplicates().tolist() == ["ws07", "dc01"]
    assert "on 2 hosts" in trees.hunt.process_tree().summary
    assert set(Account("j.doe").process_tree(provider=provider)["Name"]) == {"j.doe"}
    assert Host.process_tree([], provider=provider).empty


def test_logons_of_a_host_with_their_ends(provider):
    found = Host("dc01").logon_sessions(provider=provider)
    assert {"account", "type_name", "address", "start", "end"} <= set(found.columns)
    assert found["end"].notna().sum() == 1
    assert Host("nowhere").logon_sessions(provider=provider).empty


def test_help_leaves_out_what_the_pivot_sets():
    known = inspect.signature(Host.logon_sessions).parameters
    assert {"start", "end"} <= set(known)
    assert not {"host", "event_ids"} & set(known)


def test_a_value_that_nobody_follows():
    assert Url.defang("http://evil.example/a")["defang"].tolist() == ["hxxp://evil[.]example/a"]


def test_a_row_with_a_query(tmp_path):
    path = tmp_path / "pivots.yaml"
    path.write_text(
        "- {name: a, on: [Host.HostName], query: q.x, with: {n: [1]}, call: 'os:getcwd', parameter: host}\n"
    )
    (pivot,), pack = load_pivots(path)
    assert not pack.errors
    assert (pivot.kind, pivot.target, pivot.then, pivot.fixed) == ("query", "q.x", "os:getcwd", (("n", [1]),))
