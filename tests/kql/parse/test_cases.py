"""Each construct of the language, and what the parser makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cases import Case, cases
from kql.parse.outline import outline


@pytest.mark.parametrize("case", cases(Path(__file__).parent / "cases"))
def test_tree(case: Case, *, update_cases: bool) -> None:
    case.check("tree", outline(case.blocks["kql"].removesuffix("\n")), update=update_cases)
