"""Hunting queries over recorded attacks: none fails, and ten counts are those of the raw events."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from huntlens.providers import QueryProvider

ARCHIVES = ("empire_dcom_shellwindows_stager.zip", "purplesharp_ad_playbook_I.zip")
PLACEHOLDERS = {"qa1f003e5af", "qb946dfe518", "qd84a532aa1"}
"""Queries that name a column which no table has: `value1` stands for a value, `_BilledSize` is of the service."""
SYSMON = "Microsoft-Windows-Sysmon/Operational"
COUNTS = (
    ("SecurityEvent | count", "security"),
    ("SecurityEvent | where EventID == 4624 | count", "security and EventID == 4624"),
    ("SecurityEvent | where EventID == 4624 and LogonType == 3 | count", "security and EventID == 4624 and logon == 3"),
    ("SecurityEvent | where EventID in (4656, 4658) | count", "security and EventID in (4656, 4658)"),
    ("DeviceProcessEvents | count", "sysmon and EventID == 1"),
    (
        "DeviceProcessEvents | where FileName =~ 'PowerShell.exe' | count",
        "sysmon and EventID == 1 and file == 'powershell.exe'",
    ),
    ("DeviceNetworkEvents | where RemotePort == 443 | count", "sysmon and EventID == 3 and DestinationPort == '443'"),
    ("DeviceImageLoadEvents | where FileName endswith '.dll' | count", "sysmon and EventID == 7 and dll"),
    (
        "DeviceRegistryEvents | where RegistryKey contains @'currentversion\\run' | count",
        "sysmon and EventID in (12, 13, 14) and run",
    ),
    ("DnsEvents | count", "sysmon and EventID == 22"),
)


@pytest.fixture(scope="module")
def archives(shared: Path) -> list[Path]:
    return [shared / "data" / "security-datasets" / name for name in ARCHIVES]


@pytest.fixture(scope="module")
def provider(archives: list[Path]) -> Iterator[QueryProvider]:
    with QueryProvider("local", data=archives) as made:
        yield made


@pytest.fixture(scope="module")
def raw(archives: list[Path]) -> pd.DataFrame:
    events = []
    for archive in archives:
        with zipfile.ZipFile(archive) as opened:
            for name in opened.namelist():
                events += [json.loads(line) for line in opened.read(name).decode("utf-8").splitlines() if line.strip()]
    frame = pd.DataFrame(events)
    frame["security"] = frame.Channel.str.lower() == "security"
    frame["sysmon"] = frame.Channel == SYSMON
    frame["logon"] = pd.to_numeric(frame.LogonType)
    frame["file"] = frame.Image.fillna("").str.lower().str.rsplit("\\", n=1).str[-1]
    frame["dll"] = frame.ImageLoaded.fillna("").str.lower().str.endswith(".dll")
    frame["run"] = frame.TargetObject.fillna("").str.lower().str.contains(r"currentversion\run", regex=False)
    frame["DestinationPort"] = frame.DestinationPort.astype(str).str.removesuffix(".0")
    return frame


@pytest.mark.shared
def test_hunting_queries_run(shared: Path, provider: QueryProvider) -> None:
    folder = shared / "kql" / "parse"
    texts = {
        row["id"]: row["query"] for row in map(json.loads, (folder / "valid.jsonl").read_text("utf-8").splitlines())
    }
    ran = 0
    for row in map(json.loads, (folder / "analysis.schema.jsonl").read_text("utf-8").splitlines()):
        over = set(row["tables"])
        if row["diags"] or not over or not over <= set(provider.source.tables) or row["id"] in PLACEHOLDERS:
            continue
        if "externaldata" in texts[row["id"]].lower():
            continue  # they read lists of the web, which nothing here fetches
        columns = provider.exec_query(texts[row["id"]]).columns
        assert columns or not row.get("columns")
        ran += 1
    assert ran > 380


@pytest.mark.shared
@pytest.mark.parametrize(("text", "same"), COUNTS)
def test_counts_are_those_of_the_raw_events(provider: QueryProvider, raw: pd.DataFrame, text: str, same: str) -> None:
    wanted = len(raw.query(same))
    assert provider.exec_query(text).rows == [(wanted,)]
    assert wanted > 0
