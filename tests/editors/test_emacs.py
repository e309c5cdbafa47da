"""A real Emacs with our server, set up as the page says."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from editors.blocks import block
from editors.conftest import HERE, PROGRAMS

pytestmark = pytest.mark.editor


def test_emacs(workspace: Path, tmp_path: Path) -> None:
    emacs = shutil.which("emacs")
    if emacs is None:
        pytest.skip("Emacs is not installed: make editors")
    probe = [emacs, "--batch", "--eval", "(progn (require 'package) (package-initialize) (require 'eglot))"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("this Emacs has no eglot")
    init = tmp_path / "init.el"
    init.write_text(block("Emacs", "elisp"))
    done = subprocess.run(
        [emacs, "--batch", "-l", str(HERE / "emacs.el")],
        cwd=workspace, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "HUNTLENS_INIT": str(init), "PATH": PROGRAMS, "HOME": str(tmp_path)},
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    for wanted in ("MODE kusto-mode", "NoSuchColumn", "OFFER (EventID", "OFFER logons", "Successful logons", "MENDED"):
        assert wanted in said
