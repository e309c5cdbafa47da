"""Sources that ask a service, against a server that answers as the services document it."""

from __future__ import annotations

import _thread
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from huntlens import QueryProvider
from huntlens.config import Secret, Settings
from huntlens.errors import ConfigError, ConnectionFailedError, KqlError, QueryTimeoutError
from services import COLUMNS, TOKEN, Services, served

SPAN = "2026-10-01..2026-10-02"


@pytest.fixture
def server() -> Iterator[Services]:
    with served() as running:
        yield running


CONNECT: dict[str, Callable[[Services], dict[str, Any]]] = {
    "sentinel": lambda server: {"workspace": "ws", "host": server.base, "token": Secret(TOKEN)},
    "kusto": lambda server: {"cluster": server.base, "database": "Security", "token": Secret(TOKEN)},
    "defender": lambda server: {"host": server.base, "token": Secret(TOKEN)},
    "resource_graph": lambda server: {"host": server.base, "token": Secret(TOKEN), "subscription": "s1"},
    "graph": lambda server: {"host": server.base, "token": Secret(TOKEN)},
    "odata": lambda server: {"host": f"{server.base}/v1.0", "token": Secret(TOKEN)},
    "splunk": lambda server: {
        "host": "127.0.0.1", "port": server.server_port, "scheme": "http", "user": "admin", "password": Secret("pw"),
    },
}  # fmt: skip


def connect(kind: str, server: Services, **more: Any) -> QueryProvider:
    return QueryProvider(kind, **CONNECT[kind](server), **more)


def headers(server: Services, path: str) -> dict[str, str]:
    sent = next(sent for _, asked, _, sent in server.asked if path in asked)
    return {name.lower(): value for name, value in sent.items()}


@pytest.mark.parametrize("kind", ["sentinel", "kusto"])
def test_a_table_comes_with_its_types(kind: str, server: Services) -> None:
    with connect(kind, server) as qp:
        result = qp.exec_query("T | where Computer == host | render timechart", host='x" | take 1')
    assert result.types == dict(COLUMNS)
    assert result.render == ("timechart", {"title": "Hosts"})
    first = dict(zip(result.columns, result.rows[1], strict=True))
    assert first["TimeGenerated"] == datetime(2026, 10, 1, 0, 0, 0, 123456)
    assert (first["Extra"], first["Took"]) == ({"a": 1}, timedelta(days=1, hours=2, minutes=3, seconds=4.5))
    assert (first["Big"], first["Ok"], str(first["Exact"])[:4]) == (9_007_199_254_740_993, True, "1.10")
    assert str(result.rows[0][6]) == "nan"
    assert result.df["EventID"].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("kind", "path", "text"),
    [("sentinel", "/query", "query"), ("kusto", "/rest/query", "csl"), ("defender", "/runHuntingQuery", "Query")],
)
def test_values_are_typed_and_the_token_is_sent(kind: str, path: str, text: str, server: Services) -> None:
    with connect(kind, server) as qp:
        qp.exec_query("T | where Computer == host", host='x" | take 1')
    assert server.bodies(path)[0][text] == 'let host = "x\\" | take 1";\nT | where Computer == host'
    assert headers(server, path)["authorization"] == f"Bearer {TOKEN}"


def test_a_time_range_goes_beside_the_text(server: Services) -> None:
    bounds = "2026-10-01T00:00:00Z/2026-10-02T00:00:00Z"
    with connect("sentinel", server, timespan=SPAN) as qp:
        qp.exec_query("T")
    assert server.bodies("/query")[0]["timespan"] == bounds
    with connect("defender", server) as qp:
        qp.exec_query("T", timespan=SPAN)
    assert server.bodies("/runHuntingQuery")[0]["Timespan"] == bounds
    with connect("kusto", server) as qp:
        assert qp.exec_query("Logs", timespan=SPAN).notes == ()
        assert "not applied" in qp.exec_query("print 1", timespan=SPAN).notes[0]
    options = server.bodies("/rest/query")[0]["properties"]["Options"]
    assert options["query_datetimescope_column"] == "Timestamp"
    assert options["query_datetimescope_from"] == "2026-10-01T00:00:00Z"


def test_the_schema_is_asked_for_once(server: Services) -> None:
    with connect("sentinel", server) as qp:
        assert "Heartbeat" not in repr(qp)
        assert not server.asked
        assert qp.tables == qp.tables == ("Heartbeat",)
        assert qp.schema.functions["Recent"].parameters == "(n:long)"
    with connect("kusto", server) as qp:
        assert [(column.name, column.type) for column in qp.schema.tables["Logs"].columns] == [
            ("Timestamp", "datetime"), ("Host", "string"),
        ]  # fmt: skip
        assert qp.schema.functions["Last"].parameters == "(n:long)"
    assert sum("metadata" in path or "mgmt" in path for _, path, _, _ in server.asked) == 2


@pytest.mark.parametrize("kind", ["sentinel", "kusto"])
def test_what_is_wrong_with_a_text_is_told_with_its_place_in_it(kind: str, server: Services) -> None:
    with connect(kind, server) as qp, pytest.raises(KqlError, match=r"line 1, column 11: .*Nope") as caught:
        qp.exec_query("T | where Nope == 1")
    assert caught.value.diagnostics[0].start == 10


def test_what_defender_refuses(server: Services) -> None:
    with connect("defender", server) as qp, pytest.raises(KqlError, match="Failed to resolve column"):
        qp.exec_query("T | where Nope == 1")


def test_an_answer_that_is_not_complete_says_so(server: Services) -> None:
    with connect("sentinel", server) as qp:
        assert qp.exec_query("PARTIAL").notes == (
            "not complete: The results of this query exceed the set limit of 500000 records",
        )
    with connect("kusto", server) as qp:
        assert qp.exec_query("PARTIAL").notes == ("not complete: Query result set has exceeded the limit",)


def test_no_access_and_a_busy_service(server: Services) -> None:
    with connect("sentinel", server) as qp:
        with pytest.raises(ConnectionFailedError, match=r"403 .*you have no access"):
            qp.exec_query("DENIED")
        server.asked.clear()
        assert len(qp.exec_query("BUSY")) == 3


def test_limits(server: Services) -> None:
    with connect("sentinel", server, limit=2) as qp:
        result = qp.exec_query("T")
        assert (len(result), result.truncated) == (2, True)
    with connect("kusto", server, limit=3) as qp:
        assert not qp.exec_query("T").truncated
    assert server.bodies("/rest/query")[0]["properties"]["Options"]["query_take_max_records"] == 4


def test_defender_rows(server: Services) -> None:
    with connect("defender", server) as qp:
        result = qp.exec_query("DeviceInfo")
        assert result.types == {"Timestamp": "datetime", "Score": "long", "More": "dynamic"}
        assert result.rows == [(datetime(2026, 10, 1, 0, 0, 0, 500_000), 7, {"a": [1]})]
        assert "DeviceInfo" in qp.tables


def test_pages_are_followed_as_far_as_the_limit(server: Services) -> None:
    with connect("graph", server) as qp:
        everything = qp.exec_query("$filter=title eq name", name="O'Neil & co")
        assert everything.df["id"].tolist() == ["a0", "a1", "a2"]
        assert everything.types["createdDateTime"] == "datetime"
        assert server.bodies("/alerts_v2")[0] == {"$filter": "title eq name"}
        asked = len(server.asked)
        assert len(qp.exec_query("$orderby=id", limit=1)) == 1
        assert len(server.asked) - asked == 2
        assert qp.graph.alert(alert_id="x' or 1 eq 1").df["id"].tolist() == ["a0", "a1", "a2"]
        assert server.asked[-3][2] == {"$filter": "id eq 'x'' or 1 eq 1'"}
    with connect("resource_graph", server) as qp:
        assert qp.exec_query("Resources").df[["name", "n"]].values.tolist() == [["vm1", 1], ["vm2", 1]]
    assert server.bodies("/resources")[1]["options"]["$skipToken"] == "more"
    assert server.bodies("/resources")[0]["subscriptions"] == ["s1"]


def test_odata_stays_on_its_service(server: Services) -> None:
    with connect("odata", server) as qp:
        assert len(qp.exec_query("security/alerts_v2?$top=5")) == 3
        for text in ("http://elsewhere.test/x?$top=1", "../secret", "//elsewhere.test/x"):
            with pytest.raises((ConfigError, ConnectionFailedError)):
                qp.exec_query(text)


def test_splunk(server: Services) -> None:
    with connect("splunk", server) as qp:
        result = qp.exec_query("index=main", timespan=SPAN, limit=2)
        assert result.df["host"].tolist() == ["h0", "h1"]
        assert result.rows[0][0] == datetime(2026, 9, 30, 22)
        assert (result.truncated, result.notes) == (True, ("1 indexer did not answer",))
        asked = server.bodies("/jobs")[0]
        assert (asked["search"], asked["earliest_time"]) == ("search index=main", "2026-10-01T00:00:00+00:00")
        assert any(body.get("action") == "cancel" for body in server.bodies("/control"))
        with pytest.raises(KqlError, match="unable to parse"):
            qp.exec_query("search BADSPL")
    wrong = {**CONNECT["splunk"](server), "password": Secret("hunter2")}
    with QueryProvider("splunk", **wrong) as qp, pytest.raises(ConnectionFailedError, match="log you on") as caught:
        qp.exec_query("x")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("kind", ["sentinel", "kusto", "splunk"])
def test_ctrl_c_ends_the_query_and_the_connection_lives(kind: str, server: Services) -> None:
    told: list[str] = []

    def tick(_elapsed_s: float, words: str) -> None:
        if words:
            told.append(words)
            _thread.interrupt_main()

    with connect(kind, server) as qp:
        with pytest.raises(KeyboardInterrupt, match="query cancelled"):
            qp.exec_query("SLOW", tick=tick)
        assert told[0].endswith("1,200 events · 40%" if kind == "splunk" else " kB")
        assert len(qp.exec_query("T")) == 3
        with pytest.raises(QueryTimeoutError):
            qp.exec_query("SLOW", timeout_s=0.2)
    if kind == "kusto":
        ended = [body["csl"] for body in server.bodies("/mgmt")]
        started = [sent["x-ms-client-request-id"] for _, path, _, sent in server.asked if path == "/v2/rest/query"]
        assert ended == [f'.cancel query "{started[0]}"', f'.cancel query "{started[2]}"']
    if kind == "splunk":
        assert len(server.bodies("/control")) >= 3


def test_a_service_that_goes_and_comes_back() -> None:
    with served() as server:
        qp = connect("kusto", server)
        assert len(qp.exec_query("T")) == 3
        port = server.server_port
    with pytest.raises(ConnectionFailedError, match="no connection; check the address"):
        qp.exec_query("T")
    with served(port):
        assert len(qp.exec_query("T")) == 3
    qp.close()


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        ("sentinel", {}, "the id of its workspace"),
        ("kusto", {"cluster": "https://x"}, "name of its database"),
        ("kusto", {"cluster": "http://far.test", "database": "d", "token": "t"}, "plain text"),
        ("splunk", {"host": "x"}, "a token or user"),
        ("odata", {}, "address of its service"),
        ("defender", {"client_secret": "s"}, "needs the tenant"),
    ],
)
def test_what_is_missing_is_named(kind: str, given: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        QueryProvider(kind, **given)


def test_a_connection_of_the_settings(server: Services) -> None:
    settings = Settings.of(
        {
            "connections.prod.environment": "sentinel", "connections.prod.workspace": "ws",
            "connections.prod.workspaces": ["other"], "connections.prod.host": server.base,
            "connections.prod.token": TOKEN, "connections.prod.default": True, "connections.prod.limit": 1,
        }
    )  # fmt: skip
    with QueryProvider.connect(settings=settings) as qp:
        result = qp.exec_query("T")
    assert (result.connection, len(result), result.truncated) == ("prod", 1, True)
    assert server.bodies("/workspaces/ws/query")[0]["workspaces"] == ["other"]
    assert TOKEN not in repr(settings)


def test_an_option_that_a_source_does_not_take_is_named() -> None:
    with pytest.raises(ConfigError, match=r"a connection to kusto takes no 'workspace'; it takes: cluster, database"):
        QueryProvider("kusto", workspace="ws")


@pytest.mark.parametrize("kind", CONNECT)
def test_no_secret_shows(kind: str, server: Services, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with connect(kind, server) as qp:
        result = qp.exec_query("security/alerts_v2" if kind in ("graph", "odata") else "T")
        shown = f"{qp!r} {vars(qp.source)!r} {result!r} {result.parameters}"
    for secret in (TOKEN, "'pw'"):
        assert secret not in shown
        assert TOKEN not in caplog.text
