"""A real JupyterLab with its language client: ours answers in `%%kql` cells, and Python stays with its own server."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from editors.conftest import EDITORS, HERE, REPOSITORY, free_port, wait_for

pytestmark = pytest.mark.editor

LAB = EDITORS / "lab" / "venv"
EXTENSION = REPOSITORY / "server" / "labextension"
CELLS = [
    "import os\nnumber = 1",
    "%%kql -o failed\nSecurityEvent\n| wehre EventID == 4625",
]


@pytest.fixture
def lab(workspace: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a JupyterLab over the workspace, with our extension where a wheel puts it."""
    if not (LAB / ".lsp").is_file() or not shutil.which("chromium"):
        pytest.skip("JupyterLab is not installed: make editors")
    notebook = json.loads((workspace / "hunt.ipynb").read_text())
    notebook["cells"] = [
        {**notebook["cells"][0], "id": f"c{number}", "source": text} for number, text in enumerate(CELLS)
    ]
    (workspace / "hunt.ipynb").write_text(json.dumps(notebook))
    share = tmp_path / "share"
    shutil.copytree(EXTENSION, share / "labextensions" / "huntlens-kql")
    port = free_port()
    command = [
        str(LAB / "bin" / "jupyter-lab"), "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
        "--IdentityProvider.token=", "--ServerApp.password=", f"--ServerApp.root_dir={workspace}",
    ]  # fmt: skip
    environment = {
        **os.environ,
        "JUPYTER_PATH": str(share),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "PATH": f"{LAB / 'bin'}:{os.environ['PATH']}",
    }
    with (tmp_path / "lab.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment)
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def test_kql_cells_in_jupyterlab(lab: str, tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    done = subprocess.run(
        ["node", str(HERE / "lab.mjs"), lab, str(pictures)],
        capture_output=True, text=True, timeout=150, check=False, env={**os.environ, "HUNTLENS_EDITORS": str(EDITORS)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr + (tmp_path / "lab.log").read_text()[-3000:]
    assert "finding in a %%kql cell: wehre" in done.stdout
    assert re.search(r"running: huntlens, pylsp", done.stdout), done.stdout
    print(done.stdout, pictures)


def test_the_wheel_carries_the_extension(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(REPOSITORY)]
    subprocess.run(build, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        names = {name.partition(".data/data/")[2] for name in archive.namelist() if ".data/data/" in name}
        assert b"jupyter_lsp_spec_v1" in b"".join(
            archive.read(name) for name in archive.namelist() if name.endswith("entry_points.txt")
        )
    folder = "share/jupyter/labextensions/huntlens-kql"
    assert names >= {f"{folder}/package.json", f"{folder}/install.json", f"{folder}/static/remoteEntry.js"}
