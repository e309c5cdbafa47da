"""Raw logs become known tables, and nothing that they say is lost on the way."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cases import Case, cases
from huntlens.providers import normalize
from huntlens.providers.engine import quote
from huntlens.providers.sources.local import Local

HERE = Path(__file__).parent


def load(case: Case, folder: Path) -> Local:
    suffix, text = ("json", case.blocks["json"]) if "json" in case.blocks else ("log", case.blocks["text"])
    file = folder / f"sample.{suffix}"
    file.write_text(text, "utf-8")
    return Local(file)


def shown(local: Local) -> str:
    """Every row of every table, as JSON without what is null, one a line."""
    lines = []
    for name in sorted(local.tables):
        lines += [f"{name}: {_row(row)}" for row in rows(local, name)]
    return re.sub(r"\d{4}(?=-10-11 )", "<the last>", "\n".join(lines))


def rows(local: Local, name: str) -> list[dict]:
    return local.engine.load(f"select * from {quote(name)}").to_pylist()


def _row(row: dict) -> str:
    return json.dumps(
        {key: value for key, value in row.items() if value is not None}, default=str, ensure_ascii=False, sort_keys=True
    )


@pytest.mark.parametrize("case", cases(HERE / "cases" / "normalize"))
def test_case(case: Case, tmp_path: Path, update_cases: bool) -> None:
    local = load(case, tmp_path)
    case.check("result", shown(local), update=update_cases)
    local.close()


def leaves(value: object) -> list[str]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves(item)]
    if value is None:
        return []
    return [str(value).strip().lower() if not isinstance(value, bool) else str(value).lower()]


def texts(row: dict) -> str:
    """All that a row says, and the same with JSON read, in lower case."""
    said = [str(item).lower() for item in row.values() if item is not None]
    for item in row.values():
        if isinstance(item, str) and is_json(item):
            said += leaves(json.loads(item))
    return "\n".join(said)


CARRIED = {
    # Values that a column says in another form, or that only name the table: times, numbers in hexadecimal, hives.
    "EventTime", "EventReceivedTime", "@timestamp", "UtcTime", "TimeCreated", "SeverityValue", "LogonId", "EventID",
    "Channel", "Protocol", "Initiated", "Task", "EventLevelName", "ts", "duration", "Level", "Opcode", "Keywords",
    "SourceName", "UserID", "TimeGenerated", "EventData", "TargetObject", "NewName", "eventTime", "KeyLength",
}  # fmt: skip


@pytest.mark.shared
@pytest.mark.parametrize(
    "name",
    [
        "empire_dcom_shellwindows_stager.zip",
        "ec2_proxy_s3_exfiltration.zip",
        "syslog_sysmon_log4shell_cve2021_44228_jndi_reference.zip",
        "combined_zeek.log",
    ],
)
def test_nothing_is_dropped(shared: Path, name: str) -> None:
    """Of a sample of real documents, every value is somewhere in some row of the tables that they became."""
    raw, known = (
        Local(shared / "data/security-datasets" / name, raw=True),
        Local(shared / "data/security-datasets" / name),
    )
    (table,) = raw.tables if len(raw.tables) == 1 else [max(raw.tables)]
    columns = {sql: kql for kql, sql in raw.tables[table].physical.items()}
    sample = raw.engine.load(f"select * from {quote(table)} using sample 60 rows (reservoir, 7)").to_pylist()
    haystack = said_of(known, {row.get("RecordNumber") for row in sample})
    for row in sample:
        for column, value in row.items():
            if value is not None and columns[column] not in CARRIED:
                parsed = json.loads(value) if isinstance(value, str) and is_json(value) else value
                missing = [leaf for leaf in leaves(parsed) if not is_said(leaf, haystack)]
                assert not missing, (columns[column], missing)
    raw.close()
    known.close()


def is_said(leaf: str, haystack: str) -> bool:
    """A time may be written with a blank, an account in two columns."""
    return leaf in haystack or all(
        part in haystack for part in re.sub(r"(\d)t(\d)", r"\1 \2", leaf.removesuffix("z")).split("\\")
    )


def said_of(known: Local, numbers: set) -> str:
    """All that the rows say which stand for the events of these record numbers; all rows where there are none."""
    wanted = ", ".join(str(int(number)) for number in numbers if number is not None)
    said = []
    for table in known.tables:
        column = next((name for name in ("ReportId", "EventRecordId") if name in known.tables[table].types), None)
        where = f"where {column}::BIGINT in ({wanted})" if wanted and column else ""
        if not wanted or column:
            found = known.engine.load(f"select * from {quote(table)} {where}").to_pylist()
            said += [texts(row) for row in found]
    return "\n".join(said)


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "counts"),
    [
        (
            "purplesharp_ad_playbook_I.zip",
            {"SecurityEvent": 2843, "DeviceProcessEvents": 24, "DeviceRegistryEvents": 19052},
        ),
        (
            "empire_dcom_shellwindows_stager.zip",
            {"SecurityEvent": 1000, "DeviceProcessEvents": 80, "WindowsEvent": 624},
        ),
        ("ec2_proxy_s3_exfiltration.zip", {"AWSCloudTrail": 103}),
        ("vminsights_vmconnection_log4shell_cve2021_44228_jndi_reference.zip", {"VMConnection": 5}),
        ("syslog_auoms_auditd_log4shell_cve2021_44228_jndi_reference.zip", {"AuditLog_CL": 50, "Syslog": 50}),
        ("combined_zeek.log", {"CommonSecurityLog": 2087, "DnsEvents": 53}),
    ],
)
def test_counts_of_real_telemetry(shared: Path, name: str, counts: dict[str, int]) -> None:
    local = Local(shared / "data/security-datasets" / name)
    found = {table: local.engine.load(f"select count(*) as n from {quote(table)}")["n"][0].as_py() for table in counts}
    local.close()
    assert found == counts


def test_detect_tells_tables_without_making_them() -> None:
    local = Local()
    local.engine.load(
        """create table raw as select 1 as line, 0 as file, '{"Channel":"Security","EventID":4624}'::JSON as doc
        union all select 2, 0, '{"a":1}'::JSON"""
    )
    assert normalize.detect(local.engine, "raw") == {"SecurityEvent": 1}
    local.close()


def test_every_family_is_a_table_of_rows() -> None:
    """Each mapping gives a time, no column twice, and only types that KQL has."""
    for family in normalize.families():
        for mapping in family.mappings:
            names = [row.column for row in mapping.rows]
            assert "TimeGenerated" in names, (family.name, mapping.table)
            assert len(names) == len(set(names)), (family.name, mapping.table)
            assert {row.type for row in mapping.rows} <= {
                "string",
                "int",
                "long",
                "real",
                "bool",
                "datetime",
                "dynamic",
            }


def test_columns_have_the_types_of_the_known_tables() -> None:
    from huntlens.providers.normalizing import known_table, routes

    for route in routes():
        known = known_table(route.mapping.table)
        for row in route.mapping.rows if known else ():
            column = known.column(row.column)
            assert column is None or column.type == row.type, (route.mapping.table, row.column, column.type)
