"""Editors that were installed by `make editors`, and a workspace for them to open."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
EDITORS = Path(os.environ.get("HUNTLENS_EDITORS", REPOSITORY / ".editors"))
CLIENT = REPOSITORY / "editor-client"
CODE = EDITORS / "node_modules" / "code-server" / "lib" / "vscode" / "out" / "server-main.js"

HUNT = """\
import pandas as pd
from huntlens import Host, QueryProvider

qp = QueryProvider("local")
found = qp.windows.logons(host="web01")
Host("web01").windows.logons()
qp.windows.lgons()
frame = pd.read_csv("hosts.csv")
frame.hunt.pivot("Host.windows.logons", column="Name")
qp.mine.logons(host="web02")
"""
TRIAGE = """\
// who failed to log on
SecurityEvent
| where EventID == 4625
| summarize Failures = count() by TargetUserName, IpAddress
| where NoSuchColumn > 5
"""
CELLS = [
    'from huntlens import QueryProvider\nqp = QueryProvider("local")',
    "qp.windows.lgons()\nqp.windows",
    "%%kql -o failed\nSecurityEvent\n| where EventID == 4625",
    "%pivot Host.windows.logons web01",
]
PACK = """\
pack: mine
description: Our own
environments: [local]
queries:
  mine.logons:
    parameters:
      host: {type: string, entity: Host.HostName}
    kql: |
      SecurityEvent
      | where EventID == 4624 and Computer has host
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    (folder / "queries").mkdir(parents=True)
    (folder / "hunt.py").write_text(HUNT)
    (folder / "triage.kql").write_text(TRIAGE)
    (folder / "queries" / "mine.yaml").write_text(PACK)
    cells = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"c{number}",
            "metadata": {},
            "outputs": [],
            "source": text,
        }
        for number, text in enumerate(CELLS)
    ]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    notebook = {
        "cells": cells,
        "metadata": {**kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (folder / "hunt.ipynb").write_text(json.dumps(notebook))
    return folder


@pytest.fixture(scope="session")
def extension() -> Path:
    """The extension, built and packaged."""
    if not (CLIENT / "node_modules").is_dir():
        pytest.skip("editor-client/node_modules is not installed: make client")
    subprocess.run(["npm", "run", "--silent", "package"], cwd=CLIENT, check=True, capture_output=True)
    return CLIENT


@pytest.fixture(scope="session")
def code_server(extension: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running VS Code, told to start the server with this interpreter."""
    if not CODE.is_file() or not shutil.which("chromium"):
        pytest.skip("VS Code is not installed: make editors")
    data = tmp_path_factory.mktemp("code")
    settings = {
        "huntlens.server.command": [sys.executable],
        "security.workspace.trust.enabled": False,
        "workbench.startupEditor": "none",
        "files.autoSave": "off",
        "editor.hover.delay": 100,
    }
    for place in (data / "sdd" / "data" / "Machine", data / "ud" / "User"):
        place.mkdir(parents=True)
        (place / "settings.json").write_text(json.dumps(settings))
    port = free_port()
    command = [
        "node", str(CODE), "--host", "127.0.0.1", "--port", str(port), "--without-connection-token",
        "--accept-server-license-terms", "--enable-smoke-test-driver", "--telemetry-level", "off",
        "--user-data-dir", str(data / "ud"), "--server-data-dir", str(data / "sdd"),
        "--extensions-dir", str(data / "ext"),
    ]  # fmt: skip
    install = [*command, "--install-extension", str(extension / "huntlens.vsix")]
    subprocess.run(install, check=True, capture_output=True, timeout=120)
    log = (data / "log.txt").open("wb")
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def drive(*arguments: str, timeout: float = 150) -> str:
    """Run the driver and give what it said; it must end well."""
    environment = {**os.environ, "HUNTLENS_EDITORS": str(EDITORS)}
    done = subprocess.run(
        ["node", str(HERE / "vscode.mjs"), *arguments],
        capture_output=True, text=True, timeout=timeout, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until a process listens on a port."""
    end = time.monotonic() + 40
    while time.monotonic() < end:
        assert process.poll() is None, "it did not start"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    pytest.fail("it did not listen")
