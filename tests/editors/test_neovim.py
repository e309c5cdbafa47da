"""A real Neovim with our server."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from editors.conftest import HERE

pytestmark = pytest.mark.editor


def test_neovim(workspace: Path) -> None:
    neovim = shutil.which("nvim")
    if neovim is None:
        pytest.skip("Neovim is not installed: make editors")
    done = subprocess.run(
        [neovim, "--headless", "-u", "NONE", "-i", "NONE", "-c", f"luafile {HERE / 'neovim.lua'}"],
        cwd=workspace, capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "HUNTLENS_PYTHON": sys.executable},
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "OFFER logons" in said
    assert "Successful logons" in said
    assert "FINDING HL101" in said
    assert "MENDED" in said
    assert "MENU 1 true" in said
