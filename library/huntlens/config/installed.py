"""What is installed of the packages that huntlens uses, and which extra brings what is not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import metadata
from typing import Final


@dataclass(frozen=True, slots=True)
class Package:
    """A package that an extra brings, and what it is for."""

    name: str
    extra: str
    purpose: str

    @property
    def version(self) -> str:
        """Its version; empty where it is not installed."""
        return version(self.name)

    @property
    def remedy(self) -> str:
        """How to get it."""
        return f"pip install 'huntlens[{self.extra}]'"


OPTIONAL: Final = (
    Package("anywidget", "widgets", "the live grid"),
    Package("evtx", "evtx", "reading .evtx files"),
    Package("h3", "geo", "H3 cells"),
    Package("keyring", "keyring", "secrets of the operating system"),
    Package("orjson", "fast", "faster reading of JSON"),
    Package("pysigma", "sigma", "reading Sigma rules"),
    Package("pyspark", "spark", "queries on Spark"),
)


def version(name: str) -> str:
    """The version of a package; empty where it is not installed.

    >>> version("no-such-package")
    ''
    """
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def core() -> list[str]:
    """The names of the packages that huntlens cannot do without."""
    needed = metadata.requires("huntlens") or []
    return [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in needed if "extra ==" not in line]
