"""Linux: syslog as text or as exported rows becomes `Syslog`, auditd and auoms become `AuditLog_CL`.

Text of syslog comes as RFC 3164, RFC 5424, or with an ISO time; RFC 3164 names no year, so the last one that does
not put the line into the future is taken.
"""

from __future__ import annotations

from typing import Final

from huntlens.providers.mapping import Family, Mapping, Row, Shape
from huntlens.providers.syslog_rows import SYSLOG_EXPORTED

__all__ = ["FAMILY"]

_BSD: Final = r"^(?:<(\d+)>)?([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) (\S+) ([^\s:\[]+)(?:\[(\d+)\])?: ?(.*)$"
_ISO: Final = r"^(?:<(\d+)>)?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*) (\S+) ([^\s:\[]+)(?:\[(\d+)\])?: ?(.*)$"
_RFC: Final = r"^<(\d+)>1 (\S+) (\S+) (\S+) (\S+) \S+ (?:-|\[.*?\]) ?(.*)$"
_AUDIT: Final = r"^(?:node=(\S+) )?type=(\S+) (?:msg=)?audit\((\d+\.\d+):(\d+)\): ?(.*)$"
_PAIR: Final = r"""(\w+)=("[^"]*"|\[[^\]]*\]|[^\s"]*)"""


def _group(pattern: str, number: int, source: str = "{text}") -> str:
    return f"nullif(regexp_extract({source}, '{pattern}', {number}), '')"


def _pairs(source: str) -> str:
    """SQL for an object of the `key=value` pairs of a text."""
    plain = f"replace({source}, '''', '')"
    values = f"list_transform(regexp_extract_all({plain}, '{_PAIR}', 2), lambda t: trim(t, '\"'))"
    return f"hl_object(regexp_extract_all({plain}, '{_PAIR}', 1), {values})"


def _syslog_text(name: str, pattern: str, time: str) -> Shape:
    return Shape(
        name,
        f"regexp_matches({{text}}, '{pattern}')",
        {
            "time": time,
            "channel": "'syslog'",
            "computer": _group(pattern, 3),
            "provider": _group(pattern, 4),
            "level": _group(pattern, 1),
            "record_id": _group(pattern, 5),
            "message": f"regexp_extract({{text}}, '{pattern}', 6)",
        },
        data="'{}'::JSON",
        inside=("text",),
    )


_YEAR: Final = "strftime(now()::timestamp, '%Y')"
_BSD_TIME: Final = (
    f"try_strptime({_YEAR} || ' ' || regexp_replace({_group(_BSD, 2)}, ' +', ' ', 'g'), '%Y %b %d %H:%M:%S')"
)
_EXPORT: Final = {
    "time": "hl_time({TimeGenerated})",
    "computer": "coalesce({Computer}, {HostName})",
    "provider": "{ProcessName}",
    "message": "{SyslogMessage}",
}
_AUOMS: Final = "regexp_replace(doc ->> '$.SyslogMessage', '^type=\\S+ audit\\([^)]*\\):', '')"

_SHAPES: Final = (
    Shape(
        "auoms",
        "{SyslogMessage} like 'type=AUOMS_%' or {SyslogMessage} like 'type=% audit(%'",
        {**_EXPORT, "channel": "'auoms'", "opcode": _group(r"^type=(\S+)", 1, "{SyslogMessage}"),
         "record_id": _group(r"audit\([\d.]+:(\d+)\)", 1, "{SyslogMessage}")},
        data=_pairs(_AUOMS),
        inside=("SyslogMessage",),
    ),
    Shape(
        "syslog",
        "{SyslogMessage} is not null and {Facility} is not null",
        {**_EXPORT, "channel": "'syslog_export'"},
    ),
    Shape(
        "auditd",
        f"regexp_matches({{text}}, '{_AUDIT}')",
        {
            "time": f"epoch_ms((try_cast({_group(_AUDIT, 3)} as double) * 1000)::BIGINT)::timestamp",
            "channel": "'auditd'",
            "computer": _group(_AUDIT, 1),
            "opcode": _group(_AUDIT, 2),
            "record_id": _group(_AUDIT, 4),
            "message": "{text}",
        },
        data=_pairs(f"regexp_extract(doc ->> '$.text', '{_AUDIT}', 5)"),
        inside=("text",),
    ),
    _syslog_text(
        "syslog_bsd", _BSD,
        f"case when {_BSD_TIME} > now()::timestamp + interval 1 day then {_BSD_TIME} - interval 1 year "
        f"else {_BSD_TIME} end",
    ),
    _syslog_text("syslog_iso", _ISO, f"hl_time({_group(_ISO, 2)})"),
    _syslog_text("syslog_5424", _RFC, f"hl_time({_group(_RFC, 2)})"),
)  # fmt: skip

_FACILITIES: Final = (
    "['kern','user','mail','daemon','auth','syslog','lpr','news','uucp','cron','authpriv','ftp','ntp','audit','alert',"
    "'clock','local0','local1','local2','local3','local4','local5','local6','local7']"
)
_SEVERITIES: Final = "['emerg','alert','crit','err','warning','notice','info','debug']"

_TEXT: Final = (
    Row("TimeGenerated", "datetime", "time"),
    Row("EventTime", "datetime", "time"),
    Row("Computer", "string", "computer"),
    Row("HostName", "string", "computer"),
    Row("Facility", "string", f"{_FACILITIES}[try_cast(level as integer) // 8 + 1]"),
    Row("SeverityLevel", "string", f"{_SEVERITIES}[try_cast(level as integer) % 8 + 1]"),
    Row("ProcessName", "string", "provider"),
    Row("ProcessID", "int", "record_id"),
    Row("SyslogMessage", "string", "message"),
    Row("SourceSystem", "string", "'Linux'"),
    Row("Type", "string", "'Syslog'"),
)
_AUDITED: Final = (
    Row("TimeGenerated", "datetime", "time"),
    Row("Computer", "string", "coalesce(computer, {node+})"),
    Row("RawData", "string", "message"),
    Row("EventType", "string", "opcode"),
    Row("SerialNumber", "long", "record_id"),
    Row("Type", "string", "'AuditLog_CL'"),
)

FAMILY: Final = Family(
    name="linux",
    doc="syslog and auditd of Linux",
    shapes=_SHAPES,
    mappings=(
        Mapping(
            "AuditLog_CL",
            "channel in ('auditd', 'auoms')",
            _AUDITED,
            also=(Mapping("Syslog", "", SYSLOG_EXPORTED, shapes=("auoms",), whole=True),),
        ),
        Mapping("Syslog", "channel = 'syslog_export'", SYSLOG_EXPORTED),
        Mapping("Syslog", "channel = 'syslog'", _TEXT),
    ),
)
