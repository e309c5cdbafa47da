"""The shipped tables: complete files, known types, found by name only."""

from __future__ import annotations

import re

from huntlens.kql.bind import bind
from huntlens.kql.schema import ColumnSchema, Schema, TableSchema, shipped
from huntlens.kql.types import TYPES


def test_every_table_of_the_index_can_be_read():
    schema = shipped()
    names = schema.table_names()
    assert len(names) >= 150
    assert list(names) == sorted(names)
    for name in names:
        table = schema.table(name)
        assert table is not None, name
        assert table.doc, name
        assert len({column.name for column in table.columns}) == len(table.columns) > 2, name
        for column in table.columns:
            assert column.type in TYPES, (name, column)
            assert re.fullmatch(r"\w+", column.name), (name, column)


def test_the_tables_that_hunts_use_are_explained():
    for name in ("SecurityEvent", "SigninLogs", "DeviceProcessEvents", "CommonSecurityLog", "Syslog", "AuditLogs"):
        table = shipped().table(name)
        assert table is not None
        assert sum(bool(column.doc) for column in table.columns) >= 12, name
    facility = shipped().table("Syslog").column("Facility")
    assert "authpriv" in facility.values


def test_a_table_that_nobody_knows_is_none():
    assert shipped().table("Nobody_CL") is None
    assert shipped().table("securityevent") is None


def test_live_tables_stand_in_front():
    mine = TableSchema("SecurityEvent", (ColumnSchema("Only", "long"),))
    layered = shipped().with_tables(mine)
    assert bind("SecurityEvent | project Only", layered).columns == {"Only": "long"}
    assert layered.table("Syslog") == shipped().table("Syslog")
    assert next(iter(layered)) == "SecurityEvent"


def test_schema_from_a_dictionary_reads_aliases_of_types():
    schema = Schema.from_dict({"tables": {"T": {"a": "double", "b": "time", "c": "nonsense"}}})
    assert [column.type for column in schema.table("T").columns] == ["real", "timespan", "unknown"]
