"""Query files in MSTICPy's format, read as they are.

Their placeholders become typed parameters, so that a value cannot become query text; pieces of query text that were
parameters (`{table}`, `{query_project}`) are filled in with their defaults. What cannot be taken is an error with its
line.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from huntlens.catalog.model import EntityAttribute, Pack, Parameter, Query
from huntlens.catalog.nodes import Reader, block_text, is_null, line_of
from huntlens.catalog.placeholders import NotTakenError, fill, unescape
from huntlens.catalog.values import coerce
from huntlens.errors import ParameterError

if TYPE_CHECKING:
    from yaml import Node

ENVIRONMENTS: Final = {
    "loganalytics": "sentinel", "azuresentinel": "sentinel", "mssentinel": "sentinel", "mde": "defender",
    "mdatp": "defender", "m365d": "defender", "m365dgraph": "defender", "kusto": "kusto", "azuredataexplorer": "kusto",
    "resourcegraph": "resource_graph", "splunk": "splunk", "securitygraph": "graph", "msgraph": "graph",
    "sumologic": "sumologic", "openobserve": "openobserve",
}  # fmt: skip
_LANGUAGES: Final = {"splunk": "spl", "graph": "odata", "sumologic": "sumo", "openobserve": "sql"}
_TYPES: Final = {
    "str": "string",
    "int": "long",
    "float": "real",
    "list": "string[]",
    "datetime": "datetime",
    "bool": "bool",
}

# The entity attribute that a parameter of this name takes.
ENTITIES: Final = {
    "account_name": "Account.Name", "user": "Account.Name", "host_name": "Host.HostName", "hostname": "Host.HostName",
    "process_name": "Process.ProcessName", "process_id": "Process.ProcessId", "commandline": "Process.CommandLine",
    "cmd_line": "Process.CommandLine", "logon_session_id": "HostLogonSession.SessionId",
    "ip_address": "IpAddress.Address",
    "ip_address_list": "IpAddress.Address", "source_ip_list": "IpAddress.Address", "domain": "Dns.DomainName",
    "domain_list": "Dns.DomainName", "url": "Url.Url", "url_list": "Url.Url", "file_hash": "File.file_hash",
    "file_hash_list": "File.file_hash", "resource_id": "AzureResource.ResourceId",
}  # fmt: skip
_TIMEFORMAT: Final = re.compile(r"\btimeformat\s*=\s*(?:\"[^\"]*\"|\S+)\s*")


def is_msticpy(keys: set[str]) -> bool:
    """Whether a file with these keys is one of MSTICPy's."""
    return {"metadata", "sources"} <= keys


def load_msticpy(text: str, path: str) -> Pack:
    """The pack that a query file of MSTICPy stands for."""
    return _MsticpyReader(text, path).pack()


class _MsticpyReader(Reader):
    def __init__(self, text: str, path: str) -> None:
        super().__init__(path)
        self.source, self.lines = text, text.splitlines()

    def pack(self) -> Pack:
        root = self.mapping(self.root(self.source), "the file")
        metadata = self.mapping(root.get("metadata"), "metadata")
        defaults = self.mapping(root.get("defaults"), "defaults")
        description = self.text(metadata.get("description"), "description")
        environments = self._environments(metadata)
        queries: dict[str, Query] = {}
        for name, node in self.mapping(root.get("sources"), "sources").items():
            for query in self._queries(name, node, metadata, defaults):
                queries[query.id] = query
        name = path_stem(self.path)
        return Pack(name, description, environments, tuple(queries.values()), self.path, tuple(self.errors))

    def _environments(self, metadata: dict[str, Node]) -> tuple[str, ...]:
        named = self.texts(metadata.get("data_environments"), "data_environments")
        found = (ENVIRONMENTS.get(name.lower().replace("_", "")) for name in named)
        return tuple(dict.fromkeys(name for name in found if name is not None))

    def _queries(self, name: str, node: Node, metadata: dict[str, Node], defaults: dict[str, Node]) -> list[Query]:
        keys = self.mapping(node, f"source '{name}'")
        merged = {
            **metadata,
            **self.mapping(defaults.get("metadata"), "metadata"),
            **self.mapping(keys.get("metadata"), "metadata"),
        }
        environments = self._environments(merged)
        if not environments:
            self.fail(f"'{name}' is for an environment that has no language here", self.key_line(node))
            return []
        language = _LANGUAGES.get(environments[0], "kql")
        query_node = self.mapping(keys.get("args"), "args").get("query")
        text = self.text(query_node, "args.query").strip()
        if query_node is None or not text:
            self.fail(f"'{name}' has no args.query", self.key_line(node))
            return []
        text = self._macros(text, keys, defaults)
        try:
            query = self._query(name, text, language, keys, defaults)
        except NotTakenError as error:
            self.fail(f"'{name}' cannot be taken: {error}", self.key_line(node))
            return []
        text_line, indent = block_text(query_node, self.lines)
        query = replace(
            query,
            environments=environments,
            tags=self.texts(merged.get("tags"), "tags"),
            line=self.key_line(node),
            text_line=text_line,
            text_indent=indent,
        )
        families = self.texts(merged.get("data_families"), "data_families") or (path_stem(self.path),)
        return [replace(query, id=f"{family}.{name}") for family in families]

    def _query(self, name: str, text: str, language: str, keys: dict[str, Node], defaults: dict[str, Node]) -> Query:
        nodes = {
            **self.mapping(defaults.get("parameters"), "parameters"),
            **self.mapping(keys.get("parameters"), "parameters"),
        }
        parameters = {key: self._parameter(key, node) for key, node in nodes.items()}
        fragments = {
            key: self.text(self.mapping(node, key).get("default"), "default")
            for key, node in nodes.items()
            if not parameters[key].required and not parameters[key].is_list
        }
        if language == "spl":
            text = _TIMEFORMAT.sub("", text)
        filled = fill(text, {key: item.type for key, item in parameters.items()}, fragments, language)
        for key in filled.lists:
            parameters[key] = replace(parameters[key], type="string[]")
        used = tuple(item for key, item in parameters.items() if key in filled.used)
        return Query(
            id=name,
            text=(_lines(filled.text) if language == "kql" else filled.text).rstrip(),
            language=language,
            summary=" ".join(self.text(keys.get("description"), "description").split()),
            parameters=tuple(replace(item, wildcards=language in ("spl", "sumo")) for item in used),
            tables=tuple(fragments[key] for key in ("table",) if key in fragments and fragments[key].isidentifier()),
            pack=path_stem(self.path),
            path=self.path,
        )

    def _parameter(self, name: str, node: Node) -> Parameter:
        keys = self.mapping(node, f"parameter '{name}'")
        kind = _TYPES.get(self.text(keys.get("type"), "type", "str"), "string")
        entity = ENTITIES.get(name)
        parameter = Parameter(
            name,
            "string[]" if kind == "string" and name.endswith("_list") else kind,
            " ".join(self.text(keys.get("description"), "description").split()),
            entity=EntityAttribute(*entity.split(".")) if entity else None,
            line=line_of(node),
        )
        default = keys.get("default")
        if default is None or is_null(default):
            known = {"start": "-1d", "end": "now"}
            return replace(parameter, default=known[name], required=False) if name in known else parameter
        value = self.value(default)
        if parameter.is_list and isinstance(value, str):
            value = [part.strip(" '\"") for part in value.split(",") if part.strip()]
        try:
            coerce(parameter, value)
        except ParameterError:
            self.fail(f"the default of '{name}' is no {kind}", default)
            return parameter
        if isinstance(value, str):
            value = unescape(value)  # it stood between the quotes of a literal
        return replace(parameter, default=value, required=False)

    def _macros(self, text: str, keys: dict[str, Node], defaults: dict[str, Node]) -> str:
        for source in (keys.get("query_macros"), defaults.get("query_macros")):
            for name, node in self.mapping(source, "query_macros").items():
                value = self.text(self.mapping(node, f"macro '{name}'").get("value"), "value")
                text = text.replace(f"$<{name}>$", value)
        return text


def _lines(text: str) -> str:
    """One line for each operator: folded YAML puts a whole query on one."""
    if text.count("\n") > 1 or "//" in text:
        return text
    return re.sub(r"[ \t]+\| (?=[a-z])", "\n| ", text)


def path_stem(path: str) -> str:
    """The name of a file without folders and ending."""
    return re.split(r"[\\/!]", path)[-1].rpartition(".")[0] or path
