"""CPU time and memory of the analysis functions, beside MSTICPy 3.0.2 where it has the function.

    python benchmarks/analyze_speed.py [--tasks messages,base64] [--sizes 1000,10000] [--alone]

MSTICPy lives in an environment of its own, `.bench/msticpy`, that the first run makes. Both get the same rows, each
figure is one fresh process. Not counted, on either side: imports, the start of the embedded engine, the making of the
rows. Memory is what the call added at its height. A run of MSTICPy over the limit of its task is ended and not shown;
nothing is extrapolated.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import _analyze_samples as samples

ROOT = Path(__file__).resolve().parents[1]
PEER = ROOT / ".bench" / "msticpy"
LIMIT = 60
LONG = 240
"""The limit of the two measures that MSTICPy needs minutes for."""
SIZES = (1_000, 10_000, 100_000, 1_000_000)
# Rows, and the largest size that MSTICPy finishes within the limit.
TASKS: dict[str, tuple[Callable[[int], samples.Columns], int]] = {
    "messages": (samples.messages, 10_000),
    "commands": (samples.commands, 10_000),
    "numbered": (samples.numbered, 10_000),
    "long": (samples.long_text, 1),
    "lines": (samples.lines_of_services, 100_000),
    "base64": (samples.encoded, 10_000),
    "bomb": (samples.bomb, 1),
    "tree": (samples.processes, 1_000_000),
    "mask": (samples.processes, 1_000_000),
    "sessions": (samples.events, 100_000),
    "auditd": (samples.audit, 1_000_000),
}
ONE = ("long", "bomb")
EXTRA = {"sessions": 65_000}
"""A size of its own, for a task that was measured at it."""


def as_frame(columns: samples.Columns):
    import pandas as pd

    frame = pd.DataFrame(columns)
    for name in frame.columns.intersection(["TimeGenerated", "TimeCreatedUtc"]):
        frame[name] = pd.to_datetime(frame[name], unit="s", utc=True)
    return frame


def ours(task: str):
    """The function of huntlens for a task; of imports and of the start of the engine nothing is left to it."""
    import duckdb

    from huntlens import mask
    from huntlens.analyze import auditd, ioc, ioc_frame, process_tree, sequences, sessions  # noqa: F401
    from huntlens.analyze import base64 as unpack

    with duckdb.connect() as connection:
        connection.sql("select regexp_extract_all('a', 'a')").fetchall()
    return {
        "base64": lambda data: unpack.decode(data, "text"),
        "bomb": lambda data: unpack.decode(data, "text"),
        "tree": process_tree.build,
        "mask": lambda data: mask.mask(data, key="k"),
        "sessions": lambda data: sequences.score(sessions.sessionize(data, "user", "event"), "event"),
        "auditd": auditd.read,
    }.get(task, lambda data: ioc.extract(data, ["text"]))


def theirs(task: str):
    from msticpy.analysis.anomalous_sequence import anomalous, sessionize
    from msticpy.data import data_obfus
    from msticpy.transform import auditdextract, base64unpack, iocextract, proc_tree_builder

    def sequences(data):
        found = sessionize.sessionize_data(data, ["user"], "TimeGenerated", 60, 15, "event")
        return anomalous.score_sessions(found, "event_list", 3)

    return {
        "base64": lambda data: base64unpack.unpack_df(data, column="text"),
        "bomb": lambda data: base64unpack.unpack_df(data, column="text"),
        "tree": proc_tree_builder.build_process_tree,
        "mask": data_obfus.mask_df,
        "sessions": sequences,
        "auditd": auditdextract.read_from_file,
    }.get(task, lambda data: iocextract.IoCExtract().extract(data=data, columns=["text"]))


def memory(name: str) -> float:
    """Megabytes of this process: `VmRSS` now, `VmHWM` at most since the mark was set."""
    status = Path("/proc/self/status").read_text("ascii", errors="replace")
    return int(re.search(rf"{name}:\s+(\d+)", status)[1]) / 1024


def work(side: str, task: str, path: str) -> None:
    """Run one task in this process and print what it took."""
    data = path
    if task == "auditd":
        columns = json.loads(Path(path).read_text("utf-8"))
        data = f"{path}.log"
        Path(data).write_text("\n".join(columns["text"]) + "\n", encoding="utf-8")
    else:
        data = as_frame(json.loads(Path(path).read_text("utf-8")))
    columns = None
    run = (ours if side == "ours" else theirs)(task)
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", "ascii")
    before, cpu, started = memory("VmRSS"), time.process_time(), time.perf_counter()
    result = run(data)
    cpu, wall, peak = time.process_time() - cpu, time.perf_counter() - started, memory("VmHWM")
    count = len(result) if hasattr(result, "__len__") else 0
    print("\n" + json.dumps({"cpu": cpu, "wall": wall, "mb": peak - before, "peak": peak, "n": count}))


def peer() -> str:
    """The Python of the environment with MSTICPy, made on first use."""
    python = PEER / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEER)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "msticpy==3.0.2"], check=True)
    return str(python)


def measure(python: str, side: str, task: str, path: str, limit: int) -> dict[str, float] | None:
    command = [python, "-W", "ignore", __file__, "--worker", side, task, path]
    # A busy machine may take several times as long as the processor works for it.
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        print(done.stderr[-600:], file=sys.stderr)
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


def shown(found: dict[str, float] | None) -> str:
    return f"{found['cpu']:8.2f} s {found['mb']:6.0f} ({found['peak']:5.0f}) MB" if found else "-"


def compare(task: str, rows: int, folder: str, *, alone: bool) -> None:
    make, most = TASKS[task]
    path = Path(folder) / f"{task}-{rows}.json"
    path.write_text(json.dumps(make(rows)), encoding="utf-8")
    mine = measure(sys.executable, "ours", task, str(path), 600)
    limit = LONG if task in ("messages", "commands", "numbered", "long") else LIMIT
    other = None if alone or rows > most else measure(peer(), "theirs", task, str(path), 8 * limit)
    other = other if other and other["cpu"] < limit else None
    times = f"{other['cpu'] / mine['cpu']:6.1f}x" if mine and other else ""
    print(f"{task:10}{rows:>10,}  {shown(mine):>26}  {shown(other):>26}  {times:>7}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--alone", action="store_true", help="without MSTICPy")
    parser.add_argument("--worker", nargs=3)
    options = parser.parse_args()
    if options.worker:
        work(*options.worker)
        return
    print(f"{'task':10}{'rows':>10}  {'huntlens':>26}  {'MSTICPy 3.0.2':>26}  {'times':>7}")
    asked = {int(size) for size in options.sizes.split(",")}
    for task in options.tasks.split(","):
        sizes = [1] if task in ONE else sorted(asked | ({EXTRA[task]} if task in EXTRA else set()))
        for rows in sizes:
            with tempfile.TemporaryDirectory() as folder:
                compare(task, rows, folder, alone=options.alone)


if __name__ == "__main__":
    main()
