"""Cards of what services say about indicators: order, words, hostile values, and links that wait for a second click."""

from __future__ import annotations

import pandas as pd
import pytest

import chromium
import hostile
from huntlens.errors import DataError
from huntlens.viz.accessor import Hunt
from huntlens.viz.figure import page
from huntlens.viz.verdicts import verdicts

ROWS = pd.DataFrame(
    [
        ("good.example", "dns", "OTX", "information", "nothing known", ""),
        ("http://evil.example.com/a", "url", "OTX", "low", "{'pulses': 1}", "https://otx.example.com/i/1"),
        ("http://evil.example.com/a", "url", "VirusTotal", "high", "58 of 90", "https://vt.example.com/url/77"),
        ("10.1.2.3", "ipv4", "Own list", "odd word", None, "javascript:alert(1)"),
    ],
    columns=["Ioc", "IocType", "Provider", "Severity", "Details", "Reference"],
)


def test_the_worst_comes_first():
    found = verdicts(ROWS)
    assert [group[0].indicator for group in found.groups] == ["http://evil.example.com/a", "good.example", "10.1.2.3"]
    assert [one.service for one in found.groups[0]] == ["VirusTotal", "OTX"]
    assert [one.severity for group in found.groups for one in group] == ["high", "low", "low", "unknown"]
    plain = found._repr_mimebundle_()["text/plain"]
    assert plain.startswith("high     hxxp://evil[.]example[.]com/a  VirusTotal: 58 of 90")
    assert found.df is not None


def test_links_are_text_until_they_are_opened():
    html = verdicts(ROWS).to_html()
    assert "hxxps://vt[.]example[.]com/url/77" in html
    assert html.count("<a ") == 2
    assert 'href="https://vt.example.com/url/77"' in html
    assert "<details open" not in html
    assert 'href="javascript' not in html
    assert "http://evil.example.com" not in html


def test_other_names_of_columns():
    frame = pd.DataFrame({"indicator": ["a"], "service": ["x"], "verdict": ["Warning"]})
    assert Hunt(frame).verdicts().groups[0][0].severity == "medium"
    with pytest.raises(DataError, match="indicator"):
        verdicts(pd.DataFrame({"a": [1]}))
    assert "no verdicts" in verdicts(ROWS.head(0))._repr_mimebundle_()["text/plain"]
    many = pd.DataFrame({"ioc": [f"h{n}.example" for n in range(60)]})
    assert "and 10 more indicators" in verdicts(many).to_html()


def hostile_rows() -> pd.DataFrame:
    values = hostile.frame()["Text"]
    links = "https://x.example.com/" + values.str.slice(0, 500)
    named = {"ioc": values, "type": values, "provider": values, "severity": values, "details": values}
    return pd.concat([pd.DataFrame({**named, "link": values}), pd.DataFrame({**named, "link": links})])


def test_hostile_values():
    html = verdicts(hostile_rows()).to_html()
    assert not [mark for mark in hostile.HIDDEN if mark in html]
    assert "<img" not in html
    assert "<script" not in html
    assert len(html) < 300_000


@pytest.mark.editor
@pytest.mark.skipif(not (chromium.CHROMIUM and chromium.DRIVER), reason="no Chromium with its driver here")
def test_in_a_browser(tmp_path):
    path = tmp_path / "cards.html"
    cards = verdicts(ROWS).to_html() + verdicts(hostile_rows()).to_html()
    path.write_text(page("cards", cards), "utf-8")
    with chromium.browser() as browser:
        browser.open(path)
        visible = "[...document.querySelectorAll('a')].filter(a => a.checkVisibility()).length"
        assert browser.run(f"return {visible}") == 0
        browser.run("document.querySelector('summary').click()")
        assert browser.run(f"return {visible}") == 1
        schemes = browser.run("return [...document.querySelectorAll('a')].map(a => a.protocol)")
        assert set(schemes) == {"https:"}
        assert browser.run(f"return {hostile.MARK}") is None
        assert browser.requests() == []
        browser.size(900, 700)
        browser.run("document.querySelector('details').open = true")
        browser.picture(tmp_path / "light.png")
        browser.dark()
        browser.picture(tmp_path / "dark.png")


def test_details_by_name_are_a_line_and_a_service_that_knows_nothing_says_so() -> None:
    rows = [
        {"indicator": "a.test", "service": "otx", "severity": "high", "details": {"pulses": 2, "names": ["<b>", "y"]}},
        {"indicator": "a.test", "service": "tor", "severity": "unknown", "details": {}, "status": "nothing known"},
    ]
    shown = verdicts(pd.DataFrame(rows)).to_html()
    assert "pulses 2 · names &lt;b&gt;, y" in shown
    assert "nothing known" in shown
