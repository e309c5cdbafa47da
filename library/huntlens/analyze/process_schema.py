"""Which columns of a log of processes say what: the logs that are known, and others by mapping."""

from __future__ import annotations

from dataclasses import dataclass, replace
from dataclasses import fields as dataclass_fields
from typing import TYPE_CHECKING, Final

from huntlens.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


@dataclass(frozen=True, slots=True)
class ProcessSchema:
    """Which columns of a log say what; a tuple is tried in order, an empty one is not logged.

    `only` keeps the rows in which a column has one of the values.
    """

    name: str
    process_id: tuple[str, ...]
    parent_id: tuple[str, ...]
    path: tuple[str, ...]
    time: tuple[str, ...]
    parent_path: tuple[str, ...] = ()
    command_line: tuple[str, ...] = ()
    user: tuple[str, ...] = ()
    logon: tuple[str, ...] = ()
    host: tuple[str, ...] = ()
    unique_id: tuple[str, ...] = ()
    parent_unique_id: tuple[str, ...] = ()
    parent_time: tuple[str, ...] = ()
    only: tuple[str, tuple[object, ...]] | None = None


_FIELDS: Final = {field.name for field in dataclass_fields(ProcessSchema)} - {"name", "only"}

SCHEMAS: Final = (
    ProcessSchema(
        "windows_security", ("NewProcessId",), ("ProcessId", "CreatorProcessId"), ("NewProcessName",),
        ("TimeGenerated", "TimeCreated", "TimeCreatedUtc", "EventTime", "@timestamp"), ("ParentProcessName",),
        ("CommandLine", "ProcessCommandLine"), ("SubjectUserName", "Account"), ("SubjectLogonId",),
        ("Computer", "Hostname", "host"),
        only=("EventID", (4688, "4688")),
    ),
    ProcessSchema(
        "defender", ("ProcessId",), ("InitiatingProcessId",), ("FolderPath", "FileName"),
        ("Timestamp", "TimeGenerated"),
        ("InitiatingProcessFolderPath", "InitiatingProcessFileName"), ("ProcessCommandLine",),
        ("AccountName", "InitiatingProcessAccountName"), ("LogonId",), ("DeviceName", "DeviceId"),
        ("ProcessUniqueId",), ("InitiatingProcessUniqueId",), ("InitiatingProcessCreationTime",),
        only=("ActionType", ("ProcessCreated",)),
    ),
    ProcessSchema(
        "sysmon", ("ProcessId",), ("ParentProcessId",), ("Image",), ("UtcTime", "TimeGenerated", "TimeCreated"),
        ("ParentImage",), ("CommandLine",), ("User",), ("LogonId", "LogonGuid"), ("Computer", "Hostname"),
        ("ProcessGuid",), ("ParentProcessGuid",), only=("EventID", (1, "1")),
    ),
    ProcessSchema(
        "auditd", ("pid",), ("ppid",), ("exe",), ("TimeGenerated", "Timestamp"), (), ("cmdline",), ("acct", "uid"),
        ("ses",), ("Computer", "host"), only=("EventType", ("EXECVE", "SYSCALL_EXECVE")),
    ),
    ProcessSchema(
        "osquery", ("pid",), ("parent",), ("path", "name"), ("calendarTime", "time"), (), ("cmdline",),
        ("username", "uid"), (), ("hostname", "hostIdentifier"),
    ),
)  # fmt: skip


def infer_schema(data: pd.DataFrame) -> ProcessSchema:
    """The schema whose id, parent and path columns the frame has."""
    found = next((schema for schema in SCHEMAS if not _missing(schema, data)), None)
    if found is not None:
        return found
    known = "; ".join(
        f"{schema.name}: {schema.process_id[0]}, {schema.parent_id[0]}, {schema.path[0]}" for schema in SCHEMAS
    )
    raise DataError(f"these are no process events that are known ({known}); pass schema=ProcessSchema(...)")


def chosen_schema(data: pd.DataFrame, schema: ProcessSchema | str | Mapping[str, str] | None) -> ProcessSchema:
    """The schema that a caller named, made or left to be inferred; the frame has what a tree needs."""
    if schema is None:
        return infer_schema(data)
    if isinstance(schema, str):
        found = next((known for known in SCHEMAS if known.name == schema), None)
        if found is None:
            raise DataError(f"no process schema '{schema}'; there are: {', '.join(known.name for known in SCHEMAS)}")
        schema = found
    chosen = schema if isinstance(schema, ProcessSchema) else _mapped(schema)
    missing = _missing(chosen, data)
    if missing:
        raise DataError(f"the frame has no column {missing}; it has: {', '.join(map(str, data.columns))}")
    return chosen


def _missing(schema: ProcessSchema, data: pd.DataFrame) -> str:
    """The columns of which a tree needs one and the frame has none. A unique id stands for a process id."""
    needed = (
        schema.process_id + schema.unique_id, schema.parent_id + schema.parent_unique_id, schema.path, schema.time
    )  # fmt: skip
    gone = (names for names in needed if not any(name in data.columns for name in names))
    return next((" or ".join(map(repr, names)) for names in gone), "")


def _mapped(mapping: Mapping[str, str]) -> ProcessSchema:
    fields = {name: (column,) for name, column in mapping.items()}
    unknown = fields.keys() - _FIELDS
    if unknown:
        raise DataError(f"a process schema has no field '{min(unknown)}'; it has: {', '.join(sorted(_FIELDS))}")
    for name, other in (("process_id", "unique_id"), ("parent_id", "parent_unique_id"), ("path", ""), ("time", "")):
        if name not in fields and other not in fields:
            raise DataError(f"a process schema needs {name}")
    empty = ProcessSchema("own", (), (), (), ())
    return replace(empty, **fields)  # type: ignore[arg-type]  # all fields but the two left out are tuples of names
