"""The page of what runs where is current."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql.compile import support
from huntlens.kql.functions import all_functions

if TYPE_CHECKING:
    from pathlib import Path


def test_page_is_current(repository: Path) -> None:
    written = (repository / "docs" / "kql-support.md").read_text(encoding="utf-8")
    assert written == support.page(), "run: python -m huntlens.kql.compile.support > docs/kql-support.md"


def test_every_row_is_on_the_page() -> None:
    page = support.page()
    for row in all_functions():
        assert f"| `{row.name.replace('|', chr(92) + '|')}` |" in page
