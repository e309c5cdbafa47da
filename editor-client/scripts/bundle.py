"""Copy the server into the extension, for workspaces whose Python has none: `editor-client/bundled`.

    python editor-client/scripts/bundle.py

Taken from the environment that runs this, so nothing is fetched; only Python files, data and licences, so the copy
runs on every system. What runs queries (the engine, data frames, pictures) is not in it.
"""

from __future__ import annotations

import shutil
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

from huntlens.catalog.discover import build

TARGET = Path(__file__).resolve().parent.parent / "bundled"
OURS = ("huntlens", "huntlens_server", "huntlens_queries")
THEIRS = {
    "pygls": ("pygls",),
    "lsprotocol": ("lsprotocol",),
    "cattrs": ("cattrs",),
    "attrs": ("attr", "attrs"),
    "pyyaml": ("yaml",),
    "platformdirs": ("platformdirs",),
    "typing-extensions": ("typing_extensions",),
}
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.so", "*.pyd", "*.pyx", "*.pxd", "*.h", "*.mmdb", "*.pyi", "demo")


def main() -> None:
    """Make the folder anew."""
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir()
    for name in OURS:
        copy(name)
    # As in a wheel: a first start reads no YAML.
    build(TARGET / "huntlens_queries", TARGET / "huntlens_queries" / "index.jsonl")
    build(TARGET / "huntlens" / "catalog" / "pivots.yaml", TARGET / "huntlens" / "catalog" / "pivots.jsonl")
    # What the library finds by entry point is found in the copy too.
    metadata(distribution("huntlens").name, "METADATA", "entry_points.txt", "licenses/LICENSE")
    for project, modules in THEIRS.items():
        for name in modules:
            copy(name)
        files = [str(path.relative_to(path.parts[0])) for path in distribution(project).files or () if licence(path)]
        metadata(project, "METADATA", *files)
    size = sum(path.stat().st_size for path in TARGET.rglob("*") if path.is_file())
    print(f"{TARGET}: {size / 2**20:.1f} MB")


def copy(module: str) -> None:
    """One module or package."""
    spec = find_spec(module)
    assert spec is not None, module
    assert spec.origin is not None, module
    origin = Path(spec.origin)
    if spec.submodule_search_locations:
        shutil.copytree(origin.parent, TARGET / module, ignore=LEFT_OUT)
    else:
        shutil.copy(origin, TARGET)


def metadata(project: str, *names: str) -> None:
    """What is known about a project, with its licence."""
    found = distribution(project)
    folder = TARGET / f"{project.replace('-', '_')}-{found.version}.dist-info"
    for name in names:
        text = found.read_text(name)
        if text:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")


def licence(path: Path) -> bool:
    """Whether a file of a distribution is its licence."""
    return ".dist-info" in path.parts[0] and path.name.upper().startswith(("LICENSE", "LICENCE", "COPYING", "NOTICE"))


if __name__ == "__main__":
    main()
