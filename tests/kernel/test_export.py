"""A notebook with hostile rows in a real browser: exported, and its outputs as other front ends put them in."""

from __future__ import annotations

import asyncio
import json

import pytest

import chromium
import hostile
from kernel.lab import FAINT

pytestmark = [
    pytest.mark.editor,
    pytest.mark.skipif(not (chromium.CHROMIUM and chromium.DRIVER), reason="no Chromium with its driver here"),
]
CELLS = [
    """import sys; sys.path.insert(0, TESTS)
%load_ext huntlens_kernel
import hostile
rows = hostile.frame().drop(columns='Bag')
rows = rows[~rows['Text'].str.contains('\\ud800', regex=False)]""",
    "%%kql\nrows",
    "%%kql\nrows | summarize n = count() by Text | render columnchart with (title='</script><b>t</b>')",
    "%%kql\nrows | project TimeGenerated, Count, Text | render timechart",
    "import huntlens.viz.accessor\nrows.hunt.timeline(group='Text')",
    "%ioc rows --column Text",
    """from huntlens.analyze.process_tree import build
events = rows.assign(EventID=4688, NewProcessId=[hex(n + 16) for n in range(len(rows))], ProcessId='0x4',
                     NewProcessName='a.exe', CommandLine=rows['Text'], Computer='web01')
build(events)""",
    "%%kql\nrows | where Count < 3 | project-rename Title = Text | render card",
    "%%kql\nrows | project lon = 2.0 + Count, lat = 48.0, Count, Text | render scatterchart with (kind=map)",
    "%%kql\nrows | extend Until = TimeGenerated + 3h | project TimeGenerated, Until, Text | render timepivot",
    "%%kql\nrows | project TimeGenerated, Ratio, flag = toint(Count == 3) | render anomalychart with (title='<img>')",
    "%%kql\nrows | summarize n = sum(Count) by Text | render barchart with (title='<!--<script>')",
    "%%kql\nrows | summarize n = sum(Count) by Text | render piechart",
    "%%kql\nrows | project Count, Ratio, Text | render scatterchart with (xtitle='</title><svg onload=1>')",
    "%%kql\nrows | project TimeGenerated, Ratio, Text | render areachart",
    "%%kql\nrows | project-reorder Text | render table",
    """from huntlens.viz.verdicts import verdicts
verdicts(rows.assign(ioc=rows['Text'], service='</b><script>', severity='high', details=rows['Text'],
                     link='https://example.com/' + rows['Text']))""",
    "from huntlens import Host, Account\nHost(rows['Text'].iloc[1])",
    "hostile_value = rows['Text'].iloc[0]",
    "%%kql\nrows | where Text == hostile_value",
    "%pivot Host.windows.nothing_here hostile_value",
]
WITHOUT_OUTPUT = 3
# What VS Code's notebook renderer does with an output: put it in as mark-up, then run each script in it again.
VS_CODE = """
    const output = document.createElement('div');
    output.className = 'output';
    document.body.append(output);
    output.innerHTML = arguments[0];
    for (const old of Array.from(output.getElementsByTagName('script'))) {
      const script = document.createElement('script');
      script.text = old.innerText;
      if (old.getAttribute('type')) script.setAttribute('type', old.getAttribute('type'));
      old.parentNode.append(script); script.remove();
    }
"""
DARK = (
    "background:#1e1e1e;color:#ddd;font-family:sans-serif;--vscode-editor-background:#1e1e1e;"
    "--vscode-editor-foreground:#d4d4d4;--vscode-editorWidget-background:#252526;--vscode-panel-border:#80808059"
)
# What JupyterLab leaves of an output in a notebook that is not trusted.
UNTRUSTED = """
    document.body.innerHTML = arguments[0];
    document.querySelectorAll('script, style').forEach(e => e.remove());
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory, repository):
    import nbformat
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell, new_notebook

    folder = tmp_path_factory.mktemp("book")
    cells = [new_code_cell(cell.replace("TESTS", repr(str(repository / "tests")))) for cell in CELLS]
    made = new_notebook(cells=cells)
    client = NotebookClient(
        made, timeout=180, kernel_name="python3", allow_errors=True, resources={"metadata": {"path": str(folder)}}
    )
    asyncio.run(client.async_execute())
    nbformat.validate(made)
    return made


@pytest.fixture(scope="module")
def browser():
    with chromium.browser() as one:
        one.size(1200, 3000)
        yield one


def outputs(book) -> list[str]:
    shown = [output.get("data", {}) for cell in book.cells for output in cell.outputs]
    return [data["text/html"] for data in shown if "text/html" in data]


def drawn(browser) -> None:
    waiting = "[data-huntlens-plot]:not([data-on=drawn]), [data-huntlens-tree]:not([data-on=drawn])"
    browser.wait(f"document.querySelectorAll('{waiting}').length === 0", 60)
    assert browser.run("return document.querySelectorAll('[data-on]').length") >= 6


def test_every_cell_has_an_output(book):
    assert len(outputs(book)) == len(CELLS) - WITHOUT_OUTPUT
    errors = [output.ename for cell in book.cells for output in cell.outputs if output.output_type == "error"]
    assert len(errors) == 1  # the pivot that there is not
    assert sum("DecompressionStream" in one and "bokeh" in one.lower() for one in outputs(book)) >= 1
    assert len(json.dumps(book)) < 3_000_000


def test_exported_page(book, browser, tmp_path):
    from nbconvert import HTMLExporter

    page, _ = HTMLExporter(require_js_url="", mathjax_url="", jquery_url="").from_notebook_node(book)
    path = tmp_path / "book.html"
    path.write_text(page, "utf-8")
    browser.open(path)
    drawn(browser)
    faint = browser.run(FAINT)
    assert faint == []
    assert browser.run(f"return {hostile.MARK}") is None
    ours = [url for url in browser.requests() if "unpkg" not in url and "cdnjs" not in url]  # nbconvert's own template
    assert ours == []


def test_vs_code(book, browser, tmp_path):
    page = tmp_path / "code.html"
    page.write_text(f"<!doctype html><body class='vscode-dark' style='{DARK}'></body>", "utf-8")
    browser.open(page)
    for output in outputs(book):
        browser.run(VS_CODE, output)
    drawn(browser)
    faint = browser.run(FAINT)
    assert faint == []
    assert browser.run(f"return {hostile.MARK}") is None
    assert browser.requests() == []


def test_untrusted_notebook(book, browser, tmp_path):
    page = tmp_path / "untrusted.html"
    page.write_text("<!doctype html><body></body>", "utf-8")
    browser.open(page)
    for output in outputs(book):
        browser.run(UNTRUSTED, output)
        assert len(browser.run("return document.body.innerText")) > 20
    table = next(one for one in outputs(book) if "data-huntlens-table" in one)
    browser.run(UNTRUSTED, table)
    assert 1 < browser.run("return document.querySelectorAll('tbody tr').length") <= 20
