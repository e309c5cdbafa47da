"""How Windows events are laid out by those who write them as JSON; shared by the normalisers of Windows logs."""

from __future__ import annotations

from typing import Final

from huntlens.providers.mapping import Shape

_SHIFT: Final = (
    # NXLog writes local time without a zone; what it received and the UTC stamp of the same moment tell the offset.
    "hl_time({EventTime+}) + coalesce(to_minutes((round(date_diff('second', hl_time({EventReceivedTime+}), "
    "hl_time({@timestamp+})) / 900.0) * 15)::BIGINT), to_minutes(0))"
)


def _first(*paths: str) -> str:
    """SQL for the first of some objects that is there."""
    found = ", ".join(f"nullif(doc -> '{path}', 'null')" for path in paths)
    return f"coalesce({found}, '{{}}')::JSON"


EVTX: Final = Shape(
    "evtx",
    "{Event.System.EventID} is not null",
    {
        "time": "hl_time({Event.System.TimeCreated.#attributes.SystemTime})",
        "channel": "{Event.System.Channel}",
        "event_id": "coalesce(try_cast({Event.System.EventID+} as integer), "
        "try_cast({Event.System.EventID.#text+} as integer))",
        "provider": "{Event.System.Provider.#attributes.Name}",
        "computer": "{Event.System.Computer}",
        "level": "{Event.System.Level}",
        "task": "{Event.System.Task}",
        "opcode": "{Event.System.Opcode}",
        "keywords": "{Event.System.Keywords}",
        "record_id": "{Event.System.EventRecordID}",
        "user_sid": "{Event.System.Security.#attributes.UserID+}",
        "message": "{Event.RenderingInfo.Message+}",
    },
    data=_first("$.Event.EventData", "$.Event.UserData"),
    inside=("Event.EventData", "Event.UserData"),
)
WINLOGBEAT: Final = Shape(
    "winlogbeat",
    "{winlog.event_id} is not null",
    {
        "time": "hl_time(coalesce({@timestamp}, {event.created+}))",
        "channel": "{winlog.channel}",
        "event_id": "try_cast({winlog.event_id} as integer)",
        "provider": "{winlog.provider_name}",
        "computer": "coalesce({winlog.computer_name}, {host.name+})",
        "level": "{log.level+}",
        "task": "{winlog.task+}",
        "opcode": "{winlog.opcode+}",
        "keywords": "{winlog.keywords+}",
        "record_id": "{winlog.record_id}",
        "user_sid": "{winlog.user.identifier+}",
        "message": "{message+}",
    },
    data=_first("$.winlog.event_data", "$.winlog.user_data"),
    inside=("winlog.event_data", "winlog.user_data"),
)
WINLOGBEAT_6: Final = Shape(
    "winlogbeat_6",
    "{log_name} is not null and {event_id} is not null",
    {
        "time": "hl_time({@timestamp})",
        "channel": "{log_name}",
        "event_id": "try_cast({event_id} as integer)",
        "provider": "{source_name}",
        "computer": "{computer_name}",
        "level": "{level}",
        "task": "{task+}",
        "opcode": "{opcode+}",
        "keywords": "{keywords}",
        "record_id": "{record_number}",
        "user_sid": "{user.identifier+}",
        "message": "{message+}",
    },
    data=_first("$.event_data", "$.user_data"),
    inside=("event_data", "user_data"),
)
SENTINEL: Final = Shape(
    "sentinel",
    "{EventID} is not null and {Channel} is not null and {EventData} is not null and {TimeGenerated} is not null",
    {
        "time": "hl_time(coalesce({TimeCreated+}, {TimeGenerated+}))",
        "channel": "{Channel}",
        "event_id": "try_cast({EventID} as integer)",
        "provider": "coalesce({Provider}, {EventSourceName+})",
        "computer": "{Computer}",
        "level": "coalesce({EventLevel}, {Level+})",
        "task": "{Task+}",
        "opcode": "{Opcode+}",
        "keywords": "{Keywords}",
        "record_id": "{EventRecordId}",
        "user_sid": "{SystemUserId}",
        "message": "{RenderedDescription+}",
    },
    data="coalesce(case json_type(doc -> '$.EventData') when 'OBJECT' then doc -> '$.EventData' "
    "when 'VARCHAR' then try_cast(doc ->> '$.EventData' as JSON) end, '{}')::JSON",
    inside=("EventData",),
)
FLAT: Final = Shape(
    "flat",
    "{EventID} is not null and {Channel} is not null",
    {
        "time": "coalesce(hl_time({UtcTime}), hl_time({TimeCreated+}), "
        f"case when {{EventTime+}} like '%Z' then hl_time({{EventTime+}}) end, {_SHIFT}, hl_time({{@timestamp+}}))",
        "channel": "{Channel}",
        "event_id": "try_cast({EventID} as integer)",
        "provider": "coalesce({SourceName}, {ProviderName+}, {Provider+})",
        "computer": "coalesce({Hostname}, {HostName+}, {Computer+}, {host.name+}, {host+})",
        "level": "coalesce({Level}, case {SeverityValue+} when '1' then '5' when '2' then '4' when '3' then '3' "
        "when '4' then '2' when '5' then '1' end)",
        "task": "{Task+}",
        "opcode": "{Opcode+}",
        "keywords": "{Keywords}",
        "record_id": "coalesce({RecordNumber}, {EventRecordID+})",
        "user_sid": "{UserID}",
        "message": "{Message+}",
    },
)

SHAPES: Final = (EVTX, WINLOGBEAT, WINLOGBEAT_6, SENTINEL, FLAT)
