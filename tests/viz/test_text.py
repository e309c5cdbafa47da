"""What may be shown of a value."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hostile
from huntlens.viz import text as texts


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, None),
        (float("nan"), None),
        (pd.NaT, None),
        (pd.NA, None),
        (np.datetime64("NaT"), None),
        (True, "true"),
        (np.int64(2**63 - 1), "9223372036854775807"),
        (0.1 + 0.2, "0.3"),
        (float("inf"), "inf"),
        (b"MZ\x90", "0x4d5a90"),
        (pd.Timestamp("2026-03-01 10:00:00.120"), "2026-03-01 10:00:00.12"),
        (pd.Timestamp("2026-03-01 10:00", tz="Europe/Berlin"), "2026-03-01 09:00:00"),
        (dt.date(2026, 3, 1), "2026-03-01"),
        (dt.timedelta(days=1, seconds=3723, milliseconds=500), "1.01:02:03.5"),
        (dt.timedelta(seconds=-5), "-00:00:05"),
        ({"a": [1, None, "x"]}, '{"a": [1, null, "x"]}'),
        (np.array([1, 2]), "[1, 2]"),
        ("a\r\nb", "a\nb"),
    ],
)
def test_show(value, shown):
    assert texts.show(value) == shown


def test_endless_nesting_ends():
    value: list = []
    value.append(value)
    assert len(texts.show(value) or "") < 200


@given(st.text())
def test_nothing_hidden_is_left(text):
    assert not texts._HIDDEN.search(texts.visible(text))


@given(st.recursive(st.text() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_page_json_is_json_without_mark_up(value):
    text = texts.page_json(value)
    assert not set("<>&\u2028\u2029") & set(text)
    text.encode()
    assert json.loads(text) == value


@given(st.text())
def test_escaped_text_is_no_mark_up(text):
    assert not set("<>\"'") & set(texts.escape(text))


def test_clip_says_how_long():
    assert texts.show("A" * 1_000_000, 10) == "AAAAAAAAAA… [1,000,000 characters]"


def test_hostile_values_are_written_as_utf8():
    for value in hostile.VALUES:
        (texts.show(value) or "").encode()
