"""What Python does over rows: pairs in texts, files of externaldata."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest

from huntlens.errors import DataError
from huntlens.kql.compile.work.external import local_file, read
from huntlens.kql.compile.work.key_values import key_values
from huntlens.kql.compile.work.patterns import differences, frequent
from huntlens.providers.embedded import query

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("a=1;b=2", {"pair_delimiter": ";", "kv_delimiter": "="}, {"a": "1", "b": "2"}),
        ("a=1,a=2", {"pair_delimiter": ",", "kv_delimiter": "="}, {"a": "1"}),
        ('a="x y" b=2', {"pair_delimiter": " ", "kv_delimiter": "=", "quote": '"'}, {"a": "x y", "b": "2"}),
        (r'a="x \" y"', {"pair_delimiter": " ", "kv_delimiter": "=", "quote": '"', "escape": "\\"}, {"a": 'x " y'}),
        ("a=x y b=z", {"pair_delimiter": " ", "kv_delimiter": "=", "greedy": True}, {"a": "x y", "b": "z"}),
        ("<k>v</k>", {"regex": r"<(\w+)>([^<]*)"}, {"k": "v"}),
        ("", {"pair_delimiter": ";", "kv_delimiter": "="}, {}),
        ('a="open', {"pair_delimiter": " ", "kv_delimiter": "=", "quote": '"'}, {"a": '"open'}),
    ],
)
def test_pairs(text: str, options: dict[str, object], expected: dict[str, str]) -> None:
    assert json.loads(key_values(text, json.dumps(options))) == expected


def test_files_of_externaldata(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('name,n\nx,1\n"y, z",2\n', "utf-8")
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(b'{"name": "j", "n": 3}\n{"name": null, "n": [4]}'))
    text = f"""externaldata(name: string, n: long)[@'{tmp_path / "a.csv"}'] with (ignoreFirstRecord=true)
    | union (externaldata(name: string, n: dynamic)[@'{tmp_path / "b.json.gz"}'] with (format='multijson')
             | extend n = tolong(n))"""
    assert query(text).rows == [("x", 1), ("y, z", 2), ("j", 3), ("", None)]


def test_nothing_leaves_the_machine() -> None:
    with pytest.raises(DataError, match="local files only"):
        local_file("https://example.org/list.csv")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read .*gone\.csv"):
        local_file(str(tmp_path / "gone.csv"))


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(DataError, match="'orc'"):
        read(["x.orc"], ["a"], {"format": "orc"}, lambda _: b"x")


def test_a_frequent_pattern_has_frequent_parts() -> None:
    rows = [(("a", "x"), 3.0), (("a", "y"), 1.0), (("b", "x"), 2.0)]
    found = frequent(rows, 2, 2)
    assert all(found[frozenset({item})] >= count for pattern, count in found.items() for item in pattern)
    assert found[frozenset({(0, "a"), (1, "x")})] == 3


def test_equal_sets_do_not_differ() -> None:
    rows = [(("a", "x"), 3.0), (("b", "y"), 1.0)]
    assert differences(rows, rows, 2, 0.05) == []
