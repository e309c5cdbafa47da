"""Settings files of MSTICPy, read as they are: what we have an option for is taken, the rest is left alone.

Sections and keys: msticpy.readthedocs.io, "MSTICPy Package Configuration".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

MSTICPY_FILE: Final = "msticpyconfig.yaml"

_WORKSPACE: Final = {
    "WorkspaceId": "workspace", "TenantId": "tenant", "SubscriptionId": "subscription",
    "ResourceGroup": "resource_group", "WorkspaceName": "workspace_name",
}  # fmt: skip
_PROVIDER: Final = {
    "TenantId": "tenant", "ClientId": "client_id", "ClientSecret": "client_secret", "Cluster": "cluster",
    "Database": "database", "host": "host", "port": "port", "username": "user", "password": "password",
    "bearer_token": "token", "splunkToken": "token",
}  # fmt: skip
_ENVIRONMENTS: Final = {
    "microsoftdefender": "defender", "m365d": "defender", "mde": "defender", "microsoftgraph": "graph",
    "splunk": "splunk", "kusto": "kusto", "mssentinel": "sentinel", "azuresentinel": "sentinel", "sumologic": "sumo",
}  # fmt: skip
_CLOUDS: Final = {"global": "global", "usgov": "usgov", "cn": "china"}


def translate(content: object) -> dict[str, Any]:
    """Our keys and values for the content of a settings file of MSTICPy.

    >>> translate({"Azure": {"cloud": "cn"}})
    {'azure.cloud': 'china'}
    """
    if not isinstance(content, Mapping):
        return {}
    return {
        **_workspaces(_below(content, "AzureSentinel", "Workspaces") or _below(content, "MSSentinel", "Workspaces")),
        **_providers(_below(content, "DataProviders")),
        **_services(_below(content, "TIProviders")),
        **_rest(content),
    }


def _below(content: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    found: Any = content
    for part in path:
        found = found.get(part) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _workspaces(workspaces: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, values in workspaces.items():
        base = f"connections.{name.lower()}"
        found[f"{base}.environment"] = "sentinel"
        found |= {f"{base}.{ours}": values[key] for key, ours in _WORKSPACE.items() if values.get(key)}
        if name == "Default":
            found[f"{base}.default"] = True
    return found


def _providers(providers: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, values in providers.items():
        kind, _, instance = name.partition("-")
        environment = _ENVIRONMENTS.get(kind.lower())
        arguments = _below(values, "Args") if isinstance(values, Mapping) else {}
        if environment is not None:
            base = f"connections.{(instance or environment).lower()}"
            found[f"{base}.environment"] = environment
            found |= {
                f"{base}.{ours}": arguments[key] for key, ours in _PROVIDER.items() if _is_set(arguments.get(key))
            }
    return found


def _services(services: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, values in services.items():
        base, arguments = f"enrich.ti.{name.lower()}", _below(values, "Args")
        if _is_set(arguments.get("AuthKey")):
            found[f"{base}.key"] = arguments["AuthKey"]
        if isinstance(arguments.get("ApiID"), str):
            found[f"{base}.id"] = arguments["ApiID"]
        if isinstance(values.get("Primary"), bool):
            found[f"{base}.enabled"] = values["Primary"]
    return found


def _is_set(value: Any) -> bool:
    """Whether a value can be used; Key Vault references are not read here."""
    if isinstance(value, Mapping):
        return set(value) == {"EnvironmentVar"}
    return bool(value) and value != "[PLACEHOLDER]"


def _rest(content: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    azure, package = _below(content, "Azure"), _below(content, "msticpy")
    if azure.get("cloud") in _CLOUDS:
        found["azure.cloud"] = _CLOUDS[azure["cloud"]]
    if isinstance(azure.get("auth_methods"), list):
        found["azure.auth"] = azure["auth_methods"]
    packs = _below(content, "QueryDefinitions").get("Custom") or _below(package, "QueryDefinitions").get("Custom")
    if isinstance(packs, list):
        found["packs"] = packs
    if isinstance(package.get("http_timeout"), int | float):
        found["http.timeout_s"] = package["http_timeout"]
    return found
