"""A process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from huntlens.entities.base import Entity, attribute
from huntlens.entities.file import File

if TYPE_CHECKING:
    from datetime import datetime

    from huntlens.entities import account, host
    from huntlens.entities.host_logon_session import HostLogonSession

__all__ = ["Process"]


@dataclass(frozen=True, repr=False)
class Process(Entity):
    r"""A process; the first argument is its image.

    >>> Process("C:\\Windows\\System32\\cmd.exe", CommandLine="cmd /c whoami").ProcessName
    'cmd.exe'
    """

    IDENTITY: ClassVar = (
        ("ProcessId", "CreationTimeUtc", "Host"), ("ProcessId", "CreationTimeUtc"), ("ProcessId", "ImageFile"),
        ("ImageFile", "CommandLine"),
    )  # fmt: skip

    ImageFile: File | str | None = attribute("The program", entity="File")
    CommandLine: str = attribute("Command line")
    ProcessId: str = attribute("Process id")
    CreationTimeUtc: datetime | None = attribute("When it was started", None)
    ElevationToken: str = attribute("Type of its elevation token")
    Account: account.Account | None = attribute("Who ran it", entity="Account")
    ParentProcess: Process | None = attribute("What started it", entity="Process")
    Host: host.Host | None = attribute("Where it ran", entity="Host")
    LogonSession: HostLogonSession | None = attribute("The logon session that it ran in", entity="HostLogonSession")

    def __post_init__(self) -> None:
        if isinstance(self.ImageFile, str):
            object.__setattr__(self, "ImageFile", File(self.ImageFile) if self.ImageFile else None)
        object.__setattr__(self, "ProcessId", "" if self.ProcessId is None else str(self.ProcessId))

    @property
    def ProcessName(self) -> str:
        """File name of the program."""
        return self.ImageFile.Name if isinstance(self.ImageFile, File) else ""

    @property
    def ProcessFilePath(self) -> str:
        """Path of the program."""
        return str(self.ImageFile or "")

    def __str__(self) -> str:
        return str(self.CommandLine or self.ProcessFilePath)
