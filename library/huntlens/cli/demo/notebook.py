"""The notebook of the demo: a hunt as cells, each with the tables that it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import nbformat.v4 as cells
from nbformat import NotebookNode

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(frozen=True, slots=True)
class Step:
    """A heading with a few words, and the cells below it; left out where one of the tables is not there."""

    title: str
    words: str
    code: tuple[str, ...]
    needs: tuple[str, ...] = ()
    story_only: bool = False


STEPS: Final = (
    Step(
        "Connect",
        "Everything runs on this machine: files become tables, queries are KQL.",
        ("%load_ext huntlens_kernel", "%hunt connect local data"),
    ),
    Step(
        "Who was sprayed with passwords?",
        "One address that fails on many accounts is a spray; a success right after it is the account to look at.",
        (
            (
                "%%kql -o spray\n"
                "SigninLogs\n"
                "| summarize Failures = countif(ResultType != '0'),\n"
                "    Accounts = dcountif(UserPrincipalName, ResultType != '0'),\n"
                "    Successes = make_set_if(UserPrincipalName, ResultType == '0'), First = min(TimeGenerated),\n"
                "    Last = max(TimeGenerated) by IPAddress\n"
                "| where Accounts > 10\n"
                "| sort by Accounts desc"
            ),
            (
                "%%kql\n"
                "SigninLogs\n"
                "| where ResultType != '0'\n"
                "| summarize Failures = count() by bin(TimeGenerated, 1h), IPAddress\n"
                "| render columnchart with (title='Failed sign-ins by source', kind=stacked)"
            ),
        ),
        ("SigninLogs",),
    ),
    Step(
        "What did PowerShell hide?",
        "A query of the catalogue by name; then what is inside of the encoded commands, and the indicators in that.",
        (
            "%hunt run windows.encoded_powershell -o encoded",
            "%b64 encoded --column CommandLine -o decoded",
            "%ioc decoded --column text -o indicators",
        ),
        ("SecurityEvent",),
    ),
    Step(
        "What happened on that machine?",
        "A pivot asks about one host; the tree shows what started what.",
        (
            "%pivot Host.windows.processes ws07 -o processes",
            (
                "from huntlens.analyze import command_line, process_tree\n\n"
                "tree = process_tree.build(processes)\n"
                "tree.frame.hunt.process_tree(risk=command_line.levels(tree.frame['command_line']))"
            ),
        ),
        ("SecurityEvent",),
        story_only=True,
    ),
    Step(
        "What started what?",
        "The processes of the whole log as a tree.",
        (
            "%%kql -o processes\nSecurityEvent\n| where EventID == 4688",
            (
                "from huntlens.analyze import command_line, process_tree\n\n"
                "tree = process_tree.build(processes)\n"
                "tree.frame.hunt.process_tree(risk=command_line.levels(tree.frame['command_line']))"
            ),
        ),
        ("SecurityEvent",),
    ),
    Step(
        "Where did it go next?",
        "Services that were installed over the network, and logons over the network to servers.",
        (
            "%hunt run windows.service_installs",
            (
                "%%kql -o logons\n"
                "SecurityEvent\n"
                "| where EventID == 4624 and LogonType in (3, 10)\n"
                "| summarize Logons = count(), First = min(TimeGenerated), Last = max(TimeGenerated)\n"
                "    by Computer, TargetUserName, IpAddress\n"
                "| sort by Logons asc"
            ),
        ),
        ("SecurityEvent",),
    ),
    Step(
        "Does something call home?",
        "A beacon calls the same place at the same pace: a small spread of the gaps gives it away.",
        (
            (
                "%%kql -o beacons\n"
                "DeviceNetworkEvents\n"
                "| where not(ipv4_is_private(RemoteIP))\n"
                "| sort by DeviceName asc, RemoteIP asc, Timestamp asc\n"
                "| extend Gap = iff(prev(DeviceName) == DeviceName and prev(RemoteIP) == RemoteIP,\n"
                "    (Timestamp - prev(Timestamp)) / 1s, real(null))\n"
                "| summarize Calls = count(), Pace = avg(Gap), Spread = stdev(Gap), Names = make_set(RemoteUrl, 5)\n"
                "    by DeviceName, RemoteIP, InitiatingProcessFileName\n"
                "| where Calls > 20 and Spread < 0.1 * Pace\n"
                "| sort by Spread asc"
            ),
        ),
        ("DeviceNetworkEvents",),
    ),
    Step(
        "The calls on a time line",
        "Day and night, and once a lot more than usual.",
        (
            (
                "%%kql -o calls\n"
                "CommonSecurityLog\n"
                "| where DestinationHostName has 'telemetry-cdn'\n"
                "| project TimeGenerated, SourceIP, DestinationHostName, SentBytes"
            ),
            (
                "calls.hunt.timeline(group='SourceIP', columns=['DestinationHostName', 'SentBytes'],\n"
                "    title='Calls to telemetry-cdn')"
            ),
        ),
        ("CommonSecurityLog",),
        story_only=True,
    ),
    Step(
        "Names that few ask for",
        "What only one machine looks up is worth a look.",
        (
            (
                "%%kql\n"
                "DnsEvents\n"
                "| summarize Queries = count(), Clients = dcount(ClientIP), First = min(TimeGenerated) by Name\n"
                "| where Clients == 1\n"
                "| top 20 by Queries desc"
            ),
        ),
        ("DnsEvents",),
    ),
    Step(
        "What was found",
        "The same questions, answered in one table.",
        ("from huntlens.cli.demo.findings import findings\n\nfindings('data')",),
    ),
)

SAMPLE_KQL: Final = """\
// Accounts that failed from one address, and whether one of them got in.
// Open this file in VS Code with the huntlens extension: names, columns and functions complete as you type.
SigninLogs
| where TimeGenerated between (datetime(2026-03-02) .. datetime(2026-03-05))
| summarize Failures = countif(ResultType != "0"), Accounts = dcount(UserPrincipalName) by IPAddress
| where Accounts > 10
| sort by Accounts desc
"""


def notebook(tables: Collection[str], *, made_up: bool) -> NotebookNode:
    """The hunt over these tables, not yet run."""
    taken = [
        step
        for step in STEPS
        if set(step.needs) <= set(tables)
        and (made_up or not step.story_only)
        and not (made_up and step.title == "What started what?")
    ]
    body: list[Any] = [
        cells.new_markdown_cell(
            "# A hunt, from end to end\n\nMade by `huntlens demo`. Run it again, change it, ask your own."
        )
    ]
    for step in taken:
        body.append(cells.new_markdown_cell(f"## {step.title}\n\n{step.words}"))
        body += [cells.new_code_cell(code) for code in step.code]
    for number, cell in enumerate(body):
        cell["id"] = f"hunt-{number:02}"
    found: NotebookNode = cells.new_notebook(cells=body)
    found.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return found
