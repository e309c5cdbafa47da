"""Queries over a few rows that we know: what must be found is found, and nothing else."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Any

import pytest

from huntlens import QueryProvider
from huntlens.catalog.discover import catalog
from huntlens.kql.schema import shipped

NOON = datetime(2026, 3, 1, 12)
CATALOG = catalog()
ZEROS: dict[str, Any] = {"string": "", "long": 0, "int": 0, "real": 0.0, "bool": False}


def rows(table: str, *given: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows with every column of a table: those that are not given are empty."""
    schema = shipped().table(table)
    assert schema is not None
    plain = {column.name: ZEROS.get(column.type) for column in schema.columns}
    return [
        {**plain, "TimeGenerated": NOON, **({"Timestamp": NOON} if "Timestamp" in plain else {}), **row}
        for row in given
    ]


def ask(id_: str, parameters: dict[str, Any] | None = None, **tables: list[dict[str, Any]]) -> Any:
    return QueryProvider("local", data=tables, catalog=CATALOG).queries[id_](**(parameters or {})).df


def minutes(number: float) -> datetime:
    return NOON + timedelta(minutes=number)


def logon(event: int, account: str, ip: str, **more: Any) -> dict[str, Any]:
    return {"EventID": event, "TargetUserName": account, "IpAddress": ip, "Computer": "dc01.contoso.com", **more}


def test_password_spray_names_the_address_and_the_account_it_got() -> None:
    events = rows(
        "SecurityEvent",
        *[logon(4625, f"user{n}", "203.0.113.7", TimeGenerated=minutes(n)) for n in range(12)],
        logon(4624, "user3", "203.0.113.7", TimeGenerated=minutes(20)),
        *[logon(4625, "bob", "10.0.0.9") for _ in range(30)],
    )
    found = ask("windows.password_spray", SecurityEvent=events)
    assert found[["IpAddress", "FailedAccounts", "Failures"]].values.tolist() == [["203.0.113.7", 12, 12]]
    assert found.SucceededAccounts[0] == ["user3"]
    assert ask("windows.password_spray", {"accounts": 13}, SecurityEvent=events).empty
    assert ask("windows.password_spray", {"account": "user99"}, SecurityEvent=events).empty


@pytest.mark.parametrize(
    ("host", "count"),
    [("dc01", 1), ("DC01.contoso.com", 1), ("dc0", 0), ("contoso", 0), ("", 2), ('" or 1 == 1 //', 0)],
)
def test_a_host_is_found_by_its_short_and_its_full_name(host: str, count: int) -> None:
    events = rows("SecurityEvent", logon(4624, "bob", "10.0.0.1"), logon(4624, "bob", "10.0.0.1", Computer="dc010"))
    assert len(ask("windows.logons", {"host": host}, SecurityEvent=events)) == count


def test_the_time_range_is_honoured() -> None:
    events = rows("SecurityEvent", *[logon(4624, "bob", "10.0.0.1", TimeGenerated=minutes(n)) for n in (0, 60, 120)])
    span = {"start": minutes(30), "end": minutes(90)}
    assert len(ask("windows.logons", span, SecurityEvent=events)) == 1


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("powershell -enc {}", True),
        ("powershell.exe -NoP -w hidden -EncodedCommand {}", True),
        ("PowerShell /e '{}'", True),
        ("powershell –ec {}", True),
        ("powershell -File {}", False),
        ("powershell -ExecutionPolicy Bypass -c whoami", False),
    ],
)
def test_encoded_powershell_in_all_its_spellings(command: str, found: bool) -> None:
    text = command.format(base64.b64encode("Write-Host hello".encode("utf-16-le")).decode())
    events = rows(
        "DeviceProcessEvents", {"DeviceName": "ws01", "FileName": "powershell.exe", "ProcessCommandLine": text}
    )
    assert len(ask("device.encoded_powershell", DeviceProcessEvents=events)) == found
    process = {"EventID": 4688, "NewProcessName": r"C:\x\powershell.exe", "CommandLine": text, "Computer": "ws01"}
    assert len(ask("windows.encoded_powershell", SecurityEvent=rows("SecurityEvent", process))) == found


def test_beacons_are_told_from_people() -> None:
    def connection(minute: float, ip: str, process: str) -> dict[str, Any]:
        return {
            "Timestamp": minutes(minute),
            "DeviceName": "ws01",
            "RemoteIP": ip,
            "RemotePort": 443,
            "InitiatingProcessFileName": process,
        }

    uneven = [0, 1, 2, 30, 31, 90, 92, 200, 201, 202, 300, 420, 421, 422]
    events = rows(
        "DeviceNetworkEvents",
        *[connection(5 * n + 0.05 * (n % 3), "203.0.113.7", "updater.exe") for n in range(20)],
        *[connection(n, "198.51.100.1", "msedge.exe") for n in uneven],
        *[connection(5 * n, "10.0.0.1", "agent.exe") for n in range(20)],
    )
    found = ask("device.beacons", DeviceNetworkEvents=events)
    assert found[["InitiatingProcessFileName", "RemoteIP", "Connections"]].values.tolist() == [
        ["updater.exe", "203.0.113.7", 20]
    ]
    assert found.Jitter[0] < 0.05


def test_process_tree_gives_relations() -> None:
    def created(name: str, pid: str, parent: str) -> dict[str, Any]:
        return {"EventID": 4688, "Computer": "ws01", "NewProcessName": name, "NewProcessId": pid, "ProcessId": parent}

    events = rows(
        "SecurityEvent",
        created("explorer.exe", "0x1", "0x0"),
        created("cmd.exe", "0x2", "0x1"),
        created("calc.exe", "0x3", "0x1"),
        created("whoami.exe", "0x4", "0x2"),
        created("net.exe", "0x5", "0x4"),
        created("other.exe", "0x6", "0x9"),
    )
    found = ask("windows.process_tree", {"process_id": "0x2"}, SecurityEvent=events)
    assert dict(zip(found.NewProcessName, found.Relation, strict=True)) == {
        "explorer.exe": "parent",
        "cmd.exe": "process",
        "calc.exe": "sibling",
        "whoami.exe": "child",
        "net.exe": "grandchild",
    }


def test_impossible_travel_needs_two_countries_in_a_short_time() -> None:
    def signin(user: str, country: str, minute: float) -> dict[str, Any]:
        return {
            "UserPrincipalName": user,
            "Location": country,
            "TimeGenerated": minutes(minute),
            "ResultType": "0",
            "IPAddress": "203.0.113.7",
        }

    events = rows(
        "SigninLogs", signin("a@x", "DE", 0), signin("a@x", "BR", 30), signin("b@x", "DE", 0), signin("b@x", "BR", 600)
    )
    found = ask("entra.impossible_travel", SigninLogs=events)
    assert found[["UserPrincipalName", "PreviousLocation", "Location"]].values.tolist() == [["a@x", "DE", "BR"]]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Accepted publickey for bob from 203.0.113.7 port 5 ssh2", ("success", "publickey", "bob", "203.0.113.7")),
        (
            "Failed password for invalid user admin from 203.0.113.7 port 5 ssh2",
            ("failure", "password", "admin", "203.0.113.7"),
        ),
        ("Invalid user oracle from 2001:db8::1 port 5", ("failure", "sshd", "oracle", "2001:db8::1")),
        ("pam_unix(sshd:session): session opened for user bob by (uid=0)", ("success", "sshd", "bob", "")),
    ],
)
def test_linux_logons_are_read(line: str, expected: tuple[str, ...]) -> None:
    events = rows("Syslog", {"Facility": "auth", "ProcessName": "sshd", "SyslogMessage": line, "Computer": "lin01"})
    found = ask("linux.logons", Syslog=events)
    assert tuple(found[["Result", "Way", "User", "SourceIP"]].iloc[0]) == expected


def test_dns_names_below_a_domain_are_found_and_others_not() -> None:
    events = rows("DnsEvents", *({"Name": name} for name in ("evil.example", "a.evil.example", "notevil.example")))
    assert sorted(ask("dns.lookups", {"domain": "evil.example"}, DnsEvents=events).Name) == [
        "a.evil.example",
        "evil.example",
    ]
