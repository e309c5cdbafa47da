"""The examples of the page about analysis and of the docstrings run as they stand."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

from huntlens import analyze

PAGE = Path(__file__).resolve().parents[2] / "docs" / "analysis.md"


def test_the_page() -> None:
    failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert (failed, tried > 30) == (0, True)


@pytest.mark.parametrize("name", sorted(analyze.PUBLIC))
def test_docstrings(name: str) -> None:
    module = import_module(analyze.PUBLIC[name])
    assert doctest.testmod(module).failed == 0
    assert (module.__doc__ or "").strip()


def test_the_page_names_every_module() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [name for name in analyze.PUBLIC if f"`{name}`" not in text] == ["features"]
