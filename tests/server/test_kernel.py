"""What a kernel knows reaches completion: a shell with the extension publishes, the server reads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from server.test_rim import wait_for
from server.wire import Wire

SHELL = """
import sys
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "huntlens_kernel")
shell.run_cell("import pandas as pd\\nsuspects = pd.DataFrame({'Nickname': ['a'], 'Seen': [1]})")
shell.run_cell("%hunt connect local readings.csv")
shell.run_cell("from huntlens import QueryProvider\\nlab = QueryProvider('local', data='readings.csv')")
print("ready", flush=True)
sys.stdin.readline()
"""


def test_frames_tables_and_connections_of_a_running_kernel(tmp_path: Path) -> None:
    (tmp_path / "readings.csv").write_text("Sensor,Reading\na,1.5\n")
    environment = {"HUNTLENS_RUNTIME_DIR": str(tmp_path / "run"), "IPYTHONDIR": str(tmp_path / "ipython")}
    wire = Wire(root=tmp_path, environment=environment)
    uri = (tmp_path / "case.py").as_uri()
    wire.open(uri, "%%kql\nsuspects | where Ni\n")
    kql, python = (tmp_path / "case.kql").as_uri(), (tmp_path / "more.py").as_uri()
    wire.open(kql, "readings | where Rea", "kusto")
    wire.open(python, "lab.windows.")

    def labels(where: str, line: int, column: int) -> list[str]:
        items = wire.at("textDocument/completion", where, line, column)["result"]["items"]
        return [one["label"] for one in items]

    assert "Nickname" not in labels(uri, 1, 19)
    with subprocess.Popen(
        [sys.executable, "-c", SHELL],
        cwd=tmp_path,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as shell:
        assert shell.stdout is not None
        while "ready" not in shell.stdout.readline():
            assert shell.poll() is None
        wait_for(lambda: "Nickname" in labels(uri, 1, 19))
        wait_for(lambda: "Reading" in labels(kql, 0, 20))
        wait_for(lambda: "logons" in labels(python, 0, 12))
        shell.communicate("\n", timeout=30)
    wait_for(lambda: "Nickname" not in labels(uri, 1, 19))
    assert wire.stop() == (0, "")
