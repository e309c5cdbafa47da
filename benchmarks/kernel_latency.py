"""How long the notebook takes: to load, to complete, to show a large table, to stop a query, to tell the editor.

    python -m benchmarks kernel_latency [load] [complete] [table] [stop] [publish]

Everything runs in real kernels; what is measured inside one is measured by code of the cell, so that the wire does not
count, and from the client where it says so.
"""

from __future__ import annotations

import ast
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from jupyter_client.manager import start_new_kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

LOAD = """
import time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
start, cpu = time.perf_counter(), time.process_time()
shell.run_line_magic("load_ext", "huntlens_kernel")
print(time.perf_counter() - start, time.process_time() - cpu)
"""
FRAMES = """
import numpy as np, pandas as pd
for made in range({count}):
    globals()[f"frame{{made}}"] = pd.DataFrame(
        {{f"Column{{n}}": (["a", "b"], [1, 2], [1.5, 2], pd.to_datetime(["2026-03-01"] * 2))[n % 4] for n in range(30)}})
"""
CELLS = [
    "%%kql\nSecurityEvent\n| where EventID == 4625 and Acc",
    "%%kql\nframe3 | where Col",
    "%%kql\nSecurityEvent | summarize n = count() by bin(TimeGenerated, 1h), Comp",
    "%%kql\nDeviceProcessEvents\n| where Timestamp > ago(1d)\n| extend x = extr",
    "%%kql\nlet bad = SecurityEvent | where EventID == 4625 | project Account, IpAddress;\nbad | join kind=inner (Sign",
    "%pivot Host.windows.lo",
    "%hunt run windows.log",
    "%%kql --time",
]
ASK = """
import json, threading, time
kernel, cells = get_ipython().kernel, {cells!r}
def ask(times, cpu, service):
    for turn in range({turns}):
        for cell in cells:
            start, used = time.perf_counter(), time.thread_time()
            service(cell)
            times.append(time.perf_counter() - start); cpu.append(time.thread_time() - used)
def run(count, service):
    lists = [([], []) for _ in range(count)]
    threads = [threading.Thread(target=ask, args=(*one, service)) for one in lists]
    [one.start() for one in threads]; [one.join() for one in threads]
    return [sum((one[0] for one in lists), []), sum((one[1] for one in lists), [])]
complete = lambda cell: json.dumps(kernel.do_complete(cell, len(cell)))
inspect = lambda cell: json.dumps(kernel.do_inspect(cell, len(cell) - 1, 0))
json.dumps([run(1, complete), run(3, complete), run(1, inspect), run(3, inspect)])
"""
PUBLISH = """
import json, time
from huntlens_kernel import current
from huntlens_kernel.publish import Publisher
session = current(get_ipython())
def measure(change=""):
    publisher, times = Publisher(session), []
    publisher()
    for turn in range(20):
        exec(change, globals(), {"turn": turn})
        start, used = time.perf_counter(), time.process_time()
        publisher()
        times.append((time.perf_counter() - start, time.process_time() - used))
    publisher.close()
    return min(times)[0], sorted(times)[10][0]
json.dumps([measure(), measure("frame3[f'New{turn}'] = 1")])
"""
ENDLESS = (
    "range a from 1 to 3000000 step 1 | extend k = 1 "
    "| join kind=inner (range b from 1 to 300000 step 1 | extend k = 1) on k | summarize sum(a * b)"
)


@contextmanager
def kernel() -> Iterator[tuple[Any, Any]]:
    """A real kernel with the extension."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "HUNTLENS_RUNTIME_DIR": folder, "IPYTHONDIR": folder}
        manager, client = start_new_kernel(kernel_name="python3", env=env)
        run(client, "%load_ext huntlens_kernel")
        time.sleep(2)  # what completion needs is read in the background
        try:
            yield manager, client
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def run(client: Any, code: str) -> list[dict[str, Any]]:
    """The messages of a cell."""
    messages: list[dict[str, Any]] = []
    client.execute_interactive(code, timeout=300, output_hook=messages.append)
    return messages


def value(client: Any, code: str) -> Any:
    """The JSON text that a cell gives, read."""
    for message in run(client, code):
        if message["msg_type"] == "execute_result":
            return json.loads(ast.literal_eval(message["content"]["data"]["text/plain"]))
        if message["msg_type"] == "error":
            raise RuntimeError("\n".join(message["content"]["traceback"]))
    raise RuntimeError("the cell gave nothing")


def spread(times: Sequence[float]) -> str:
    """Median and 95th percentile in milliseconds."""
    ordered = sorted(times)
    return f"p50 {statistics.median(ordered) * 1e3:6.1f}  p95 {ordered[int(len(ordered) * 0.95)] * 1e3:6.1f} ms"


def load() -> None:
    """Loading the extension, each time in a new process."""
    times = []
    for _ in range(9):
        done = subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, check=True)
        times.append(tuple(map(float, done.stdout.split()[-2:])))
    print(f"load_ext                      {spread([one[0] for one in times])}, CPU {spread([one[1] for one in times])}")


def complete() -> None:
    """Completion and help as VS Code asks for them (in threads of the kernel), and over the wire."""
    for count in (20, 200):
        with kernel() as (_, client):
            run(client, FRAMES.format(count=count))
            found = value(client, ASK.format(cells=CELLS, turns=15))
            for name, (wall, cpu) in zip(("complete", "complete ×3", "inspect", "inspect ×3"), found, strict=True):
                print(f"{name:12} {count:4} frames      {spread(wall)}, CPU {spread(cpu)}")
            if count == 20:
                times = []
                for cell in CELLS * 10:
                    start = time.perf_counter()
                    client.complete(cell, len(cell), reply=True, timeout=20)
                    times.append(time.perf_counter() - start)
                print(f"complete, from the client     {spread(times)}")


def table() -> None:
    """A table of 100,000 rows: how long the output takes, how large the notebook becomes."""
    with kernel() as (_, client):
        run(client, "import pandas as pd, numpy as np")
        run(client, "rows = pd.DataFrame({f'C{n}': np.arange(100_000) if n % 2 else 'some text ' for n in range(12)})")
        messages = run(
            client,
            "r = %kql rows\nimport time; start = time.perf_counter()\n"
            "b = get_ipython().display_formatter.format(r)\nprint(time.perf_counter() - start)",
        )
        first = float("".join(m["content"]["text"] for m in messages if m["msg_type"] == "stream"))
        messages = run(
            client,
            "start = time.perf_counter(); b = get_ipython().display_formatter.format(r)\n"
            "print(time.perf_counter() - start)",
        )
        again = float("".join(m["content"]["text"] for m in messages if m["msg_type"] == "stream"))
        start = time.perf_counter()
        messages = run(client, "%kql rows")
        took = time.perf_counter() - start
        (shown,) = [m["content"]["data"] for m in messages if m["msg_type"] == "execute_result"]
        print(
            f"100,000 rows × 12 columns     output built in {first * 1e3:.0f} ms, then {again * 1e3:.0f} ms; "
            f"cell {took * 1e3:.0f} ms; {len(json.dumps(shown)) / 1e3:.0f} kB in the notebook"
        )


class Slow(BaseHTTPRequestHandler):
    """Sends pages of an answer that never ends, and notes when the client is gone."""

    gone: float = 0.0

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b" " * 1000)
                time.sleep(0.002)
        except OSError:
            type(self).gone = time.perf_counter()

    def log_message(self, *_: object) -> None:
        return


HTTP = """
from huntlens import QueryProvider
from huntlens.http import Client
class Slow:
    language = "kql"
    def __init__(self, provider):
        self.schema, self.close = provider.source.schema, provider.source.close
    def run(self, request, cancel):
        import requests
        with requests.get("http://127.0.0.1:PORT/", stream=True, timeout=60) as answer:
            with cancel.hook(lambda: answer.raw._fp.fp.raw._sock.shutdown(2)):
                for _ in answer.iter_content(100):
                    pass
slow = QueryProvider("local", name="slow")
slow.source = Slow(slow)
"""


def stop() -> None:
    """From the interrupt to the end of the cell, and to the moment at which a service sees its client leave."""
    with kernel() as (manager, client):
        run(client, "%kql print 1")
        for name in ("DuckDB", "slow HTTP"):
            times, seen = [], []
            server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            if name != "DuckDB":
                run(client, HTTP.replace("PORT", str(server.server_address[1])))
            for _ in range(5):
                sent: list[float] = []

                def interrupt(sent: list[float] = sent) -> None:
                    sent.append(time.perf_counter())
                    os.kill(manager.provisioner.pid, signal.SIGINT)

                threading.Timer(1.3, interrupt).start()
                run(client, f"%%kql local\n{ENDLESS}" if name == "DuckDB" else "%%kql slow\nT")
                times.append(time.perf_counter() - sent[0])
                time.sleep(0.1)
                seen.append(Slow.gone - sent[0])
            server.shutdown()
            told = f", the service sees it after {spread(seen)}" if name != "DuckDB" else ""
            print(f"interrupt, {name:10}         {spread(times)}{told}")


def publish() -> None:
    """What telling the editor costs after a cell: nothing changed, one frame changed."""
    for count in (20, 200):
        with kernel() as (_, client):
            run(client, FRAMES.format(count=count))
            same, changed = value(client, PUBLISH)
            print(
                f"publish, {count:4} frames          nothing changed {same[1] * 1e3:.1f} ms, one frame changed "
                f"{changed[1] * 1e3:.1f} ms"
            )


PARTS: dict[str, Callable[[], None]] = {
    "load": load, "complete": complete, "table": table, "stop": stop, "publish": publish,
}  # fmt: skip


def main() -> None:
    for name in sys.argv[1:] or PARTS:
        PARTS[name]()


if __name__ == "__main__":
    main()
