"""Sysmon, of Windows and of Linux: its events become the Device tables of Microsoft Defender.

Event numbers and fields: learn.microsoft.com/sysinternals/downloads/sysmon. What the process that acted was started
with is looked up by its `ProcessGuid` among the process events of the same load.
Defender's `DeviceId` is made from the name of the computer, so that joins on it work.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from huntlens.providers.mapping import Family, Mapping, Prepared, Row, Shape
from huntlens.providers.syslog_rows import SYSLOG_EXPORTED
from huntlens.providers.windows_shapes import SHAPES

__all__ = ["FAMILY"]

_SYSMON: Final = "lower(channel) in ('microsoft-windows-sysmon/operational', 'linux-sysmon/operational')"
_XML: Final = "{SyslogMessage}"

_SYSLOG: Final = Mapping("Syslog", "", SYSLOG_EXPORTED, shapes=("sysmon_linux",), whole=True)
_LINUX: Final = Shape(
    "sysmon_linux",
    "{SyslogMessage} like '<Event>%Linux-Sysmon%'",
    {
        "time": "coalesce(hl_time(nullif(regexp_extract({SyslogMessage}, 'Name=\"UtcTime\">([^<]*)', 1), '')), "
        "hl_time({TimeGenerated}))",
        "channel": f"regexp_extract({_XML}, '<Channel>([^<]*)', 1)",
        "event_id": f"try_cast(regexp_extract({_XML}, '<EventID>([0-9]+)', 1) as integer)",
        "provider": f"regexp_extract({_XML}, '<Provider Name=\"([^\"]*)', 1)",
        "computer": f"coalesce(nullif(regexp_extract({_XML}, '<Computer>([^<]*)', 1), ''), {{Computer}})",
        "level": f"regexp_extract({_XML}, '<Level>([^<]*)', 1)",
        "task": f"regexp_extract({_XML}, '<Task>([^<]*)', 1)",
        "opcode": f"regexp_extract({_XML}, '<Opcode>([^<]*)', 1)",
        "keywords": f"regexp_extract({_XML}, '<Keywords>([^<]*)', 1)",
        "record_id": f"regexp_extract({_XML}, '<EventRecordID>([^<]*)', 1)",
        "user_sid": f"regexp_extract({_XML}, '<Security UserId=\"([^\"]*)', 1)",
        "message": "NULL::VARCHAR",
    },
    data="hl_object(regexp_extract_all(doc ->> '$.SyslogMessage', '<Data Name=\"([^\"]*)\">([^<]*)<', 1), "
    "list_transform(regexp_extract_all(doc ->> '$.SyslogMessage', '<Data Name=\"([^\"]*)\">([^<]*)<', 2), "
    "lambda t: hl_plain(t)))",
    inside=("SyslogMessage",),
)

_DEVICE: Final = (
    Row("TimeGenerated", "datetime", "time"),
    Row("Timestamp", "datetime", "time"),
    Row("DeviceId", "string", "hl_device(computer)"),
    Row("DeviceName", "string", "computer"),
    Row("ReportId", "long", "record_id"),
)


def _initiator(image: str, number: str, user: str = "{User}") -> tuple[Row, ...]:
    """Who acted, by what the event says and what the start of that process said."""
    return (
        Row("InitiatingProcessFileName", "string", f"hl_file(hl_dash({image}))"),
        Row("InitiatingProcessFolderPath", "string", f"hl_dash({image})"),
        Row("InitiatingProcessId", "long", f"hl_long({number})"),
        Row("InitiatingProcessAccountDomain", "string", f"hl_domain(coalesce(hl_dash({user}), p.account))"),
        Row("InitiatingProcessAccountName", "string", f"hl_user(coalesce(hl_dash({user}), p.account))"),
        Row("InitiatingProcessCommandLine", "string", "p.command_line"),
        Row("InitiatingProcessCreationTime", "datetime", "p.started"),
        Row("InitiatingProcessIntegrityLevel", "string", "p.integrity"),
        Row("InitiatingProcessSHA1", "string", "hl_hash(p.hashes, 'SHA1')"),
        Row("InitiatingProcessSHA256", "string", "hl_hash(p.hashes, 'SHA256')"),
        Row("InitiatingProcessMD5", "string", "hl_hash(p.hashes, 'MD5')"),
        Row("InitiatingProcessParentId", "long", "p.parent_id"),
        Row("InitiatingProcessParentFileName", "string", "hl_file(p.parent_image)"),
        Row("InitiatingProcessVersionInfoCompanyName", "string", "p.company"),
        Row("InitiatingProcessVersionInfoProductName", "string", "p.product"),
        Row("InitiatingProcessVersionInfoOriginalFileName", "string", "p.original_name"),
        Row("InitiatingProcessVersionInfoFileDescription", "string", "p.description"),
    )


_LOGON: Final = Row("InitiatingProcessLogonId", "long", "p.logon_id")
_SELF: Final = _initiator("{Image}", "{ProcessId}")
_HASHES: Final = (
    Row("SHA1", "string", "hl_hash({Hashes+}, 'SHA1')"),
    Row("SHA256", "string", "hl_hash({Hashes+}, 'SHA256')"),
    Row("MD5", "string", "hl_hash({Hashes+}, 'MD5')"),
)


def _action(sql: str) -> Row:
    return Row("ActionType", "string", sql)


_PROCESS: Final = (
    *_DEVICE,
    _action("'ProcessCreated'"),
    Row("FileName", "string", "hl_file({Image})"),
    Row("FolderPath", "string", "{Image}"),
    *_HASHES,
    Row("ProcessId", "long", "hl_long({ProcessId})"),
    Row("ProcessCommandLine", "string", "{CommandLine}"),
    Row("ProcessCreationTime", "datetime", "time"),
    Row("ProcessIntegrityLevel", "string", "{IntegrityLevel}"),
    Row("AccountDomain", "string", "hl_domain({User})"),
    Row("AccountName", "string", "hl_user({User})"),
    Row("LogonId", "long", "hl_long({LogonId})"),
    Row("ProcessVersionInfoCompanyName", "string", "hl_dash({Company})"),
    Row("ProcessVersionInfoProductName", "string", "hl_dash({Product})"),
    Row("ProcessVersionInfoOriginalFileName", "string", "hl_dash({OriginalFileName})"),
    Row("ProcessVersionInfoFileDescription", "string", "hl_dash({Description})"),
    Row("ProcessVersionInfoProductVersion", "string", "hl_dash({FileVersion})"),
    Row("InitiatingProcessFileName", "string", "hl_file(hl_dash({ParentImage}))"),
    Row("InitiatingProcessFolderPath", "string", "hl_dash({ParentImage})"),
    Row("InitiatingProcessId", "long", "hl_long({ParentProcessId})"),
    Row("InitiatingProcessCommandLine", "string", "hl_dash({ParentCommandLine})"),
    Row("InitiatingProcessAccountDomain", "string", "hl_domain(coalesce(hl_dash({ParentUser}), p.account))"),
    Row("InitiatingProcessAccountName", "string", "hl_user(coalesce(hl_dash({ParentUser}), p.account))"),
    _LOGON,
    *(row for row in _SELF if "p." in row.sql and "command_line" not in row.sql and "account" not in row.sql),
)
_NETWORK: Final = (
    *_DEVICE,
    _action("case {Initiated} when 'false' then 'InboundConnectionAccepted' else 'ConnectionSuccess' end"),
    Row("Protocol", "string", "upper({Protocol}[1:1]) || {Protocol}[2:]"),
    Row("LocalIP", "string", "case {Initiated} when 'false' then {DestinationIp} else {SourceIp} end"),
    Row("LocalPort", "int", "case {Initiated} when 'false' then {DestinationPort} else {SourcePort} end"),
    Row("RemoteIP", "string", "case {Initiated} when 'false' then {SourceIp} else {DestinationIp} end"),
    Row("RemotePort", "int", "case {Initiated} when 'false' then {SourcePort} else {DestinationPort} end"),
    Row("LocalIPType", "string", "hl_ip_type(case {Initiated} when 'false' then {DestinationIp} else {SourceIp} end)"),
    Row("RemoteIPType", "string", "hl_ip_type(case {Initiated} when 'false' then {SourceIp} else {DestinationIp} end)"),
    Row(
        "RemoteUrl",
        "string",
        "hl_dash(case {Initiated} when 'false' then {SourceHostname+} else {DestinationHostname+} end)",
    ),
    *_SELF,
)
_FILE: Final = (
    *_DEVICE,
    _action("case when event_id in (23, 26) then 'FileDeleted' else 'FileCreated' end"),
    Row("FileName", "string", "hl_file({TargetFilename})"),
    Row("FolderPath", "string", "{TargetFilename}"),
    *_HASHES,
    *_SELF,
)
_VALUE: Final = "event_id = 13 or {EventType+} in ('DeleteValue', 'SetValue', 'RenameValue')"
_NUMBER: Final = "regexp_extract({Details+}, '^[DQ]WORD \\((0x[0-9a-f]+)\\)$', 1)"
_REGISTRY: Final = (
    *_DEVICE,
    _action(
        "case {EventType+} when 'CreateKey' then 'RegistryKeyCreated' when 'DeleteKey' then 'RegistryKeyDeleted' "
        "when 'DeleteValue' then 'RegistryValueDeleted' when 'RenameKey' then 'RegistryKeyRenamed' "
        "when 'RenameValue' then 'RegistryKeyRenamed' else 'RegistryValueSet' end"
    ),
    Row(
        "RegistryKey",
        "string",
        f"hl_hive(case when {_VALUE} then hl_parent({{TargetObject}}) "
        "else coalesce({NewName}, {TargetObject}) end)",
    ),
    Row("RegistryValueName", "string", f"case when {_VALUE} then hl_leaf({{TargetObject}}) end"),
    Row(
        "RegistryValueData",
        "string",
        f"coalesce(hl_long(nullif({_NUMBER}, ''))::VARCHAR, {{Details+}})",
    ),
    Row(
        "RegistryValueType",
        "string",
        "case when {Details+} like 'DWORD (%' then 'Dword' when {Details+} like 'QWORD (%' then 'Qword' "
        "when {Details+} = 'Binary Data' then 'Binary' when {Details+} is not null then 'String' end",
    ),
    Row("PreviousRegistryKey", "string", "case when {NewName} is not null then hl_hive({TargetObject}) end"),
    *_SELF,
)
_IMAGE: Final = (
    *_DEVICE,
    _action("'ImageLoaded'"),
    Row("FileName", "string", "hl_file({ImageLoaded})"),
    Row("FolderPath", "string", "{ImageLoaded}"),
    *_HASHES,
    *_SELF,
)
_ACCESS: Final = (
    *_DEVICE,
    _action("case event_id when 8 then 'CreateRemoteThreadApiCall' else 'OpenProcessApiCall' end"),
    Row("FileName", "string", "hl_file({TargetImage})"),
    Row("FolderPath", "string", "{TargetImage}"),
    Row("ProcessId", "long", "hl_long({TargetProcessId})"),
    *_initiator("{SourceImage}", "{SourceProcessId}", "{SourceUser}"),
    _LOGON,
)
_OTHER: Final = (
    *_DEVICE,
    _action(
        "case event_id when 2 then 'FileTimestampModificationEvent' when 5 then 'ProcessTerminated' "
        "when 6 then 'DriverLoad' when 9 then 'RawAccessRead' when 15 then 'FileStreamCreated' "
        "when 17 then 'NamedPipeEvent' when 18 then 'NamedPipeEvent' when 19 then 'WmiEventFilter' "
        "when 20 then 'WmiEventConsumer' when 21 then 'WmiBindEventFilterToConsumer' when 22 then 'DnsQueryResponse' "
        "when 24 then 'GetClipboardData' when 25 then 'ProcessTampering' else 'Sysmon' || event_id end"
    ),
    Row("FileName", "string", "hl_file(coalesce({TargetFilename}, {ImageLoaded}, {Device+}))"),
    Row("FolderPath", "string", "coalesce({TargetFilename}, {ImageLoaded})"),
    *_HASHES,
    Row("RemoteUrl", "string", "{QueryName+}"),
    *_SELF,
    _LOGON,
)
_ADDRESS: Final = r"'(?:::ffff:)?([0-9]+\.[0-9]+\.[0-9]+\.[0-9]+|[0-9a-f]*:[0-9a-f:]+[0-9a-f])'"
_DNS: Final = (
    Row("TimeGenerated", "datetime", "time"),
    Row("Computer", "string", "computer"),
    Row("Name", "string", "{QueryName}"),
    Row("SubType", "string", "'LookupQuery'"),
    Row(
        "IPAddresses",
        "string",
        f"array_to_string(regexp_extract_all({{QueryResults+}}, {_ADDRESS}, 1), ', ')",
    ),
    Row("ResultCode", "int", "{QueryStatus}"),
    Row("Type", "string", "'DnsEvents'"),
)
_STARTED: Final = (
    Row("command_line", "string", "{CommandLine}"),
    Row("started", "datetime", "time"),
    Row("integrity", "string", "{IntegrityLevel}"),
    Row("logon_id", "long", "hl_long({LogonId})"),
    Row("account", "string", "{User}"),
    Row("hashes", "string", "{Hashes}"),
    Row("parent_id", "long", "hl_long({ParentProcessId})"),
    Row("parent_image", "string", "{ParentImage}"),
    Row("company", "string", "hl_dash({Company})"),
    Row("product", "string", "hl_dash({Product})"),
    Row("original_name", "string", "hl_dash({OriginalFileName})"),
    Row("description", "string", "hl_dash({Description})"),
)


def _mapping(table: str, events: str, rows: tuple[Row, ...], key: str = "{ProcessGuid+}") -> Mapping:
    return Mapping(
        table, f"{_SYSMON} and event_id in ({events})", rows, lookup="processes", key=f"lower({key})", also=(_SYSLOG,)
    )


FAMILY: Final = Family(
    name="sysmon",
    doc="Sysmon of Windows and Linux",
    shapes=(*SHAPES, _LINUX),
    prepare=(Prepared("processes", "DeviceProcessEvents", "lower({ProcessGuid})", _STARTED),),
    mappings=(
        _mapping("DeviceProcessEvents", "1", _PROCESS, "{ParentProcessGuid+}"),
        _mapping("DeviceNetworkEvents", "3", _NETWORK),
        _mapping("DeviceFileEvents", "11, 23, 26", _FILE),
        _mapping("DeviceRegistryEvents", "12, 13, 14", _REGISTRY),
        _mapping("DeviceImageLoadEvents", "7", _IMAGE),
        _mapping("DeviceEvents", "8, 10", _ACCESS, "coalesce({SourceProcessGUID+}, {SourceProcessGuid+})"),
        _mapping("DeviceEvents", "2, 5, 6, 9, 15, 17, 18, 19, 20, 21, 24, 25", _OTHER),
        replace(_mapping("DeviceEvents", "22", _OTHER), also=(_SYSLOG, Mapping("DnsEvents", "", _DNS))),
    ),
)
