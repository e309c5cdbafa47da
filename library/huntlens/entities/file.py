"""A file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from huntlens.entities.base import Entity, attribute
from huntlens.entities.file_hash import FileHash

if TYPE_CHECKING:
    from huntlens.entities import host

__all__ = ["File"]


@dataclass(frozen=True, repr=False)
class File(Entity):
    r"""A file, by its path or its hashes; a path is split into folder and name, a lone hash is known as one.

    >>> File("C:\\Windows\\System32\\cmd.exe").Name
    'cmd.exe'
    """

    IDENTITY: ClassVar = (("Sha256",), ("Sha1",), ("Md5",), ("FullPath", "Host"), ("FullPath",), ("Name",))

    FullPath: str = attribute("Folder and name")
    Directory: str = attribute("Folder")
    Name: str = attribute("Name without folder")
    Md5: str = attribute("MD5 hash")
    Sha1: str = attribute("SHA-1 hash")
    Sha256: str = attribute("SHA-256 hash")
    Sha256Ac: str = attribute("SHA-256 hash of the signed part")
    FileHashes: tuple[FileHash, ...] = attribute("All known hashes", entity="FileHash", many=True)
    Host: host.Host | None = attribute("The machine that it is on", entity="Host")

    def __post_init__(self) -> None:
        if self.FullPath and not self.Name and FileHash.algorithm_of(self.FullPath):
            object.__setattr__(self, FileHash.algorithm_of(self.FullPath).title(), self.FullPath.lower())
            object.__setattr__(self, "FullPath", "")
        separator = "/" if "/" in (self.FullPath or self.Directory) else "\\"
        folder, found, name = self.FullPath.rpartition(separator)
        self._set({"Directory": folder, "Name": name})
        if not found and self.FullPath and not self.Directory:
            object.__setattr__(self, "FullPath", "")
        if self.Directory and self.Name:
            self._set({"FullPath": f"{self.Directory.rstrip(separator)}{separator}{self.Name}"})
        self._set({item.Algorithm.title(): item.Value for item in self.FileHashes if item.Algorithm})

    @property
    def file_hash(self) -> str:
        """The strongest known hash."""
        return self.Sha256 or self.Sha1 or self.Md5 or (self.FileHashes[0].Value if self.FileHashes else "")

    def __str__(self) -> str:
        return str(self.FullPath or self.Name or self.file_hash)
