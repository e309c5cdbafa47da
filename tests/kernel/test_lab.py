"""A real JupyterLab: hostile rows, charts, a process tree and pivots; run, reopened in the dark, and not trusted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import chromium
import hostile
from huntlens_kernel import kernelspec

REPOSITORY = Path(__file__).parents[2]
EDITORS = Path(os.environ.get("HUNTLENS_EDITORS", REPOSITORY / ".editors"))
LAB = EDITORS / "lab" / "venv" / "bin" / "python"

pytestmark = [
    pytest.mark.editor,
    pytest.mark.skipif(not (chromium.CHROMIUM and chromium.DRIVER), reason="no Chromium with its driver here"),
    pytest.mark.skipif(not LAB.exists(), reason="JupyterLab is not installed: make editors"),
]
CELLS = [
    """import sys; sys.path.insert(0, TESTS)
%load_ext huntlens_kernel
import hostile, pandas as pd
rows = hostile.frame().drop(columns='Bag')
rows = rows[~rows['Text'].str.contains('\\ud800', regex=False)]
logons = pd.DataFrame({'TimeGenerated': pd.date_range('2026-03-01', periods=40, freq='h'), 'EventID': 4624,
                       'Computer': ['web01', 'db02'] * 20, 'Account': ['ana', 'bob', 'eve', 'kim'] * 10})""",
    "%%kql\nrows",
    "%%kql\nlogons | summarize Logons = count() by bin(TimeGenerated, 4h), Account | render timechart",
    "%%kql\nrows | summarize n = count() by Text | render columnchart with (title='</script><b>t</b>')",
    "%%kql\nlogons | summarize Logons = count() | render card",
    """from huntlens.analyze.process_tree import build
build(rows.assign(EventID=4688, NewProcessId=[hex(n + 16) for n in range(len(rows))], Computer='web01',
                  ProcessId=['0x4'] + [hex(n // 2 + 16) for n in range(len(rows) - 1)],
                  NewProcessName=[f'C:\\\\w\\\\p{n}.exe' for n in range(len(rows))], CommandLine=rows['Text']))""",
    "addresses = ['10.0.0.1', '8.8.8.8']\n%pivot IpAddress.ip_type addresses",
    "%ioc rows --column Text",
    "from huntlens import Host\nHost('web01')",
    "%hunt status",
    "%%kql\nrows | where Nope > 1",
]
WIDTH, HEIGHT, PART = 1300, 3600, 1200
PROMPTS = "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]"
IDLE = f"{PROMPTS}.filter(p => /\\[\\d+\\]/.test(p.innerText)).length"
OURS = "[data-huntlens-plot]", "[data-huntlens-tree]"
WAITING = ", ".join(f"{one}:not([data-on=drawn])" for one in OURS)
DRAWN = f"document.querySelectorAll('{WAITING}').length === 0"
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
    for (const area of document.querySelectorAll('.jp-OutputArea-output')) {
      const walk = document.createTreeWalker(area, NodeFilter.SHOW_TEXT);
      for (let node; (node = walk.nextNode());) {
        const e = node.parentElement, box = e.getBoundingClientRect();
        if (!node.data.trim() || !box.width || e.closest('script, style, svg, canvas')) continue;
        const under = behind(e), color = parse(getComputedStyle(e).color);
        color[3] = (color[3] ?? 1) * faded(e);
        const a = light(over(color, under)), b = light(under);
        const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
        if (contrast < 4.5) found.push([contrast.toFixed(2), e.tagName + '.' + e.className, node.data.slice(0, 40)]);
      }
    }
    return found;
"""


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = Path(os.environ.get("HUNTLENS_PICTURES") or tmp_path_factory.mktemp("pictures"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write(path: Path, cells: list[dict]) -> None:
    spec = {"name": "huntlens", "display_name": "Python (huntlens)", "language": "python"}
    path.write_text(json.dumps({"cells": cells, "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5}))


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address and the folder of a running JupyterLab, which has our kernel beside its own."""
    home = tmp_path_factory.mktemp("lab")
    kernelspec.install(prefix=str(home))
    folder = home / "work"
    folder.mkdir()
    sources = [cell.replace("TESTS", repr(str(REPOSITORY / "tests"))) for cell in CELLS]
    cells = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "execution_count": None, "outputs": [], "source": source}
        for n, source in enumerate(sources)
    ]
    write(folder / "hunt.ipynb", cells)
    environment = {
        **os.environ,
        "HOME": str(home),
        "JUPYTER_PATH": str(home / "share" / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "HUNTLENS_RUNTIME_DIR": str(home / "published"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    command = [
        str(LAB), "-m", "jupyterlab", "--no-browser", "--allow-root", "--port=0", "--IdentityProvider.token=",
        f"--ServerApp.root_dir={folder}", "--LabApp.expose_app_in_browser=True", "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    with (home / "log.txt").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield _address(home / "runtime", process), folder
        finally:
            process.terminate()
            process.wait(20)


def _address(runtime: Path, process: subprocess.Popen) -> str:
    end = time.monotonic() + 40
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


@pytest.fixture(scope="module")
def browser():
    with chromium.browser() as one:
        one.size(WIDTH, HEIGHT)
        yield one


def show(browser, lab, name: str) -> None:
    """Open a notebook alone in its page."""
    browser.visit(f"{lab[0]}doc/tree/{name}")
    browser.wait(f"window.jupyterapp && document.querySelectorAll('.jp-CodeCell').length === {len(CELLS)}", 40)
    browser.run("jupyterapp.restored.then(() => window.__ready = true)")
    browser.wait("window.__ready", 40)


def theme(browser, name: str) -> None:
    browser.run("return jupyterapp.commands.execute('apputils:change-theme', {theme: arguments[0]})", name)
    browser.wait(f"document.body.dataset.jpThemeName === '{name}'", 20)
    browser.wait(
        "[...document.querySelectorAll('[data-huntlens-plot]')].every(p => !p.huntlensDrawn || "
        f"p.huntlensDrawn.scheme === '{'dark' if 'Dark' in name else 'light'}')",
        20,
    )
    browser.wait(DRAWN, 20)
    time.sleep(0.3)


def look(browser, folder: Path, name: str) -> None:
    """Take pictures, in parts that can be looked at; every text must be readable."""
    for top in range(0, HEIGHT, PART):
        browser.picture(folder / f"{name}-{top // PART}.png", x=0, y=top, width=WIDTH, height=PART)
    assert browser.run(FAINT) == []


def quiet(browser, lab) -> None:
    """Nothing ran that should not, nothing was fetched from elsewhere, and the console has no errors."""
    assert browser.run(f"return {hostile.MARK}") is None
    host = lab[0].removeprefix("http://")
    assert [url for url in browser.requests() if host not in url] == []
    assert [error for error in browser.errors() if "favicon" not in error] == []


def test_run_light_and_dark(browser, lab, pictures):
    show(browser, lab, "hunt.ipynb")
    browser.wait("jupyterapp.shell.currentWidget.sessionContext?.session?.kernel?.status === 'idle'", 60)
    browser.run("jupyterapp.commands.execute('notebook:run-all-cells')")
    browser.wait(f"{IDLE} === {len(CELLS)}", 120)
    browser.wait(DRAWN, 60)
    assert browser.run("return document.querySelectorAll('[data-on=drawn]').length") >= 3
    look(browser, pictures, "light")
    theme(browser, "JupyterLab Dark")
    look(browser, pictures, "dark")
    browser.run("return jupyterapp.commands.execute('docmanager:save')")
    quiet(browser, lab)


def test_reopened(browser, lab, pictures):
    """What was saved by this user is trusted: pictures are drawn again, without a kernel having run anything."""
    show(browser, lab, "hunt.ipynb")
    browser.wait("document.querySelectorAll('[data-on=drawn]').length >= 3", 60)
    look(browser, pictures, "reopened")
    quiet(browser, lab)


def test_untrusted(browser, lab, pictures):
    """A notebook from somebody else: no script and no style of ours is left, the rows are."""
    cells = json.loads((lab[1] / "hunt.ipynb").read_text())["cells"]
    cells[0]["source"] = "# from elsewhere"
    write(lab[1] / "other.ipynb", cells)
    show(browser, lab, "other.ipynb")
    browser.wait("document.querySelectorAll('.jp-OutputArea-output tbody tr').length > 10", 40)
    assert browser.run("return document.querySelectorAll('[data-on]').length") == 0
    for name in ("Light", "Dark"):
        theme(browser, f"JupyterLab {name}")
        look(browser, pictures, f"untrusted-{name.lower()}")
    quiet(browser, lab)


def test_stop_button(browser, lab):
    """What the stop button asks of the server ends a query in DuckDB, and completion answers in the page."""
    show(browser, lab, "hunt.ipynb")
    browser.wait("jupyterapp.shell.currentWidget.sessionContext?.session?.kernel?.status === 'idle'", 60)
    browser.run(
        """
        const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
        const query = 'range a from 1 to 3000000 step 1 | extend k = 1 | join kind=inner '
          + '(range b from 1 to 300000 step 1 | extend k = 1) on k | summarize sum(a * b)';
        const future = kernel.requestExecute({code: '%%kql local\\n' + query});
        setTimeout(() => { window.__stop = performance.now(); kernel.interrupt(); }, 1500);
        future.done.then(reply => { window.__stopped = [reply.content.ename, performance.now() - window.__stop]; });
        """
    )
    name, milliseconds = browser.wait("window.__stopped", 40)
    assert name == "HuntInterrupt"
    assert milliseconds < 3000
    browser.run(
        """
        const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
        const code = '%%kql\\nlogons | where Acc';
        const started = performance.now();
        kernel.requestComplete({code, cursor_pos: code.length}).then(reply => {
          window.__offers = [reply.content.matches, performance.now() - started];
        });
        """
    )
    matches, took = browser.wait("window.__offers", 20)
    assert matches == ["Account"]
    print(f"JupyterLab: stopped after {milliseconds:.0f} ms, completion in {took:.0f} ms")
