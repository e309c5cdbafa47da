"""Microsoft Graph: security alerts, and every other resource that a log-on may read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from huntlens.kql.schema import Schema
from huntlens.providers import odata
from huntlens.providers.azure import Login
from huntlens.providers.service import client

if TYPE_CHECKING:
    from huntlens.config import Secret
    from huntlens.providers.source import Answer, Cancel, Request

__all__ = ["Graph"]

_ALERTS: Final = "security/alerts_v2"


class Graph:
    """Resources of Microsoft Graph: `QueryProvider("graph", tenant=..., client_id=..., client_secret=...)`.

    A query is a resource with OData options; options alone are about security alerts.
    """

    language = "odata"

    def __init__(
        self,
        *,
        tenant: str = "",
        client_id: str = "",
        client_secret: Secret | str | None = None,
        token: Secret | str | None = None,
        credential: Any = None,
        cloud: str = "",
        host: str = "",
    ) -> None:
        login = Login(tenant, client_id, client_secret, token, credential, cloud)
        graph = login.hosts().graph
        self._http = client(f"{host or graph}/v1.0/", auth=login.bearer(f"{graph}/.default"))

    def schema(self) -> Schema:
        """Nothing is known of the resources before they are asked for."""
        return Schema(strict=False)

    def run(self, request: Request, cancel: Cancel) -> Answer:
        """Ask for a resource."""
        return odata.run(self._http, request, cancel, _ALERTS)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
