"""The index in the wheel: it is there, it is what the YAML says, a first start needs nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from huntlens.catalog import built
from huntlens.catalog.discover import build, catalog, load_root
from huntlens.errors import PackError

if TYPE_CHECKING:
    from pathlib import Path

FIRST_START = """
import json, sys, time
begun = time.perf_counter()
from huntlens.catalog.discover import catalog
found = catalog()
first = found.get("windows.logons")
print(json.dumps({
    "seconds": time.perf_counter() - begun,
    "yaml": "yaml" in sys.modules,
    "queries": {query.id: [query.text, query.line] for query in found.queries},
    "path": first.path,
    "pivots": [pivot.name for pivot in found.pivots_for("Process") if pivot.kind == "function"],
}))
"""


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The contents of a wheel of this repository."""
    folder = tmp_path_factory.mktemp("wheel")
    words = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(repository)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (made,) = folder.glob("*.whl")
    with zipfile.ZipFile(made) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_a_first_start_from_a_wheel_reads_no_yaml(wheel: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(wheel), "HUNTLENS_CACHE": str(tmp_path)}
    # Without site packages there is no YAML reader, and this repository is not in the way.
    words = [sys.executable, "-S", "-c", FIRST_START]
    done = subprocess.run(words, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert not told["yaml"]
    assert told["path"] == str(wheel / "huntlens_queries/sentinel/windows_logons.yaml")
    here = catalog(cache=tmp_path / "here")
    assert told["queries"] == {query.id: [query.text, query.line] for query in here.queries}
    assert told["pivots"] == [pivot.name for pivot in here.pivots_for("Process") if pivot.kind == "function"]
    assert told["seconds"] < 1


def test_the_index_of_the_wheel_is_what_the_yaml_says(wheel: Path, tmp_path: Path) -> None:
    folder = wheel / "huntlens_queries"
    quick = load_root(folder, tmp_path / "a")
    shutil.copytree(folder, tmp_path / "huntlens_queries", ignore=shutil.ignore_patterns("index.jsonl"))
    slow = load_root(tmp_path / "huntlens_queries", tmp_path / "b")
    assert len(quick.entries) == len(slow.entries) > 200
    assert [entry.id for entry in quick.entries] == [entry.id for entry in slow.entries]
    assert [pack.name for pack in quick.packs] == [pack.name for pack in slow.packs]


def make(folder: Path) -> Path:
    folder.mkdir()
    pack = "pack: p\nenvironments: [local]\nqueries:\n  a.one: {summary: x, timespan: false, kql: T}\n"
    (folder / "a.yaml").write_text(pack, "utf-8")
    return folder


def test_an_index_that_is_not_current_is_passed_over(tmp_path: Path) -> None:
    root = make(tmp_path / "root")
    build(root, built.place(root))
    assert built.read(root, [str(root / "a.yaml")]) is not None
    (root / "a.yaml").write_text((root / "a.yaml").read_text("utf-8").replace("kql: T", "kql: U"), "utf-8")
    assert built.read(root, [str(root / "a.yaml")]) is None
    assert catalog([root], builtin=False, cache=tmp_path / "cache").get("a.one").text == "U"


def test_a_wheel_is_not_built_of_packs_with_errors(tmp_path: Path) -> None:
    root = make(tmp_path / "root")
    (root / "b.yaml").write_text("pack: q\nqueries: {}\n", "utf-8")
    with pytest.raises(PackError, match=r"b\.yaml"):
        build(root, built.place(root))
