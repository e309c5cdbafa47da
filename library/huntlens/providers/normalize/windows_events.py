"""Windows event logs but Sysmon: the security log becomes `SecurityEvent`, all others `WindowsEvent` and `Event`.

`DeviceLogonEvents` is a view of the logons in `SecurityEvent`.

Column names are those of the Azure Monitor reference: learn.microsoft.com/azure/azure-monitor/reference/tables.
"""

from __future__ import annotations

from typing import Final

from huntlens.providers.mapping import Derived, Family, Mapping, Row, same
from huntlens.providers.windows_shapes import SHAPES

__all__ = ["FAMILY"]

_TARGET: Final = (
    "event_id in (4624, 4625, 4626, 4627, 4634, 4647, 4740, 4767, 4778, 4779, 4800, 4801, 4802, 4803) "
    "or event_id between 4768 and 4777"
)
_SUBJECT: Final = "hl_account({SubjectDomainName}, {SubjectUserName})"
_AIMED: Final = "hl_account({TargetDomainName}, {TargetUserName})"
_ACCOUNT: Final = f"case when {_TARGET} then coalesce({_AIMED}, {_SUBJECT}) else coalesce({_SUBJECT}, {_AIMED}) end"
_LOGON_TYPES: Final = (
    "case {LogonType} when '0' then '0 - System' when '2' then '2 - Interactive' when '3' then '3 - Network' "
    "when '4' then '4 - Batch' when '5' then '5 - Service' when '7' then '7 - Unlock' "
    "when '8' then '8 - NetworkCleartext' when '9' then '9 - NewCredentials' when '10' then '10 - RemoteInteractive' "
    "when '11' then '11 - CachedInteractive' when '12' then '12 - CachedRemoteInteractive' "
    "when '13' then '13 - CachedUnlock' end"
)
_LEVELS: Final = (
    "case level when '0' then 'LogAlways' when '1' then 'Critical' when '2' then 'Error' when '3' then 'Warning' "
    "when '4' then 'Information' when '5' then 'Verbose' else level end"
)

_NUMBERS: Final = ("AuditsDiscarded", "AuthenticationLevel", "ErrorCode", "ServiceStartType")

SECURITY_ROWS: Final = (
    Row("TimeGenerated", "datetime", "time"),
    Row("Computer", "string", "computer"),
    Row("EventID", "int", "event_id"),
    Row("Activity", "string", "event_id::VARCHAR || ' - ' || coalesce(regexp_extract(message, '^[^\\r\\n]+'), '')"),
    Row("Account", "string", _ACCOUNT),
    Row(
        "AccountType",
        "string",
        f"case when {_ACCOUNT} is null then null when {_ACCOUNT} like '%$' then 'Machine' else 'User' end",
    ),
    Row("SubjectAccount", "string", _SUBJECT),
    Row("TargetAccount", "string", _AIMED),
    Row("EventSourceName", "string", "provider"),
    Row("Channel", "string", "channel"),
    Row("Task", "int", "task"),
    Row("Level", "string", "level"),
    Row("EventRecordId", "string", "record_id"),
    Row("SystemUserId", "string", "user_sid"),
    Row("Process", "string", "hl_file(coalesce({NewProcessName}, {ProcessName}))"),
    Row("LogonType", "int", "{LogonType}"),
    Row("LogonTypeName", "string", _LOGON_TYPES),
    Row("KeyLength", "int", "{KeyLength}"),
    Row("IpAddress", "string", "hl_dash(coalesce({IpAddress}, {ClientAddress+}))"),
    Row("Type", "string", "'SecurityEvent'"),
    Row("SourceSystem", "string", "'OpsManager'"),
    *(Row(name, "int", f"hl_long({{{name}+}})") for name in _NUMBERS),
    *same(
        "AccessList AccessMask AccessReason AccountDomain AccountExpires AccountName AdditionalInfo AdditionalInfo2 "
        "AllowedToDelegateTo Attributes AuditPolicyChanges "
        "AuthenticationPackageName AuthenticationProvider AuthenticationServer AuthenticationType CallerProcessId "
        "CallerProcessName CategoryId ClassId ClassName ClientIPAddress ClientName CommandLine DeviceDescription "
        "DeviceId DisplayName Disposition DomainName DomainPolicyChanged DomainSid ElevatedToken "
        "FailureReason FileHash FilePath FilePathNoUser Filter ForceLogoff Fqbn GroupMembership GroupName HandleId "
        "HardwareIds HomeDirectory HomePath ImpersonationLevel InterfaceUuid IpPort LmPackageName LocationInformation "
        "LockoutDuration LockoutObservationWindow LockoutThreshold LoggingResult LogonGuid LogonHours LogonID "
        "LogonProcessName MachineAccountQuota MachineInventory MachineLogon MandatoryLabel MaxPasswordAge MemberName "
        "MemberSid MinPasswordAge MinPasswordLength MixedDomainMode NewDate NewMaxUsers NewProcessId NewProcessName "
        "NewRemark NewShareFlags NewTime NewUacValue NewValue NewValueType ObjectName ObjectServer ObjectType "
        "ObjectValueName OemInformation OldMaxUsers OldRemark OldShareFlags OldUacValue OldValue OldValueType "
        "OperationType PackageName ParentProcessName PasswordHistoryLength PasswordLastSet PasswordProperties "
        "PreviousDate PreviousTime PrimaryGroupId PrivilegeList ProcessId ProcessName ProfilePath Properties "
        "ProtocolSequence RelativeTargetName RemoteIpAddress RemotePort Requester RequestId RestrictedAdminMode "
        "RowsDeleted SamAccountName ScriptPath SecurityDescriptor ServiceAccount ServiceFileName ServiceName "
        "ServiceType SessionName ShareLocalPath ShareName SidHistory Status SubcategoryGuid "
        "SubcategoryId Subject SubjectDomainName SubjectKeyIdentifier SubjectLogonId SubjectMachineName "
        "SubjectMachineSID SubjectUserName SubjectUserSid SubStatus TableId TargetDomainName TargetInfo "
        "TargetLinkedLogonId TargetLogonGuid TargetLogonId TargetOutboundDomainName TargetOutboundUserName "
        "TargetServerName TargetSid TargetUser TargetUserName TargetUserSid TemplateContent TemplateDSObjectFQDN "
        "TemplateInternalName TemplateOID TokenElevationType TransmittedServices UserAccountControl UserParameters "
        "UserPrincipalName UserWorkstations VirtualAccount Workstation WorkstationName"
    ),
)

OTHER_ROWS: Final = (
    Row("TimeGenerated", "datetime", "time"),
    Row("TimeCreated", "datetime", "time"),
    Row("Provider", "string", "provider"),
    Row("Channel", "string", "channel"),
    Row("Computer", "string", "computer"),
    Row("EventID", "int", "event_id"),
    Row("EventLevel", "int", "level"),
    Row("EventLevelName", "string", _LEVELS),
    Row("Task", "int", "task"),
    Row("Opcode", "string", "opcode"),
    Row("Keywords", "string", "keywords"),
    Row("EventRecordId", "string", "record_id"),
    Row("SystemUserId", "string", "user_sid"),
    Row("EventData", "dynamic", "data_left"),
    Row("Message", "string", "message"),
    Row("Type", "string", "'WindowsEvent'"),
)

_EVENT_VIEW: Final = """
    select "TimeGenerated", "Provider" as "Source", "Channel" as "EventLog", "Computer", "EventLevel", "EventLevelName",
    "EventID", "Message" as "RenderedDescription", "Task" as "EventCategory", "SystemUserId" as "UserName",
    "EventData"::VARCHAR as "EventData", 'Event' as "Type" from "WindowsEvent"
"""

_LOGONS_VIEW: Final = """
    select "TimeGenerated", "TimeGenerated" as "Timestamp", hl_device("Computer") as "DeviceId",
    "Computer" as "DeviceName", case "EventID" when 4624 then 'LogonSuccess' else 'LogonFailed' end as "ActionType",
    regexp_replace("LogonTypeName", '^[0-9]+ - ', '') as "LogonType", hl_dash("TargetDomainName") as "AccountDomain",
    hl_dash("TargetUserName") as "AccountName", "TargetUserSid" as "AccountSid",
    "AuthenticationPackageName" as "Protocol", coalesce("SubStatus", "Status", "FailureReason") as "FailureReason",
    hl_long("TargetLogonId") as "LogonId", hl_dash("WorkstationName") as "RemoteDeviceName", "IpAddress" as "RemoteIP",
    hl_ip_type("IpAddress") as "RemoteIPType", try_cast("IpPort" as integer) as "RemotePort",
    hl_file(hl_dash("ProcessName")) as "InitiatingProcessFileName",
    hl_dash("ProcessName") as "InitiatingProcessFolderPath", hl_long("ProcessId") as "InitiatingProcessId",
    hl_dash("SubjectDomainName") as "InitiatingProcessAccountDomain",
    hl_dash("SubjectUserName") as "InitiatingProcessAccountName", "SubjectUserSid" as "InitiatingProcessAccountSid",
    try_cast("EventRecordId" as bigint) as "ReportId", "AdditionalFields", 'DeviceLogonEvents' as "Type"
    from "SecurityEvent" where "EventID" in (4624, 4625)
"""

FAMILY: Final = Family(
    name="windows_events",
    doc="Windows event logs of any channel",
    shapes=SHAPES,
    mappings=(
        Mapping("SecurityEvent", "lower(channel) = 'security'", SECURITY_ROWS),
        Mapping("WindowsEvent", "true", OTHER_ROWS),
    ),
    derived=(
        Derived("Event", "WindowsEvent", _EVENT_VIEW),
        Derived("DeviceLogonEvents", "SecurityEvent", _LOGONS_VIEW),
    ),
)
