"""How long tables and plots take to build, how large their pages are, and how soon a browser has drawn them.

    python benchmarks/plot_speed.py [ROWS ...]

Time to first paint is measured where Chromium and its driver are installed.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import chromium
from huntlens.analyze.process_tree import build
from huntlens.viz import bar, line, matrix, network, process_tree, scatter, timeline, to_html
from huntlens.viz.figure import page

DRAWN = """
    document.readyState === 'complete'
    && !document.querySelector('[data-huntlens-plot]:not([data-on=drawn]), [data-huntlens-tree]:not([data-on=drawn])')
    && (!window.Bokeh || Bokeh.documents.every(d => d.is_idle))
"""


def events(rows: int) -> pd.DataFrame:
    random = np.random.default_rng(5)
    parents = np.maximum((np.arange(rows) * 0.9).astype(int) - random.integers(1, 50, rows), 0)
    names = random.choice(["cmd.exe", "powershell.exe", "svchost.exe", "chrome.exe", "whoami.exe"], rows)
    return pd.DataFrame(
        {
            "TimeGenerated": pd.Timestamp("2026-03-01")
            + pd.to_timedelta(np.sort(random.integers(0, 604_800, rows)), unit="s"),
            "Computer": random.choice([f"ws{n:03}" for n in range(30)], rows),
            "EventID": 4688,
            "NewProcessId": [hex(n + 16) for n in range(rows)],
            "ProcessId": [hex(n + 16) for n in parents],
            "NewProcessName": names,
            "ParentProcessName": "",
            "SubjectUserName": random.choice([f"user{n}" for n in range(200)], rows),
            "CommandLine": [f"{name} --run {n % 977} /quiet" for n, name in enumerate(names)],
            "Bytes": random.integers(1, 100_000, rows),
        }
    )


KINDS = {
    "table": to_html,
    "timeline": lambda frame: timeline(frame, group="Computer"),
    "line": lambda frame: line(
        frame.groupby([pd.Grouper(key="TimeGenerated", freq="h"), "EventID"])["Bytes"].sum().reset_index()
    ),
    "bar": lambda frame: bar(frame.groupby("SubjectUserName")["Bytes"].sum().reset_index()),
    "scatter": lambda frame: scatter(frame, x="TimeGenerated", y="Bytes"),
    "matrix": lambda frame: matrix(frame, x="Computer", y="NewProcessName"),
    "network": lambda frame: network(frame, source="SubjectUserName", target="Computer"),
    "process tree": lambda frame: process_tree(build(frame.assign(Computer="ws001"))),
}


def main(sizes: list[int]) -> None:
    print(f"{'what':14} {'rows':>9} {'build s':>8} {'page kB':>8} {'drawn s':>8}")
    for rows in sizes:
        frame = events(rows)
        for name, draw in KINDS.items():
            start = time.perf_counter()
            made = draw(frame)
            body = made if isinstance(made, str) else made.embed(library=False)
            built = time.perf_counter() - start
            whole = page(name, made) if isinstance(made, str) else made.to_html()
            print(f"{name:14} {rows:9,} {built:8.2f} {len(body) / 1000:8.0f} {_drawn(whole):>8}", flush=True)


def _drawn(whole: str) -> str:
    if not (chromium.CHROMIUM and chromium.DRIVER):
        return "-"
    with tempfile.TemporaryDirectory() as folder, chromium.browser() as browser:
        path = Path(folder, "page.html")
        path.write_text(whole, "utf-8")
        start = time.perf_counter()
        browser.open(path)
        browser.wait(DRAWN, 60)
        return f"{time.perf_counter() - start:.2f}"


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [1_000, 10_000, 100_000])
