"""Any service that speaks OData."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.errors import ConfigError
from huntlens.kql.schema import Schema
from huntlens.providers import odata
from huntlens.providers.service import client

if TYPE_CHECKING:
    from huntlens.config import Secret
    from huntlens.providers.source import Answer, Cancel, Request

__all__ = ["OData"]


class OData:
    """A service by its address: `QueryProvider("odata", host="https://api.example.test/v1/")`.

    A query is a resource with options: `alerts?$filter=severity eq 'high'`.
    """

    language = "odata"

    def __init__(self, *, host: str = "", token: Secret | str | None = None) -> None:
        if not host:
            raise ConfigError("an OData connection needs the address of its service as host")
        self._token = token
        self._http = client(host, auth=self._headers)

    def schema(self) -> Schema:
        """Nothing is known of the resources before they are asked for."""
        return Schema(strict=False)

    def run(self, request: Request, cancel: Cancel) -> Answer:
        """Ask for a resource."""
        return odata.run(self._http, request, cancel)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _headers(self) -> dict[str, str]:
        if self._token is None:
            return {}
        return {"Authorization": f"Bearer {self._token if isinstance(self._token, str) else self._token.reveal()}"}
