"""Helix: its configuration as the page says. The editor itself is asked where it is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from editors.blocks import block
from editors.conftest import PROGRAMS

CONFIGURATION = tomllib.loads(block("Helix", "toml"))


def test_languages_name_servers_that_are_declared() -> None:
    languages = {one["name"]: one for one in CONFIGURATION["language"]}
    assert set(languages["kusto"]["file-types"]) == {"kql", "csl", "kusto"}
    assert languages["kusto"]["language-servers"] == ["huntlens"]
    assert "huntlens" in languages["python"]["language-servers"]
    assert list(CONFIGURATION["language-server"]) == ["huntlens"]


def test_the_command_starts_a_server_that_speaks_as_helix_does() -> None:
    server = CONFIGURATION["language-server"]["huntlens"]
    program = shutil.which(server["command"], path=PROGRAMS)
    assert program is not None
    offered = {"general": {"positionEncodings": ["utf-8", "utf-32", "utf-16"]}}
    asked = [
        ("initialize", {"processId": None, "rootUri": None, "capabilities": offered}, 1),
        ("initialized", {}, None),
        ("shutdown", None, 2),
        ("exit", None, None),
    ]
    data = b"".join(message(*one) for one in asked)
    done = subprocess.run([program, *server["args"]], input=data, capture_output=True, timeout=60, check=True)
    answer = json.loads(done.stdout.partition(b"\r\n\r\n")[2].partition(b"Content-Length")[0])
    capabilities = answer["result"]["capabilities"]
    assert capabilities["positionEncoding"] == "utf-8"
    assert {"completionProvider", "hoverProvider", "renameProvider", "documentFormattingProvider"} <= set(capabilities)


@pytest.mark.editor
def test_helix_finds_the_server(tmp_path: Path) -> None:
    helix = shutil.which("hx") or shutil.which("helix")
    if helix is None:
        pytest.skip("Helix is not installed")
    (tmp_path / "helix").mkdir()
    (tmp_path / "helix" / "languages.toml").write_text(block("Helix", "toml"))
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path), "PATH": PROGRAMS}
    done = subprocess.run(
        [helix, "--health", "kusto"], capture_output=True, text=True, timeout=60, env=environment, check=True
    )
    assert "huntlens" in done.stdout


def message(method: str, params: Any, identity: int | None) -> bytes:
    """A message of the protocol; a request where it has an identity."""
    body = {"jsonrpc": "2.0", "method": method, "params": params, **({"id": identity} if identity else {})}
    text = json.dumps(body).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(text), text)
