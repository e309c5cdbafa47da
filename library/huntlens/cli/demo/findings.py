"""The questions of the demo as one table: what to look for, how often it is there, and the first of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from huntlens.analyze import base64, ioc
from huntlens.providers import QueryProvider

if TYPE_CHECKING:
    from pathlib import Path

    from huntlens.providers import Result


@dataclass(frozen=True, slots=True)
class Question:
    """A query; `shows` is the column that tells a person what was found."""

    finding: str
    technique: str
    table: str
    kql: str
    shows: str


_SHELLS: Final = r"powershell(\\.exe)?[\"' ].*\\s[-/]e(c|nc?|nco[a-z]*)?\\s+[\"']?[A-Za-z0-9+/=]{16,}"

QUESTIONS: Final = (
    Question(
        "password spray", "T1110.003", "SigninLogs",
        "SigninLogs | where ResultType != '0' | summarize Accounts = dcount(UserPrincipalName) by IPAddress"
        " | where Accounts > 10 | sort by Accounts desc", "IPAddress",
    ),
    Question(
        "encoded PowerShell", "T1059.001", "SecurityEvent",
        f'SecurityEvent | where EventID == 4688 and CommandLine matches regex "(?i){_SHELLS}"'
        " | sort by TimeGenerated asc", "CommandLine",
    ),
    Question(
        "encoded PowerShell", "T1059.001", "DeviceProcessEvents",
        f'DeviceProcessEvents | where ProcessCommandLine matches regex "(?i){_SHELLS}" | sort by Timestamp asc',
        "ProcessCommandLine",
    ),
    Question(
        "credential dump", "T1003.001", "DeviceProcessEvents",
        "DeviceProcessEvents | where ProcessCommandLine has_all ('comsvcs', 'MiniDump')"
        " or ProcessCommandLine has_any ('sekurlsa', 'procdump', 'lsass.dmp')", "ProcessCommandLine",
    ),
    Question(
        "lateral movement: service", "T1021.002", "SecurityEvent",
        "SecurityEvent | where EventID in (4697, 7045) | sort by TimeGenerated asc", "ServiceName",
    ),
    Question(
        "lateral movement: logon", "T1021", "SecurityEvent",
        "SecurityEvent | where EventID == 4624 and LogonType == 3 and TargetUserName !endswith '$'"
        " and isnotempty(IpAddress) and IpAddress !in ('-', '::1', '127.0.0.1')"
        " | summarize Logons = count() by Computer, TargetUserName, IpAddress | sort by Logons asc"
        " | extend What = strcat(TargetUserName, ' from ', IpAddress, ' to ', Computer)", "What",
    ),
    Question(
        "lateral movement: process of WMI, DCOM or a service", "T1047", "DeviceProcessEvents",
        "DeviceProcessEvents"
        " | where InitiatingProcessFileName in~ ('wmiprvse.exe', 'psexesvc.exe', 'wsmprovhost.exe', 'mmc.exe')"
        " or (InitiatingProcessFileName =~ 'services.exe'"
        " and FileName in~ ('cmd.exe', 'powershell.exe', 'psexesvc.exe'))"
        " or (InitiatingProcessFileName =~ 'explorer.exe' and ProcessCommandLine has_all ('/c', 'powershell'))"
        " | sort by Timestamp asc", "ProcessCommandLine",
    ),
    Question(
        "beacon", "T1071", "DeviceNetworkEvents",
        "DeviceNetworkEvents | where not(ipv4_is_private(RemoteIP))"
        " | sort by DeviceName asc, RemoteIP asc, Timestamp asc"
        " | extend Gap = iff(prev(DeviceName) == DeviceName and prev(RemoteIP) == RemoteIP,"
        " (Timestamp - prev(Timestamp)) / 1s, real(null))"
        " | summarize Calls = count(), Pace = avg(Gap), Spread = stdev(Gap) by DeviceName, RemoteIP"
        " | where Calls > 20 and Spread < 0.1 * Pace | sort by Spread asc"
        " | extend What = strcat(DeviceName, ' to ', RemoteIP, ' every ', tostring(round(Pace)), ' s')", "What",
    ),
    Question(
        "credential access: lsass read", "T1003.001", "DeviceEvents",
        "DeviceEvents | where ActionType == 'OpenProcessApiCall' and FileName =~ 'lsass.exe'"
        " and not(InitiatingProcessFolderPath has @'\\Windows\\System32')"
        " | where tostring(AdditionalFields.GrantedAccess) in ('0x1010', '0x1410', '0x1438', '0x143a', '0x1fffff')",
        "InitiatingProcessFolderPath",
    ),
    Question(
        "event log moved or cleared", "T1562.002", "DeviceProcessEvents",
        "DeviceProcessEvents | where FileName =~ 'wevtutil.exe'"
        " and ProcessCommandLine has_any ('set-log', 'sl', 'clear-log', 'cl')", "ProcessCommandLine",
    ),
    Question(
        "shell below a service", "T1190", "DeviceProcessEvents",
        "DeviceProcessEvents | where InitiatingProcessFileName in~ ('java', 'httpd', 'nginx', 'php-fpm', 'w3wp.exe')"
        " and FileName in~ ('bash', 'sh', 'dash', 'cmd.exe', 'powershell.exe') | sort by Timestamp asc",
        "ProcessCommandLine",
    ),
    Question(
        "directory asked by java", "T1190", "DeviceNetworkEvents",
        "DeviceNetworkEvents | where InitiatingProcessFileName =~ 'java' and RemotePort in (389, 636, 1099, 1389)"
        " | extend What = strcat(DeviceName, ' to ', RemoteIP, ':', tostring(RemotePort))", "What",
    ),
    Question(
        "directory asked by java", "T1190", "VMConnection",
        "VMConnection | where Direction == 'outbound' and ProcessName =~ 'java'"
        " and DestinationPort in (389, 636, 1099, 1389)"
        " | extend What = strcat(Computer, ' to ', DestinationIp, ':', tostring(DestinationPort))", "What",
    ),
    Question(
        "shell that connects out", "T1059.004", "DeviceNetworkEvents",
        "DeviceNetworkEvents | where InitiatingProcessFileName in~ ('bash', 'sh', 'dash', 'nc') and RemotePort > 0"
        " | extend What = strcat(DeviceName, ' to ', RemoteIP, ':', tostring(RemotePort))", "What",
    ),
    Question(
        "shell that connects out", "T1059.004", "VMConnection",
        "VMConnection | where Direction == 'outbound' and ProcessName in~ ('bash', 'sh', 'dash', 'nc')"
        " | extend What = strcat(Computer, ' to ', DestinationIp, ':', tostring(DestinationPort))", "What",
    ),
    Question(
        "encoded shell command", "T1027.010", "AuditLog_CL",
        "AuditLog_CL | where RawData has 'base64' and RawData has_any ('bash', 'sh')", "RawData",
    ),
    Question(
        "storage read by a role", "T1530", "AWSCloudTrail",
        "AWSCloudTrail | where UserIdentityType == 'AssumedRole'"
        " and EventName in ('ListBuckets', 'ListObjects', 'GetObject')"
        " | summarize Calls = count(), Calls_of = make_set(EventName) by UserIdentityArn, SourceIpAddress"
        " | extend What = strcat(UserIdentityArn, ' from ', SourceIpAddress)", "What",
    ),
    Question(
        "log cleared", "T1070.001", "SecurityEvent", "SecurityEvent | where EventID in (1102, 104)", "Computer",
    ),
)  # fmt: skip


def findings(data: Path | str) -> pd.DataFrame:
    """What the questions find in a folder of logs: `finding`, `technique`, `table`, `rows`, `first`."""
    rows = []
    with QueryProvider("local", data=[str(data)]) as provider:
        known = set(provider.tables)
        for question in QUESTIONS:
            if question.table in known:
                result = provider.exec_query(question.kql)
                rows.append(_row(question, result))
                if question.finding == "encoded PowerShell":
                    rows += _decoded(question, result)
    frame = pd.DataFrame(rows, columns=["finding", "technique", "table", "rows", "first"])
    return frame[frame["rows"] > 0].reset_index(drop=True)


def _row(question: Question, result: Result) -> tuple[str, str, str, int, str]:
    first = str(result.df[question.shows].iloc[0]) if len(result) else ""
    return question.finding, question.technique, question.table, len(result), first


def _decoded(question: Question, result: Result) -> list[tuple[str, str, str, int, str]]:
    """What the encoded commands hide, and the indicators in that."""
    decoded = base64.decode(result.df, question.shows)
    texts = decoded.loc[decoded["text"] != "", "text"]
    indicators = ioc.extract(texts)
    listed = ", ".join(indicators["value"].drop_duplicates().head(6))
    return [
        ("decoded text", "T1140", question.table, len(texts), str(texts.iloc[0]) if len(texts) else ""),
        ("indicators in it", "", question.table, indicators["value"].nunique(), listed),
    ]
