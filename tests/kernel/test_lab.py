"""A real JupyterLab: hostile rows, charts, trees, pivots and the grid; run, reopened, in the dark, and not trusted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import chromium
from kernel.lab import DRAWN, LAB, REPOSITORY, SESSION, Lab, running

pytestmark = [
    pytest.mark.editor,
    pytest.mark.skipif(not (chromium.CHROMIUM and chromium.DRIVER), reason="no Chromium with its driver here"),
    pytest.mark.skipif(not LAB.exists(), reason="JupyterLab is not installed: make editors"),
]
LOGONS = (
    f"import sys; sys.path.insert(0, {str(REPOSITORY / 'tests')!r})"
    """
%load_ext huntlens_kernel
import hostile, pandas as pd
rows = hostile.frame().drop(columns='Bag')
rows = rows[~rows['Text'].str.contains('\\ud800', regex=False)]
logons = pd.DataFrame({'TimeGenerated': pd.date_range('2026-03-01', periods=40, freq='h'), 'EventID': 4624,
                       'Computer': ['web01', 'db02'] * 20, 'Account': ['ana', 'bob', 'eve', 'kim'] * 10})"""
)
CELLS = [
    LOGONS,
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
CHART = "%%kql\nlogons | summarize n = count() by Account | render {} with (title='{}')"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    pictures = Path(os.environ.get("HUNTLENS_PICTURES") or tmp_path_factory.mktemp("pictures"))
    pictures.mkdir(parents=True, exist_ok=True)
    with running(tmp_path_factory.mktemp("lab"), pictures) as one:
        yield one


def test_run_reopened_and_untrusted_in_light_and_dark(lab: Lab):
    """One notebook on its way: run here, opened again by its user, sent to somebody who does not trust it."""
    lab.write("hunt.ipynb", CELLS)
    lab.open("hunt.ipynb")
    lab.theme("Light")
    lab.run(len(CELLS))
    assert lab.browser.run("return document.querySelectorAll('[data-on=drawn]').length") >= 3
    lab.look("light")
    lab.theme("Dark")
    lab.look("dark")
    lab.save()
    lab.quiet()

    lab.open("hunt.ipynb")  # no kernel has run anything for this page
    lab.browser.wait("document.querySelectorAll('[data-on=drawn]').length >= 3", 60)
    lab.look("reopened")
    lab.quiet()

    cells = lab.cells("hunt.ipynb")
    cells[0]["source"] = "# from elsewhere"
    lab.write("other.ipynb", cells)
    lab.open("other.ipynb")
    lab.browser.wait("document.querySelectorAll('.jp-OutputArea-output tbody tr').length > 10", 40)
    assert lab.browser.run("return document.querySelectorAll('[data-on]').length") == 0
    for name in ("Light", "Dark"):
        lab.theme(name)
        lab.look(f"untrusted-{name.lower()}")
    lab.quiet()


def test_notebook_7(lab: Lab):
    """The Notebook shares JupyterLab's components; its page is another."""
    if not list(LAB.parents[1].glob("lib/python*/site-packages/notebook-7*")):
        pytest.skip("Notebook 7 is not installed: make editors")
    lab.write("classic.ipynb", CELLS)
    lab.open("classic.ipynb", view="notebooks")
    lab.theme("Light")
    lab.run(len(CELLS))
    assert lab.browser.run("return document.querySelectorAll('[data-on=drawn]').length") >= 3
    assert lab.browser.run("return document.querySelectorAll('.huntlens-table input[type=search]').length") >= 3
    lab.look("notebook-7")
    lab.theme("Dark")
    lab.look("notebook-7-dark")
    lab.quiet()


def test_pictures_come_back(lab: Lab):
    """The output that brought the drawing library is cleared: pictures say so, and running one again mends them."""
    waiting = "document.body.innerText.includes('run this cell again as it is')"
    lab.write("mend.ipynb", [LOGONS, CHART.format("columnchart", "one"), CHART.format("piechart", "two")])
    lab.open("mend.ipynb")
    lab.run(3)
    assert sum("DecompressionStream" in str(cell["outputs"]) for cell in _saved(lab, "mend.ipynb")) == 1

    lab.browser.run("jupyterapp.shell.currentWidget.content.activeCellIndex = 1")
    lab.do("notebook:clear-cell-output")
    lab.save()
    lab.open("mend.ipynb")
    lab.browser.wait(waiting, 30)
    lab.cell(2)
    lab.browser.wait(f"!{waiting} && {DRAWN} && document.querySelector('[data-on=drawn]') !== null", 30)

    lab.do("notebook:clear-all-cell-outputs")
    lab.save()
    lab.open("mend.ipynb")
    lab.cell(1)  # as far as the kernel knows, the other one still has it
    lab.browser.wait(waiting, 30)
    lab.cell(1)
    lab.browser.wait("document.querySelector('[data-on=drawn]') !== null", 30)
    lab.quiet()


def _saved(lab: Lab, name: str) -> list[dict]:
    lab.save()
    return lab.cells(name)


def test_live_grid(lab: Lab):
    """A million rows: sorted and searched in the kernel; the page keeps a table for when there is none."""
    pytest.importorskip("anywidget")
    first = "document.querySelector('.jp-OutputArea [data-huntlens-grid] tbody td')?.innerText"
    lab.write("grid.ipynb", ["%%kql --grid\nrange n from 1 to 1000000 step 1 | extend Text = strcat('<b>row ', n)"])
    lab.open("grid.ipynb")
    lab.theme("Light")
    lab.run(1)
    lab.browser.wait(f"{first} === '1'", 30)
    assert lab.browser.run("return document.querySelector('[data-huntlens-behind]').hidden") is True
    for _ in range(2):
        lab.browser.run("document.querySelector('[data-huntlens-grid] th').click()")
        lab.browser.wait("window.setTimeout(() => 0, 300)", 1)
    lab.browser.wait(f"{first} === '1000000'", 30)
    lab.browser.run(
        "const box = document.querySelector('[data-huntlens-grid] input'); box.value = 'ROW 77777';"
        "box.dispatchEvent(new Event('input'))"
    )
    lab.browser.wait(f"{first} === '777779'", 30)
    lab.look("grid")
    lab.save()
    lab.open("grid.ipynb")
    lab.browser.wait("document.querySelector('[data-huntlens-behind]')?.innerText.includes('1,000,000 rows')", 30)
    lab.browser.wait("document.querySelectorAll('[data-huntlens-behind] tbody tr').length === 50", 30)
    lab.look("grid-reopened")


def test_stop_button(lab: Lab):
    """What the stop button asks of the server ends a query in DuckDB, and completion answers in the page."""
    lab.write("stop.ipynb", [LOGONS, "1"])
    lab.open("stop.ipynb")
    lab.run(2)
    lab.browser.run(
        f"const kernel = {SESSION}.kernel;"
        """
        const query = 'range a from 1 to 3000000 step 1 | extend k = 1 | join kind=inner '
          + '(range b from 1 to 300000 step 1 | extend k = 1) on k | summarize sum(a * b)';
        const future = kernel.requestExecute({code: '%%kql local\\n' + query});
        setTimeout(() => { window.__stop = performance.now(); kernel.interrupt(); }, 1500);
        future.done.then(reply => { window.__stopped = [reply.content.ename, performance.now() - window.__stop]; });
        """
    )
    name, milliseconds = lab.browser.wait("window.__stopped", 40)
    assert name == "HuntInterrupt"
    assert milliseconds < 20_000  # it would take hours
    lab.browser.run(
        f"const kernel = {SESSION}.kernel;"
        """
        const code = '%%kql\\nlogons | where Acc';
        const started = performance.now();
        kernel.requestComplete({code, cursor_pos: code.length}).then(reply => {
          window.__offers = [reply.content.matches, performance.now() - started];
        });
        """
    )
    matches, took = lab.browser.wait("window.__offers", 20)
    assert matches == ["Account"]
    print(f"JupyterLab: stopped after {milliseconds:.0f} ms, completion in {took:.0f} ms")
