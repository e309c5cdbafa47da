"""Azure Data Explorer, and what speaks its protocol: Fabric, the emulator, Log Analytics through its proxy."""

from __future__ import annotations

import json
import uuid
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from huntlens.errors import ConfigError, ConnectionFailedError
from huntlens.kql.parse import parse
from huntlens.kql.schema import ColumnSchema, FunctionSchema, Schema, TableSchema
from huntlens.providers.azure import Login
from huntlens.providers.json_tables import answer, kql_type
from huntlens.providers.service import ask, client
from huntlens.providers.source import TIME_COLUMNS, Cancel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from huntlens.config import Secret
    from huntlens.providers.source import Answer, Request

__all__ = ["Kusto"]

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST_S: Final = 3_600
"""The longest that a cluster lets a query run."""


class Kusto:
    """A database of a cluster: `QueryProvider("kusto", cluster="https://help.kusto.windows.net", database="Samples")`.

    A stop ends the query on the cluster too. Queries are sent as read-only.
    """

    language = "kql"

    def __init__(
        self,
        *,
        cluster: str = "",
        database: str = "",
        tenant: str = "",
        client_id: str = "",
        client_secret: Secret | str | None = None,
        token: Secret | str | None = None,
        credential: Any = None,
        cloud: str = "",
    ) -> None:
        if not (cluster and database):
            raise ConfigError("a Kusto connection needs the address of its cluster and the name of its database")
        self.cluster = cluster if "://" in cluster else f"https://{cluster}"
        self.database = database
        login = Login(tenant, client_id, client_secret, token, credential, cloud)
        self._http = client(self.cluster, auth=_auth(self.cluster, login))
        self._schema: Schema | None = None

    def schema(self) -> Schema:
        """The tables and functions of the database, asked for once."""
        if self._schema is None:
            name = self.database.replace("\\", "\\\\").replace("'", "\\'")
            rows = self._command(f".show database ['{name}'] schema as json")
            self._schema = _schema(json.loads(str(rows[0][0])))
        return self._schema

    def run(self, request: Request, cancel: Cancel) -> Answer:
        """Send a KQL query; every result of a text that has several comes back."""
        own_id = f"huntlens;{uuid.uuid4()}"
        options, notes = self._options(request)
        body = {"db": self.database, "csl": request.text, "properties": {"Options": options}}
        headers = {"x-ms-client-request-id": own_id, "x-ms-app": "huntlens"}
        with cancel.hook(_once(lambda: self._end(own_id))):
            frames = ask(self._http, "POST", "/v2/rest/query", cancel, text=request.text, json=body, headers=headers)
        return _answer(frames, request.limit, notes)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _options(self, request: Request) -> tuple[dict[str, Any], tuple[str, ...]]:
        options: dict[str, Any] = {"request_readonly": True, "results_progressive_enabled": False}
        if request.limit is not None:
            options["query_take_max_records"] = request.limit + 1
        if request.timeout_s is not None:
            options["servertimeout"] = _clock(min(request.timeout_s, _LONGEST_S))
        if request.timespan is None:
            return options, ()
        column = self._time_column(request.text)
        if not column:
            return options, (f"the time range is not applied: no table here has {' or '.join(TIME_COLUMNS)}",)
        options |= {
            "query_datetimescope_column": column,
            "query_datetimescope_from": f"{request.timespan.start.isoformat()}Z",
            "query_datetimescope_to": f"{request.timespan.end.isoformat()}Z",
        }
        return options, ()

    def _time_column(self, text: str) -> str:
        """The column that a time range is about: of the tables that the text names."""
        words = {token.text for token in parse(text).tokens}
        tables = [table for name, table in self.schema().tables.items() if name in words]
        return next((name for name in TIME_COLUMNS if any(table.column(name) for table in tables)), "")

    def _end(self, own_id: str) -> None:
        """End a query on the cluster, over a connection of its own."""
        with suppress(ConnectionFailedError):
            self._command(f'.cancel query "{own_id}"')

    def _command(self, text: str) -> list[list[Any]]:
        body = {"db": self.database, "csl": text}
        tables = ask(self._http, "POST", "/v1/rest/mgmt", Cancel(), json=body)["Tables"]
        rows: list[list[Any]] = tables[0]["Rows"]
        return rows


def _auth(cluster: str, login: Login) -> Callable[[], Mapping[str, str]] | None:
    """The headers of a log-on; none for an emulator on this machine that was given none."""
    parts = urlsplit(cluster)
    is_here = parts.hostname in _LOOPBACK
    if is_here and login == Login(cloud=login.cloud):
        return None
    if parts.scheme != "https" and not is_here:
        raise ConfigError(f"{parts.scheme}://{parts.hostname} would send a token in plain text; use https")
    return login.bearer(f"{parts.scheme}://{parts.netloc}/.default")


def _once(work: Callable[[], None]) -> Callable[[], None]:
    """A stop may be asked for many times; the cluster is told once."""
    left = [work]

    def stop() -> None:
        if left:
            left.pop()()

    return stop


def _clock(seconds: float) -> str:
    minutes, rest = divmod(max(int(seconds), 1), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest:02}"


def _answer(frames: Any, limit: int | None, notes: tuple[str, ...]) -> Answer:
    tables = [frame for frame in frames if frame.get("FrameType") == "DataTable"]
    failed = next((frame for frame in frames if frame.get("HasErrors")), None)
    if failed is not None:
        notes = (*notes, *(f"not complete: {item}" for item in _messages(failed.get("OneApiErrors", ()))))
    found = [_of_table(frame, limit, notes) for frame in tables if frame.get("TableKind") == "PrimaryResult"]
    if not found:
        raise ConnectionFailedError(next(iter(notes), "the cluster sent no result"))
    properties = [row for frame in tables if frame.get("TableKind") == "QueryProperties" for row in frame["Rows"]]
    shown = next((picture for picture in map(_picture, properties) if picture), None)
    *others, last = found
    return replace(last, render=shown, more=tuple(others))


def _of_table(frame: Mapping[str, Any], limit: int | None, notes: tuple[str, ...]) -> Answer:
    columns = [(item["ColumnName"], item.get("ColumnType") or item["DataType"]) for item in frame["Columns"]]
    rows = [row for row in frame["Rows"] if isinstance(row, list)]  # an object in their place tells of an error
    errors = [item for row in frame["Rows"] if isinstance(row, dict) for item in row.get("OneApiErrors", ())]
    told = (*notes, *(f"not complete: {item}" for item in _messages(errors)))
    return answer(columns, rows, limit=limit, notes=tuple(dict.fromkeys(told)))


def _messages(errors: Iterable[Any]) -> list[str]:
    inner = [item.get("error", {}) for item in errors if isinstance(item, dict)]
    return [str(item.get("@message") or item.get("message") or "an error") for item in inner]


def _picture(row: Any) -> tuple[str, dict[str, object]] | None:
    """Kind and options of the picture that `render` asked for, of a row of the table of properties."""
    if not (isinstance(row, list) and "Visualization" in row):
        return None
    with suppress(ValueError, TypeError):
        options = json.loads(row[-1])
        kind = options.pop("Visualization", None)
        if kind:
            return str(kind), {name.lower(): value for name, value in options.items() if value not in (None, "")}
    return None


def _schema(content: Any) -> Schema:
    database = next(iter(content["Databases"].values()))
    tables = {
        name: TableSchema(
            name,
            tuple(map(_column, table["OrderedColumns"])),
            table.get("DocString") or "",
        )
        for kind in ("Tables", "ExternalTables", "MaterializedViews")
        for name, table in (database.get(kind) or {}).items()
    }
    functions = {
        name: FunctionSchema(name, _parameters(item), item.get("Body") or "", item.get("DocString") or "")
        for name, item in (database.get("Functions") or {}).items()
    }
    return Schema(tables=tables, functions=functions)


def _column(item: Mapping[str, Any]) -> ColumnSchema:
    return ColumnSchema(item["Name"], kql_type(item.get("CslType") or item["Type"]), item.get("DocString") or "")


def _parameters(function: Mapping[str, Any]) -> str:
    given = [f"{item['Name']}:{item.get('CslType') or '(*)'}" for item in function.get("InputParameters") or ()]
    return f"({', '.join(given)})"
