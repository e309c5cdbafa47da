"""Entities out of rows and alerts, whose content is hostile: what cannot be read is left out, nothing is executed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from huntlens.entities import find
from huntlens.entities.unknown_entity import UnknownEntity
from huntlens.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from huntlens.entities.base import Entity

_MAX_DEPTH: Final = 6
_MAX_ENTITIES: Final = 10_000

# An entity and the columns that fill its attributes; the first column must have a value.
_ROWS: Final[tuple[tuple[str, dict[str, str]], ...]] = (
    ("Host", {"HostName": "Computer"}),
    ("Host", {"HostName": "DeviceName", "DeviceId": "DeviceId"}),
    ("Host", {"HostName": "RemoteDeviceName"}),
    ("Host", {"HostName": "DestinationHostName"}),
    ("Host", {"HostName": "SourceHostName"}),
    (
        "Account",
        {
            "Name": "SubjectUserName",
            "NTDomain": "SubjectDomainName",
            "Sid": "SubjectUserSid",
            "LogonId": "SubjectLogonId",
        },
    ),
    (
        "Account",
        {"Name": "TargetUserName", "NTDomain": "TargetDomainName", "Sid": "TargetUserSid", "LogonId": "TargetLogonId"},
    ),
    (
        "Account",
        {"Name": "AccountName", "NTDomain": "AccountDomain", "Sid": "AccountSid", "AadUserId": "AccountObjectId"},
    ),
    (
        "Account",
        {
            "Name": "InitiatingProcessAccountName",
            "NTDomain": "InitiatingProcessAccountDomain",
            "Sid": "InitiatingProcessAccountSid",
        },
    ),
    ("Account", {"Name": "UserPrincipalName", "AadUserId": "UserId", "DisplayName": "UserDisplayName"}),
    ("Account", {"Name": "AccountUpn"}),
    ("Account", {"Name": "Caller"}),
    *(
        ("IpAddress", {"Address": column})
        for column in (
            "IpAddress",
            "IPAddress",
            "RemoteIP",
            "LocalIP",
            "SourceIP",
            "DestinationIP",
            "ClientIP",
            "CallerIpAddress",
            "FileOriginIP",
            "SenderIPv4",
            "HostIP",
        )
    ),
    ("Process", {"ImageFile": "NewProcessName", "CommandLine": "CommandLine", "ProcessId": "NewProcessId"}),
    (
        "Process",
        {
            "CommandLine": "ProcessCommandLine",
            "ImageFile": "FolderPath",
            "ProcessId": "ProcessId",
            "CreationTimeUtc": "ProcessCreationTime",
        },
    ),
    (
        "Process",
        {
            "CommandLine": "InitiatingProcessCommandLine",
            "ImageFile": "InitiatingProcessFolderPath",
            "ProcessId": "InitiatingProcessId",
        },
    ),
    ("File", {"Name": "FileName", "Directory": "FolderPath", "Sha256": "SHA256", "Sha1": "SHA1", "Md5": "MD5"}),
    *(("Url", {"Url": column}) for column in ("RemoteUrl", "RequestURL", "Url", "FileOriginUrl")),
    ("Dns", {"DomainName": "DestinationDnsDomain"}),
    ("AzureResource", {"ResourceId": "ResourceId"}),
    ("RegistryKey", {"Key": "RegistryKey"}),
)

_TYPES: Final = {
    "ip": "IpAddress", "dnsresolution": "Dns", "dns": "Dns", "oauthapplication": "OAuthApplication",
    "iotdevice": "IoTDevice", "filehash": "FileHash", "azureresource": "AzureResource",
}  # fmt: skip


def from_row(row: Mapping[str, Any]) -> list[Entity]:
    """The entities that the columns of a row speak of, each once.

    >>> from_row({"Computer": "web01", "IpAddress": "not one", "TargetUserName": "bob"})
    [Host(HostName='web01'), Account(Name='bob')]
    """
    found: list[Entity] = []
    for name, columns in _ROWS:
        values = {attribute: _cell(row.get(column)) for attribute, column in columns.items()}
        if next(iter(values.values())) in (None, "", "-"):
            continue
        if name == "File" and str(values["Directory"] or "").lower().endswith(str(values["Name"]).lower()):
            values["FullPath"] = values.pop("Directory")  # Defender's FolderPath holds the name too
        entity = _made(name, values)
        if entity is not None and entity not in found:
            found.append(entity)
    return found


def from_rows(rows: Iterable[Mapping[str, Any]]) -> list[Entity]:
    """The entities of many rows, each once."""
    return list(dict.fromkeys(entity for row in rows for entity in from_row(row)))


def from_alert(alert: Mapping[str, Any] | str) -> list[Entity]:
    """The entities of an alert: of a row with the column `Entities`, or of the JSON text of that column.

    >>> from_alert('[{"$id": "1", "Type": "ip", "Address": "1.2.3.4"}, {"Type": "host", "HostName": "a"}]')
    [IpAddress(Address='1.2.3.4'), Host(HostName='a')]
    """
    content: Any = alert if isinstance(alert, str) else alert.get("Entities", alert.get("entities"))
    if isinstance(content, str):
        try:
            content = json.loads(content)
        except (ValueError, RecursionError):
            return []
    nodes = list(content)[:_MAX_ENTITIES] if isinstance(content, list) else []
    known = {str(node["$id"]): node for node in _dicts(nodes) if "$id" in node}
    found = (_entity(node, known, 0) for node in nodes if isinstance(node, Mapping))
    return list(dict.fromkeys(entity for entity in found if entity is not None))


def _dicts(nodes: Iterable[Any], depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """All mappings of a JSON value, the inner ones too."""
    for node in nodes:
        if isinstance(node, Mapping) and depth <= _MAX_DEPTH:
            yield node
            yield from _dicts(node.values(), depth + 1)
        elif isinstance(node, list) and depth <= _MAX_DEPTH:
            yield from _dicts(node, depth + 1)


def _entity(node: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]], depth: int) -> Entity | None:
    if "$ref" in node:
        node = known.get(str(node["$ref"]), {})
    kind = str(node.get("Type", node.get("type", ""))).lower().replace("-", "").replace("_", "")
    name = _TYPES.get(kind) or next((each for each in _names() if each.lower() == kind), "")
    cls = find(name) if name else None
    if cls is None:
        inner = {key: value for key, value in node.items() if key not in ("$id", "Type", "type")}
        return UnknownEntity(kind, json.dumps(inner, default=str)[:4096]) if kind else None
    given = {key.lower(): value for key, value in node.items()}
    values: dict[str, Any] = {}
    for item in cls.attributes():
        value = given.get(item.name.lower())
        if value in (None, "", [], {}):
            continue
        values[item.name] = _linked(value, known, depth) if item.entity else _cell(value)
    return _made(name, {key: value for key, value in values.items() if value is not None})


def _linked(value: Any, known: Mapping[str, Mapping[str, Any]], depth: int) -> Any:
    if depth >= _MAX_DEPTH:
        return None
    if isinstance(value, list):
        found = (_entity(node, known, depth + 1) for node in value if isinstance(node, Mapping))
        return tuple(entity for entity in found if entity is not None)
    return _entity(value, known, depth + 1) if isinstance(value, Mapping) else None


def _names() -> tuple[str, ...]:
    from huntlens.entities import names

    return names()


def _made(name: str, values: Mapping[str, Any]) -> Entity | None:
    """The entity, or None where the values are none of its kind."""
    cls = find(name)
    filled = {key: value for key, value in values.items() if value not in (None, "", "-")}
    if cls is None or not filled:
        return None
    try:
        made = cls.of(filled)
        hash(made)
    except (DataError, TypeError, AttributeError, ValueError):
        return None
    return made


def _cell(value: Any) -> Any:
    """A cell as an attribute holds it: lists become tuples of texts, NaN and empty ones nothing."""
    if isinstance(value, list | tuple | set):
        return tuple(str(item) for item in value)
    if isinstance(value, Mapping) or value is None or value != value:  # noqa: PLR0124  (NaN is not itself)
        return None
    return value if isinstance(value, str | int | float | bool) or hasattr(value, "isoformat") else str(value)
