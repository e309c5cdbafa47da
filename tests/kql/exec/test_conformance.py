"""The answers of the documentation, which lie beside the repository: how many are given, and that none is made up."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections import defaultdict
from pathlib import Path
from types import ModuleType

import pytest

from huntlens.errors import HuntlensError
from huntlens.providers.embedded import query

LEAST = {"core": 0.97, "series": 0.9, "graph": 0.9, "plugin": 0.8, "geo": 0.6}
"""The share of each area that must be answered as documented."""
OTHERWISE = {
    "xf1c011cfe9": "the documented table does not fit the documented input",
    "xdb66f0c7f7": "the documented table does not fit the documented input",
}
"""Cases that are answered in another way, and why."""


def _judge(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("compare", shared / "kql" / "compare.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["compare"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.shared
def test_documented_answers(shared: Path) -> None:
    judge = _judge(shared)
    right: dict[str, list[bool]] = defaultdict(list)
    wrong = []
    for line in (shared / "kql" / "exec" / "cases.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        try:
            result = query(case["query"])
        except HuntlensError:
            right[case["area"]].append(False)
            continue
        good = bool(judge.compare(case, result.columns, result.rows))
        right[case["area"]].append(good)
        if not good and case["id"] not in OTHERWISE:
            wrong.append(case["id"])
    assert wrong == []
    shares = {area: sum(found) / len(found) for area, found in right.items()}
    assert {area: share for area, share in shares.items() if share < LEAST.get(area, 0)} == {}
