"""How fast raw logs become tables, and what it costs in memory, beside what a user would do by hand.

    python benchmarks/load_speed.py [FILE_OR_ZIP ...]

Each file is loaded in a process of its own, so that the peak is its own. Without files, the sets of
`shared/data/security-datasets` beside the repository are taken.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve()
SETS = HERE.parents[2] / "shared" / "data" / "security-datasets"

OURS = """
from huntlens import QueryProvider
qp = QueryProvider("local", data=path)
rows = sum(len(qp.exec_query(f"['{name}'] | count").rows) and qp.exec_query(f"['{name}'] | count").rows[0][0]
           for name in qp.tables if name not in ("Event", "DeviceLogonEvents"))
"""
PANDAS = """
import pandas as pd, zipfile, io
stream = open(path, "rb") if not path.endswith(".zip") else None
if stream is None:
    archive = zipfile.ZipFile(path)
    stream = archive.open(next(name for name in archive.namelist() if "__MACOSX" not in name))
rows = len(pd.read_json(stream, lines=True))
"""
RUN = """
import json, resource, sys, time
{imports}
path = sys.argv[1]
started = time.perf_counter()
{body}
print(json.dumps([time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, rows]))
"""


def measure(body: str, imports: str, path: Path) -> tuple[float, float, int]:
    script = RUN.format(body=body, imports=imports)
    run = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    seconds, peak_mb, rows = json.loads(run.stdout.splitlines()[-1])
    return seconds, peak_mb, rows


def unpacked_mb(path: Path) -> float:
    if path.suffix != ".zip":
        return path.stat().st_size / 1e6
    with zipfile.ZipFile(path) as archive:
        return sum(info.file_size for info in archive.infolist()) / 1e6


def main() -> None:
    paths = [Path(name) for name in sys.argv[1:]] or sorted(p for p in SETS.iterdir() if p.stat().st_size > 1_000_000)
    print(
        f"{'file':55} {'MB':>6} | {'ours s':>7} {'MB/s':>6} {'peak MB':>8} {'rows':>8} | {'pandas s':>8} {'peak MB':>8}"
    )
    for path in paths:
        size = unpacked_mb(path)
        ours = measure(OURS, "import duckdb, pyarrow, pandas, huntlens.providers.query_provider", path)
        pandas = measure(PANDAS, "import pandas", path)
        print(
            f"{path.name[:55]:55} {size:6.1f} | {ours[0]:7.2f} {size / ours[0]:6.1f} {ours[1]:8.0f} {ours[2]:8,} | "
            f"{pandas[0]:8.2f} {pandas[1]:8.0f}"
        )


if __name__ == "__main__":
    main()
