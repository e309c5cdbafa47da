"""Where packs are found: those that come along, those of other distributions, of the settings and of the workspace.

Each place is a root: a folder, a file or a zip. A root is read once and then lives in the cache folder as an index.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from huntlens.catalog import index
from huntlens.catalog.collection import Catalog
from huntlens.errors import PackError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from huntlens.catalog.index import Index
    from huntlens.catalog.model import Pack, Pivot

GROUP: Final = "huntlens.packs"
BUILTIN: Final = "huntlens_queries"
WORKSPACE_FOLDERS: Final = ("queries", ".huntlens/packs")
SUFFIXES: Final = (".yaml", ".yml", ".md", ".kql", ".csl", ".zip")
PIVOTS: Final = Path(__file__).with_name("pivots.yaml")
_SKIPPED: Final = frozenset({"schemas", "node_modules", "__pycache__"})
_MAX_FILES: Final = 50_000


def catalog(
    paths: Iterable[Path | str] = (),
    *,
    workspace: Path | str | None = None,
    builtin: bool = True,
    cache: Path | None = None,
) -> Catalog:
    """The catalogue of all packs in reach; `paths` come after what is installed, the workspace comes last and wins.

    `cache` is the folder of the indexes; without it the user's cache folder.
    """
    roots = [PIVOTS, *installed()] if builtin else []
    roots += [Path(path).expanduser() for path in paths]
    if workspace is not None:
        roots += [folder for name in WORKSPACE_FOLDERS if (folder := Path(workspace) / name).is_dir()]
    folder = cache if cache is not None else cache_folder()
    return Catalog([load_root(root, folder) for root in dict.fromkeys(roots)])


def load_root(root: Path, cache: Path) -> Index:
    """The index of one root: from the cache if nothing has changed, else read anew."""
    files = list(_files(root))
    known = index.fingerprint([*files, *_code()], str(root))
    place = cache / f"packs-{index.fingerprint([], str(root.absolute()))}.jsonl"
    found = index.read(place, known)
    if found is None:
        found = index.build(known, *_read(root, sorted(name for name, _, _ in files)))
        index.save(found, place)
    return found


def build(root: Path, target: Path) -> None:
    """Write the index that comes along with a root in a wheel; `PackError` where a pack is wrong."""
    from huntlens.catalog import built

    names = sorted(name for name, _, _ in _files(root))
    packs, pivots = _source(root, names)
    for error in (error for pack in packs for error in pack.errors):
        raise error
    built.save(root, names, packs, pivots, target)


def _read(root: Path, names: Sequence[str]) -> tuple[list[Pack], list[Pivot]]:
    from huntlens.catalog import built

    return built.read(root, names) or _source(root, names)


def _source(root: Path, names: Sequence[str]) -> tuple[list[Pack], list[Pivot]]:
    from huntlens.catalog.importers import load_files
    from huntlens.catalog.model import Pack
    from huntlens.catalog.pivots import load_pivots

    if not root.exists():
        return [Pack(root.name, path=str(root), errors=(PackError("no such file or folder", root),))], []
    if root.name == PIVOTS.name and root.is_file():
        pivots, pack = load_pivots(root)
        return [pack], pivots
    return load_files(names), []


def installed() -> tuple[Path, ...]:
    """The folders of the packs that are installed: the built-in ones, then those of other distributions."""
    here = _folder(BUILTIN)
    others = [folder for name in _entry_points(_path_state()) if (folder := _folder(name)) is not None]
    return tuple(dict.fromkeys(folder for folder in (here, *others) if folder is not None))


def cache_folder() -> Path:
    """Where indexes are kept; `HUNTLENS_CACHE` overrides the user's cache folder."""
    named = os.environ.get("HUNTLENS_CACHE")
    if named:
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("huntlens", appauthor=False)


def _folder(package: str) -> Path | None:
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        return None
    places = spec.submodule_search_locations if spec is not None else None
    return Path(next(iter(places))) if places else None


def _path_state() -> tuple[tuple[str, int], ...]:
    """The folders that distributions are installed in, and when they last changed."""
    found = []
    for name in [name for name in sys.path if name.endswith("-packages")] or sys.path:
        try:
            found.append((name, Path(name or ".").stat().st_mtime_ns))
        except OSError:
            continue
    return tuple(found)


@lru_cache(maxsize=1)
def _code() -> tuple[tuple[str, int, int], ...]:
    """The modules that an index is made by: another version of them makes another index."""
    here = Path(__file__).parent
    states = [entry.stat() for folder in (here, here / "importers") for entry in os.scandir(folder) if entry.is_file()]
    return tuple((str(state.st_ino), state.st_size, state.st_mtime_ns) for state in states)


@lru_cache(maxsize=4)
def _entry_points(state: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    """The packages named by entry points; reading all distributions is slow, so the answer is kept on disk too."""
    place = cache_folder() / "entry-points.json"
    key = index.fingerprint([(name, changed, 0) for name, changed in state])
    kept = index.read_names(place, key)
    if kept is not None:
        return kept
    from importlib import metadata

    found = tuple(sorted({entry.value for entry in metadata.entry_points(group=GROUP)}))
    index.save_names(place, key, found)
    return found


def _files(root: Path) -> Iterator[tuple[str, int, int]]:
    """Name, size and time of every file of a root that may hold queries."""
    if root.is_file():
        state = root.stat()
        yield str(root), state.st_size, state.st_mtime_ns
        return
    waiting, count = [str(root)], 0
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError:
            continue
        for entry in entries:
            if entry.name.startswith(".") or entry.name in _SKIPPED:
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
            elif entry.name.lower().endswith(SUFFIXES) and entry.is_file():  # no pipe, no device
                count += 1
                if count > _MAX_FILES:
                    return
                state = entry.stat()
                yield entry.path, state.st_size, state.st_mtime_ns
