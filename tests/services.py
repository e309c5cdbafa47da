"""Query services as one small server: it answers in the shapes that the services document."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TOKEN = "a.secret.token"
COLUMNS = [
    ("TimeGenerated", "datetime"), ("Computer", "string"), ("EventID", "int"), ("Extra", "dynamic"),
    ("Took", "timespan"), ("Id", "guid"), ("Score", "real"), ("Ok", "bool"), ("Exact", "decimal"), ("Big", "long"),
]  # fmt: skip
ROWS = [
    [
        "2026-10-01T00:00:00.1234567Z", f"host{number}", number, '{"a":1}', "1.02:03:04.5000000",
        "74be27de-1e4e-49d9-b579-fe0b331d3642", 1.5 if number else "NaN", True, "1.10", 9_007_199_254_740_993,
    ]
    for number in range(3)
]  # fmt: skip
WRONG = {
    "error": {
        "message": "The request had some invalid properties", "code": "BadArgumentError",
        "innererror": {
            "code": "SemanticError", "message": "A semantic error occurred.",
            "innererror": {
                "code": "SEM0100", "line": 1, "pos": 11, "token": "Nope",
                "message": "'where' operator: Failed to resolve column or scalar expression named 'Nope'",
            },
        },
    }
}  # fmt: skip


def v1_table(name: str = "PrimaryResult", rows: Any = ROWS) -> dict[str, Any]:
    return {"name": name, "columns": [{"name": column, "type": kind} for column, kind in COLUMNS], "rows": rows}


def kusto_frames(rows: Any = ROWS, *, failed: bool = False, drawn: bool = False) -> list[dict[str, Any]]:
    columns = [{"ColumnName": name, "ColumnType": kind} for name, kind in COLUMNS]
    picture = json.dumps({"Visualization": "timechart", "Title": "Hosts", "XColumn": None})
    errors = [{"error": {"code": "LimitsExceeded", "@message": "Query result set has exceeded the limit"}}]
    properties = [{"ColumnName": name, "ColumnType": "string"} for name in ("TableId", "Key", "Value")]
    return [
        {"FrameType": "DataSetHeader", "IsProgressive": False, "Version": "v2.0"},
        {
            "FrameType": "DataTable", "TableKind": "QueryProperties", "Columns": properties,
            "Rows": [[1, "Visualization", picture]] if drawn else [],
        },
        {"FrameType": "DataTable", "TableKind": "PrimaryResult", "Columns": columns, "Rows": rows},
        {"FrameType": "DataSetCompletion", "HasErrors": failed, **({"OneApiErrors": errors} if failed else {})},
    ]  # fmt: skip


class Services(ThreadingHTTPServer):
    """What was asked, in order, and what makes a slow answer go on."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.base = f"http://127.0.0.1:{self.server_port}"
        self.asked: list[tuple[str, str, Any, dict[str, str]]] = []
        self.slow, self.go_on = threading.Event(), threading.Event()
        self.jobs: dict[str, int] = {}
        self._accepted: list[socket.socket] = []

    def process_request(self, request: Any, client_address: Any) -> None:
        self._accepted.append(request)
        super().process_request(request, client_address)

    def leave(self) -> None:
        """Go away, as a server does that is switched off."""
        self.go_on.set()
        self.shutdown()
        self.server_close()
        for accepted in self._accepted:
            with suppress(OSError):
                accepted.shutdown(socket.SHUT_RDWR)

    def bodies(self, path: str) -> list[Any]:
        return [body for _, asked, body, _ in self.asked if path in asked]


@contextmanager
def served(port: int = 0) -> Iterator[Services]:
    server = Services(port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.leave()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Services

    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        self._any()

    def do_POST(self) -> None:
        self._any()

    def _any(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        url = urlsplit(self.path)
        is_json = "json" in self.headers.get("Content-Type", "")
        body = json.loads(raw) if is_json else dict(parse_qsl(url.query) + parse_qsl(raw))
        self.server.asked.append((self.command, url.path, body, dict(self.headers)))
        for pattern, answer in _ROUTES:
            found = re.search(pattern, url.path)
            if found:
                answer(self, body, found)
                return
        self.json({"error": {"code": "NotFound", "message": "no such path"}}, 404)

    def json(self, body: object, status: int = 200, **headers: str) -> None:
        self.out(json.dumps(body).encode(), status, "application/json; charset=utf-8", headers)

    def xml(self, body: str, status: int = 200) -> None:
        # Splunk's package closes the socket before it reads where the server does not keep it.
        self.out(body.encode(), status, "text/xml", {"Connection": "Keep-Alive"})

    def out(self, body: bytes, status: int, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Type": kind, "Content-Length": str(len(body))}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def trickle(self) -> None:
        """Half an answer, and the rest when the test is over."""
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        self.wfile.write(b'{"tables": [' + b" " * 100_000)
        self.server.slow.set()
        self.server.go_on.wait(30)
        self.close_connection = True


# --- Log Analytics -----------------------------------------------------------------------------------------------


def _logs(handler: _Handler, body: Any, _: Any) -> None:
    text = body["query"]
    if "SLOW" in text:
        handler.trickle()
    elif "BUSY" in text and len(handler.server.bodies("/query")) < 2:
        handler.json({"error": {"code": "ThrottledError", "message": "throttled"}}, 429, Retry_After="0")
    elif "Nope" in text:
        handler.json(WRONG, 400)
    elif "DENIED" in text:
        handler.json({"error": {"code": "InsufficientAccessError", "message": "you have no access"}}, 403)
    elif "PARTIAL" in text:
        inner = {"innererror": {"message": "The results of this query exceed the set limit of 500000 records"}}
        error = {"code": "PartialError", "message": "some errors", "details": [inner]}
        handler.json({"tables": [v1_table()], "error": error})
    else:
        picture = {"render": {"visualization": "timechart", "title": "Hosts"}} if "render" in text else {}
        handler.json({"tables": [v1_table()], **picture})


def _metadata(handler: _Handler, _body: Any, _: Any) -> None:
    columns = [{"name": "TimeGenerated", "type": "datetime"}, {"name": "Computer", "type": "string"}]
    function = {"name": "Recent", "parameters": "n:long", "body": "Heartbeat | take n"}
    handler.json({"tables": [{"name": "Heartbeat", "columns": columns}], "functions": [function]})


# --- Kusto -------------------------------------------------------------------------------------------------------


def _kusto(handler: _Handler, body: Any, _: Any) -> None:
    if "SLOW" in body["csl"]:
        handler.trickle()
    elif "Nope" in body["csl"]:
        message = "Semantic error: SEM0100: 'where' operator: Failed to resolve 'Nope'\nLine: 1\nPosition: 11"
        handler.json(
            {"error": {"code": "General_BadRequest", "message": "Request is invalid", "@message": message}}, 400
        )
    else:
        handler.json(kusto_frames(failed="PARTIAL" in body["csl"], drawn="render" in body["csl"]))


def _command(handler: _Handler, body: Any, _: Any) -> None:
    if "schema as json" in body["csl"]:
        columns = [
            {"Name": "Timestamp", "Type": "System.DateTime", "CslType": "datetime"},
            {"Name": "Host", "Type": "System.String", "CslType": "string"},
        ]
        tables = {"Logs": {"Name": "Logs", "OrderedColumns": columns, "DocString": "All of it"}}
        function = {"Name": "Last", "InputParameters": [{"Name": "n", "CslType": "long"}], "Body": "{ Logs | take n }"}
        content = {"Databases": {"Security": {"Name": "Security", "Tables": tables, "Functions": {"Last": function}}}}
        rows = [[json.dumps(content)]]
    else:
        rows = []
    handler.json({"Tables": [{"TableName": "Table_0", "Columns": [], "Rows": rows}]})


# --- Graph, Defender, Resource Graph -----------------------------------------------------------------------------


def _hunting(handler: _Handler, body: Any, _: Any) -> None:
    if "Nope" in body["Query"]:
        message = "'where' operator: Failed to resolve column or scalar expression named 'Nope'. Fix semantic errors."
        handler.json({"error": {"code": "BadRequest", "message": message}}, 400)
        return
    types = {"Timestamp": "DateTime", "Score": "Int64", "More": "Object"}
    schema = [{"name": name, "type": kind} for name, kind in types.items()]
    row = {"Timestamp": "2026-10-01T00:00:00.5Z", "Score": 7, "More": {"a": [1]}, "More@odata.type": "#x"}
    handler.json({"schema": schema, "results": [row]})


def _alerts(handler: _Handler, body: Any, _: Any) -> None:
    page = int(body.get("$skip", 0))
    items = [
        {
            "@odata.type": "#alert",
            "id": f"a{page}",
            "severity": "high",
            "createdDateTime": f"2026-10-0{page + 1}T00:00:00Z",
        }
    ]
    link = {"@odata.nextLink": f"{handler.server.base}/v1.0/security/alerts_v2?$skip={page + 1}"} if page < 2 else {}
    handler.json({"value": items, **link})


def _resources(handler: _Handler, body: Any, _: Any) -> None:
    columns = [{"name": "name", "type": "string"}, {"name": "tags", "type": "object"}, {"name": "n", "type": "integer"}]
    first = "$skipToken" not in body["options"]
    data = {"columns": columns, "rows": [["vm1" if first else "vm2", {"team": "red"}, 1]]}
    handler.json({"totalRecords": 2, "data": data, **({"$skipToken": "more"} if first else {})})


# --- Splunk ------------------------------------------------------------------------------------------------------

_OWNER = {"owner": "admin", "app": "search", "sharing": "global"}
_KEYS = "".join(f'<s:key name="{name}">{value}</s:key>' for name, value in _OWNER.items())
_ENTRY = (
    '<?xml version="1.0" encoding="UTF-8"?><entry xmlns="http://www.w3.org/2005/Atom"'
    ' xmlns:s="http://dev.splunk.com/ns/rest"><title>x</title><id>x</id><updated>2026-01-01T00:00:00+00:00</updated>'
    '<link href="{link}" rel="alternate"/><author><name>admin</name></author><content type="text/xml"><s:dict>{keys}'
    f'<s:key name="eai:acl"><s:dict>{_KEYS}</s:dict></s:key></s:dict></content></entry>'
)
SPLUNK_ROWS = [{"_time": f"2026-10-01T00:00:0{n}.000+02:00", "host": f"h{n}", "EventCode": "4688"} for n in range(3)]


def _entry(link: str, **keys: object) -> str:
    listed = "".join(f'<s:key name="{name}">{value}</s:key>' for name, value in keys.items())
    return _ENTRY.format(link=link, keys=listed)


def _message(kind: str, text: str) -> str:
    return f'<response><messages><msg type="{kind}">{text}</msg></messages></response>'


def _login(handler: _Handler, body: Any, _: Any) -> None:
    if body.get("password") == "pw":
        handler.xml("<response><sessionKey>KEY</sessionKey></response>")
    else:
        handler.xml(_message("WARN", "Login failed"), 401)


def _info(handler: _Handler, _body: Any, _: Any) -> None:
    feed = '<feed xmlns="http://www.w3.org/2005/Atom"><title>server-info</title><id>x</id><updated>x</updated>{}</feed>'
    entry = _entry("/services/server/info/server-info", version="10.2.0").split("?>")[1]
    handler.xml(feed.format(entry))


def _new_job(handler: _Handler, body: Any, _: Any) -> None:
    if "BADSPL" in body["search"]:
        handler.xml(_message("FATAL", "Error in 'search' command: unable to parse"), 400)
        return
    name = f"1700.{len(handler.server.jobs)}"
    handler.server.jobs[name] = 1_000_000 if "SLOW" in body["search"] else 2
    handler.xml(f"<response><sid>{name}</sid></response>", 201)


def _results(handler: _Handler, body: Any, _: Any) -> None:
    first, count = int(body.get("offset", 0)), int(body.get("count", 100))
    told = [{"type": "WARN", "text": "1 indexer did not answer"}]
    page = SPLUNK_ROWS[first : first + count]
    handler.json({"fields": [], "messages": told, "results": page}, Connection="Keep-Alive")


def _control(handler: _Handler, _body: Any, _: Any) -> None:
    handler.xml(_message("INFO", "ok"))


def _job(handler: _Handler, _body: Any, found: re.Match[str]) -> None:
    name = found[1]
    handler.server.jobs[name] -= 1
    done = handler.server.jobs[name] <= 0
    state = {"isDone": int(done), "isFailed": 0, "doneProgress": 1 if done else 0.4, "scanCount": 1_200}
    state["dispatchState"] = "DONE" if done else "RUNNING"
    handler.xml(_entry(f"/services/search/jobs/{name}", sid=name, **state))


_ROUTES = (
    (r"^/v1/.*/query$", _logs),
    (r"/metadata$", _metadata),
    (r"^/v2/rest/query$", _kusto),
    (r"^/v1/rest/mgmt$", _command),
    (r"/runHuntingQuery$", _hunting),
    (r"/alerts_v2$", _alerts),
    (r"/Microsoft\.ResourceGraph/resources$", _resources),
    (r"/auth/login$", _login),
    (r"/server/info", _info),
    (r"/jobs/[^/]+/results$", _results),
    (r"/jobs/[^/]+/control$", _control),
    (r"/jobs/([^/]+)/?$", _job),
    (r"/jobs/?$", _new_job),
)
