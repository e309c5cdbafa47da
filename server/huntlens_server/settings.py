"""What the client has set, and what a workspace says of itself, as far as it is trusted.

A workspace is trusted, not trusted, or its client knows no such thing. Where it is not trusted, neither the paths of
its own settings nor those that the client passes on count, no link leads out of it, and nothing is offered to run.
Where that is not known, the client's settings are the user's own, and those of the workspace name paths within it.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from huntlens.catalog.discover import WORKSPACE_FOLDERS
from huntlens.config import Settings as Configured
from huntlens.config.settings import FILE
from huntlens.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """What the client has set."""

    trusted: bool | None = None
    """Whether the workspace is trusted; None where the client does not say."""
    packs: tuple[str, ...] = ()
    """More folders and files of packs."""
    schema: str = ""
    """A file of more tables."""
    environment: str = ""
    timespan: str = ""
    """The time range of queries that are given none."""
    max_completions: int = 200
    diagnostics: bool = True
    hints: bool = True
    commands: tuple[str, ...] = ()
    """Commands that the client can carry out itself."""

    def changed(self, value: object) -> Settings:
        """These settings with what a client sends; what it does not send, or what does not fit, stays."""
        given = value.get("huntlens", value) if isinstance(value, dict) else {}
        if not isinstance(given, dict):
            return self
        flat = _flat(given)
        found = {name: one for name, (key, kind) in _KEYS.items() if (one := _fitting(flat.get(key), kind)) is not None}
        return replace(self, **found)

    @property
    def runs(self) -> tuple[str, ...]:
        """Commands that may be offered."""
        return () if self.trusted is False else self.commands

    @property
    def paths(self) -> tuple[object, ...]:
        """What says where packs and tables are."""
        return self.packs, self.schema, self.trusted


_KEYS: Final[Mapping[str, tuple[str, type]]] = {
    "trusted": ("trusted", bool),
    "packs": ("packs", tuple),
    "schema": ("editor.schema", str),
    "environment": ("environment", str),
    "timespan": ("timespan", str),
    "max_completions": ("completion.limit", int),
    "diagnostics": ("editor.diagnostics", bool),
    "hints": ("inlayHints.enable", bool),
    "commands": ("client.commands", tuple),
}


@dataclass(frozen=True)
class Reach:
    """Where is read: roots of packs, a file of tables, and which files of the workspace."""

    folders: tuple[Path, ...]
    roots: tuple[Path, ...] = ()
    schemas: tuple[Path, ...] = ()
    timespan: str = ""
    follows_links: bool = True

    @classmethod
    def of(cls, folders: Sequence[Path], settings: Settings) -> Reach:
        """What the settings of the client, the user and the workspace say, as far as they may."""
        trusted = settings.trusted
        bare = cls(tuple(folders), follows_links=trusted is not False)
        user = _configured()
        packs = [*user.get("packs"), *(settings.packs if bare.follows_links else ())]
        roots = [Path(path).expanduser() for path in packs]
        schemas = [_beside(folders, settings.schema)] if settings.schema and bare.follows_links else []
        timespans = [user.get("timespan")]
        for folder in folders:
            own = _configured(folder / FILE) if bare.may_read(folder / FILE) else Configured()
            timespans.append(own.get("timespan"))
            for key, found in (("packs", roots), ("editor.schema", schemas)):
                found += [path for path in _named(own, key, folder) if trusted or bare.holds(path)]
            places = (folder / name for name in WORKSPACE_FOLDERS)
            roots += [place for place in places if place.is_dir() and bare.may_read(place)]
        return replace(
            bare, roots=tuple(dict.fromkeys(roots)), schemas=tuple(schemas), timespan=next(filter(None, timespans), "")
        )

    def holds(self, path: Path) -> bool:
        """Whether a path lies in the workspace, links followed; of an untrusted one, also those within a folder."""
        if not any(_inside(path, folder) for folder in self.folders):
            return False
        return self.follows_links or not path.is_dir() or all(map(self.holds, _links_in(path)))

    def may_read(self, path: Path) -> bool:
        """Whether a file that was found in the workspace may be read."""
        return self.follows_links or self.holds(path)


def _links_in(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        yield from (path for name in (*folders, *names) if (path := Path(root, name)).is_symlink())


def _named(own: Configured, key: str, folder: Path) -> list[Path]:
    """The paths of a setting of a workspace, which are relative to it."""
    value = own.get(key)
    return [folder / Path(path).expanduser() for path in ((value,) if isinstance(value, str) else value or ()) if path]


def _configured(file: Path | None = None) -> Configured:
    """The user's settings, or those of one file; nothing of them is resolved, and what is wrong is told in the log."""
    try:
        if file is None:
            return Configured.load()
        return Configured.load(files=[file], environ={}) if file.is_file() else Configured()
    except ConfigError as error:
        _LOG.warning("settings are not read: %s", error)
        return Configured()


def _beside(folders: Sequence[Path], name: str) -> Path:
    path = Path(name).expanduser()
    return next((place for folder in folders if (place := folder / path).is_file()), path)


def _inside(path: Path, folder: Path) -> bool:
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # links that lead in a circle
        return False


def _fitting(value: object, kind: type) -> Any:
    if kind is tuple:
        return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else None
    return value if isinstance(value, kind) and isinstance(value, bool) == (kind is bool) else None


def _flat(value: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, one in value.items():
        if isinstance(one, dict):
            found.update(_flat(one, f"{prefix}{key}."))
        else:
            found[f"{prefix}{key}"] = one
    return found
