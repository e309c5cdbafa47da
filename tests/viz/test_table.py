"""The static table: what is in it, what is cut, what cannot get out of it."""

from __future__ import annotations

import json
import re
import time

import numpy as np
import pandas as pd
import pytest

import hostile
from huntlens.viz.table import MAX_BYTES, STATIC_ROWS, take, to_html, to_text


def embedded(page: str) -> dict:
    found = re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def many(rows: int) -> pd.DataFrame:
    return pd.DataFrame({"n": np.arange(rows), "text": [f"row {n}" for n in range(rows)]})


def test_twenty_rows_without_scripts_and_a_thousand_with():
    page = to_html(many(5000), caption="Things", note="local")
    assert page.count("<tr>") == STATIC_ROWS + 1
    assert len(embedded(page)["rows"]) == 1000
    assert "5,000 rows × 2 columns · the first 1,000 are here" in page
    assert '<td class="n">19</td><td style="text-align:left;max-width:36em;word-wrap:break-word">row 19</td>' in page


def test_the_same_rows_give_the_same_page():
    assert to_html(many(3)) == to_html(many(3))


def test_size_is_bounded_for_long_cells_and_many_columns():
    long = pd.DataFrame({"a": pd.Series(["x" * 1_000_000] * 3000, dtype=object)})  # one text, 3,000 times
    assert len(to_html(long).encode()) < MAX_BYTES * 1.5
    wide = pd.DataFrame(np.full((50, 5000), "y" * 500, dtype=object))
    page = to_html(wide)
    assert len(page.encode()) < MAX_BYTES * 2.5
    assert "4,800 columns are left out" in page
    assert len(embedded(page)["rows"]) >= STATIC_ROWS


def test_hostile_rows_stay_text():
    page = to_html(hostile.frame(), caption=hostile.VALUES[0], note=hostile.VALUES[1])
    page.encode()
    outside = re.sub(r"<script.*?</script>|<style>.*?</style>", "", page, flags=re.DOTALL)
    assert set(re.findall(r"<(\w+)", outside)) <= {"div", "b", "span", "table", "thead", "tbody", "tr", "th", "td"}
    assert page.count("<script") == 2
    assert not [mark for mark in hostile.HIDDEN if mark in page]


def test_the_terminal_gets_nothing_to_obey():
    text = to_text(hostile.frame(), rows=30)
    assert not [mark for mark in hostile.HIDDEN if mark in text]
    assert "\n… " not in text


def test_types_come_from_the_result_or_the_dtype():
    frame = pd.DataFrame(
        {"a": [1], "b": ["x"], "c": pd.to_datetime(["2026-03-01"]), "d": [[1]], "e": [pd.Timedelta(1)]}
    )
    assert take(frame).types == ("long", "string", "datetime", "dynamic", "timespan")
    assert take(frame, types={"a": "int", "b": "guid"}).types[:2] == ("int", "guid")


@pytest.mark.parametrize("frame", [pd.DataFrame(), pd.DataFrame({"a": []}), pd.DataFrame([[1, 2]], columns=["a", "a"])])
def test_odd_frames(frame):
    assert "</table>" in to_html(frame)
    to_text(frame)


def test_big_integers_stay_exact():
    assert take(pd.DataFrame({"a": [2**63 - 1]})).rows == [("9223372036854775807",)]


def test_a_hundred_thousand_rows_cost_as_much_as_a_thousand():
    frame = many(100_000)
    to_html(frame)
    start = time.perf_counter()
    page = to_html(frame)
    assert time.perf_counter() - start < 0.5
    assert len(page) < 300_000
