"""Microsoft Sentinel: the tables of Log Analytics workspaces, through azure-monitor-query."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.core.pipeline.transport import RequestsTransport
from azure.core.rest import HttpRequest
from azure.monitor.query import LogsQueryClient

from huntlens.config import Settings
from huntlens.errors import ConfigError, ConnectionFailedError
from huntlens.http import AnswerError, session
from huntlens.kql.schema import ColumnSchema, FunctionSchema, Schema, TableSchema
from huntlens.providers.azure import Login
from huntlens.providers.json_tables import answer, kql_type
from huntlens.providers.service import LONGEST_S, Heard, in_query, interval
from huntlens.providers.source import Cancel
from huntlens.sockets import Connections

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from huntlens.config import Secret
    from huntlens.providers.source import Answer, Request

__all__ = ["Sentinel"]

_LONGEST_S: Final = 600
"""The longest that the service lets a query run."""


class Sentinel:
    """One workspace or several at once: `QueryProvider("sentinel", workspace="...")`.

    `workspace` is the id of the workspace; `workspaces` are further ones, ids or full names, that the same query
    reads. Where a workspace is known by name only, `subscription`, `resource_group` and `workspace_name` say which.
    """

    language = "kql"

    def __init__(
        self,
        *,
        workspace: str = "",
        workspaces: Sequence[str] = (),
        subscription: str = "",
        resource_group: str = "",
        workspace_name: str = "",
        tenant: str = "",
        client_id: str = "",
        client_secret: Secret | str | None = None,
        token: Secret | str | None = None,
        credential: Any = None,
        cloud: str = "",
        host: str = "",
    ) -> None:
        self.path = _path(workspace, subscription, resource_group, workspace_name)
        self.workspaces = list(workspaces)
        login = Login(tenant, client_id, client_secret, token, credential, cloud)
        logs = login.hosts().logs
        settings = Settings.load()
        self._https = not host.startswith("http://")
        self._connections = Connections()
        self._session = session(self._connections.adapter(0))
        proxy = settings.get("http.proxy")
        self._client = LogsQueryClient(
            login.tokens(),
            endpoint=host or logs,
            audience=logs,
            transport=RequestsTransport(session=self._session, session_owner=False),
            connection_verify=settings.get("http.ca_bundle") or True,
            connection_data_block_size=1 << 14,
            read_timeout=LONGEST_S,
            proxies={"http": proxy, "https": proxy} if proxy else None,
            retry_total=settings.get("http.retries"),
            retry_connect=0,  # a stop breaks the connection, which is not to be tried again
            retry_read=0,
        )
        self._schema: Schema | None = None

    def schema(self) -> Schema:
        """The tables and functions of the workspace, asked for once."""
        if self._schema is None:
            self._schema = _schema(self._ask(HttpRequest("GET", f"{self.path}/metadata"), Cancel(), ""))
        return self._schema

    def run(self, request: Request, cancel: Cancel) -> Answer:
        """Send a KQL query."""
        body: dict[str, Any] = {"query": request.text}
        if request.timespan is not None:
            body["timespan"] = interval(request.timespan)
        if self.workspaces:
            body["workspaces"] = self.workspaces
        wait_s = int(min(request.timeout_s or _LONGEST_S, _LONGEST_S))
        headers = {"Prefer": f"wait={max(wait_s, 1)},include-render=true"}
        with cancel.hook(self._connections.stop):
            got = self._ask(HttpRequest("POST", f"{self.path}/query", json=body, headers=headers), cancel, request.text)
        return _answer(got, request.limit)

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _ask(self, asked: HttpRequest, cancel: Cancel, text: str) -> Any:
        heard, pieces = Heard(cancel), []
        try:
            answered = self._client.send_request(asked, stream=True, enforce_https=self._https)
            for piece in answered.iter_bytes():
                pieces.append(piece)
                heard(len(piece))
        except ClientAuthenticationError as error:
            raise ConnectionFailedError(f"Azure did not log you on: {_line(error)}; see azure.auth") from None
        except AzureError as error:
            raise ConnectionFailedError(f"Log Analytics cannot be reached: {_line(error)}") from None
        try:
            body = json.loads(b"".join(pieces))
        except ValueError:
            body = None
        if answered.status_code >= 400 or not isinstance(body, dict):
            raise in_query(_failed(answered.status_code, answered.reason, body), text)
        return body


def _path(workspace: str, subscription: str, resource_group: str, name: str) -> str:
    if workspace:
        return f"/workspaces/{workspace}"
    if subscription and resource_group and name:
        return (
            f"/subscriptions/{subscription}/resourceGroups/{resource_group}"
            f"/providers/Microsoft.OperationalInsights/workspaces/{name}"
        )
    raise ConfigError(
        "a Sentinel connection needs the id of its workspace, or subscription, resource_group and workspace_name"
    )


def _answer(got: Mapping[str, Any], limit: int | None) -> Answer:
    tables = got.get("tables") or []
    if not tables:
        raise ConnectionFailedError("Log Analytics sent no table")
    notes = tuple(f"not complete: {item}" for item in _partial(got.get("error")))
    picture = dict(got.get("render") or {})
    kind = picture.pop("visualization", None)
    options = {name: value for name, value in picture.items() if value not in (None, "")}
    columns = [(item["name"], item["type"]) for item in tables[0]["columns"]]
    return answer(columns, tables[0]["rows"], limit=limit, render=(str(kind), options) if kind else None, notes=notes)


def _partial(error: Any) -> list[str]:
    """Why an answer is not complete."""
    if not isinstance(error, dict):
        return []
    inner = [item.get("innererror", item) for item in error.get("details", ()) if isinstance(item, dict)]
    return [str(item.get("message", "")) for item in inner] or [str(error.get("message", "an error"))]


def _failed(status: int, reason: str, body: Any) -> AnswerError:
    error = body.get("error", {}) if isinstance(body, dict) else {}
    told = f": {str(error.get('message', ''))[:300]}" if isinstance(error, dict) and error.get("message") else ""
    return AnswerError(f"Log Analytics answers {status} {reason}{told}", status, body)


def _line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:300]


def _schema(content: Mapping[str, Any]) -> Schema:
    tables = {
        item["name"]: TableSchema(
            item["name"],
            tuple(
                ColumnSchema(column["name"], kql_type(column["type"]), column.get("description") or "")
                for column in item.get("columns", ())
            ),
            item.get("description") or "",
        )
        for item in content.get("tables", ())
    }
    functions = {
        item["name"]: FunctionSchema(
            item["name"], f"({item.get('parameters') or ''})", item.get("body") or "", item.get("description") or ""
        )
        for item in content.get("functions", ())
    }
    return Schema(tables=tables, functions=functions)
