"""Hunt attackers in logs: KQL anywhere, pivots, findings and pictures.

Every name here is imported when it is first used; `import huntlens` loads the standard library only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens._lazy import lazy

if TYPE_CHECKING:
    from huntlens import analyze, entities, kql, viz
    from huntlens.entities import Account, Dns, File, FileHash, Host, IpAddress, Process, Url
    from huntlens.providers import QueryProvider, Result, query, sql
    from huntlens.timespan import TimeRange

__version__ = "0.1.0"

PUBLIC = {
    "Account": "huntlens.entities:Account",
    "Dns": "huntlens.entities:Dns",
    "File": "huntlens.entities:File",
    "FileHash": "huntlens.entities:FileHash",
    "Host": "huntlens.entities:Host",
    "IpAddress": "huntlens.entities:IpAddress",
    "Process": "huntlens.entities:Process",
    "QueryProvider": "huntlens.providers:QueryProvider",
    "Result": "huntlens.providers:Result",
    "TimeRange": "huntlens.timespan:TimeRange",
    "Url": "huntlens.entities:Url",
    "analyze": "huntlens.analyze",
    "entities": "huntlens.entities",
    "kql": "huntlens.kql",
    "query": "huntlens.providers:query",
    "sql": "huntlens.providers:sql",
    "viz": "huntlens.viz",
}

__getattr__, __dir__ = lazy(__name__, PUBLIC)

__all__ = [
    "Account",
    "Dns",
    "File",
    "FileHash",
    "Host",
    "IpAddress",
    "Process",
    "QueryProvider",
    "Result",
    "TimeRange",
    "Url",
    "analyze",
    "entities",
    "kql",
    "query",
    "sql",
    "viz",
]
