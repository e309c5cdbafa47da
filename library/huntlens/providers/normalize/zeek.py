"""Zeek (and Corelight) logs as JSON: `dns` becomes `DnsEvents`, all else rows in the shape of `CommonSecurityLog`.

Fields: docs.zeek.org/en/current/logs. `DeviceEventClassID` is the name of the log: conn, http, ssl, files, ...
"""

from __future__ import annotations

from typing import Final

from huntlens.providers.mapping import Family, Mapping, Row, Shape

__all__ = ["FAMILY"]

_STREAM: Final = (
    "coalesce({@stream}, {_path}, case when {conn_state+} is not null then 'conn' "
    "when {qtype_name+} is not null or {qclass_name+} is not null then 'dns' "
    "when {method+} is not null and {uri+} is not null then 'http' end)"
)
_TIME: Final = (
    "coalesce(case when try_cast({ts} as double) is not null "
    "then make_timestamp((try_cast({ts} as double) * 1000000)::BIGINT) end, hl_time({ts}))"
)
_SOURCE: Final = r"coalesce({id_orig_h}, {id\.orig_h}, {id.orig_h}, {src+})"
_SOURCE_PORT: Final = r"coalesce({id_orig_p}, {id\.orig_p}, {id.orig_p})"
_TARGET: Final = r"coalesce({id_resp_h}, {id\.resp_h}, {id.resp_h}, {dst+})"
_TARGET_PORT: Final = r"coalesce({id_resp_p}, {id\.resp_p}, {id.resp_p})"
_URL: Final = (
    "case when {uri} like '%://%' then {uri} when {uri} is not null then 'http://' || coalesce({host}, "
    f"{_TARGET}) || case when {_TARGET_PORT} <> '80' then ':' || {_TARGET_PORT} else '' end || {{uri}} end"
)

_LOG: Final = (
    Row("TimeGenerated", "datetime", "time"),
    Row("StartTime", "datetime", "time"),
    Row("EndTime", "datetime", "time + to_microseconds((coalesce(try_cast({duration+} as double), 0) * 1e6)::BIGINT)"),
    Row("DeviceVendor", "string", "'Zeek'"),
    Row("DeviceProduct", "string", "'Zeek'"),
    Row("DeviceEventClassID", "string", "channel"),
    Row("Activity", "string", "coalesce({note}, {operation+}, {action+}, {conn_state+}, channel)"),
    Row("Computer", "string", "computer"),
    Row("DeviceName", "string", "computer"),
    Row("Protocol", "string", "upper({proto})"),
    Row("ApplicationProtocol", "string", "coalesce({service+}, case when channel = 'http' then 'http' end)"),
    Row("SourceIP", "string", _SOURCE),
    Row("SourcePort", "int", _SOURCE_PORT),
    Row("DestinationIP", "string", _TARGET),
    Row("DestinationPort", "int", _TARGET_PORT),
    Row("DestinationHostName", "string", "coalesce({host+}, {server_name+})"),
    Row("SentBytes", "long", "coalesce({orig_bytes}, {request_body_len+})"),
    Row("ReceivedBytes", "long", "coalesce({resp_bytes}, {response_body_len+})"),
    Row("RequestMethod", "string", "{method}"),
    Row("RequestURL", "string", _URL),
    Row("RequestClientApplication", "string", "{user_agent}"),
    Row("SourceUserName", "string", "coalesce({username}, {client+})"),
    Row("FileName", "string", "coalesce({filename}, {extracted+})"),
    Row("FileHash", "string", "coalesce({sha256}, {sha1+}, {md5+})"),
    Row("Message", "string", "coalesce({msg}, {status_msg+})"),
    Row("EventOutcome", "string", "coalesce({status_code}, {success+})"),
    Row("ExtID", "string", "{uid+}"),
    Row("EventCount", "int", "1"),
    Row("Type", "string", "'CommonSecurityLog'"),
)
_DNS: Final = (
    Row("TimeGenerated", "datetime", "time"),
    Row("Computer", "string", "computer"),
    Row("ClientIP", "string", _SOURCE),
    Row("Name", "string", "{query}"),
    Row("QueryType", "string", "{qtype_name}"),
    Row("SubType", "string", "'LookupQuery'"),
    Row("Result", "string", "{rcode_name}"),
    Row("ResultCode", "int", "{rcode}"),
    Row(
        "IPAddresses",
        "string",
        "array_to_string(list_filter(from_json({answers+}, '[\"VARCHAR\"]'), "
        r"lambda a: regexp_matches(a, '^([0-9]+\.[0-9]+\.[0-9]+\.[0-9]+|[0-9a-fA-F:]*:[0-9a-fA-F:]*)$')), ', ')",
    ),
    Row("ServerIP", "string", _TARGET),
    Row("Type", "string", "'DnsEvents'"),
)

FAMILY: Final = Family(
    name="zeek",
    doc="Zeek network logs",
    shapes=(
        Shape(
            "zeek",
            "{ts} is not null and ({@proc} = 'zeek' or {_path} is not null or {uid} is not null "
            rf"and {_SOURCE} is not null)",
            {"time": _TIME, "channel": _STREAM, "computer": "coalesce({@system}, {_system_name})"},
        ),
    ),
    mappings=(
        Mapping("DnsEvents", "channel = 'dns'", _DNS),
        Mapping("CommonSecurityLog", "channel is not null", _LOG),
    ),
)
