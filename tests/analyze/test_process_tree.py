"""Process trees: parents across hosts and reused ids, parents that are missing, and the ways through the tree."""

from __future__ import annotations

import pandas as pd
import pytest

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
