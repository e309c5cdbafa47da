"""What the linter of imports cannot see: what is loaded, what strings point at, what is public."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata
from importlib.util import find_spec

import pytest
import yaml

import huntlens
import huntlens.analyze
import huntlens.kql
import huntlens.providers
from huntlens._lazy import resolve
from huntlens.catalog.discover import PIVOTS

HEAVY = "pandas numpy duckdb sqlglot bokeh requests azure IPython pyarrow sklearn statsmodels".split()
LIGHT = [
    "huntlens.kql.parse",
    "huntlens.kql.bind",
    "huntlens.kql.functions",
    "huntlens.kql.rules",
    "huntlens.kql.edit",
    "huntlens.kql.edit.check",
    "huntlens.kql.edit.complete",
    "huntlens.catalog",
    "huntlens.catalog.discover",
    "huntlens.catalog.render",
    "huntlens.entities",
    "huntlens.config.settings",
    "huntlens.assist.calls",
    "huntlens.assist.magics",
    "huntlens.assist.packs",
    "huntlens.assist.session",
    "huntlens_server.cli",
    "huntlens_kernel",
]


def loaded_by(statement: str) -> list[str]:
    """The modules that a fresh interpreter has loaded after a statement."""
    shown = "print(json.dumps(sorted(set(sys.modules) - before)))"
    code = f"import sys, json; before = set(sys.modules); {statement}; {shown}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("module", LIGHT)
def test_light_half_loads_nothing_heavy(module: str) -> None:
    found = {name.partition(".")[0] for name in loaded_by(f"import {module}")}
    # The extension runs inside IPython, which is there already.
    assert found.isdisjoint(set(HEAVY) - ({"IPython"} if module == "huntlens_kernel" else set()))


def test_the_door_loads_the_standard_library_only() -> None:
    names = {name.partition(".")[0] for name in loaded_by("import huntlens")}
    assert names <= {*sys.stdlib_module_names, "huntlens"}


@pytest.mark.parametrize(
    "package", [huntlens, huntlens.kql, huntlens.providers, huntlens.analyze], ids=lambda one: one.__name__
)
def test_public_names_resolve(package) -> None:
    for name, target in package.PUBLIC.items():
        assert resolve(target) is getattr(package, name)
    assert set(getattr(package, "__all__", package.PUBLIC)) == set(package.PUBLIC)


def test_unknown_public_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = huntlens.nothing


def test_targets_of_pivots_resolve() -> None:
    targets = [row["call"] for row in yaml.safe_load(PIVOTS.read_text("utf-8"))]
    assert targets
    for target in targets:
        assert callable(resolve(target)), target


def test_entry_points_resolve() -> None:
    mine = list(metadata.distribution("huntlens").entry_points)
    assert {entry.group for entry in mine} >= {"console_scripts", "huntlens.packs", "jupyter_lsp_spec_v1"}
    for entry in mine:
        assert entry.load() is not None


def test_every_package_is_typed() -> None:
    for name in ("huntlens", "huntlens_server", "huntlens_kernel", "huntlens_queries"):
        spec = find_spec(name)
        assert spec is not None
        assert any(
            (path := __import__("pathlib").Path(folder) / "py.typed").exists()
            for folder in spec.submodule_search_locations
        ), path
