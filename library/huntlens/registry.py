"""Plug-ins: the modules of a folder, and what other distributions offer through entry points.

A folder of plug-ins holds nothing else; a file's name is the plug-in's id.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

from huntlens.errors import ConfigError

if TYPE_CHECKING:
    from types import ModuleType


def member_names(package: str) -> list[str]:
    """The ids of the plug-ins in a package, without importing them.

    >>> "local" in member_names("huntlens.providers.sources")
    True
    """
    return sorted(info.name for info in pkgutil.iter_modules(import_module(package).__path__) if info.name[0] != "_")


def load_member(package: str, name: str, *, group: str = "") -> ModuleType:
    """The module of one plug-in: of the folder, else of the entry point `group`."""
    if name in member_names(package):
        return import_module(f"{package}.{name}")
    for entry in metadata.entry_points(group=group) if group else ():
        if entry.name == name:
            loaded: ModuleType = entry.load()
            return loaded
    known = ", ".join(member_names(package))
    raise ConfigError(f"'{name}' is not known here; there are: {known}")


def load_members(package: str) -> dict[str, ModuleType]:
    """All plug-ins of a package, by id."""
    return {name: import_module(f"{package}.{name}") for name in member_names(package)}


def public_object(module: ModuleType) -> Any:
    """The one public object of a plug-in module: what its `__all__` names."""
    names: tuple[str, ...] = tuple(getattr(module, "__all__", ()))
    if len(names) != 1:
        raise ConfigError(f"{module.__name__} must name exactly one public object in __all__")
    return getattr(module, names[0])
