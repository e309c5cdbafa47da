"""How long plots take to build, how large their pages are, and how soon a browser has drawn them, beside MSTICPy 3.0.2.

    python benchmarks/plot_speed.py [--sizes 1000,10000] [--kinds timeline,matrix] [--alone]

MSTICPy lives in an environment of its own, `.bench/msticpy` (see `analyze_speed.py`). Both draw the same rows. Build is
CPU time up to the whole page as text, the second time it is done, so that imports are not counted. Drawn is the time
from opening the page in Chromium until nothing is left to draw; it is measured where Chromium and its driver are
installed. A build of MSTICPy of over 120 s is ended and not shown.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
PEER = ROOT / ".bench" / "msticpy" / "bin" / "python"
LIMIT = 120
DRAWN = """
    document.readyState === 'complete'
    && !document.querySelector('[data-huntlens-plot]:not([data-on=drawn]), [data-huntlens-tree]:not([data-on=drawn])')
    && (!window.Bokeh || Bokeh.documents.length > 0 && Bokeh.documents.every(d => d.is_idle))
"""


def events(rows: int) -> pd.DataFrame:
    random = np.random.default_rng(5)
    parents = np.maximum((np.arange(rows) * 0.9).astype(int) - random.integers(1, 50, rows), 0)
    names = random.choice(["cmd.exe", "powershell.exe", "svchost.exe", "chrome.exe", "whoami.exe"], rows)
    seconds = np.sort(random.integers(0, 604_800, rows))
    return pd.DataFrame(
        {
            "TimeGenerated": pd.Timestamp("2026-03-01") + pd.to_timedelta(seconds, unit="s"),
            "Computer": random.choice([f"ws{n:03}" for n in range(30)], rows),
            "EventID": 4688,
            "NewProcessId": [hex(n + 16) for n in range(rows)],
            "ProcessId": [hex(n + 16) for n in parents],
            "NewProcessName": names,
            "ParentProcessName": "",
            "SubjectUserName": random.choice([f"user{n}" for n in range(200)], rows),
            "SubjectLogonId": "0x3e7",
            "TargetLogonId": "0x0",
            "CommandLine": [f"{name} --run {n % 977} /quiet" for n, name in enumerate(names)],
            "Bytes": random.integers(1, 100_000, rows),
        }
    )


def series(rows: int) -> pd.DataFrame:
    """A value of every minute, with what was expected of it."""
    random = np.random.default_rng(5)
    usual = 100 + 40 * np.sin(np.arange(rows) * 2 * np.pi / 1440)
    value = usual + random.normal(0, 5, rows)
    return pd.DataFrame(
        {
            "TimeGenerated": pd.date_range("2026-01-01", periods=rows, freq="min"),
            "value": value,
            "baseline": usual,
            "score": (value - usual) / 5,
            "anomalies": (np.abs(value - usual) > 15).astype(int),
        }
    )


def rows_of(kind: str, rows: int) -> pd.DataFrame:
    if kind == "anomaly":
        return series(rows)
    return events(rows).assign(Computer="ws001") if kind == "process tree" else events(rows)


OURS = {
    "timeline": lambda f: f.hunt.timeline(group="Computer"),
    "timeline of values": lambda f: f.hunt.timeline(value="Bytes", group="NewProcessName"),
    "durations": lambda f: f.hunt.durations(time="TimeGenerated", group="SubjectUserName"),
    "process tree": lambda f: f.hunt.process_tree(),
    "anomaly": lambda f: f.hunt.anomaly(value="value"),
    "matrix": lambda f: f.hunt.matrix(x="Computer", y="NewProcessName"),
    "network": lambda f: f.hunt.network(source="SubjectUserName", target="Computer"),
    "entity graph": lambda f: f.hunt.entity_graph(),
    "clusters": lambda f: f.hunt.clusters(columns=["CommandLine", "Bytes"]),
    "sequences": lambda f: f.hunt.sessions("SubjectUserName", "NewProcessName").hunt.sequences(),
    "map": lambda f: f.assign(Country=f["Computer"].map(_COUNTRIES)).hunt.world_map(country="Country"),
    "scatter": lambda f: f.hunt.scatter(x="TimeGenerated", y="Bytes"),
    "bar": lambda f: f.groupby("SubjectUserName")["Bytes"].sum().reset_index().hunt.bar(),
    "table": lambda f: f.hunt.table(),
}
_COUNTRIES = {f"ws{n:03}": code for n, code in enumerate("DE FR NL GB US CA BR IN CN JP".split() * 3)}


def _theirs() -> dict:
    from msticpy.vis import process_tree, timeline, timeline_duration, timeline_values, timeseries
    from msticpy.vis.matrix_plot import plot_matrix
    from msticpy.vis.mp_pandas_plot import MsticpyPlotAccessor

    name, user = "NewProcessName", "SubjectUserName"
    return {
        "timeline": lambda f: timeline.display_timeline(
            f, group_by="Computer", source_columns=[name, "CommandLine", user], hide=True
        ),
        "timeline of values": lambda f: timeline_values.display_timeline_values(
            f, value_column="Bytes", group_by=name, source_columns=["Computer", user], hide=True
        ),
        "durations": lambda f: timeline_duration.display_timeline_duration(f, group_by=user, hide=True),
        "process tree": lambda f: process_tree.build_and_show_process_tree(f)[1],
        "anomaly": lambda f: timeseries.display_timeseries_anomalies(data=f, y="value", time_column="TimeGenerated"),
        "matrix": lambda f: plot_matrix(f, x="Computer", y=name, hide=True),
        "network": lambda f: MsticpyPlotAccessor(f).network(source_col=user, target_col="Computer", hide=True),
    }


def work(side: str, kind: str, rows: int, target: Path) -> None:
    """Draw twice in this process, write the second page, and tell how long it took."""
    frame = rows_of(kind, rows)
    if side == "ours":
        import huntlens.pivots  # noqa: F401
        from huntlens.viz.figure import page

        def whole(one: object) -> tuple[str, int]:
            if isinstance(one, str):
                return page(kind, one), len(one)
            return one.to_html(), len(one.embed(library=False))

        draw = OURS[kind]
    else:
        import warnings

        warnings.simplefilter("ignore")
        from bokeh.embed import file_html
        from bokeh.io import curdoc
        from bokeh.resources import INLINE

        def whole(one: object) -> tuple[str, int]:
            curdoc().clear()  # some of its plots show themselves
            return (html := file_html(one, INLINE)), len(html)

        draw = _theirs()[kind]
    whole(draw(rows_of(kind, 1_000)))
    start = time.process_time()
    html, own = whole(draw(frame))
    built = time.process_time() - start
    target.write_text(html, "utf-8")
    print(json.dumps({"built": built, "page": len(html.encode()), "own": own}))


def measure(side: str, kind: str, rows: int, folder: Path) -> dict | None:
    """One fresh process for a figure, then the browser."""
    target = folder / "page.html"
    python = str(PEER) if side == "theirs" else sys.executable
    command = [python, __file__, "--worker", side, kind, str(rows), str(target)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        raise SystemExit(f"{side} {kind} {rows}: {done.stderr[-2000:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    return {**found, "drawn": drawn(target)}


def drawn(target: Path) -> float | None:
    sys.path.insert(0, str(ROOT / "tests"))
    import chromium

    if not (chromium.CHROMIUM and chromium.DRIVER):
        return None
    with chromium.browser() as browser:
        browser.open(target.with_name("empty.html"))
        start = time.perf_counter()
        try:
            browser.open(target)
            browser.wait(DRAWN, 80)
        except (AssertionError, OSError):
            return None
        return time.perf_counter() - start


def shown(found: dict | None) -> str:
    if found is None:
        return f"over {LIMIT} s | | "
    size = found["page"] / 1e6
    took = "over 80" if found["drawn"] is None else f"{found['drawn']:.1f}"
    return f"{found['built']:.2f} | {size:.1f} | {took}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--kinds", default=",".join(OURS))
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("--worker", nargs=4)
    options = parser.parse_args()
    if options.worker:
        side, kind, rows, target = options.worker
        work(side, kind, int(rows), Path(target))
        return
    theirs = ("timeline", "timeline of values", "durations", "process tree", "anomaly", "matrix", "network")
    print("| plot | rows | build s | page MB | drawn s | MSTICPy: build s | page MB | drawn s |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "empty.html").write_text("<!doctype html>", "utf-8")
        for kind in options.kinds.split(","):
            for rows in map(int, options.sizes.split(",")):
                ours = shown(measure("ours", kind, rows, folder))
                with_peer = kind in theirs and PEER.exists() and not options.alone
                peer = shown(measure("theirs", kind, rows, folder)) if with_peer else "| | "
                print(f"| {kind} | {rows:,} | {ours} | {peer} |", flush=True)


if __name__ == "__main__":
    main()
