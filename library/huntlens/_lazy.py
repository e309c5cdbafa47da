"""Public names that are imported when they are first used."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def resolve(target: str) -> Any:
    """The object that `module:name` (or a bare module) stands for.

    >>> resolve("math:pi") > 3
    True
    """
    module, _, name = target.partition(":")
    found = import_module(module)
    return getattr(found, name) if name else found


def lazy(package: str, targets: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a package whose public names are `targets`: name to `module:name`."""

    def get(name: str) -> Any:
        if name not in targets:
            message = f"module '{package}' has no attribute '{name}'"
            raise AttributeError(message, name=name)
        return resolve(targets[name])

    def names() -> list[str]:
        return sorted(targets)

    return get, names


def make_callable(module: str, function: Callable[..., Any]) -> None:
    """Let a module be called as its main function.

    `kql.parse` is a submodule and a public function: Python sets a submodule as an attribute of its package when it is
    first imported, so the name would mean the one or the other, depending on what was imported before.
    """
    sys.modules[module].__class__ = type("Module", (ModuleType,), {"__call__": staticmethod(function)})
