"""Audit records: events by host and whole id, hexadecimal values, all arguments, and the way into a process tree."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huntlens.analyze import auditd, process_tree
from huntlens.errors import DataError

LOG = Path(__file__).resolve().parents[2] / "../shared/data/logs/auditd_log.txt"
START = (
    "type=SYSCALL msg=audit(1600000000.5:{serial}): arch=c000003e syscall=59 success=yes exit=0 a0=4161 items=2"
    ' ppid={ppid} pid={pid} auid=4294967295 uid=0 tty=pts0 ses=3 comm="sh" exe="/bin/sh" key=(null)\n'
    'type=EXECVE msg=audit(1600000000.5:{serial}): argc=5 a0="sh" a1="-c" a2=6C73202D6C a3="x" a4="y"\n'
    'type=PATH msg=audit(1600000000.5:{serial}): item=0 name="/bin/sh" inode=27\n'
    "type=PATH msg=audit(1600000000.5:{serial}): item=1 name=2F746D702F6120 inode=28\n"
)


def test_events_of_one_instant_stay_apart_and_keep_all_arguments() -> None:
    text = "".join(START.format(serial=n, pid=100 + n, ppid=99 + n) for n in (1, 2))
    found = auditd.events(text, host="web")
    assert found[["serial", "pid", "ppid", "EventType"]].values.tolist() == [
        [1, 101, 100, "EXECVE"],
        [2, 102, 101, "EXECVE"],
    ]
    assert found["cmdline"].tolist() == ["sh -c 'ls -l' x y"] * 2
    assert found["paths"].tolist() == [["/bin/sh", "/tmp/a "]] * 2
    assert found["auid"].isna().all()
    assert found["TimeGenerated"].iloc[0] == pd.Timestamp("2020-09-13 12:26:40.5")
    assert auditd.fields(found["lines"][0])[0]["a0"] == "4161"
    tree = process_tree.build(found)
    assert tree.to_text() == "process [100]\n  sh [101]\n    sh [102]"


def test_learned_layouts_read_as_the_general_pattern_does() -> None:
    many = auditd.events("".join(START.format(serial=n, pid=n, ppid=1) for n in range(1, 60)))
    alone = pd.concat([auditd.events(START.format(serial=n, pid=n, ppid=1)) for n in range(1, 60)], ignore_index=True)
    pd.testing.assert_frame_equal(many, alone)


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        ("node=db1 type=CWD msg=audit(1.0:1):  cwd=2F746D70", "Computer", "db1"),
        ("Nov 21 10:00 h audispd: node=db2 type=CWD msg=audit(1.0:1): cwd=2F746D70", "Computer", "db2"),
        ("type=CWD msg=audit(1.0:1):  cwd=2F746D70", "cwd", "/tmp"),
        ("type=USER_CMD msg=audit(1.0:1): pid=1 msg='cwd=\"/\" cmd=6964 terminal=? res=success'", "cmdline", "id"),
        ("type=USER_LOGIN msg=audit(1.0:1): msg='op=login acct=28756E29 addr=10.0.0.1 res=failed'", "acct", "(un)"),
        ('type=USER_LOGIN msg=audit(1.0:1): pid=1 uid=0\x1dUID="root"', "user", "root"),
        ("type=PROCTITLE msg=audit(1.0:1): proctitle=6C73002D6C", "cmdline", "ls -l"),
        ('type=EXECVE msg=audit(1.0:1): argc=2 a0="x" a1_len=4 a1[0]=6162 a1[1]=6364', "cmdline", "x abcd"),
        ("type=UNKNOWN[1420] msg=audit(1.0:1): x=1", "EventType", "UNKNOWN[1420]"),
        ('type=AUOMS_EXECVE audit(1.0:1): ppid=1 pid=2 exe="/bin/ls" cmdline="ls -l"', "cmdline", "ls -l"),
    ],
)
def test_lines(line: str, column: str, expected: str) -> None:
    assert auditd.events(line)[column].tolist() == [expected]


def test_frames_of_rows() -> None:
    rows = pd.DataFrame(
        {"Computer": ["a", "b", "a", None], "RawData": [*START.format(serial=1, pid=2, ppid=1).split("\n")[:3], None]}
    )
    assert sorted(auditd.events(rows)["Computer"]) == ["a", "b"]
    with pytest.raises(DataError, match="no column of audit lines"):
        auditd.events(pd.DataFrame({"x": []}))
    with pytest.raises(DataError, match="no column 'y'"):
        auditd.events(rows, "y")
    with pytest.raises(DataError, match="cannot be read"):
        auditd.read("/nowhere/audit.log")


def test_nothing_gives_the_columns() -> None:
    assert auditd.events("").columns.tolist() == list(auditd.COLUMNS)


@given(st.lists(st.text(max_size=60), max_size=5))
def test_hostile_lines_never_fail(bodies: list[str]) -> None:
    text = "\n".join(f"type=SYSCALL msg=audit(99999999999999999.9:99999999999999999999): {body}" for body in bodies)
    assert len(auditd.events(text)) == bool(bodies)


@pytest.mark.shared
@pytest.mark.skipif(not LOG.exists(), reason="no recorded log here")
def test_a_real_log() -> None:
    found = auditd.read(LOG, host="linux1")
    assert len(found) == 938
    assert len(auditd.starts(found)) == 146
    assert (found["types"].map(len).sum(), found["cmdline"].notna().sum()) == (1708, 176)
    assert len(process_tree.build(found).frame.query("not inferred")) == 146
