"""Build hook: puts the index of the built-in packs into the wheel, so that a first start reads no YAML."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOTS = {
    "queries/huntlens_queries": "huntlens_queries/index.jsonl",
    "library/huntlens/catalog/pivots.yaml": "huntlens/catalog/pivots.jsonl",
}
"""What is indexed, and where its index lies in the wheel."""


class IndexHook(BuildHookInterface[Any]):
    """Builds the indexes with the code that the wheel carries."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the indexes; an editable installation has none, for its packs may change at any time."""
        if version != "standard":
            return
        folder = Path(self.root)
        sys.path.insert(0, str(folder / "library"))
        try:
            from huntlens.catalog.discover import build
        finally:
            sys.path.remove(str(folder / "library"))
        self.made = TemporaryDirectory()
        for source, target in ROOTS.items():
            place = Path(self.made.name) / Path(target).name
            build(folder / source, place)
            build_data["force_include"][str(place)] = target

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was only needed for the build."""
        del build_data, artifact_path
        if version == "standard":
            self.made.cleanup()
