"""What is installed, what is missing, and how to get it."""

from __future__ import annotations

import platform

from huntlens.config.installed import OPTIONAL, core, version


def examine() -> int:
    """Print the state of the installation; the exit code is 1 if something of the core is missing."""
    print(f"Python {platform.python_version()}, huntlens {version('huntlens')}")
    missing = [name for name in core() if not version(name)]
    for name in missing:
        print(f"  missing: {name}    pip install '{name}'")
    if not missing:
        print("  all packages of the core are installed")
    for package in OPTIONAL:
        state = f"{package.name} {package.version}" if package.version else f"not installed    {package.remedy}"
        print(f"  {package.purpose}: {state}")
    return 1 if missing else 0
