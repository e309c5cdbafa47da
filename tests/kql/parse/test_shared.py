"""Agreement with the official parser, on the queries that lie beside the repository."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from huntlens.kql.parse import parse

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.shared


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def errors(text: str) -> list[int]:
    return [item.start for item in parse(text).diagnostics if item.severity == "error"]


def test_valid_queries_are_accepted(shared: Path) -> None:
    refused = [row["id"] for row in rows(shared / "kql" / "parse" / "valid.jsonl") if errors(row["query"])]
    assert not refused


def test_broken_queries_are_refused_at_the_same_place(shared: Path) -> None:
    broken = rows(shared / "kql" / "parse" / "invalid.jsonl")
    found = [(row["first"]["start"], errors(row["query"])) for row in broken]
    accepted = sum(not starts for _, starts in found)
    near = sum(bool(starts) and abs(min(starts) - official) <= 10 for official, starts in found)
    assert accepted <= 0.005 * len(broken)
    assert near >= 0.97 * len(broken)
