"""A hash value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from huntlens.entities.base import Entity, attribute

__all__ = ["FileHash"]

_ALGORITHMS: Final = {32: "MD5", 40: "SHA1", 64: "SHA256", 128: "SHA512"}
_HEX: Final = re.compile(r"[0-9a-fA-F]+")


@dataclass(frozen=True, repr=False)
class FileHash(Entity):
    """A hash; its length tells the algorithm.

    >>> FileHash("D41D8CD98F00B204E9800998ECF8427E")
    FileHash(Value='d41d8cd98f00b204e9800998ecf8427e', Algorithm='MD5')
    """

    IDENTITY: ClassVar = (("Value",),)

    Value: str = attribute("The hash, as lower-case hex")
    Algorithm: str = attribute("MD5, SHA1, SHA256 or SHA512")

    def __post_init__(self) -> None:
        found = self.algorithm_of(self.Value)
        if found:
            object.__setattr__(self, "Value", self.Value.lower())
            self._set({"Algorithm": found})

    @staticmethod
    def algorithm_of(text: str) -> str:
        """The algorithm whose hashes look like a text, or an empty text."""
        return _ALGORITHMS.get(len(text), "") if _HEX.fullmatch(text) else ""
