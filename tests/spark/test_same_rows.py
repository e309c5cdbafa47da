"""Spark gives the rows that the local engine gives, or refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cases import Case, cases
from huntlens.errors import HuntlensError, UnsupportedError
from huntlens.providers import QueryProvider, query

pytestmark = [pytest.mark.spark, pytest.mark.timeout(900)]
LEAST = 0.85
"""The share of the cases of hunting features that must have the same rows."""


def _plain(value: Any) -> Any:
    """Numbers to nine digits: sums of reals differ in the last ones."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return {key: _plain(item) for key, item in value.items()} if isinstance(value, dict) else value


def _rows(result: Any, *, sort: bool) -> list[str]:
    rows = [repr(_plain(row)) for row in result.rows]
    return sorted(rows) if sort else rows


@pytest.mark.parametrize("case", cases(Path(__file__).parent / "cases"))
def test_same_rows(case: Case, spark: QueryProvider) -> None:
    text = case.blocks["kql"]
    here, there = query(text), spark.exec_query(text)
    assert there.types == here.types
    assert _rows(there, sort="sort by" not in text) == _rows(here, sort="sort by" not in text)
    assert len(here) > 0


@pytest.mark.shared
def test_hunting_features(shared: Path, spark: QueryProvider) -> None:
    same, refused, other = [], [], []
    for line in (shared / "kql" / "exec" / "cases.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        if not case["hunting"]:
            continue
        try:
            here = query(case["query"])
        except HuntlensError:
            continue
        try:
            there = spark.exec_query(case["query"])
        except UnsupportedError:
            refused.append(case["id"])
            continue
        sort = not case["ordered"]
        good = there.types == here.types and _rows(there, sort=sort) == _rows(here, sort=sort)
        (same if good else other).append(case["id"])
    assert len(same) / (len(same) + len(refused) + len(other)) >= LEAST
