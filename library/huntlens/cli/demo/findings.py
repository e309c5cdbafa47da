"""The questions of the demo: queries of the catalogue, how many rows each finds, and the first of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from huntlens.analyze import base64, ioc
from huntlens.providers import QueryProvider

if TYPE_CHECKING:
    from pathlib import Path

    from huntlens.catalog.model import Query
    from huntlens.providers import Result


@dataclass(frozen=True, slots=True)
class Question:
    """A query of the catalogue; the first of the columns `shows` that is not empty tells a person what was found."""

    query: str
    shows: tuple[str, ...]


_COMMAND: Final = ("ProcessCommandLine", "CommandLine", "NewProcessName")

QUESTIONS: Final = (
    Question("entra.password_spray", ("IPAddress",)),
    Question("windows.encoded_powershell", _COMMAND),
    Question("device.encoded_powershell", _COMMAND),
    Question("hunt.credential_dumping", _COMMAND),
    Question("hunt.lsass_access", ("InitiatingProcessFolderPath",)),
    Question("windows.service_installs", ("ServiceName",)),
    Question("windows.new_remote_logons", ("TargetUserName",)),
    Question("device.remote_execution", _COMMAND),
    Question("device.beacons", ("RemoteUrl", "RemoteIP")),
    Question("device.shell_connections", ("RemoteIP",)),
    Question("device.jndi_lookups", ("RemoteIP",)),
    Question("vm.shell_connections", ("DestinationIp",)),
    Question("vm.jndi_lookups", ("DestinationIp",)),
    Question("hunt.web_server_shells", _COMMAND),
    Question("linux.encoded_commands", _COMMAND),
    Question("aws.role_use", ("UserIdentityPrincipalid",)),
    Question("device.log_tampering", _COMMAND),
    Question("windows.log_clearing", ("Computer",)),
)

_COLUMNS: Final = ("query", "finding", "techniques", "rows", "first")
_Row = tuple[str, str, str, int, str]


def findings(data: Path | str) -> pd.DataFrame:
    """What the questions find in a folder of logs: `query`, `finding`, `techniques`, `rows`, `first`."""
    rows: list[_Row] = []
    with QueryProvider("local", data=[str(data)]) as provider:
        known = set(provider.tables)
        for question in QUESTIONS:
            query = provider.catalog.get(question.query)
            if known.isdisjoint(query.tables):
                continue
            result = provider.queries[question.query]()
            if len(result):
                rows.append(_row(query, question, result))
                if "Encoded" in result.columns:
                    rows += _decoded(query, result)
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _row(query: Query, question: Question, result: Result) -> _Row:
    row = result.df.iloc[0]
    first = next((str(row[name]) for name in question.shows if row.get(name)), "")
    return query.id, query.summary, ", ".join(query.techniques), len(result), first


def _decoded(query: Query, result: Result) -> list[_Row]:
    """What the encoded commands hide, and the indicators in that."""
    decoded = base64.decode(result.df, "Encoded")
    texts = decoded.loc[decoded["text"] != "", "text"].drop_duplicates()
    values = ioc.extract(texts)["value"].drop_duplicates()
    return [
        (query.id, "what they hide", "T1140", len(texts), str(texts.iloc[0]) if len(texts) else ""),
        (query.id, "indicators in that", "", len(values), ", ".join(values.head(6))),
    ]
