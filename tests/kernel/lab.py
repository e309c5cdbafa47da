"""A real JupyterLab (and the Notebook of its server) in a headless browser: open, run, look, save."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import chromium
import hostile
from huntlens_kernel import kernelspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

REPOSITORY = Path(__file__).parents[2]
EDITORS = Path(os.environ.get("HUNTLENS_EDITORS", REPOSITORY / ".editors"))
LAB = EDITORS / "lab" / "venv" / "bin" / "python"
WIDTH, HEIGHT, PART = 1300, 3600, 1200
SESSION = "jupyterapp.shell.currentWidget?.sessionContext?.session"
PROMPTS = "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]"
IDLE = f"{PROMPTS}.filter(p => /\\[\\d+\\]/.test(p.innerText)).length"
WAITING = "[data-huntlens-plot]:not([data-on=drawn]), [data-huntlens-tree]:not([data-on=drawn])"
DRAWN = f"document.querySelectorAll('{WAITING}').length === 0"
# Remarks of the front ends themselves: an icon, a page that was left unsaved, what the scripts of the Notebook miss.
THEIRS = ("favicon", "beforeunload", "/static/notebook/")
# The text of every output that is too faint on what lies behind it (WCAG AA: 4.5), with its contrast.
FAINT = """
    const parse = c => {
      const parts = c.match(/[\\d.]+/g).map(Number);
      return c.startsWith('color(srgb') ? parts.map((v, i) => i < 3 ? v * 255 : v) : parts;
    };
    const linear = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
    const light = ([r, g, b]) => .2126 * linear(r) + .7152 * linear(g) + .0722 * linear(b);
    const over = (top, under) => { const a = top[3] ?? 1; return [0, 1, 2].map(i => top[i] * a + under[i] * (1 - a)); };
    const behind = e => {
      if (!e) return [255, 255, 255];
      const c = parse(getComputedStyle(e).backgroundColor);
      return (c[3] ?? 1) === 1 ? c : over(c, behind(e.parentElement));
    };
    const faded = e => { let o = 1; for (; e; e = e.parentElement) o *= getComputedStyle(e).opacity; return o; };
    const found = [];
    for (const area of document.querySelectorAll('.jp-OutputArea-output, .output')) {
      const walk = document.createTreeWalker(area, NodeFilter.SHOW_TEXT);
      for (let node; (node = walk.nextNode());) {
        const e = node.parentElement, box = e.getBoundingClientRect();
        if (!node.data.trim() || !box.width || e.closest('script, style, svg, canvas, :disabled')) continue;
        const under = behind(e), color = parse(getComputedStyle(e).color);
        color[3] = (color[3] ?? 1) * faded(e);
        const a = light(over(color, under)), b = light(under);
        const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
        if (contrast < 4.5) found.push([contrast.toFixed(2), e.tagName + '.' + e.className, node.data.slice(0, 40)]);
      }
    }
    return found;
"""


@dataclass
class Lab:
    """A running server, a browser, and a folder for notebooks and one for pictures."""

    url: str
    folder: Path
    browser: chromium.Browser
    pictures: Path

    def write(self, name: str, cells: Sequence[str | dict[str, Any]]) -> None:
        """A notebook of our own kernel; a text is a cell that has not run."""
        made = [
            {"cell_type": "code", "id": f"c{n}", "metadata": {}, "execution_count": None, "outputs": [], "source": one}
            if isinstance(one, str)
            else one
            for n, one in enumerate(cells)
        ]
        spec = {"name": "huntlens", "display_name": "Python (huntlens)", "language": "python"}
        book = {"cells": made, "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5}
        (self.folder / name).write_text(json.dumps(book))

    def cells(self, name: str) -> list[dict[str, Any]]:
        """The cells of a notebook as it was saved."""
        found: list[dict[str, Any]] = json.loads((self.folder / name).read_text())["cells"]
        return found

    def open(self, name: str, *, view: str = "doc/tree") -> None:
        """Open a notebook alone in its page; wait for the kernel."""
        self.browser.visit(f"{self.url}{view}/{name}")
        count = len(self.cells(name))
        self.browser.wait(f"window.jupyterapp && document.querySelectorAll('.jp-CodeCell').length === {count}", 120)
        self.browser.run("jupyterapp.restored.then(() => window.__ready = true)")
        self.browser.wait("window.__ready", 120)
        self.browser.wait(f"{SESSION}?.kernel?.status === 'idle'", 120)

    def run(self, count: int) -> None:
        """Run all cells, and wait until that many have a number."""
        self.do("notebook:run-all-cells")
        self.browser.wait(f"{IDLE} === {count}", 180)
        self.browser.wait(DRAWN, 120)

    def do(self, command: str) -> None:
        """A command of the menus, left to itself."""
        self.browser.run("jupyterapp.commands.execute(arguments[0])", command)

    def save(self) -> None:
        self.browser.run("return jupyterapp.commands.execute('docmanager:save')")

    def cell(self, number: int) -> None:
        """Run one cell."""
        self.browser.run("jupyterapp.shell.currentWidget.content.activeCellIndex = arguments[0]", number)
        self.do("notebook:run-cell")

    def theme(self, name: str) -> None:
        """`Light` or `Dark`; waits for the pictures to follow."""
        whole = f"JupyterLab {name}"
        self.browser.run("return jupyterapp.commands.execute('apputils:change-theme', {theme: arguments[0]})", whole)
        self.browser.wait(f"document.body.dataset.jpThemeName === '{whole}'", 20)
        self.browser.wait(
            "[...document.querySelectorAll('[data-huntlens-plot]')].every(p => !p.huntlensDrawn || "
            f"p.huntlensDrawn.scheme === '{name.lower()}')",
            20,
        )
        time.sleep(0.3)

    def look(self, name: str) -> None:
        """Take pictures, in parts that can be looked at; every text must be readable."""
        for top in range(0, HEIGHT, PART):
            path = self.pictures / f"{name}-{top // PART}.png"
            self.browser.picture(path, x=0, y=top, width=WIDTH, height=PART)
        faint = self.browser.run(FAINT)
        assert faint == []

    def quiet(self) -> None:
        """Nothing ran that should not, nothing was fetched from elsewhere, and the console has no errors."""
        assert self.browser.run(f"return {hostile.MARK}") is None
        host = self.url.removeprefix("http://")
        elsewhere = [url for url in self.browser.requests() if host not in url]
        assert elsewhere == []
        errors = [error for error in self.browser.errors() if not any(one in error for one in THEIRS)]
        assert errors == []


@contextmanager
def running(home: Path, pictures: Path) -> Iterator[Lab]:
    """A JupyterLab with our kernel and the widgets of our environment."""
    kernelspec.install(prefix=str(home))
    folder = home / "work"
    folder.mkdir()
    environment = {
        **os.environ,
        "HOME": str(home),
        "JUPYTER_PATH": f"{home}/share/jupyter{os.pathsep}{sys.prefix}/share/jupyter",
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "HUNTLENS_RUNTIME_DIR": str(home / "published"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    command = [
        str(LAB), "-m", "jupyterlab", "--no-browser", "--allow-root", "--port=0", "--IdentityProvider.token=",
        f"--ServerApp.root_dir={folder}", "--LabApp.expose_app_in_browser=True", "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--JupyterNotebookApp.expose_app_in_browser=True",
    ]  # fmt: skip
    with (home / "log.txt").open("wb") as log, chromium.browser() as browser:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            browser.size(WIDTH, HEIGHT)
            yield Lab(_address(home / "runtime", process), folder, browser, pictures)
        finally:
            process.terminate()
            process.wait(20)


def _address(runtime: Path, process: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        assert process.poll() is None, "JupyterLab did not start"
        for path in runtime.glob("jpserver-*.json"):
            url = f"http://127.0.0.1:{json.loads(path.read_text() or '{}').get('port')}/"
            try:
                urllib.request.urlopen(f"{url}api/status", timeout=5).close()
            except (urllib.error.URLError, ValueError):
                continue
            return url
        time.sleep(0.2)
    pytest.fail("JupyterLab did not listen")
