"""Process trees: parents across hosts and reused ids, parents that are missing, and the ways through the tree."""

from __future__ import annotations

import json
import zipfile

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huntlens.analyze.process_tree import build, infer_schema
from huntlens.errors import DataError


def log(*rows: tuple) -> pd.DataFrame:
    names = [
        "TimeGenerated",
        "Computer",
        "NewProcessId",
        "ProcessId",
        "NewProcessName",
        "ParentProcessName",
        "CommandLine",
    ]
    frame = pd.DataFrame(rows, columns=names)
    frame["TimeGenerated"] = pd.Timestamp("2026-03-01") + pd.to_timedelta(frame["TimeGenerated"], unit="s")
    return frame.assign(EventID=4688, SubjectUserName="bob")


FAMILY = log(
    (0, "A", "0x10", "0x4", r"C:\explorer.exe", r"C:\userinit.exe", "explorer"),
    (1, "A", "0x20", "0x10", r"C:\cmd.exe", r"C:\explorer.exe", "cmd"),
    (2, "B", "0x30", "0x20", r"C:\other.exe", r"C:\wininit.exe", "other"),
    (3, "A", "0x30", "0x20", r"C:\ping.exe", r"C:\cmd.exe", "ping 1.1.1.1"),
    (4, "A", "0x20", "0x10", r"C:\pwsh.exe", r"C:\explorer.exe", "pwsh"),
    (5, "A", "0x40", "0x20", r"C:\whoami.exe", r"C:\pwsh.exe", "whoami"),
)


def test_tree() -> None:
    assert build(FAMILY).to_text() == (
        "userinit.exe [4]\n"
        "  explorer.exe [16]\n"
        "    cmd.exe [32]\n"
        "      ping.exe [48]\n"
        "    pwsh.exe [32]\n"
        "      whoami.exe [64]\n"
        "wininit.exe [32]\n"
        "  other.exe [48]"
    )


def test_ways_through_the_tree() -> None:
    tree = build(FAMILY)
    key = int(tree.find("whoami")["key"].iloc[0])
    assert tree.path(key)["name"].tolist() == ["userinit.exe", "explorer.exe", "pwsh.exe", "whoami.exe"]
    assert tree.parent(key)["name"].tolist() == ["pwsh.exe"]
    assert tree.ancestors(key)["name"].tolist() == ["userinit.exe", "explorer.exe", "pwsh.exe"]
    assert tree.siblings(int(tree.parent(key)["key"].iloc[0]))["name"].tolist() == ["cmd.exe"]
    assert tree.children(1)["name"].tolist() == ["cmd.exe", "pwsh.exe"]
    assert len(tree.descendants(0)) == 5
    assert tree.root_of(key)["inferred"].tolist() == [True]
    assert tree.roots()["name"].tolist() == ["userinit.exe", "wininit.exe"]


def test_rarity_counts_pairs_of_names() -> None:
    more = log((6, "A", "0x50", "0x10", r"C:\cmd.exe", r"C:\explorer.exe", "cmd"))
    tree = build(pd.concat([FAMILY, more], ignore_index=True))
    assert tree.rarity[tree.frame["name"] == "cmd.exe"].tolist() == [0.5, 0.5]
    assert tree.rarity[tree.frame["name"] == "ping.exe"].tolist() == [1.0]


def test_rows_are_those_of_the_log() -> None:
    tree = build(FAMILY.set_axis(list("uvwxyz")))
    assert tree.frame.loc[~tree.frame["inferred"], "row"].tolist() == ["u", "v", "x", "y", "z", "w"]


def test_reported_twice_is_one_process() -> None:
    assert len(build(pd.concat([FAMILY, FAMILY]))) == len(build(FAMILY))


def test_text_event_ids_and_extra_columns() -> None:
    assert len(build(FAMILY.assign(EventID="4688", Tags=[["a"]] * 6))) == 8


@pytest.mark.parametrize("rows", [0, 1])
def test_few_rows(rows: int) -> None:
    assert len(build(FAMILY.iloc[:rows])) == 2 * rows


def test_no_times() -> None:
    assert len(build(FAMILY.assign(TimeGenerated=pd.NaT))) >= 6


def test_own_schema() -> None:
    frame = FAMILY.rename(columns={"NewProcessId": "p", "ProcessId": "pp", "NewProcessName": "n", "TimeGenerated": "t"})
    schema = {"process_id": "p", "parent_id": "pp", "path": "n", "time": "t", "host": "Computer"}
    assert len(build(frame, schema)) == 8


def test_unknown_columns_are_named() -> None:
    with pytest.raises(DataError, match="windows_security"):
        build(pd.DataFrame({"a": [1]}))
    with pytest.raises(DataError, match="no process schema 'x'"):
        build(FAMILY, "x")
    with pytest.raises(DataError, match="no field 'bogus'"):
        build(FAMILY, {"process_id": "a", "parent_id": "a", "path": "a", "time": "a", "bogus": "a"})


def test_unique_ids_are_enough() -> None:
    """Sysmon rows of which a collector dropped the process id; the parents of two hosts have one unique id."""
    rows = pd.DataFrame(
        [("A", 1, "{1}", "{0}", "a.exe"), ("A", 2, "{2}", "{1}", "b.exe"), ("B", 3, "{3}", "{1}", "c.exe")],
        columns=["Computer", "UtcTime", "ProcessGuid", "ParentProcessGuid", "Image"],
    ).assign(EventID=1, ParentImage="p.exe")
    rows["UtcTime"] = pd.Timestamp("2026-03-01") + pd.to_timedelta(rows["UtcTime"], unit="s")
    assert build(rows, "sysmon").to_text() == "p.exe\n  a.exe\n    b.exe\np.exe\n  c.exe"


def test_a_schema_that_does_not_fit_is_told() -> None:
    with pytest.raises(DataError, match="no column 'UtcTime' or 'TimeGenerated' or 'TimeCreated'; it has: Image"):
        build(pd.DataFrame(columns=["Image", "ProcessGuid", "ParentProcessGuid"]), "sysmon")
    with pytest.raises(DataError, match="a process schema needs parent_id"):
        build(FAMILY, {"process_id": "NewProcessId", "path": "NewProcessName", "time": "TimeGenerated"})


def test_circles_are_cut_and_nothing_is_lost() -> None:
    rows = pd.DataFrame({"ProcessGuid": ["{1}", "{2}", "{3}", "{4}"], "ParentProcessGuid": ["{2}", "{1}", "{3}", "{1}"],
        "Image": list("abcd"), "UtcTime": pd.date_range("2026-03-01", periods=4), "EventID": 1})  # fmt: skip
    tree = build(rows, "sysmon")
    assert sorted(tree.frame.loc[~tree.frame["inferred"], "name"]) == list("abcd")
    assert (tree.frame["parent_key"] < tree.frame["key"]).all()


def test_the_parent_of_one_instant_stands_before() -> None:
    """Ids of one second: the parent is the one that is logged before, not the one that has the id next."""
    rows = log(
        (0, "A", "0x10", "0x4", r"C:\a.exe", "", ""),
        (5, "A", "0x20", "0x10", r"C:\b.exe", "", ""),
        (5, "A", "0x10", "0x20", r"C:\c.exe", "", ""),
    )
    assert build(rows).to_text() == "process [4]\n  a.exe [16]\n    b.exe [32]\n      c.exe [16]"


LOGGED = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from("AB"), st.integers(1, 6), st.integers(1, 6)), min_size=1, max_size=30
)


@given(LOGGED)
def test_every_start_has_the_parent_that_a_slow_search_finds(rows: list[tuple[int, str, int, int]]) -> None:
    frame = log(*[(at, host, hex(16 * pid), hex(16 * above), f"{n}.exe", "", "") for n, (at, host, pid, above) in
        enumerate(rows)])  # fmt: skip
    tree = build(frame).frame
    assert len(tree[~tree["inferred"]]) == len(rows)
    ordered = sorted(range(len(rows)), key=lambda n: (rows[n][0], rows[n][1]))
    for place, n in enumerate(ordered):
        _, host, _, above = rows[n]
        before = [m for m in ordered[:place] if rows[m][1] == host and rows[m][2] == above]
        key = int(tree.loc[tree["row"] == n, "parent_key"].iloc[0])
        assert tree.at[key, "row"] == (before[-1] if before else None)


RECORDED = {
    # Data set, event: starts, nodes of the tree, its depth. Parents are known by unique id or by host, id and time.
    ("cmd_wevtutil_modify_security_eventlog_path", 1): (31, 39, 3),
    ("empire_dcom_shellwindows_stager", 1): (80, 90, 8),
    ("empire_dcom_shellwindows_stager", 4688): (11, 15, 4),
    ("metasploit_logonpasswords_lsass_memory_dump", 1): (269, 279, 4),
    ("metasploit_logonpasswords_lsass_memory_dump", 4688): (53, 62, 3),
    ("purplesharp_ad_playbook_I", 1): (24, 33, 3),
    ("purplesharp_ad_playbook_I", 4688): (24, 33, 3),
}


@pytest.mark.shared
@pytest.mark.parametrize(("name", "event"), RECORDED)
def test_recorded_attacks(shared, name: str, event: int) -> None:
    with zipfile.ZipFile(shared / f"data/security-datasets/{name}.zip") as archive:
        member = next(one for one in archive.namelist() if not one.startswith("__"))
        lines = [line for line in archive.open(member) if b'"EventID":%d,' % event in line.replace(b" ", b"")]
    rows = [row for row in map(json.loads, lines) if row["EventID"] == event and ("Image" in row) is (event == 1)]
    tree = build(pd.DataFrame(rows), "sysmon" if event == 1 else "windows_security").frame
    starts = tree[~tree["inferred"]]
    assert (len(starts), len(tree), tree["depth"].max()) == RECORDED[name, event]
    told = starts[starts["parent_path"] != "-"]
    assert (tree.loc[told["parent_key"], "path"].str.lower().array == told["parent_path"].str.lower().array).all()


@pytest.mark.shared
def test_real_log(shared) -> None:
    data = pd.read_csv(shared / "data/logs/processes_on_host.csv")
    tree = build(data)
    assert infer_schema(data).name == "windows_security"
    assert (tree.frame["parent_key"] < tree.frame["key"]).all()
    assert (~tree.frame["inferred"]).sum() == 363
    named = tree.frame[(tree.frame["parent_path"] != "") & (tree.frame["parent_key"] >= 0)]
    parents = tree.frame.loc[named["parent_key"], "path"]
    assert (named["parent_path"].str.lower().to_numpy() == parents.str.lower().to_numpy()).all()


def test_half_characters_are_shown_as_escapes() -> None:
    frame = FAMILY.assign(CommandLine=pd.Series(["a\ud800"] * 6, dtype=object))
    assert build(frame).frame["command_line"].iloc[-1] == "a\\ud800"
