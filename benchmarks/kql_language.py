"""The KQL front end beside Microsoft's own service, in one run: speed, growth, start-up.

    python benchmarks/kql_language.py --shared ../shared/kql [--every 1] [--rounds 3]

Takes the hunting queries and cursor positions of the conformance folder and its schema. Both sides see each text
once before it is measured, then `--rounds` times, of which the fastest counts: CPU milliseconds. The other service
is an npm package; `npm ci` installs it into `benchmarks/node_modules` when it is first needed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from huntlens.kql.edit.check import check
from huntlens.kql.edit.complete import complete
from huntlens.kql.parse import parse
from huntlens.kql.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

HERE = Path(__file__).resolve().parent
STATEMENT = """let t{n} = SecurityEvent
| where TimeGenerated > ago(7d) and EventID in (4624, 4625) and Account has_any ("admin", "svc{n}")
| extend Name = tolower(tostring(split(Account, "\\\\")[1])), Day = startofday(TimeGenerated)
| summarize Logons = count(), Hosts = make_set(Computer) by Name, Day, LogonTypeName
| where Logons > {n} and isnotempty(Name)
| join kind=inner (SigninLogs | project Name = UserPrincipalName, IPAddress) on Name;
"""
SIZES = (1, 10, 100)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def work_of(shared: Path, every: int, rounds: int) -> dict[str, Any]:
    """What both sides do."""
    texts = {item["id"]: item["query"] for item in lines(shared / "parse" / "valid.jsonl")}
    hunting = [texts[item["id"]] for item in lines(shared / "parse" / "analysis.schema.jsonl") if item["id"] in texts]
    growth = ["".join(STATEMENT.format(n=n) for n in range(size)) + f"t{size - 1}" for size in SIZES]
    return {
        "tables": json.loads((shared / "editor" / "schema.json").read_text("utf-8"))["tables"],
        "queries": hunting[::every],
        "positions": [[item["query"], item["offset"]] for item in lines(shared / "editor" / "completions.jsonl")],
        "growth": growth,
        "rounds": rounds,
    }


def ours(work: dict[str, Any]) -> dict[str, list[float]]:
    schema = Schema.from_dict({"tables": work["tables"]})
    rounds = work["rounds"]
    return {
        "parse": best(work["queries"], parse, rounds),
        "check": best(work["queries"], lambda text: check(text, schema), rounds),
        "complete": best(work["positions"], lambda at: complete(at[0], at[1], schema), rounds),
        "growth": best(work["growth"], lambda text: check(text, schema), rounds),
    }


def best(items: Sequence[Any], run: Callable[[Any], object], rounds: int) -> list[float]:
    for item in items:
        run(item)
    times = [float("inf")] * len(items)
    for _ in range(rounds):
        for number, item in enumerate(items):
            started = time.process_time()
            run(item)
            times[number] = min(times[number], (time.process_time() - started) * 1000)
    return times


def theirs(work: dict[str, Any]) -> dict[str, list[float]]:
    if not (HERE / "node_modules").is_dir():
        subprocess.run(["npm", "ci"], cwd=HERE, check=True)
    script = ["node", str(HERE / "kql_official.js")]
    run = subprocess.run(script, input=json.dumps(work), capture_output=True, text=True, check=True)
    found: dict[str, list[float]] = json.loads(run.stdout)
    return found


def import_ms(module: str) -> float:
    """CPU time of an import in a new process, with byte code as an installation has it; the best of five."""
    script = f"import time; t = time.process_time(); import {module}; print(time.process_time() - t)"
    free = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    runs = [
        subprocess.run([sys.executable, "-c", script], env=free, capture_output=True, text=True, check=True)
        for _ in range(6)
    ]
    return min(float(run.stdout) for run in runs) * 1000


def at(times: Iterable[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=HERE.parents[1] / "shared" / "kql")
    parser.add_argument("--every", type=int, default=1, help="take each n-th query")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    work = work_of(options.shared, options.every, options.rounds)
    mine, other = ours(work), theirs(work)
    print(f"{len(work['queries'])} queries, {len(work['positions'])} positions; CPU ms, best of {options.rounds}\n")
    print(f"| what | huntlens median | p95 | {'official'} median | p95 | times as fast, median | p95 |")
    print("|---|---|---|---|---|---|---|")
    for what, label in (("parse", "parse"), ("check", "parse and check"), ("complete", "completion")):
        figures = [at(times, share) for times in (mine[what], other[what]) for share in (0.5, 0.95)]
        ratios = [figures[2] / figures[0], figures[3] / figures[1]]
        print(f"| {label} |", " | ".join([f"{x:.2f}" for x in figures] + [f"{x:.0f}" for x in ratios]), "|")
    print(f"\n| statements | {' | '.join(map(str, SIZES))} |\n|---|{'---|' * len(SIZES)}")
    for label, found in (("huntlens", mine), ("official", other)):
        print(f"| {label}, parse and check |", " | ".join(f"{x:.1f}" for x in found["growth"]), "|")
    print()
    for module in ("huntlens.kql.edit", "huntlens.assist", "huntlens.kql.edit.complete", "huntlens.kql.edit.check"):
        print(f"import {module}: {import_ms(module):.0f} ms")


if __name__ == "__main__":
    main()
