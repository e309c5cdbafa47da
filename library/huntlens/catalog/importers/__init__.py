"""Packs of any known format: what a file is, is told by its name and its first keys."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from huntlens.catalog.load import load_pack
from huntlens.catalog.model import Pack
from huntlens.errors import PackError

if TYPE_CHECKING:
    from collections.abc import Iterable

_KEYS: Final = re.compile(r"^([A-Za-z_]+):", re.MULTILINE)


def load_files(names: Iterable[str]) -> list[Pack]:
    """The packs of the files of a root."""
    return [pack for name in names for pack in load_file(Path(name))]


def load_file(path: Path) -> list[Pack]:
    """The packs of one file: one, none where the file is of no known kind, several where it is an archive."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        return [Pack(path.stem, path=str(path), errors=(PackError(f"cannot be read: {error}", path),))]
    return load_text(text, str(path))


def load_text(text: str, path: str) -> list[Pack]:
    """The packs of a text that was read from `path`."""
    keys = set(_KEYS.findall(text))
    if path.endswith((".yaml", ".yml")) and ("pack" in keys or "queries" in keys):
        return [load_pack(text, path=path)]
    return []
