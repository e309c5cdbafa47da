"""Packs of any known format: what a file is, is told by its name and its first keys.

Others' files are only read. What cannot be taken is an error of the pack, at its line.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from huntlens.catalog.importers.msticpy import is_msticpy, load_msticpy
from huntlens.catalog.importers.sentinel_rule import is_sentinel_rule, load_sentinel_rule
from huntlens.catalog.importers.sigma import is_sigma, load_sigma
from huntlens.catalog.importers.texts import load_kql, load_markdown
from huntlens.catalog.load import load_pack
from huntlens.catalog.model import Pack
from huntlens.errors import PackError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_KEYS: Final = re.compile(r"^([A-Za-z_]+):", re.MULTILINE)
_MAX_FILE: Final = 4 * 2**20
_MAX_ARCHIVE: Final = 512 * 2**20
_MAX_MEMBERS: Final = 50_000
_SUFFIXES: Final = (".yaml", ".yml", ".md", ".kql", ".csl")


def load_files(names: Iterable[str]) -> list[Pack]:
    """The packs of files."""
    return [pack for name in names for pack in load_file(Path(name))]


def load_file(path: Path) -> list[Pack]:
    """The packs of one file: one, none where the file is of no known kind, many where it is an archive."""
    if path.suffix.lower() == ".zip":
        return list(_archive(path))
    try:
        return load_text(path.read_text(encoding="utf-8-sig"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        return [Pack(path.stem, path=str(path), errors=(PackError(f"cannot be read: {error}", path),))]


def load_text(text: str, path: str) -> list[Pack]:
    """The packs of a text that was read from `path`."""
    lowered = path.lower()
    if lowered.endswith(".md"):
        return [load_markdown(text, path)]
    if lowered.endswith((".kql", ".csl")):
        return [load_kql(text, path)]
    keys = set(_KEYS.findall(text))
    if is_msticpy(keys):
        return [load_msticpy(text, path)]
    if is_sentinel_rule(keys):
        return [load_sentinel_rule(text, path)]
    if is_sigma(keys):
        return [load_sigma(text, path)]
    return [load_pack(text, path=path)] if "pack" in keys or "queries" in keys else []


def _archive(path: Path) -> Iterator[Pack]:
    """The packs in a zip; members that are too large are left out and told."""
    total = 0
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist()[:_MAX_MEMBERS]:
                if member.is_dir() or not member.filename.lower().endswith(_SUFFIXES):
                    continue
                name = f"{path}!{member.filename}"
                total += member.file_size
                if member.file_size > _MAX_FILE or total > _MAX_ARCHIVE:
                    yield Pack(member.filename, path=name, errors=(PackError("too large to be a pack", name),))
                    continue
                with archive.open(member) as file:
                    data = file.read(_MAX_FILE + 1)
                yield from load_text(data.decode("utf-8-sig", "replace"), name)
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        yield Pack(path.stem, path=str(path), errors=(PackError(f"not a readable zip: {error}", path),))
