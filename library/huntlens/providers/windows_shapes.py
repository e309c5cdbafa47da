"""How Windows events are laid out by those who write them as JSON; shared by the normalisers of Windows logs."""

from __future__ import annotations

from typing import Final

from huntlens.providers.mapping import Shape, without

_SHIFT: Final = (
    # NXLog writes local time without a zone; what it received and the UTC stamp of the same moment tell the offset.
    "hl_time({EventTime}) + coalesce(to_minutes((round(date_diff('second', hl_time({EventReceivedTime}), "
    "hl_time({@timestamp})) / 900.0) * 15)::BIGINT), to_minutes(0))"
)
_SYSTEM: Final = "Event.System."


def _first(*paths: str) -> str:
    """SQL for the first of some objects that is there."""
    found = ", ".join(f"nullif(doc -> '{path}', 'null')" for path in paths)
    return f"coalesce({found}, '{{}}')::JSON"


def _less(keys: str) -> str:
    """SQL for the document without some keys."""
    return without("doc", keys.split())


SHAPES: Final = (
    Shape(
        "evtx",
        "{Event.System.EventID} is not null",
        {
            "time": f"hl_time({{{_SYSTEM}TimeCreated.#attributes.SystemTime}})",
            "channel": f"{{{_SYSTEM}Channel}}",
            "event_id": f"coalesce(try_cast({{{_SYSTEM}EventID}} as integer), "
            f"try_cast({{{_SYSTEM}EventID.#text}} as integer))",
            "provider": f"{{{_SYSTEM}Provider.#attributes.Name}}",
            "computer": f"{{{_SYSTEM}Computer}}",
            "level": f"{{{_SYSTEM}Level}}",
            "task": f"{{{_SYSTEM}Task}}",
            "opcode": f"{{{_SYSTEM}Opcode}}",
            "keywords": f"{{{_SYSTEM}Keywords}}",
            "record_id": f"{{{_SYSTEM}EventRecordID}}",
            "user_sid": f"{{{_SYSTEM}Security.#attributes.UserID}}",
            "message": "{Event.RenderingInfo.Message}",
        },
        data=_first("$.Event.EventData", "$.Event.UserData"),
        rest="""json_object('Execution', doc -> '$.Event.System.Execution."#attributes"')""",
    ),
    Shape(
        "winlogbeat",
        "{winlog.event_id} is not null",
        {
            "time": "hl_time(coalesce({@timestamp}, {event.created}))",
            "channel": "{winlog.channel}",
            "event_id": "try_cast({winlog.event_id} as integer)",
            "provider": "{winlog.provider_name}",
            "computer": "coalesce({winlog.computer_name}, {host.name})",
            "level": "{log.level}",
            "task": "{winlog.task}",
            "opcode": "{winlog.opcode}",
            "keywords": "{winlog.keywords}",
            "record_id": "{winlog.record_id}",
            "user_sid": "{winlog.user.identifier}",
            "message": "{message}",
        },
        data=_first("$.winlog.event_data", "$.winlog.user_data"),
        rest=_less("winlog @timestamp"),
    ),
    Shape(
        "winlogbeat_6",
        "{log_name} is not null and {event_id} is not null",
        {
            "time": "hl_time({@timestamp})",
            "channel": "{log_name}",
            "event_id": "try_cast({event_id} as integer)",
            "provider": "{source_name}",
            "computer": "{computer_name}",
            "level": "{level}",
            "task": "{task}",
            "opcode": "{opcode}",
            "keywords": "{keywords}",
            "record_id": "{record_number}",
            "user_sid": "{user.identifier}",
            "message": "{message}",
        },
        data=_first("$.event_data", "$.user_data"),
        rest=_less(
            "event_data user_data @timestamp log_name event_id source_name computer_name level task opcode keywords "
            "record_number"
        ),
    ),
    Shape(
        "sentinel",
        "{EventID} is not null and {Channel} is not null and {EventData} is not null and {TimeGenerated} is not null",
        {
            "time": "hl_time(coalesce({TimeCreated}, {TimeGenerated}))",
            "channel": "{Channel}",
            "event_id": "try_cast({EventID} as integer)",
            "provider": "coalesce({Provider}, {EventSourceName})",
            "computer": "{Computer}",
            "level": "coalesce({EventLevel}, {Level})",
            "task": "{Task}",
            "opcode": "{Opcode}",
            "keywords": "{Keywords}",
            "record_id": "{EventRecordId}",
            "user_sid": "{SystemUserId}",
            "message": "{RenderedDescription}",
        },
        data="coalesce(case json_type(doc -> '$.EventData') when 'OBJECT' then doc -> '$.EventData' "
        "when 'VARCHAR' then try_cast(doc ->> '$.EventData' as JSON) end, '{}')::JSON",
        rest=_less(
            "EventData TimeGenerated Channel EventID Provider Computer EventLevel EventLevelName Task Type"
        ),
    ),
    Shape(
        "flat",
        "{EventID} is not null and {Channel} is not null",
        {
            "time": "coalesce(hl_time({UtcTime}), hl_time({TimeCreated}), "
            f"case when {{EventTime}} like '%Z' then hl_time({{EventTime}}) end, {_SHIFT}, hl_time({{@timestamp}}))",
            "channel": "{Channel}",
            "event_id": "try_cast({EventID} as integer)",
            "provider": "coalesce({SourceName}, {ProviderName}, {Provider})",
            "computer": "coalesce({Hostname}, {HostName}, {Computer}, {host.name}, {host})",
            "level": "coalesce({Level}, case {SeverityValue} when '1' then '5' when '2' then '4' when '3' then '3' "
            "when '4' then '2' when '5' then '1' end)",
            "task": "{Task}",
            "opcode": "{Opcode}",
            "keywords": "{Keywords}",
            "record_id": "coalesce({RecordNumber}, {EventRecordID})",
            "user_sid": "{UserID}",
            "message": "{Message}",
        },
        used=(
            "Channel", "EventID", "SourceName", "Hostname", "Level", "Task", "Opcode", "Keywords", "RecordNumber",
            "UserID", "Message", "EventTime", "TimeCreated", "UtcTime",
        ),
    ),
)  # fmt: skip
