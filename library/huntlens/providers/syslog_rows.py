"""Rows for syslog that was exported from a workspace; shared by the normalisers of what is sent through syslog."""

from __future__ import annotations

from typing import Final

from huntlens.providers.mapping import Row, same

SYSLOG_EXPORTED: Final = (
    Row("TimeGenerated", "datetime", "hl_time({TimeGenerated})"),
    Row("EventTime", "datetime", "hl_time({EventTime})"),
    Row("ProcessID", "int", "{ProcessID}"),
    *same("Computer Facility HostName SeverityLevel SyslogMessage HostIP ProcessName MG SourceSystem"),
    *same("TenantId _ResourceId"),
    Row("Type", "string", "coalesce({Type}, 'Syslog')"),
)
