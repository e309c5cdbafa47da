"""A real Neovim with our server, set up as the page says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from editors.blocks import block
from editors.conftest import EDITORS, HERE, PROGRAMS

pytestmark = pytest.mark.editor


@pytest.mark.parametrize("place", ["of the system", "of today"])
def test_neovim(place: str, workspace: Path, tmp_path: Path) -> None:
    neovim = shutil.which("nvim") if place == "of the system" else shutil.which(EDITORS / "nvim" / "bin" / "nvim")
    if neovim is None:
        pytest.skip("Neovim is not installed: make editors")
    told = subprocess.run([neovim, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.match(r"NVIM v(\d+)\.(\d+)", told)
    assert version is not None, told
    modern = (int(version[1]), int(version[2])) >= (0, 11)
    init = tmp_path / "init.lua"
    init.write_text(block("Neovim", "lua", 0 if modern else 1))
    done = subprocess.run(
        [neovim, "--headless", "-u", "NONE", "-i", "NONE", "-c", f"luafile {HERE / 'neovim.lua'}"],
        cwd=workspace, capture_output=True, text=True, timeout=90, check=False,
        env={**os.environ, "HUNTLENS_INIT": str(init), "PATH": PROGRAMS},
    )  # fmt: skip
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    for wanted in (
        "FILETYPE kusto",
        f"ENCODING {'utf-8' if modern else 'utf-16'}",
        "CLIENTS 1",
        "OFFER logons",
        "Successful logons",
        "FINDING HL101",
        "MENDED",
        "OMNIFUNC v:lua.vim.lsp.omnifunc",
        "MENU 1 true",
    ):
        assert wanted in said
