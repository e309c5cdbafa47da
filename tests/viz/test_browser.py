"""Pages in a real browser: drawn, quiet, offline, readable on dark and on light."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest

import chromium
import hostile
import plot_rows
from huntlens.analyze.observations import Observations
from huntlens.analyze.process_tree import build
from huntlens.viz import figure
from huntlens.viz.plots.observations import observations
from huntlens.viz.plots.process_tree import process_tree
from huntlens.viz.plots.timeline import timeline
from huntlens.viz.table import to_html

pytestmark = [
    pytest.mark.editor,
    pytest.mark.skipif(not (chromium.CHROMIUM and chromium.DRIVER), reason="no Chromium with its driver here"),
]
DRAWN = "document.querySelectorAll('[data-huntlens-plot]:not([data-on=drawn])').length === 0"
CONTRAST = """
    const rgb = c => c.match(/[\\d.]+/g).map(Number);
    const linear = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
    const light = c => { const [r, g, b] = rgb(c).map(linear); return .2126 * r + .7152 * g + .0722 * b; };
    const root = document.querySelector('.huntlens-table'), style = getComputedStyle(root);
    const a = light(style.color), b = light(style.backgroundColor);
    return (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
"""


@pytest.fixture(scope="module")
def browser():
    with chromium.browser() as one:
        one.size(1100, 800)
        yield one


def quiet(browser) -> None:
    assert browser.run(f"return {hostile.MARK}") is None
    assert browser.requests() == []
    assert browser.errors() == []


def test_table(browser, tmp_path):
    page = tmp_path / "table.html"
    page.write_text(figure.page("table", to_html(hostile.frame(), caption=hostile.VALUES[0])), "utf-8")
    browser.open(page)
    cells = "[...document.querySelectorAll('tbody tr')].map(r => r.cells[{}].textContent)"
    assert browser.run(f"return {cells.format(4)}")[:3] == ["0", "1", "2"]
    browser.run("document.querySelectorAll('th')[4].click(); document.querySelectorAll('th')[4].click()")
    assert browser.run(f"return {cells.format(4)}")[:2] == ["17", "16"]
    browser.run("const q = document.querySelector('input'); q.value = 'invoice'; q.dispatchEvent(new Event('input'))")
    assert browser.run(f"return {cells.format(1)}") == ["invoice‹U+202E›fdp.exe"]
    browser.run("document.querySelectorAll('td')[3].click()")
    assert "deep" in browser.run("return document.querySelector('.hl-detail pre').textContent")
    quiet(browser)


@pytest.mark.parametrize("dark", [False, True])
def test_table_can_be_read(browser, tmp_path, dark):
    page = tmp_path / "table.html"
    page.write_text(figure.page("table", to_html(pd.DataFrame({"a": [1]}))), "utf-8")
    browser.dark(dark)
    browser.open(page)
    assert browser.run(CONTRAST) > 7


def test_every_plot_with_hostile_rows(browser, tmp_path):
    """Drawn, pointed at, and nothing of the data runs or is fetched."""
    drawn = [draw(plot_rows.usual()) for draw in plot_rows.CALLS.values()]
    page = tmp_path / "plots.html"
    page.write_text(
        figure.page("plots", "".join(one.embed(library=not index) for index, one in enumerate(drawn))), "utf-8"
    )
    height = sum(one.height + 40 for one in drawn)
    browser.size(1100, height)
    browser.open(page)
    browser.wait(DRAWN, 90)
    for y in range(60, height, 75):  # the hover must not put data in as mark-up either
        for x in (120, 420, 700):
            browser.devtools("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    quiet(browser)


def test_library_of_another_output(browser, tmp_path):
    """A figure draws with the library that another output brought, in whichever order they come."""
    rows = pd.DataFrame({"TimeGenerated": pd.date_range("2026-03-01", periods=5)})
    page = tmp_path / "two.html"
    figures = timeline(rows), timeline(rows)
    page.write_text(figure.page("two", figures[0].embed(library=False) + figures[1].embed()), "utf-8")
    browser.open(page)
    browser.wait(DRAWN)
    assert browser.run("return document.querySelectorAll('[data-on=drawn]').length") == 2
    quiet(browser)


def test_detail_grows_with_zoom(browser, tmp_path):
    moments = pd.Timestamp("2026-03-01") + pd.to_timedelta(np.arange(30_000) * 20, unit="s")
    page = tmp_path / "zoom.html"
    page.write_text(timeline(pd.DataFrame({"TimeGenerated": moments})).to_html(), "utf-8")
    browser.open(page)
    browser.wait(DRAWN)
    visible = """
        const plot = Bokeh.documents[0].roots()[0];
        return plot.renderers.filter(r => r.type === 'GlyphRenderer').map(r => r.visible);
    """
    assert browser.run(visible) == [True, False, False]
    browser.run("const x = Bokeh.documents[0].roots()[0].x_range; x.setv({start: x.start, end: x.start + 36e5})")
    assert browser.run(visible) == [False, False, True]


def test_dark_page_gets_light_ink(browser, tmp_path):
    page = tmp_path / "dark.html"
    page.write_text(
        timeline(pd.DataFrame({"TimeGenerated": pd.date_range("2026-03-01", periods=5)})).to_html(), "utf-8"
    )
    for dark, ink in ((False, "#1F2328"), (True, "#E6EAF0")):
        browser.dark(dark)
        browser.open(page)
        browser.wait(DRAWN)
        assert browser.run("return Bokeh.documents[0].roots()[0].below[0].major_label_text_color") == ink


def test_process_tree(browser, tmp_path):
    """Rows open and close, search opens what leads to a hit, and hostile command lines stay text."""
    values = [value for value in hostile.VALUES if "\ud800" not in value]
    size = len(values)
    frame = pd.DataFrame(
        {
            "TimeGenerated": pd.date_range("2026-03-01", periods=size, freq="s"),
            "Computer": "web01",
            "EventID": 4688,
            "NewProcessId": [hex(n + 16) for n in range(size)],
            "ProcessId": [hex(n + 15) for n in range(size)],
            "NewProcessName": [f"p{n}.exe" for n in range(size)],
            "CommandLine": values,
        }
    )
    page = tmp_path / "tree.html"
    page.write_text(process_tree(build(frame), title=hostile.VALUES[0], open_levels=2).to_html(), "utf-8")
    browser.open(page)
    browser.wait("document.querySelector('[data-huntlens-tree][data-on=drawn]')")
    count = "return document.querySelectorAll('.hl-row').length"
    assert browser.run(count) == 2
    browser.run("document.querySelectorAll('button')[0].click()")
    assert browser.run(count) == size + 1
    browser.run("const q = document.querySelector('input'); q.value = 'calc'; q.dispatchEvent(new Event('input'))")
    assert browser.run("return document.querySelectorAll('.hl-row.hit').length") == 1
    browser.run("document.querySelector('.hl-row.hit').click()")
    assert "=cmd|' /C calc'!A1" in browser.run("return document.querySelector('.hl-detail').textContent")
    quiet(browser)


def test_process_tree_far_and_near(browser, tmp_path):
    """A map of all that is open, larger and smaller rows, and a branch alone."""
    size = 3_000
    frame = pd.DataFrame({
        "TimeGenerated": pd.date_range("2026-03-01", periods=size, freq="s"), "Computer": "web01", "EventID": 4688,
        "NewProcessId": [hex(n + 16) for n in range(size)], "ProcessId": [hex(n // 3 + 16) for n in range(size)],
        "NewProcessName": [f"p{n}.exe" for n in range(size)],
    })  # fmt: skip
    page = tmp_path / "tree.html"
    page.write_text(process_tree(build(frame), open_levels=40).to_html(), "utf-8")
    browser.open(page)
    browser.wait("document.querySelector('[data-huntlens-tree][data-on=drawn]')")
    assert browser.run("return document.querySelector('.hl-map').checkVisibility()")
    browser.run("""
        const map = document.querySelector('.hl-map'), box = map.getBoundingClientRect();
        map.dispatchEvent(new MouseEvent('click', {clientY: box.top + box.height / 2, bubbles: true}));
    """)
    assert 1_200 < browser.run("return document.querySelector('.hl-rows').scrollTop / 22") < 1_700
    tall = "return document.querySelector('.hl-row').offsetHeight"
    assert browser.run(tall) == 22
    browser.run("[...document.querySelectorAll('button')].find(b => b.textContent === '+').click()")
    assert browser.run(tall) == 30
    browser.run("document.querySelector('.hl-rows').scrollTop = 0; document.querySelector('.hl-rows').onscroll()")
    browser.run("document.querySelectorAll('.hl-row')[2].click()")
    browser.run("document.querySelector('.hl-detail button').click()")
    alone = "return parseInt(document.querySelector('.hl-rows > div').style.height) / 30"
    assert 1 < browser.run(alone) < size
    browser.run("document.querySelector('.hl-path button').click()")
    assert browser.run(alone) >= size
    quiet(browser)


@pytest.mark.parametrize("dark", [False, True])
def test_findings_can_be_read(browser, tmp_path, dark):
    page = tmp_path / "findings.html"
    found = Observations().add("Logs were cleared", hostile.frame(), score=8, tags=hostile.VALUES[0])
    page.write_text(observations(found).to_html(), "utf-8")
    browser.dark(dark)
    browser.open(page)
    assert browser.run(CONTRAST.replace("huntlens-table", "huntlens-findings")) > 7
    browser.run("document.querySelector('summary').click()")
    assert browser.run("return document.querySelectorAll('.huntlens-findings tbody tr').length") > 10
    quiet(browser)


@pytest.mark.skipif(not any(map(shutil.which, figure.BROWSERS)), reason="no browser takes pictures here")
def test_png():
    data = timeline(pd.DataFrame({"TimeGenerated": pd.date_range("2026-03-01", periods=5)})).to_png(width=700)
    assert data.startswith(b"\x89PNG")
    assert len(data) > 5_000
