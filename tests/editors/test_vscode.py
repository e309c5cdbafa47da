"""A real VS Code with our extension and our server."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from PIL import Image

from editors.conftest import HERE, drive

pytestmark = pytest.mark.editor
PICTURES = {
    "kql-file": (348, 35, 1048, 295),
    "cell-query-names": (348, 35, 1280, 560),
    "hunt-view": (0, 35, 1080, 800),
    "result": (348, 35, 1280, 600),
    "pack": (348, 35, 1080, 360),
}
"""The pictures of the README and the walkthrough, and what of the window each shows."""


@pytest.mark.usefixtures("kernel")
def test_what_vscode_is_told(code_server: str, extension: Path, workspace: Path) -> None:
    ask(code_server, workspace, extension, "suite")


def test_the_server_is_found_by_setting_interpreter_or_copy(code_server: str, workspace: Path) -> None:
    (workspace / ".vscode" / "settings.json").unlink()
    (workspace / "full-python").write_text(sys.executable)
    (workspace / "plain-python").write_text(str(Path(sys.base_prefix) / "bin" / "python3"))
    tells_when_imported(workspace)
    ask(code_server, workspace, HERE / "probe", "places")


def test_a_workspace_that_is_not_trusted(restricted_code_server: str, workspace: Path) -> None:
    tells_when_imported(workspace)
    tells = workspace / "tells"
    tells.write_text(f"#!/bin/sh\necho {{}} >> '{workspace / 'ran.txt'}'\n")
    tells.chmod(0o755)
    (workspace / ".venv" / "bin").mkdir(parents=True)
    (workspace / ".venv" / "bin" / "python").symlink_to(tells)
    (workspace / "elsewhere").mkdir()
    pack = (workspace / "queries" / "mine.yaml").read_text()
    (workspace / "elsewhere" / "elsewhere.yaml").write_text(pack.replace("mine", "elsewhere"))
    settings = {
        "huntlens.server.command": [str(tells)],
        "huntlens.packs": [str(workspace / "elsewhere")],
        "huntlens.local.data": ["data"],
    }
    (workspace / ".vscode" / "settings.json").write_text(json.dumps(settings))
    ask(restricted_code_server, workspace, HERE / "probe", "trust")


def test_what_the_package_carries(extension: Path) -> None:
    with ZipFile(extension / "huntlens.vsix") as archive:
        names = {name.removeprefix("extension/") for name in archive.namelist()}
    assert names >= {"out/extension.js", "bundled/huntlens_server/__main__.py", "bundled/huntlens_queries/index.jsonl"}
    assert names >= {f"media/{name}.png" for name in PICTURES}
    tops = {name.partition("/")[0] for name in names}
    assert not tops & {"src", "test", "scripts", "node_modules"}
    assert not any(name.endswith((".pyc", ".so", ".map")) for name in names)


def ask(address: str, workspace: Path, extension: Path, suite: str) -> None:
    """Run a suite within the extension host; all of its tests must have passed."""
    said = drive("api", address, str(workspace), str(extension), str(HERE / suite))
    wanted = len(re.findall(r"^  async \"", (HERE / f"{suite}.js").read_text(), re.MULTILINE))
    assert said.count("passed:") == wanted, said
    print(said)


def tells_when_imported(workspace: Path) -> None:
    """Modules with names that a server might import; each writes a file when it is."""
    for name in ("huntlens_server", "huntlens", "pygls", "yaml", "json", "argparse", "logging", "sitecustomize"):
        (workspace / f"{name}.py").write_text(f"open({str(workspace / 'ran.txt')!r}, 'a').write('{name}\\n')\n")


def test_what_a_user_sees(
    code_server: str, extension: Path, workspace: Path, tmp_path: Path, *, update_cases: bool
) -> None:
    """With `--update-cases` the pictures of the README are taken anew."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    print(drive("look", code_server, str(workspace), str(pictures)))
    wanted = "cell-query-names cell-kql-columns kql-file python-hover result result-light pack hunt-view status"
    assert {path.stem for path in pictures.iterdir()} >= set(wanted.split())
    print(pictures)
    for name, box in PICTURES.items() if update_cases else ():
        picture = Image.open(pictures / f"{name}.png").convert("RGB").crop(box).quantize(96)
        picture.save(extension / "media" / f"{name}.png", optimize=True)
