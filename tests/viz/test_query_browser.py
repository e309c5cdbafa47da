"""The page of all queries: small, offline, hostile packs stay texts, a call can be put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import chromium
import hostile
from huntlens import QueryProvider
from huntlens.catalog import index
from huntlens.catalog.collection import Catalog
from huntlens.catalog.discover import catalog
from huntlens.catalog.model import Pack, Parameter, Query
from huntlens.viz.query_browser import QueryBrowser

if TYPE_CHECKING:
    from pathlib import Path


def hostile_catalog() -> Catalog:
    values = [value for value in hostile.VALUES if "\ud800" not in value]
    queries = [
        Query(
            f"a.q{number}", value, summary=value, description=value, returns=value, tables=(value,),
            environments=(value[:50],), parameters=(Parameter("p", "string", value, default=value, required=False),),
        )
        for number, value in enumerate(values)
    ]  # fmt: skip
    return Catalog([index.build("x", [Pack("p", queries=tuple(queries))])])


def test_the_page_of_the_built_in_queries_is_small(tmp_path: Path) -> None:
    page = QueryBrowser(catalog(cache=tmp_path)).save(tmp_path / "queries.html")
    assert page.stat().st_size <= 150_000
    assert "http" not in page.read_text("utf-8").replace("http-equiv", "")


def test_a_provider_shows_what_it_runs() -> None:
    with QueryProvider("local") as qp:
        shown = qp.browse()
        assert repr(shown) == f"<QueryBrowser of {len(qp.list_queries())} queries>"
        assert "huntlens-queries" in shown._repr_mimebundle_()["text/html"]


def test_hostile_packs_leave_no_mark_up() -> None:
    page = QueryBrowser(hostile_catalog()).to_html()
    assert hostile.MARK not in page
    assert not any(char in page for char in hostile.HIDDEN)


@pytest.mark.editor
@pytest.mark.skipif(not (chromium.CHROMIUM and chromium.DRIVER), reason="no Chromium with its driver here")
def test_in_a_browser(tmp_path: Path) -> None:
    drawn = "document.querySelector('[data-on=drawn]') !== null"
    pre = "return [...document.querySelectorAll('.q-one pre')].map(e => e.textContent)"
    with chromium.browser() as browser:
        browser.size(1000, 700)
        browser.open(QueryBrowser(catalog(cache=tmp_path)).save(tmp_path / "queries.html"))
        browser.wait(drawn)
        browser.run(
            "const q = document.querySelector('input[type=search]'); q.value = 'windows.logons';"
            "q.dispatchEvent(new Event('input')); document.querySelector('.q-list button').click();"
            "const h = document.querySelector('td input[aria-label=host]'); h.value = 'a\"b c';"
            "h.dispatchEvent(new Event('input'))"
        )
        assert browser.run(pre)[:2] == [
            'qp.windows.logons(host="a\\"b c")',
            "%hunt run windows.logons host='a\"b c'",
        ]
        assert browser.requests() == []
        assert browser.errors() == []
        browser.open(QueryBrowser(hostile_catalog()).save(tmp_path / "hostile.html"))
        browser.wait(drawn)
        browser.run("document.querySelectorAll('.q-list button').forEach(b => b.click())")
        assert browser.run(f"return {hostile.MARK}") is None
        assert browser.requests() == []
        assert browser.errors() == []
