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
from contextlib import contextmanager
from pathlib import Path

import pytest

from huntlens.assist.session import Connection, Frame, Session, publish

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
EDITORS = Path(os.environ.get("HUNTLENS_EDITORS", REPOSITORY / ".editors"))
CLIENT = REPOSITORY / "editor-client"
PROGRAMS = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
"""Where `huntlens` is found by editors that are told to start it by its name."""
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
HOSTS = """\
SecurityEvent
| where EventID == 4625 and Computer == "web01"
| summarize Failures = count() by TargetUserName
| sort by Failures desc
| render columnchart with (title="Failed logons")
"""
CELLS = [
    'from huntlens import QueryProvider\nqp = QueryProvider("local")',
    "qp.windows.lgons()\nqp.windows",
    "%%kql -o failed\nSecurityEvent\n| where EventID == 4625",
    "%pivot Host.windows.logons web01",
    "SigninLogs\n| summarize Times = count() by UserPrincipalName\n| where NoSuchColumn > 1",
]
IN_KUSTO = 4
"""The cell whose language is KQL, without a magic."""
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


HOSTILE = "</script><script>window.ran = 1</script><img src=x>"
EVENTS = [
    {"TimeGenerated": f"2026-03-0{day}T10:00:00Z", "EventID": 4625, "TargetUserName": name, "Computer": computer}
    for day, (name, computer) in enumerate(
        [("ana", "web01"), ("ben", "web01"), ("ana", "web01"), ("svc_backup", "web01"), (HOSTILE, "web02")], 1
    )
]
EVENTS += [{**EVENTS[0], "EventID": 4624, "TargetUserName": "zoe"}]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Python, KQL, a notebook, a pack and logs; told to start the server with this interpreter."""
    folder = tmp_path / "workspace"
    for name in ("queries", "data", ".vscode"):
        (folder / name).mkdir(parents=True)
    settings = {"huntlens.server.command": [sys.executable], "huntlens.local.data": ["data"]}
    (folder / ".vscode" / "settings.json").write_text(json.dumps(settings))
    task = {"label": "logons", "type": "shell", "command": "huntlens query windows.lgons --param host=web01"}
    (folder / ".vscode" / "tasks.json").write_text(json.dumps({"version": "2.0.0", "tasks": [task]}, indent=2))
    (folder / "data" / "SecurityEvent.jsonl").write_text("\n".join(map(json.dumps, EVENTS)))
    (folder / "hunt.py").write_text(HUNT)
    (folder / "triage.kql").write_text(TRIAGE)
    (folder / "hosts.kql").write_text(HOSTS)
    (folder / "hostile.kql").write_text("SecurityEvent | where Computer == 'web02' | project TargetUserName, Computer")
    (folder / "queries" / "mine.yaml").write_text(PACK)
    cells = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"c{number}",
            "metadata": {"vscode": {"languageId": "kusto"}} if number == IN_KUSTO else {},
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
    packaged = CLIENT / "huntlens.vsix"
    folders = [REPOSITORY / name for name in ("library", "server", "queries")]
    folders += [CLIENT / name for name in ("src", "syntaxes", "snippets", "media")]
    sources = [path for folder in folders for path in folder.rglob("*.*") if path.suffix != ".pyc"]
    newest = max(path.stat().st_mtime for path in [*sources, CLIENT / "package.json", CLIENT / "README.md"])
    if not packaged.is_file() or packaged.stat().st_mtime < newest:
        subprocess.run([sys.executable, str(CLIENT / "scripts" / "bundle.py")], check=True, capture_output=True)
        subprocess.run(["npm", "run", "--silent", "package"], cwd=CLIENT, check=True, capture_output=True)
    return CLIENT


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where kernels publish what they know, in the place of the user's own folder."""
    return tmp_path_factory.mktemp("runtime")


@pytest.fixture(scope="session")
def code_server(extension: Path, runtime: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running VS Code with our extension, in which every workspace is trusted."""
    settings = {
        "security.workspace.trust.enabled": False,
        "files.autoSave": "off",
        "editor.hover.delay": 100,
        "window.autoDetectColorScheme": True,
    }
    with served(extension, tmp_path_factory.mktemp("code"), settings, runtime) as address:
        yield address


@pytest.fixture
def restricted_code_server(extension: Path, runtime: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a running VS Code that asks whether a workspace is trusted, and is not answered."""
    settings = {"security.workspace.trust.startupPrompt": "never"}
    with served(extension, tmp_path / "code", settings, runtime) as address:
        yield address


@contextmanager
def served(extension: Path, data: Path, settings: dict[str, object], runtime: Path) -> Iterator[str]:
    """VS Code with our packaged extension, behind an address."""
    if not CODE.is_file() or not shutil.which("chromium"):
        pytest.skip("VS Code is not installed: make editors")
    user = data / "ud" / "User"
    user.mkdir(parents=True)
    (user / "settings.json").write_text(json.dumps({"workbench.startupEditor": "none", **settings}))
    port = free_port()
    command = [
        "node", str(CODE), "--host", "127.0.0.1", "--port", str(port), "--without-connection-token",
        "--accept-server-license-terms", "--enable-smoke-test-driver", "--telemetry-level", "off",
        "--user-data-dir", str(data / "ud"), "--server-data-dir", str(data / "sdd"),
        "--extensions-dir", str(data / "ext"),
    ]  # fmt: skip
    install = [*command, "--install-extension", str(extension / "huntlens.vsix")]
    subprocess.run(install, check=True, capture_output=True, timeout=120)
    environment = {**os.environ, "HUNTLENS_RUNTIME_DIR": str(runtime)}
    with (data / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True, env=environment
        )
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture
def kernel(workspace: Path, runtime: Path) -> Iterator[None]:
    """What a kernel would have published that runs for the notebook of the workspace."""
    tables = {"SigninLogs": {"UserPrincipalName": "string", "Risk Level": "string"}}
    session = Session(
        pid=os.getpid(),
        notebook=str(workspace / "hunt.ipynb"),
        frames={"failed": Frame({"Host": "string", "Failures": "long"})},
        connections={"prod": Connection("sentinel", "prod", current=True, timespan="3d", tables=tables)},
    )
    path = publish(session, name="test", into=runtime)
    yield
    path.unlink()


def drive(*arguments: str, timeout: float = 280) -> str:
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
