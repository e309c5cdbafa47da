"""A URL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import SplitResult, urlsplit

from huntlens.entities.base import Entity, attribute

__all__ = ["Url"]


@dataclass(frozen=True, repr=False)
class Url(Entity):
    """A URL, kept as it was written.

    >>> Url("https://evil.example:8443/a?b=c").host
    'evil.example'
    """

    IDENTITY: ClassVar = (("Url",),)

    Url: str = attribute("The URL")
    DetonationVerdict: str = attribute("What a sandbox said of it")

    @property
    def parts(self) -> SplitResult:
        """Scheme, place, path, query and fragment; empty where it cannot be read."""
        try:
            return urlsplit(self.Url if "://" in self.Url else f"//{self.Url}")
        except ValueError:
            return urlsplit("")

    @property
    def host(self) -> str:
        """The host name or address, in lower case."""
        return self.parts.hostname or ""
