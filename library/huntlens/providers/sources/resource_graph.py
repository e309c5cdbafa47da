"""Azure Resource Graph: the resources of subscriptions, in its own part of KQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from huntlens.kql.schema import shipped
from huntlens.providers.azure import Login
from huntlens.providers.json_tables import answer
from huntlens.providers.service import Heard, ask, client

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.config import Secret
    from huntlens.kql.schema import Schema
    from huntlens.providers.source import Answer, Cancel, Request

__all__ = ["ResourceGraph"]

_PATH: Final = "/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01"
_PAGE: Final = 1_000
"""The most rows that one answer holds."""


class ResourceGraph:
    """The resources that a log-on may see, or those of some subscriptions: `QueryProvider("resource_graph")`."""

    language = "kql"

    def __init__(
        self,
        *,
        subscription: str | Sequence[str] = (),
        tenant: str = "",
        client_id: str = "",
        client_secret: Secret | str | None = None,
        token: Secret | str | None = None,
        credential: Any = None,
        cloud: str = "",
        host: str = "",
    ) -> None:
        self.subscriptions = [subscription] if isinstance(subscription, str) and subscription else list(subscription)
        login = Login(tenant, client_id, client_secret, token, credential, cloud)
        management = login.hosts().management
        self._http = client(host or management, auth=login.bearer(f"{management}/.default"))

    def schema(self) -> Schema:
        """The tables that are known; the service has no list of them."""
        return shipped()

    def run(self, request: Request, cancel: Cancel) -> Answer:
        """Send a query, and follow the pages of its answer as far as the limit."""
        rows: list[Any] = []
        columns: list[tuple[str, str]] = []
        options: dict[str, Any] = {"resultFormat": "table", "$top": _PAGE}
        heard = Heard(cancel)
        while not cancel.requested:
            body = {"query": request.text, "options": options}
            if self.subscriptions:
                body["subscriptions"] = self.subscriptions
            page = ask(self._http, "POST", _PATH, cancel, text=request.text, heard=heard, json=body)
            columns = [(item["name"], item["type"]) for item in page["data"]["columns"]]
            rows += page["data"]["rows"]
            heard(0, len(page["data"]["rows"]))
            following = page.get("$skipToken")
            if not following or (request.limit is not None and len(rows) > request.limit):
                break
            options = {**options, "$skipToken": following}
        return answer(columns, rows, limit=request.limit)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
