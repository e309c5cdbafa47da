"""The index that comes along with packs in a wheel, so that a first start reads no YAML.

It lies beside what it was made of (`index.jsonl` in a folder of packs, `pivots.jsonl` beside `pivots.yaml`), names
files relative to there, and counts as long as these have the contents that they had; YAML stays the source.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zlib import crc32

from huntlens.catalog import index

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.catalog.model import Pack, Pivot, Query

NAME: Final = "index.jsonl"


def place(root: Path) -> Path:
    """Where the built index of a root lies."""
    return root.with_suffix(".jsonl") if root.is_file() else root / NAME


def save(root: Path, names: Sequence[str], packs: Sequence[Pack], pivots: Sequence[Pivot], target: Path) -> None:
    """Write the index of a root, made of the files `names`, to `target`."""
    moved = [
        replace(
            pack,
            path=_below(pack.path, root),
            queries=tuple(replace(query, path=_below(query.path, root)) for query in pack.queries),
        )
        for pack in packs
    ]
    turned = [replace(pivot, path=_below(pivot.path, root)) for pivot in pivots]
    index.save(index.build(_contents(root, names), moved, turned), target)


def read(root: Path, names: Sequence[str]) -> tuple[list[Pack], list[Pivot]] | None:
    """The packs and pivots of the built index of a root, if it has one that is current."""
    where = place(root)
    if not where.is_file():
        return None
    found = index.read(where, _contents(root, names))
    if found is None:
        return None
    queries: dict[str, list[Query]] = {}
    for query in map(found.query, found.entries):
        queries.setdefault(query.path, []).append(replace(query, path=_above(query.path, root)))
    packs = [
        replace(pack, path=_above(pack.path, root), queries=tuple(queries.get(pack.path, ()))) for pack in found.packs
    ]
    return packs, [replace(pivot, path=_above(pivot.path, root)) for pivot in found.pivots]


def _contents(root: Path, names: Sequence[str]) -> str:
    """What the files are known by wherever they lie: names below the root, sizes, checksums."""
    contents = [(_below(name, root), Path(name).read_bytes()) for name in names]
    return index.fingerprint([(name, len(data), crc32(data)) for name, data in contents])


def _below(path: str, root: Path) -> str:
    return Path(path).relative_to(root.parent if root.is_file() else root).as_posix()


def _above(path: str, root: Path) -> str:
    return str((root.parent if root.is_file() else root) / path)
