"""Other people's packs, read as they are: placeholders become typed values, what cannot be taken is told."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huntlens.catalog.discover import catalog
from huntlens.catalog.importers import load_file, load_text
from huntlens.catalog.importers.msticpy import load_msticpy
from huntlens.catalog.render import render
from huntlens.kql.bind import bind
from huntlens.kql.parse import parse
from huntlens.kql.schema import shipped

if TYPE_CHECKING:
    from pathlib import Path

MSTICPY = """\
metadata:
  version: 1
  data_environments: [LogAnalytics]
  data_families: [Web]
defaults:
  metadata:
    pivot:
  parameters:
    table: {description: Table, type: str, default: Requests}
    query_project: {description: Columns, type: str, default: "| project TimeGenerated, Host"}
    start: {description: Start, type: datetime}
    end: {description: End, type: datetime}
    add_query_items: {description: More, type: str, default: ""}
sources:
  by_host:
    description: Requests to a host
    args:
      query: '
        {table}
        | where TimeGenerated >= datetime({start}) and TimeGenerated <= datetime({end})
        | where Host has "{host_name}" or Path startswith "/{host_name}/x" or Rx matches regex @"^{host_name}\\."
        | where Status in ({codes}) and Agent has_any ({agents}) and Ip == {ip_address}
        | extend j = dynamic({{"a": 1}}), t = "{{not a hole}}"
        | take {limit}
        {query_project}
        {add_query_items}'
    parameters:
      host_name: {description: Host, type: str}
      codes: {description: Codes, type: list, default: ["200"]}
      agents: {description: Agents, type: str}
      ip_address: {description: Address, type: str}
      limit: {description: How many, type: int, default: 5}
  free:
    description: Anything
    args:
      query: '{anything} | take 5'
    parameters:
      anything: {description: Text, type: str}
  elsewhere:
    metadata:
      data_environments: [Cybereason]
    args: {query: "x"}
"""


WHERE = (
    '| where Host has host_name or Path startswith strcat("/", host_name, "/x") or Rx matches regex '
    'strcat("^", host_name, "\\\\.")'
)


def test_placeholders_become_typed_parameters() -> None:
    pack = load_msticpy(MSTICPY, "web.yaml")
    (query,) = pack.queries
    assert query.id == "Web.by_host"
    assert query.text.splitlines() == [
        "Requests",
        "| where TimeGenerated >= start and TimeGenerated <= end",
        WHERE,
        "| where Status in (codes) and Agent has_any (agents) and Ip == ip_address",
        '| extend j = dynamic({"a": 1}), t = "{not a hole}"',
        "| take limit",
        "| project TimeGenerated, Host",
    ]
    assert query.types == {
        "start": "datetime", "end": "datetime", "host_name": "string", "codes": "dynamic", "agents": "dynamic",
        "ip_address": "string", "limit": "long",
    }  # fmt: skip
    assert query.tables == ("Requests",)
    assert {str(item.entity) for item in query.parameters if item.entity} == {"Host.HostName", "IpAddress.Address"}
    assert [(error.line, str(error).partition(": ")[2]) for error in pack.errors] == [
        (
            MSTICPY.splitlines().index("  free:") + 1,
            "'free' cannot be taken: '{anything}' is a piece of query text without a default",
        ),
        (MSTICPY.splitlines().index("  elsewhere:") + 1, "'elsewhere' is for an environment that has no language here"),
    ]


@given(st.text())
def test_a_value_stays_a_value_in_an_imported_query(value: str) -> None:
    (query,) = load_msticpy(MSTICPY, "web.yaml").queries
    given_ = {"host_name": value, "agents": [value], "ip_address": value}
    text = render(query, given_).text
    assert text.endswith(query.text)
    literals = text[: -len(query.text)].splitlines()
    assert len(literals) == len(query.parameters)
    tree = parse(text)
    assert not tree.diagnostics
    line = next(line for line in literals if line.startswith("let host_name = "))
    assert json.loads(line.removeprefix("let host_name = ").removesuffix(";")) == value


@pytest.mark.shared
def test_the_real_packs_are_taken_whole(shared: Path) -> None:
    packs = [pack for path in sorted((shared / "data/msticpy-queries").glob("*.yaml")) for pack in load_file(path)]
    assert [str(error) for pack in packs for error in pack.errors] == []
    queries = [query for pack in packs for query in pack.queries]
    assert len(queries) == 38
    for query in queries:
        assert query.summary
        if query.language == "kql":
            wrong = [item for item in bind(query.text, shipped(), query.types).diagnostics if item.severity == "error"]
            assert wrong == [], query.id


RULE = """\
id: 11111111-2222-3333-4444-555555555555
name: Rare logons
description: |
  'Finds logons that are rare.'
requiredDataConnectors:
  - connectorId: SecurityEvents
    dataTypes: [SecurityEvent]
tactics: [InitialAccess]
relevantTechniques: [T1078]
query: |
  SecurityEvent
  | where EventID == 4624
entityMappings:
  - entityType: Host
    fieldMappings:
      - {identifier: HostName, columnName: Computer}
  - entityType: Account
    fieldMappings:
      - {identifier: FullName, columnName: Account}
"""


def test_sentinel_rules_keep_mappings_and_techniques() -> None:
    (pack,) = load_text(RULE, "/x/Detections/SecurityEvent/RareLogons.yaml")
    (query,) = pack.queries
    assert query.id == "rules.securityevent.rarelogons"
    assert (query.tables, query.techniques, query.tags) == (("SecurityEvent",), ("T1078",), ("initialaccess",))
    assert query.entity_columns == {"Computer": "Host.HostName", "Account": "Account.Name"}
    assert query.description == "Finds logons that are rare."
    assert (query.line, query.text_line, query.text_indent) == (2, 11, 2)
    assert pack.errors == ()


def test_markdown_gives_a_query_a_block() -> None:
    text = (
        "# Odd logons\n\nATT&CK T1078\n\n## Query\n\n```kusto\nT\n| take 1\n```\n\n"
        "## Other\n\nProse.\n\n```python\nx\n```\n```kql\nU\n```\n"
    )
    (pack,) = load_text(text, "hunt.md")
    assert [(query.id, query.text, query.text_line) for query in pack.queries] == [
        ("pages.hunt.odd_logons_query", "T\n| take 1", 8),
        ("pages.hunt.other", "U", 20),
    ]
    assert pack.queries[0].techniques == ("T1078",)


def test_kql_files_are_described_by_their_header() -> None:
    text = (
        "// Title: Odd logons\n// Techniques: T1078, T1110.003\n// Finds what is odd.\n\n"
        'declare query_parameters(host:string = "web01", since:timespan, ids:dynamic = dynamic([1]));\n'
        "// kept\nT | where Computer == host and Age < since and Id in (ids)\n"
    )
    (pack,) = load_text(text, "/q/team/odd.kql")
    (query,) = pack.queries
    assert (query.id, query.summary, query.techniques) == ("files.team.odd", "Odd logons", ("T1078", "T1110.003"))
    assert [(item.name, item.type, item.default, item.required) for item in query.parameters] == [
        ("host", "string", "web01", False),
        ("since", "timespan", None, True),
        ("ids", "dynamic", "[1]", False),
    ]
    assert query.text_line == 6
    assert text.splitlines()[query.text_line - 1] == query.text.splitlines()[0]
    assert "no query" in str(load_text("// only a comment\n", "x.kql")[0].errors[0])


SIGMA = """\
title: Whoami
id: 502b42de-4306-40b4-9596-6f590c81f073
logsource: {category: process_creation, product: windows}
detection:
  selection:
    Image|endswith: '\\\\whoami.exe'
  condition: selection
tags: [attack.discovery, attack.t1033]
"""


def test_sigma_rules_become_kql() -> None:
    pytest.importorskip("sigma.backends.kusto")
    (pack,) = load_text(SIGMA, "/rules/windows/whoami.yml")
    assert [str(error) for error in pack.errors] == []
    query = pack.queries[0]
    assert query.id == "sigma.windows.whoami"
    assert "DeviceProcessEvents" in query.text
    assert "whoami.exe" in query.text
    assert query.techniques == ("T1033",)
    (broken,) = load_text(SIGMA.replace("condition: selection", "condition: nothing"), "x.yml")
    assert "cannot be taken" in str(broken.errors[0])


def test_sigma_rules_become_spl_too() -> None:
    pytest.importorskip("sigma.backends.splunk")
    (pack,) = load_text(SIGMA.replace("whoami.exe", "{who}.exe"), "/rules/windows/whoami.yml")
    assert [query.language for query in pack.queries] == ["kql", "spl"]
    assert render(pack.queries[1], {}).text == 'Image="*\\\\{who}.exe"'


def test_files_of_other_kinds_give_nothing() -> None:
    assert load_text("a: 1\nb: 2\n", "compose.yaml") == []
    assert load_text("# Notes\n\nprose\n", "notes.md")[0].queries == ()


@given(st.text(alphabet="{}\"'@\\|=() \nabT", max_size=60))
def test_any_text_in_a_pack_is_taken_or_told(text: str) -> None:
    holes = MSTICPY.replace("'{anything} | take 5'", json.dumps(text + "{host_name}"))
    load_msticpy(holes, "x.yaml")


def test_thousands_of_rules_in_a_zip_are_read_once(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "rules.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(1000):
            archive.writestr(f"rules/group{number % 7}/rule{number}.yaml", RULE.replace("4624", str(number)))
        archive.writestr("rules/large.yaml", "pack: x\n" + "# " * 3 * 2**20)
        archive.writestr("../../escape.txt", "no pack")
    first = catalog([tmp_path / "rules.zip"], builtin=False, cache=tmp_path / "cache")
    written = {file: file.stat().st_mtime_ns for file in (tmp_path / "cache").iterdir()}
    assert len(first) == 1000
    assert [str(error).partition(": ")[2] for error in first.errors] == ["too large to be a pack"]
    again = catalog([tmp_path / "rules.zip"], builtin=False, cache=tmp_path / "cache")
    assert len(again.queries) == 1000
    assert again.queries == first.queries
    assert written == {file: file.stat().st_mtime_ns for file in (tmp_path / "cache").iterdir()}
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04 broken")
    assert "not a readable zip" in str(
        catalog([tmp_path / "bad.zip"], builtin=False, cache=tmp_path / "cache").errors[0]
    )
