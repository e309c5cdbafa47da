"""`huntlens pack`: what authors of packs do with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.assist import packs
from huntlens.assist.context import Context
from huntlens.catalog.discover import catalog
from huntlens.errors import DataError
from huntlens.text import LineIndex, excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


def check(paths: Sequence[Path]) -> int:
    """Print what is wrong in packs, as `file:line:column`; the exit code is 1 if anything is."""
    count = 0
    files = [file for path in paths for file in _files(path)]
    context = Context(catalog())
    for file in files:
        text = file.read_text("utf-8")
        index = LineIndex(text)
        for found in packs.check(packs.PackText(text, str(file)), context):
            at = index.position(found.start, "utf-32")
            print(f"{file}:{at.line + 1}:{at.column + 1}: {found.severity}: {found.code} {found.message}")
            print(excerpt(text, found.start, found.end))
            count += found.severity == "error"
    print(f"{len(files)} packs, {count} errors")
    return 1 if count else 0


def _files(path: Path) -> Iterator[Path]:
    if not path.exists():
        raise DataError(f"{path}: no such file or folder")
    if path.is_file():
        yield path
    else:
        yield from sorted(
            file
            for file in path.rglob("*.y*ml")
            if file.suffix in (".yaml", ".yml") and packs.is_pack(file.read_text("utf-8"))
        )
