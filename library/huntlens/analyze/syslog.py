"""What people did on Linux hosts, out of Syslog rows: logons over SSH, sessions, sudo commands and their risks."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from huntlens.analyze import command_line
from huntlens.analyze.columns import need, times

if TYPE_CHECKING:
    from collections.abc import Iterator

SUDO: Final = ("time", "host", "user", "target", "terminal", "folder", "command", "refused", "row")
SESSIONS: Final = ("host", "service", "user", "target", "start", "end", "duration", "commands", "row")
LOGONS: Final = ("time", "host", "account", "type_name", "address", "success", "known_user", "row")
RISKS: Final = (*SUDO[:-1], "score", "reasons", "techniques", "row")

_SUDO: Final = re.compile(r"^\s*(?P<user>\S+) : (?:(?P<refused>[^;=]+?)\s*;\s*)?(?=TTY=)(?P<rest>.*)$", re.DOTALL)
_PART: Final = re.compile(r"\b(TTY|PWD|USER|GROUP|TSID|ENV)=(.*?)(?=\s*;\s|\s{2,}|\s*$)")
_PAM: Final = re.compile(
    r"pam_unix\((?P<service>[\w.-]+):session\): session (?P<what>opened|closed) for user (?P<target>[^\s(]+)"
    r"(?:.*? by (?P<user>[^\s(]*)\(uid=(?P<uid>\d+)\))?"
)
_SSH: Final = re.compile(
    r"^(?P<what>Accepted|Failed) (?P<method>[\w/-]+) for (?P<invalid>invalid user )?(?P<user>.{0,64}?) from"
    r" (?P<address>[0-9A-Fa-f.:%\w]+) port \d+"
)
_ORDER: Final = {"opened": 0, "command": 1, "closed": 2}

_SHELL: Final = r"(?:^|/)(?:ba|z|da|k|c|tc|fi)?sh(?:\s+-[il])*\s*$|^(?:/usr)?/bin/su\b|\bsu\s+-"
_SERVICES: Final = r"systemctl\s+(?:enable|daemon-reload)|/etc/systemd/|/etc/init\.d/|/etc/rc\.local"
_PROTECTION: Final = (
    r"(?:systemctl|service)\s+(?:stop|disable|mask)\s+\S*(?:audit|syslog|omsagent|falcon|defend|mdatp|osquery)"
    r"|\b(?:auditd?|rsyslogd?|omsagent|mdatp)\s+stop\b|auditctl\s+-[eD]"
)
_BREAK_OUT: Final = (
    r"\b(?:vim?|nano|less|more|man|awk|find|perl|python[\d.]*|ruby|lua)\b.{0,200}(?:/bin/(?:ba)?sh|os\.system|exec)"
)
_RULES: Final = tuple(
    (re.compile(pattern), score, technique, reason)
    for pattern, score, technique, reason in (
        (_SHELL, 2, "T1548.003", "opens a root shell"),
        (r"/etc/sudoers|\bvisudo\b", 4, "T1548.003", "changes who may use sudo"),
        (r"/etc/shadow|/etc/gshadow|\bunshadow\b", 4, "T1003.008", "reads or changes the password hashes"),
        (r"\b(?:useradd|adduser|usermod|groupadd|passwd|chpasswd)\b", 2, "T1136.001", "adds or changes users"),
        (r"authorized_keys|/\.ssh/", 3, "T1098.004", "touches keys for SSH"),
        (r"\bcrontab\b|/etc/cron|/var/spool/cron", 2, "T1053.003", "changes what cron runs"),
        (_SERVICES, 2, "T1543.002", "changes services"),
        (_PROTECTION, 4, "T1562.001", "stops logging or protection"),
        (r"\biptables\s+(?:-F|--flush)|\bufw\s+disable|setenforce\s+0", 4, "T1562.004", "opens the firewall"),
        (r"chmod\s+(?:[ugoa]*\+s|[2467][0-7]{3})\b", 4, "T1548.001", "sets a program to run as its owner"),
        (r"\b(?:rm|shred|truncate)\b.{0,200}/var/log|>\s*/var/log", 4, "T1070.002", "removes logs"),
        (r"/etc/ld\.so\.preload|LD_PRELOAD=", 5, "T1574.006", "loads a library into other programs"),
        (r"\b(?:insmod|modprobe)\b", 2, "T1547.006", "loads a module into the kernel"),
        (r"\b(?:tcpdump|tshark)\b", 2, "T1040", "listens to the network"),
        (_BREAK_OUT, 4, "T1548.003", "breaks out of a program into a shell"),
        (r"\b(?:curl|wget)\b", 2, "T1105", "downloads as root"),
    )
)  # fmt: skip


def sudo(data: pd.DataFrame, *, time: str = "") -> pd.DataFrame:
    """The commands that people ran, or tried to run, by sudo, one row each.

    `data` has `SyslogMessage`, and where it can `Computer`, `ProcessName` and a time. Columns: `time`, `host`, `user`,
    `target` (whose rights it took), `terminal`, `folder`, `command`, `refused` (why, else empty), `row`.

    >>> line = "bob : TTY=pts/0 ; PWD=/home/bob ; USER=root ; COMMAND=/usr/bin/id"
    >>> log = pd.DataFrame({"TimeGenerated": ["2026-03-01"], "SyslogMessage": [line]})
    >>> sudo(log)[["user", "target", "command"]].values.tolist()
    [['bob', 'root', '/usr/bin/id']]
    """
    rows = []
    for label, moment, host, _, text in _rows(data, time):
        match = _SUDO.match(text)
        if match is None:
            continue
        told, _, command = match["rest"].partition("COMMAND=")
        parts = dict(_PART.findall(told))
        values = (parts.get("USER", ""), parts.get("TTY", ""), parts.get("PWD", ""))
        rows.append((moment, host, match["user"], *values, command.strip(), match["refused"] or "", label))
    return _frame(rows, SUDO)


def sudo_sessions(data: pd.DataFrame, *, time: str = "") -> pd.DataFrame:
    """The sessions that PAM opened and closed (sudo, su, sshd, cron), one row each, by start.

    Columns: `host`, `service`, `user` (who asked for it), `target`, `start`, `end`, `duration`, `commands` (what sudo
    ran in it) and `row` (index label of the opening). What the log does not hold, a start or an end, is missing.
    Sessions of one instant stay apart: each closing ends the oldest that is open.
    """
    commands = sudo(data, time=time)
    steps: list[tuple[Any, int, tuple[str, ...], dict[str, Any]]] = []
    ran = commands[commands["refused"] == ""]
    columns = (ran[name].tolist() for name in ("time", "host", "target", "user", "command"))
    for moment, host, target, user, text in zip(*columns, strict=True):
        steps.append((moment, _ORDER["command"], (host, "sudo", target), {"user": user, "command": text}))
    for label, moment, host, _, text in _rows(data, time):
        match = _PAM.search(text)
        if match is not None:
            place = (host, match["service"], match["target"])
            steps.append((moment, _ORDER[match["what"]], place, {"user": match["user"] or "", "row": label}))
    steps.sort(key=lambda step: (step[0] is pd.NaT, step[0].value if step[0] is not pd.NaT else 0, step[1]))
    groups: dict[tuple[str, ...], _Open] = defaultdict(_Open)
    found: list[_Session] = []
    for moment, order, key, told in steps:
        groups[key].step(found, moment, order, key, told)
    rows = [
        (*one.key[:2], one.user, one.key[2], one.start, one.end, one.end - one.start, one.commands, one.row)
        for one in found
    ]
    frame = pd.DataFrame(rows, columns=list(SESSIONS))
    for name in ("start", "end"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
    frame["duration"] = frame["end"] - frame["start"]
    return frame.sort_values("start", kind="stable", ignore_index=True)


def risky(data: pd.DataFrame, *, time: str = "", least: int = 2) -> pd.DataFrame:
    """The sudo commands that matter, the worst first, each with its reasons.

    The columns of `sudo`, and `score` (the sum of the rules that fit), `reasons` and `techniques`. A refused command
    counts by itself. `least` is the lowest score that is kept.

    >>> line = "bob : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/sbin/visudo"
    >>> risky(pd.DataFrame({"TimeGenerated": ["2026-03-01"], "SyslogMessage": [line]})).reasons.tolist()
    [['changes who may use sudo']]
    """
    found = sudo(data, time=time)
    table = {text: _judge(text) for text in found["command"].unique()}
    judged = [
        table[text] + (_REFUSED if refused else [])
        for text, refused in zip(found["command"], found["refused"], strict=True)
    ]
    found["score"] = pd.Series([sum(score for score, _, _ in one) for one in judged], dtype="int64")
    found["reasons"] = pd.Series([[reason for _, _, reason in one] for one in judged], dtype=object)
    found["techniques"] = pd.Series([sorted({name for _, name, _ in one}) for one in judged], dtype=object)
    kept = found[found["score"] >= least].sort_values("score", ascending=False, kind="stable", ignore_index=True)
    return kept[list(RISKS)]


def logons(data: pd.DataFrame, *, time: str = "") -> pd.DataFrame:
    """The logons over SSH, tried and done, one row each.

    Columns: `time`, `host`, `account`, `type_name` (password, publickey, ...), `address`, `success`,
    `known_user` (False for a name that the host does not have), `row`.
    `logon_sessions.clusters(..., time="time")` groups them.

    >>> line = "Failed password for invalid user admin from 203.0.113.9 port 4711 ssh2"
    >>> found = logons(pd.DataFrame({"TimeGenerated": ["2026-03-01"], "SyslogMessage": [line]}))
    >>> found[["account", "address", "success", "known_user"]].values.tolist()
    [['admin', '203.0.113.9', False, False]]
    """
    rows = []
    for label, moment, host, _, text in _rows(data, time):
        match = _SSH.match(text)
        if match is not None:
            told = (
                match["user"],
                match["method"],
                match["address"],
                match["what"] == "Accepted",
                match["invalid"] is None,
            )
            rows.append((moment, host, *told, label))
    return _frame(rows, LOGONS)


def guessed(data: pd.DataFrame, *, time: str = "", failures: int = 5, within: str = "1h") -> pd.DataFrame:
    """Logons that worked after at least so many failures from the same address within a time.

    `data` is what `logons` gave or the Syslog rows. The columns of `logons`, and `failures`.
    """
    found = data if set(LOGONS) <= set(data.columns) else logons(data, time=time)
    found = found.sort_values("time", kind="stable", ignore_index=True)
    span, recent, rows = pd.Timedelta(within), defaultdict(deque), []  # type: ignore[var-annotated]
    for at, one in enumerate(found.itertuples()):
        failed = recent[one.host, one.address]
        while failed and one.time - failed[0] > span:
            failed.popleft()
        if not one.success:
            failed.append(one.time)
        elif len(failed) >= failures:
            rows.append((at, len(failed)))
            failed.clear()
    return found.iloc[[at for at, _ in rows]].assign(failures=[count for _, count in rows]).reset_index(drop=True)


_REFUSED: Final = [(3, "T1548.003", "was refused")]


def _judge(text: str) -> list[tuple[int, str, str]]:
    own = [(score, technique, reason) for pattern, score, technique, reason in _RULES if pattern.search(text)]
    seen = {technique for _, technique, _ in own}
    shared = [(rule.score, rule.technique, rule.reason) for rule in command_line.judge(text).rules]
    return own + [rule for rule in shared if rule[1] not in seen]


@dataclass
class _Session:
    key: tuple[str, ...]
    user: str
    start: Any
    row: object
    end: Any = pd.NaT
    commands: list[str] = field(default_factory=list)


@dataclass
class _Open:
    """The open sessions of a host, service and target, and commands that no session has taken yet."""

    sessions: deque[_Session] = field(default_factory=deque)
    waiting: deque[dict[str, Any]] = field(default_factory=deque)

    def step(self, found: list[_Session], moment: Any, order: int, key: tuple[str, ...], told: dict[str, Any]) -> None:
        """A command stands in front of its session, but within one second in any order."""
        if order == _ORDER["command"]:
            self.waiting.append(told)
            return
        if order == _ORDER["opened"]:
            session = _Session(key, told["user"], moment, told["row"])
            self.sessions.append(session)
            found.append(session)
        elif self.sessions:
            session = self.sessions.popleft()
            session.end = moment
        else:
            session = _Session(key, told["user"], pd.NaT, None, moment)
            found.append(session)
        if self.waiting and not session.commands:
            command = self.waiting.popleft()
            session.commands.append(command["command"])
            session.user = command["user"]


def _rows(data: pd.DataFrame, time: str) -> Iterator[tuple[object, Any, str, str, str]]:
    """Index label, time, host and text of each row with a text."""
    need(data, "SyslogMessage")
    moments = times(data, time)
    empty = [""] * len(data)
    hosts = data["Computer"] if "Computer" in data.columns else data.get("HostName", empty)
    programs = data.get("ProcessName", empty)
    for label, moment, host, program, text in zip(
        data.index, moments, hosts, programs, data["SyslogMessage"], strict=True
    ):
        if isinstance(text, str):
            yield (
                label,
                moment,
                host if isinstance(host, str) else "",
                program if isinstance(program, str) else "",
                text,
            )


def _frame(rows: list[tuple[Any, ...]], columns: tuple[str, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(columns))
    frame["time"] = pd.to_datetime(frame["time"]).astype("datetime64[us]")
    return frame
