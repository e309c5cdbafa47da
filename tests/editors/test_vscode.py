"""A real VS Code with our extension and our server."""

from __future__ import annotations

from pathlib import Path

import pytest

from editors.conftest import HERE, drive

pytestmark = pytest.mark.editor


def test_what_vscode_is_told(code_server: str, extension: Path, workspace: Path) -> None:
    said = drive("api", code_server, str(workspace), str(extension), str(HERE / "suite"))
    assert "FAILED" not in said
    assert said.count("passed:") == 12
    print(said)


def test_what_a_user_sees(code_server: str, extension: Path, workspace: Path, tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    print(drive("look", code_server, str(workspace), str(pictures)))
    assert {path.stem for path in pictures.iterdir()} >= {
        "cell-query-names",
        "cell-kql-columns",
        "kql-file",
        "python-hover",
    }
    print(pictures)
