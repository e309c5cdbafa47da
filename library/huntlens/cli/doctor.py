"""What is installed, what is missing, and how to get it."""

from __future__ import annotations

import platform
from importlib import metadata
from importlib.util import find_spec

_EXTRAS = {
    "blob": "azure.storage.blob",
    "evtx": "evtx",
    "fast": "orjson",
    "keyring": "keyring",
    "kusto": "azure.kusto.data",
    "sigma": "sigma",
    "spark": "pyspark",
    "whois": "whoisit",
    "widgets": "anywidget",
}


def examine() -> int:
    """Print the state of the installation; the exit code is 1 if something of the core is missing."""
    print(f"Python {platform.python_version()}, huntlens {metadata.version('huntlens')}")
    missing = [name for name in _core() if not _installed(name)]
    for name in missing:
        print(f"  missing: {name}    pip install '{name}'")
    if not missing:
        print("  all packages of the core are installed")
    for extra, module in _EXTRAS.items():
        state = "installed" if _found(module) else f"not installed    pip install 'huntlens[{extra}]'"
        print(f"  extra {extra}: {state}")
    return 1 if missing else 0


def _core() -> list[str]:
    needed = metadata.requires("huntlens") or []
    return [line.split(";")[0].split(">")[0].split("<")[0].strip() for line in needed if "extra ==" not in line]


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _found(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
