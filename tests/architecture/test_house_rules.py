"""The style guide, run: sizes, suppressions, left-overs, plug-ins, examples in docstrings."""

from __future__ import annotations

import ast
import doctest
import importlib
import pkgutil
import re
import subprocess
from pathlib import Path

import pytest

import huntlens
from huntlens.analyze.ioc_patterns import type_names
from huntlens.assist.magic_line import IOC_TYPES
from huntlens.errors import MissingExtraError
from huntlens.registry import load_members, public_object

ROOT = Path(__file__).resolve().parents[2]
ROOTS = ("library", "server", "kernel_ext", "queries")
MODULES = [path for root in ROOTS for path in sorted((ROOT / root).rglob("*.py"))]
PLUGINS = [
    "huntlens.providers.sources",
    "huntlens.kql.rules",
    "huntlens.viz.plots",
    "huntlens_kernel.magics",
    "huntlens_server.features",
]


def names(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=names)
def test_sizes(path: Path) -> None:
    text = path.read_text("utf-8")
    cap = 800 if "/kql/parse/" in path.as_posix() else 500
    assert text.count("\n") <= cap
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno <= 80, node.name


def test_median_sizes() -> None:
    lengths = sorted(path.read_text("utf-8").count("\n") for path in MODULES if path.name != "__init__.py")
    assert lengths[len(lengths) // 2] <= 150


def test_suppressions_are_few() -> None:
    texts = [path.read_text("utf-8") for path in MODULES]
    lines = sum(text.count("\n") for text in texts)
    found = sum(len(re.findall(r"#\s*(?:noqa|type: ignore|pragma: no cover)", text)) for text in texts)
    assert 1_000 * found / lines <= 1.0


def test_no_left_overs() -> None:
    words = r"TODO|FIXME|XXX|raise NotImplementedError|mock\.patch|monkeypatch\.setattr"
    done = subprocess.run(
        ["git", "grep", "-nIE", words, "--", "*.py", "*.ts", ":!tests/architecture"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.stdout == ""


@pytest.mark.parametrize("package", PLUGINS)
def test_plugins_offer_one_thing_each(package: str) -> None:
    members = load_members(package)
    assert members
    for name, module in members.items():
        assert module.__doc__, name
        assert public_object(module) is not None, name


def all_modules() -> list[str]:
    found = pkgutil.walk_packages(huntlens.__path__, "huntlens.")
    return [info.name for info in found if not info.name.endswith("__main__")]


@pytest.mark.parametrize("name", all_modules())
def test_examples_in_docstrings_run(name: str) -> None:
    try:
        module = importlib.import_module(name)
    except MissingExtraError as error:
        pytest.skip(str(error))
    failed, _ = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert failed == 0


def test_indicator_types_are_the_same_in_both_halves() -> None:
    assert set(IOC_TYPES) == set(type_names())
