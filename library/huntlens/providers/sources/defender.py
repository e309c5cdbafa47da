"""Defender XDR: advanced hunting through Microsoft Graph, which is the interface that stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from huntlens.http import RateLimit
from huntlens.kql.schema import shipped
from huntlens.providers.azure import Login
from huntlens.providers.json_tables import answer
from huntlens.providers.service import ask, client, interval

if TYPE_CHECKING:
    from huntlens.config import Secret
    from huntlens.kql.schema import Schema
    from huntlens.providers.source import Answer, Cancel, Request

__all__ = ["Defender"]

# learn.microsoft.com, "Quotas and usage parameters" of advanced hunting.
_MOST_ROWS: Final = 100_000
_CALLS_PER_MINUTE: Final = 45


class Defender:
    """Advanced hunting of a tenant: `QueryProvider("defender", tenant=..., client_id=..., client_secret=...)`.

    The application needs the permission ThreatHunting.Read.All. The service gives 100,000 rows of 30 days at most.
    """

    language = "kql"

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
        limit = RateLimit(_CALLS_PER_MINUTE, 60)
        self._http = client(host or graph, auth=login.bearer(f"{graph}/.default"), limit=limit)

    def schema(self) -> Schema:
        """The tables that are known; the service has no list of them."""
        return shipped()

    def run(self, request: Request, cancel: Cancel) -> Answer:
        """Send a KQL query."""
        body = {"Query": request.text}
        if request.timespan is not None:
            body["Timespan"] = interval(request.timespan)
        got = ask(self._http, "POST", "/v1.0/security/runHuntingQuery", cancel, text=request.text, json=body)
        columns = [(item["name"], item["type"]) for item in got["schema"]]
        rows = [[row.get(name) for name, _ in columns] for row in got["results"]]
        full = len(rows) >= _MOST_ROWS
        notes = (f"the service gives {_MOST_ROWS:,} rows at most; there may be more",) if full else ()
        return answer(columns, rows, limit=request.limit, notes=notes)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
