"""Analytics and hunting rules as the Sentinel repositories keep them: one YAML file a rule.

A rule has no parameters; its entity mappings tell which result columns hold entities.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from huntlens.catalog.importers.msticpy import path_stem
from huntlens.catalog.model import Pack, Query
from huntlens.catalog.nodes import Reader, block_text, line_of

if TYPE_CHECKING:
    from yaml import Node

_SLUG: Final = re.compile(r"[^a-z0-9]+")
_ENTITIES: Final = {
    "ip": "IpAddress", "url": "Url", "dns": "Dns", "dnsresolution": "Dns", "filehash": "FileHash", "host": "Host",
    "account": "Account", "process": "Process", "file": "File", "azureresource": "AzureResource",
    "cloudapplication": "CloudApplication", "mailbox": "Mailbox", "mailmessage": "MailMessage",
    "registrykey": "RegistryKey", "registryvalue": "RegistryValue", "malware": "Malware",
    "securitygroup": "SecurityGroup", "mailcluster": "MailCluster", "submissionmail": "SubmissionMail",
    "iotdevice": "IoTDevice",
}  # fmt: skip
_IDENTIFIERS: Final = {
    "Account.FullName": "Name", "Host.FullName": "HostName", "Host.NetBiosName": "HostName",
}  # fmt: skip
_SECONDARY: Final = frozenset({"UPNSuffix", "NTDomain", "DnsDomain", "Algorithm", "CreationTimeUtc", "Directory"})
"""Identifiers that tell nothing on their own; an entity is found by another one."""
_DEFENDER: Final = re.compile(r"\b(?:Device|Email|Identity|CloudApp|Alert(?:Info|Evidence)|UrlClick)\w*")


def is_sentinel_rule(keys: set[str]) -> bool:
    """Whether a file with these keys is a rule."""
    return {"id", "name", "query"} <= keys


def load_sentinel_rule(text: str, path: str) -> Pack:
    """The pack of one query that a rule file stands for."""
    return _RuleReader(text, path).pack()


class _RuleReader(Reader):
    def __init__(self, text: str, path: str) -> None:
        super().__init__(path)
        self.source, self.lines = text, text.splitlines()

    def pack(self) -> Pack:
        keys = self.mapping(self.root(self.source), "the file")
        name = " ".join(self.text(keys.get("name"), "name").split())
        node = keys.get("query")
        text = self.text(node, "query").strip("\n")
        if node is None or not text.strip():
            self.fail("a rule has a query", 1)
            return Pack(path_stem(self.path), path=self.path, errors=tuple(self.errors))
        text_line, indent = block_text(node, self.lines)
        query = Query(
            id=f"rules.{slug(folder_of(self.path))}.{slug(path_stem(self.path))}",
            text=text,
            summary=name or path_stem(self.path),
            description=self.text(keys.get("description"), "description").strip().strip("'").strip(),
            columns={},
            tables=self._tables(keys.get("requiredDataConnectors")),
            techniques=tuple(
                t for t in self.texts(keys.get("relevantTechniques"), "relevantTechniques") if t[:1] == "T"
            ),
            tags=tuple(t.lower() for t in self.texts(keys.get("tactics"), "tactics")),
            entity_columns=self._entities(keys.get("entityMappings")),
            environments=("defender", "sentinel", "local") if _DEFENDER.search(text) else ("sentinel", "local"),
            aliases=(self.text(keys.get("id"), "id"),),
            pack=path_stem(self.path),
            path=self.path,
            line=line_of(keys["name"]) if "name" in keys else 1,
            text_line=text_line,
            text_indent=indent,
        )
        return Pack(path_stem(self.path), name, query.environments, (query,), self.path, tuple(self.errors))

    def _tables(self, node: Node | None) -> tuple[str, ...]:
        found: list[str] = []
        for item in self.items(node, "requiredDataConnectors"):
            types = self.texts(self.mapping(item, "a connector").get("dataTypes"), "dataTypes")
            found += [kind.split("(")[0].strip() for kind in types]
        return tuple(dict.fromkeys(name for name in found if name.isidentifier()))

    def _entities(self, node: Node | None) -> dict[str, str]:
        """Result column to entity attribute, as the rule maps them."""
        found = {}
        for item in self.items(node, "entityMappings"):
            mapping = self.mapping(item, "a mapping")
            kind = self.text(mapping.get("entityType"), "entityType").lower().replace("-", "")
            for field in self.items(mapping.get("fieldMappings"), "fieldMappings"):
                keys = self.mapping(field, "a field mapping")
                identifier = self.text(keys.get("identifier"), "identifier")
                column = self.text(keys.get("columnName"), "columnName")
                if kind in _ENTITIES and column:
                    name = f"{_ENTITIES[kind]}.{identifier}"
                    found[column] = f"{_ENTITIES[kind]}.{_IDENTIFIERS.get(name, identifier)}"
        return dict(sorted(found.items(), key=lambda item: item[1].rpartition(".")[2] in _SECONDARY))


def slug(text: str) -> str:
    """A text as a part of a query id.

    >>> slug("Rare RDP Connections (v2)")
    'rare_rdp_connections_v2'
    """
    return _SLUG.sub("_", text.lower()).strip("_") or "unnamed"


def folder_of(path: str) -> str:
    """The name of the folder that a file is in."""
    parts = [part for part in re.split(r"[\\/!]", path) if part]
    return parts[-2] if len(parts) > 1 else "files"
