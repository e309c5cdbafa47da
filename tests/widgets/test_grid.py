"""The live grid: pages, and what a page that is not ours could ask for."""

from __future__ import annotations

import pandas as pd
import pytest

import chromium
import hostile
from huntlens.viz import figure
from huntlens.widgets.grid import MOST, Pages, grid, script

ROWS = pd.DataFrame({"n": range(1000), "Text": [f"row {n}" for n in range(1000)]})


def test_pages():
    pages = Pages(ROWS)
    first = pages.page({})
    assert (first["total"], len(first["rows"]), first["types"]) == (1000, 50, ["long", "string"])
    assert pages.page({"offset": 990})["rows"][-1] == ["999", "row 999"]
    assert pages.page({"sort": 0, "descending": True})["rows"][0][0] == "999"
    found = pages.page({"search": "ROW 99", "sort": 0})
    assert (found["total"], found["rows"][0][1]) == (11, "row 99")


@pytest.mark.parametrize(
    ("request_", "total"),
    [
        ({"sort": "n; drop table rows"}, 1000),
        ({"sort": True}, 1000),
        ({"sort": 99}, 1000),
        ({"offset": -5, "limit": 10**9}, 1000),
        ({"offset": "x", "limit": None}, 1000),
        ({"search": "' or 1=1 --"}, 0),
        ({"search": 7}, 271),
    ],
)
def test_a_request_is_never_sql(request_, total):
    page = Pages(ROWS).page(request_)
    assert page["total"] == total
    assert len(page["rows"]) <= MOST


def test_hostile_rows():
    frame = hostile.frame()
    frame = frame[~frame["Text"].str.contains("\ud800", regex=False)]
    page = Pages(frame).page({"search": "script", "sort": 1})
    shown = str(page)
    assert page["total"] >= 2
    assert not [mark for mark in hostile.HIDDEN if mark in shown]


def test_widget_answers_requests():
    pytest.importorskip("anywidget")
    made = grid(ROWS)
    made.request = {"offset": 100, "limit": 10, "search": "", "sort": None}
    assert made.page["rows"][0] == ["100", "row 100"]
    assert len(made.df) == 1000


@pytest.mark.editor
@pytest.mark.skipif(not (chromium.CHROMIUM and chromium.DRIVER), reason="no Chromium with its driver here")
def test_script_in_a_browser(tmp_path):
    from huntlens.viz.text import page_json

    frame = hostile.frame()
    page = Pages(frame[~frame["Text"].str.contains("\ud800", regex=False)]).page({})
    model = f"""
        const state = {{css: "", request: {{offset: 0, limit: 50, sort: null}}, page: {page_json(page)}}};
        window.asked = [];
        window.model = {{get: k => state[k], set: (k, v) => state[k] = v, on: () => 0,
                         save_changes: () => asked.push(state.request)}};
    """
    code = script().replace("export default { render };", "window.grid = {render};")
    path = tmp_path / "grid.html"
    path.write_text(figure.page("grid", f"<div id='a'></div><script>{model}{code}</script>"), "utf-8")
    with chromium.browser() as browser:
        browser.open(path)
        browser.run("grid.render({model, el: document.getElementById('a')})")
        assert browser.run("return document.querySelectorAll('tbody tr').length") == len(page["rows"])
        browser.run("document.querySelectorAll('th')[1].click()")
        assert browser.run("return asked[0].sort") == 1
        assert browser.run(f"return {hostile.MARK}") is None
        assert browser.requests() == []
        assert browser.errors() == []
