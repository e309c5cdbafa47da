"""Notebooks without a front end: nbclient and papermill, with the kernel that `huntlens kernel install` makes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from huntlens_kernel import kernelspec
from kernel.lab import LAB

HOSTILE = """x" or 1 == 1 //'); <script>\u202e"""
CELLS = [
    new_code_cell("host = 'web01'\nleast = 1", metadata={"tags": ["parameters"]}),
    new_code_cell(
        "import pandas as pd\n"
        "logons = pd.DataFrame({'Computer': ['web01', 'web01', 'db02', HOSTILE], 'N': [1, 5, 9, 7]})".replace(
            "HOSTILE", repr(HOSTILE)
        )
    ),
    new_code_cell("%%kql -o found\nlogons | where Computer == host and N >= least"),
    new_code_cell("%%kql\nlogons | summarize sum(N) by Computer | render barchart"),
    new_code_cell("found['N'].tolist()"),
]


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Where the kernel is installed, and nothing of the user's own."""
    home = tmp_path_factory.mktemp("headless")
    kernelspec.install(prefix=str(home))
    return {
        **os.environ,
        "JUPYTER_PATH": str(home / "share" / "jupyter"),
        "IPYTHONDIR": str(home / "ipython"),
        "HUNTLENS_RUNTIME_DIR": str(home / "published"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }


def written(path: Path) -> Path:
    spec = {"name": "huntlens", "display_name": "Python (huntlens)", "language": "python"}
    nbformat.write(new_notebook(cells=CELLS, metadata={"kernelspec": spec}), path)
    return path


def test_nbclient(environment, tmp_path, monkeypatch):
    for name in ("JUPYTER_PATH", "IPYTHONDIR", "HUNTLENS_RUNTIME_DIR"):
        monkeypatch.setenv(name, environment[name])
    book = nbformat.read(written(tmp_path / "hunt.ipynb"), as_version=4)
    asyncio.run(NotebookClient(book, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).async_execute())
    nbformat.validate(book)
    assert book.cells[-1].outputs[0].data["text/plain"] == "[1, 5]"
    assert "DecompressionStream" in book.cells[3].outputs[0].data["text/html"]
    assert book.metadata["language_info"]["name"] == "python"


@pytest.mark.editor
@pytest.mark.skipif(not LAB.with_name("papermill").exists(), reason="papermill is not installed: make editors")
@pytest.mark.parametrize(("host", "least", "expected"), [("web01", 2, "[5]"), (HOSTILE, 1, "[7]"), ("nobody", 1, "[]")])
def test_papermill(environment, tmp_path, host, least, expected):
    """What papermill puts in is a variable, and so a value of the query, whatever is in it."""
    source, target = written(tmp_path / "hunt.ipynb"), tmp_path / "done.ipynb"
    command = [str(LAB.with_name("papermill")), str(source), str(target), "-r", "host", host, "-p", "least", str(least)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    book = nbformat.read(target, as_version=4)
    assert book.cells[-1].outputs[0].data["text/plain"] == expected
    assert "\u202e" not in book.cells[-2].outputs[0].data["text/html"]
