"""Every option once: its key, type, default and what it does.

File, environment variable, documentation, JSON schema and the editor's settings follow from this table.
`<name>` in a key stands for a name that the user chooses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

Type = Literal["string", "int", "real", "bool", "length", "path", "list"]


@dataclass(frozen=True, slots=True)
class Option:
    """One option.

    `secret` values are never shown; `values` are the words that it takes; `editor` says whether the editor offers it.
    """

    key: str
    type: Type
    doc: str
    default: Any = None
    values: tuple[str, ...] = ()
    secret: bool = False
    editor: bool = False

    @property
    def env(self) -> str:
        """The environment variable that sets it; for a key with `<name>`, the name in capitals stands there.

        >>> find("local.memory_limit").env
        'HUNTLENS_LOCAL_MEMORY_LIMIT'
        """
        return env_name(self.key)

    @property
    def pattern(self) -> re.Pattern[str]:
        """What keys it answers to."""
        return _pattern(self.key)


def env_name(key: str) -> str:
    """The environment variable for a key."""
    return "HUNTLENS_" + re.sub(r"\W+", "_", key).strip("_").upper()


@cache
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile(re.escape(key).replace("<name>", r"(?P<name>[^.]+)"))


OPTIONS: Final = (
    Option("timespan", "length", "Time range of queries that are given none, such as 7d", editor=True),
    Option("limit", "int", "Rows that a query gives at most", 100_000, editor=True),
    Option("timeout_s", "real", "Seconds after which a query is stopped"),
    Option("packs", "list", "Folders and files of query packs, beside those that are installed", (), editor=True),
    Option("local.data", "list", "Files, folders and globs that a local connection reads", (), editor=True),
    Option("local.memory_limit", "string", "Memory that the embedded engine may use before it spills to disk, as 4GB"),
    Option("local.threads", "int", "Threads of the embedded engine; 0 is one a core", 0),
    Option("local.on_error", "string", "What a broken line of JSON does", "raise", ("raise", "skip")),
    Option("local.archive.total_mb", "int", "Megabytes that an archive may unpack to", 20_000),
    Option("local.archive.ratio", "real", "Unpacked to packed size that an archive may have", 250.0),
    Option("local.archive.depth", "int", "Archives inside archives", 4),
    Option("local.archive.members", "int", "Files that an archive may hold", 20_000),
    Option("externaldata.web", "bool", "Whether externaldata may read files over https", default=False),
    Option("externaldata.hosts", "list", "Hosts that externaldata may read though their address is not public", ()),
    Option("externaldata.max_mb", "int", "Megabytes that a file of the web may have for externaldata", 100),
    Option("connections.<name>.environment", "string", "What is connected to, as local, sentinel, defender or splunk"),
    Option("connections.<name>.workspace", "string", "Id of the Log Analytics workspace"),
    Option("connections.<name>.workspaces", "list", "Further workspaces that the same queries read, ids or names", ()),
    Option("connections.<name>.tenant", "string", "Id of the Entra tenant"),
    Option("connections.<name>.subscription", "string", "Id of the Azure subscription"),
    Option("connections.<name>.resource_group", "string", "Resource group of the workspace"),
    Option("connections.<name>.workspace_name", "string", "Name of the workspace in its resource group"),
    Option("connections.<name>.cluster", "string", "Address of the Kusto cluster"),
    Option("connections.<name>.database", "string", "Database of the Kusto cluster"),
    Option("connections.<name>.host", "string", "Host of the service"),
    Option("connections.<name>.port", "int", "Port of the service"),
    Option("connections.<name>.scheme", "string", "https, or http on this machine", "https", ("https", "http")),
    Option("connections.<name>.verify", "bool", "Whether the certificate of the service is checked", default=True),
    Option("connections.<name>.user", "string", "Name to log on with"),
    Option("connections.<name>.password", "string", "Password to log on with", secret=True),
    Option("connections.<name>.token", "string", "Token to log on with", secret=True),
    Option("connections.<name>.client_id", "string", "Id of the application that logs on"),
    Option("connections.<name>.client_secret", "string", "Secret of the application that logs on", secret=True),
    Option("connections.<name>.limit", "int", "Rows that a query on this connection gives at most"),
    Option("connections.<name>.timespan", "length", "Time range of queries on this connection that are given none"),
    Option("connections.<name>.data", "list", "Files, folders and globs of a local connection", ()),
    Option("connections.<name>.default", "bool", "Whether this connection is meant where none is named", default=False),
    Option("azure.cloud", "string", "The Azure cloud", "global", ("global", "usgov", "china")),
    Option(
        "azure.auth",
        "list",
        "Ways to log on to Azure, tried in this order",
        ("env", "cli", "msi", "interactive"),
        ("env", "cli", "msi", "devicecode", "interactive", "vscode", "powershell", "clientsecret", "certificate"),
    ),
    Option("http.timeout_s", "real", "Seconds that a service may take to answer", 60.0),
    Option("http.proxy", "string", "Proxy for all services, as http://host:port"),
    Option("http.ca_bundle", "path", "File of certificates to trust"),
    Option("http.retries", "int", "How often a request is tried again", 3),
    Option("enrich.ti.<name>.key", "string", "Key of a threat intelligence service", secret=True),
    Option("enrich.ti.<name>.id", "string", "Name or id that belongs to the key of a threat intelligence service"),
    Option("enrich.ti.<name>.enabled", "bool", "Whether the service is asked where none is named", default=True),
    Option("enrich.geoip.database", "path", "A MaxMind database, in the place of the one that comes along"),
    Option("enrich.geoip.key", "string", "MaxMind licence key", secret=True),
    Option("mask.key", "string", "Key that masked values are made with; equal keys give equal masks", secret=True),
    Option(
        "editor.diagnostics", "bool", "Whether queries are checked while they are written", default=True, editor=True
    ),
    Option("editor.schema", "path", "A JSON file of tables and columns, beside those that are known", editor=True),
    Option("kernel.autoload", "bool", "Whether new kernels load the magics by themselves", default=False),
    Option("kernel.rows", "int", "Rows that a table shows", 1000),
    Option("cache", "path", "Folder of caches, in the place of the user's"),
)


def find(key: str) -> Option | None:
    """The option that answers to a key.

    >>> find("connections.prod.workspace").type
    'string'
    """
    return _exact().get(key) or next((option for option in OPTIONS if option.pattern.fullmatch(key)), None)


@cache
def _exact() -> dict[str, Option]:
    return {option.key: option for option in OPTIONS}


_JSON: Final[dict[Type, dict[str, Any]]] = {
    "string": {"type": "string"},
    "int": {"type": "integer"},
    "real": {"type": "number"},
    "bool": {"type": "boolean"},
    "length": {"type": "string", "pattern": r"^(\d+(\.\d+)?(ms|[smhdw]))+$"},
    "path": {"type": "string"},
    "list": {"type": "array", "items": {"type": "string"}},
}
_SECRET: Final = {
    "oneOf": [
        {"type": "string"},
        {"type": "object", "properties": {"env": {"type": "string"}}, "additionalProperties": False},
        {"type": "object", "properties": {"keyring": {"type": "string"}}, "additionalProperties": False},
        {"type": "object", "properties": {"file": {"type": "string"}}, "additionalProperties": False},
    ]
}


def json_schema() -> dict[str, Any]:
    """The JSON schema of a settings file."""
    root: dict[str, Any] = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "huntlens settings",
        "type": "object",
        "properties": {},
        "additionalProperties": False,
    }
    for option in OPTIONS:
        *outer, last = option.key.split(".")
        place = root
        for part in outer:
            empty = {"type": "object", "properties": {}, "additionalProperties": False}
            if part == "<name>":
                place["additionalProperties"] = place["additionalProperties"] or empty
                place = place["additionalProperties"]
            else:
                place = place["properties"].setdefault(part, empty)
        place["properties"][last] = _property(option)
    return root


def _property(option: Option) -> dict[str, Any]:
    """An option as JSON schema."""
    shape = dict(_SECRET if option.secret else _JSON[option.type])
    if option.values:
        shape = (
            {"type": "array", "items": {"enum": list(option.values)}}
            if option.type == "list"
            else {"enum": list(option.values)}
        )
    default = list(option.default) if isinstance(option.default, tuple) else option.default
    return {**shape, "description": option.doc, **({} if default is None else {"default": default})}
