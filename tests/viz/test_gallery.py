"""The page about plots: its code runs, it shows every plot, and its pictures are small."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING

import pytest

from huntlens.registry import member_names
from huntlens.viz import accessor
from huntlens.viz.figure import Figure

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType


@pytest.fixture
def pictures(repository: Path) -> ModuleType:
    spec = spec_from_file_location("pictures", repository / "docs" / "pictures.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["pictures"] = module
    spec.loader.exec_module(module)
    return module


def test_the_code_of_the_page_draws_every_plot(pictures, repository):
    page = (repository / "docs" / "plots.md").read_text("utf-8")
    drawn = dict(pictures.figures(page))
    assert all(isinstance(figure, Figure) for figure in drawn.values())
    assert set(drawn) >= set(member_names(accessor.PLOTS))
    assert pictures.with_pictures(page) == page, "python docs/pictures.py puts the pictures in"
    for name in drawn:
        for file in (f"{name}.png", f"{name}-dark.png"):
            data = (repository / "docs" / "pictures" / file).read_bytes()
            assert data.startswith(b"\x89PNG")
            assert len(data) < pictures.MOST_BYTES, file
