"""Work that takes its time: told, cancelled, outdated, in pieces between others; and what changes around the texts."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from huntlens.assist.session import Connection, Frame, Session, publish
from huntlens_server.transport import Inbox, handle
from server.conftest import PACK
from server.test_rim import SETUP, wait_for
from server.wire import Wire

FILES = 400
QUERY = "qp.team.logons(host='a')\n"
DYNAMIC = {"dynamicRegistration": True}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of many files that use one query."""
    folder = tmp_path_factory.mktemp("large")
    (folder / "queries").mkdir()
    (folder / "queries" / "team.yaml").write_text(PACK)
    for number in range(FILES):
        (folder / f"hunt_{number}.py").write_text(SETUP + QUERY * 30)
    return folder


def at(uri: str, line: int, column: int, **more: Any) -> dict[str, Any]:
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": column}, **more}


def references(wire: Wire, uri: str, identity: Any, **more: Any) -> dict[str, Any]:
    wire.open(uri, SETUP + QUERY)
    wire.at("textDocument/hover", uri, 2, 10)
    context = {"includeDeclaration": True}
    return {"id": identity, "method": "textDocument/references", "params": at(uri, 2, 10, context=context, **more)}


def test_a_long_request_lets_others_pass_and_tells_of_itself(large: Path) -> None:
    wire = Wire(root=large)
    uri = (large / "open.py").as_uri()
    wire.send(references(wire, uri, "long", workDoneToken="token"))
    wire.until(lambda message: message.get("method") == "$/progress")
    wire.send(*({"id": f"h{n}", "method": "textDocument/hover", "params": at(uri, 2, 10)} for n in range(5)))
    found = wire.until(lambda message: message.get("id") == "long")["result"]
    order = [message["id"] for message in wire.noted if str(message.get("id"))[0] in "lh"]
    assert order == [*(f"h{n}" for n in range(5)), "long"]
    assert len(found) == FILES * 30 + 2
    told = [one["params"]["value"]["kind"] for one in wire.noted if one.get("method") == "$/progress"]
    assert told == ["begin", "end"]
    assert wire.stop() == (0, "")


@pytest.mark.parametrize(
    "cancel",
    [
        {"method": "$/cancelRequest", "params": {"id": "long"}},
        {"method": "window/workDoneProgress/cancel", "params": {"token": "token"}},
    ],
)
def test_a_long_request_that_runs_is_given_up(large: Path, cancel: dict[str, Any]) -> None:
    wire = Wire(root=large)
    uri = (large / "open.py").as_uri()
    wire.send(references(wire, uri, "long", workDoneToken="token"))
    wire.until(lambda message: message.get("method") == "$/progress")
    wire.send(cancel)
    assert wire.until(lambda message: message.get("id") == "long")["error"]["code"] == -32800
    told = [one["params"]["value"]["kind"] for one in wire.noted if one.get("method") == "$/progress"]
    assert wire.request("textDocument/hover", at(uri, 2, 10))["result"]
    assert told[0] == "begin"
    assert wire.stop() == (0, "")


def test_a_rename_of_texts_that_change_meanwhile_is_refused(large: Path) -> None:
    wire = Wire(root=large)
    uri = (large / "open.py").as_uri()
    wire.open(uri, SETUP + QUERY)
    wire.at("textDocument/hover", uri, 2, 10)
    edit = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": "# other\n" + SETUP + QUERY}]}
    wire.send(
        {"id": "long", "method": "textDocument/rename", "params": at(uri, 2, 10, newName="seen")},
        {"method": "textDocument/didChange", "params": edit},
    )
    assert wire.until(lambda message: message.get("id") == "long")["error"]["code"] == -32801
    assert wire.stop() == (0, "")


def test_what_is_cancelled_or_outdated_is_not_run() -> None:
    ran: list[str] = []
    refused: list[tuple[object, int]] = []
    protocol = SimpleNamespace(
        structure_message=lambda message: message,
        handle_message=lambda message: ran.append(message["method"]),
        refuse=lambda identity, code, _: refused.append((identity, code)),
    )
    server: Any = SimpleNamespace(protocol=protocol, retried=["textDocument/semanticTokens/full"])
    cell = {"textContent": [{"document": {"uri": "cell"}, "changes": []}]}
    messages: list[dict[str, Any]] = [
        {"id": 1, "method": "textDocument/hover", "params": at("a", 0, 0)},
        {"id": 2, "method": "textDocument/completion", "params": at("a", 0, 0)},
        {"id": 3, "method": "textDocument/semanticTokens/full", "params": {"textDocument": {"uri": "a"}}},
        {"id": 4, "method": "textDocument/semanticTokens/full", "params": {"textDocument": {"uri": "b"}}},
        {"id": 5, "method": "textDocument/semanticTokens/full", "params": {"textDocument": {"uri": "cell"}}},
        {"method": "textDocument/didChange", "params": {"textDocument": {"uri": "a", "version": 2}}},
        {"method": "notebookDocument/didChange", "params": {"change": {"cells": cell}}},
        {"id": 6, "method": "textDocument/semanticTokens/full", "params": {"textDocument": {"uri": "a"}}},
        {"method": "$/cancelRequest", "params": {"id": 2}},
    ]

    async def run() -> None:
        inbox = Inbox(asyncio.get_running_loop())
        for message in messages:
            inbox.put(message)
        for _ in messages:
            message = await inbox.get()
            assert message is not None
            handle(server, inbox, message)

    asyncio.run(run())
    assert refused == [(2, -32800), (3, -32801), (5, -32801)]
    assert [one.rpartition("/")[2] for one in ran] == [
        "hover",
        "full",
        "didChange",
        "didChange",
        "full",
        "cancelRequest",
    ]


def test_reading_packs_is_shown(tmp_path: Path) -> None:
    pack = tmp_path / "queries" / "many.yaml"
    pack.parent.mkdir()
    pack.write_text("pack: many\nenvironments: [local]\nqueries:\n")
    environment = {"HUNTLENS_CACHE": str(tmp_path / "cache")}
    wire = Wire(root=tmp_path, environment=environment, window={"workDoneProgress": True})
    with pack.open("a") as file:
        file.writelines(f"  many.query_{n}:\n    summary: One\n    kql: T | take {n}\n" for n in range(15_000))
    wire.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": pack.as_uri(), "type": 2}]})
    made = wire.until(lambda message: message.get("method") == "window/workDoneProgress/create")
    token = made["params"]["token"]

    def told(kind: str) -> dict[str, Any]:
        return wire.until(lambda one: one.get("method") == "$/progress" and one["params"]["value"]["kind"] == kind)[
            "params"
        ]

    assert told("begin")["value"]["title"] == "Reading query packs"
    assert told("begin")["token"] == told("end")["token"] == token
    assert wire.stop() == (0, "")


def test_settings_are_asked_for_and_followed(tmp_path: Path) -> None:
    answers: dict[str, Any] = {"workspace/configuration": [{"editor": {"diagnostics": False}}]}
    wire = Wire(root=tmp_path, answers=answers, workspace={"configuration": True})
    wire.until(lambda message: message.get("method") == "workspace/configuration")
    wire.open("file:///a.kql", "T | whre x", "kusto")

    def found() -> list[str]:
        report = wire.request("textDocument/diagnostic", {"textDocument": {"uri": "file:///a.kql"}})
        return [one["code"] for one in report["result"]["items"]]

    wait_for(lambda: found() == [])
    wire.answers = {"workspace/configuration": [{"editor": {"diagnostics": True}}]}
    wire.notify("workspace/didChangeConfiguration", {"settings": None})
    wait_for(lambda: found() == ["KQL010"])
    wire.notify("workspace/didChangeConfiguration", {"settings": {"huntlens": {"editor.diagnostics": False}}})
    wait_for(lambda: found() == [])
    assert wire.stop() == (0, "")


def test_files_that_change_and_folders_that_come_and_go(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        (folder / "queries").mkdir(parents=True)
    wire = Wire(root=first, workspace={"didChangeWatchedFiles": DYNAMIC, "workspaceFolders": True})
    told = wire.until(lambda message: message.get("method") == "client/registerCapability")
    watchers = told["params"]["registrations"][0]["registerOptions"]["watchers"]
    assert [one["globPattern"] for one in watchers] == ["**/*.{yaml,yml}"]
    uri = (first / "a.py").as_uri()
    wire.open(uri, SETUP + "qp.team.")

    def offered() -> list[str]:
        return [one["label"] for one in wire.at("textDocument/completion", uri, 2, 8)["result"]["items"]]

    assert offered() == []
    (first / "queries" / "team.yaml").write_text(PACK)
    changed = {"uri": (first / "queries" / "team.yaml").as_uri(), "type": 1}
    wire.notify("workspace/didChangeWatchedFiles", {"changes": [changed]})
    wait_for(lambda: offered() == ["logons"])
    (second / "queries" / "team.yaml").write_text(PACK.replace("team.logons", "team.others"))
    folder = {"uri": second.as_uri(), "name": "second"}
    wire.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [folder], "removed": []}})
    wait_for(lambda: sorted(offered()) == ["logons", "others"])
    wire.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [folder]}})
    wait_for(lambda: offered() == ["logons"])
    assert wire.stop() == (0, "")


def test_colours_by_what_has_changed() -> None:
    wire = Wire()
    uri = "file:///a.kql"
    wire.open(uri, "SecurityEvent\n| where EventID == 4625\n| take 5", "kusto")
    full = wire.request("textDocument/semanticTokens/full", {"textDocument": {"uri": uri}})["result"]
    change = {"range": {"start": {"line": 1, "character": 19}, "end": {"line": 1, "character": 23}}, "text": "'x'"}
    wire.notify("textDocument/didChange", {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [change]})
    params = {"textDocument": {"uri": uri}, "previousResultId": full["resultId"]}
    delta = wire.request("textDocument/semanticTokens/full/delta", params)["result"]
    data = full["data"]
    assert 0 < len(delta["edits"][0]["data"]) <= 10
    for edit in delta["edits"]:
        data[edit["start"] : edit["start"] + edit["deleteCount"]] = edit["data"]
    assert data == wire.request("textDocument/semanticTokens/full", {"textDocument": {"uri": uri}})["result"]["data"]
    unknown = wire.request("textDocument/semanticTokens/full/delta", {**params, "previousResultId": "none"})["result"]
    assert unknown["data"] == data
    assert wire.stop() == (0, "")


def test_findings_that_are_pulled_again_are_told_only_where_they_changed() -> None:
    wire = Wire(textDocument={"diagnostic": {}})
    wire.open("file:///a.kql", "T | whre x", "kusto")
    params: dict[str, Any] = {"textDocument": {"uri": "file:///a.kql"}}
    first = wire.request("textDocument/diagnostic", params)["result"]
    again = wire.request("textDocument/diagnostic", {**params, "previousResultId": first["resultId"]})["result"]
    assert (first["kind"], again["kind"]) == ("full", "unchanged")
    wire.notify(
        "textDocument/didChange",
        {"textDocument": {"uri": "file:///a.kql", "version": 2}, "contentChanges": [{"text": "T | where x"}]},
    )
    then = wire.request("textDocument/diagnostic", {**params, "previousResultId": first["resultId"]})["result"]
    assert then["kind"] == "full"
    assert wire.stop() == (0, "")


def test_sessions_that_are_stale_foreign_or_hostile_are_not_believed(tmp_path: Path) -> None:
    run = tmp_path / "run"
    case = tmp_path / "case.py"
    good = Session(
        pid=os.getpid(),
        notebook=str(case),
        frames={"suspects": Frame({"Nickname": "string"})},
        connections={"lab": Connection("local", variable="lab", current=True, tables={"Lab_CL": {"Reading": "real"}})},
    )
    publish(good, into=run, name="good")
    publish(
        Session(pid=2**22 + 1, notebook=str(case), frames={"gone": Frame({"Old": "string"})}), into=run, name="stale"
    )
    other = Session(pid=os.getpid(), notebook=str(tmp_path / "other.ipynb"), frames={"foreign": Frame({"F": "string"})})
    publish(other, into=run, name="foreign")
    (run / "broken.json").write_text("{" * 100_000)
    (run / "wrong.json").write_text('{"version": 1, "pid": "x", "frames": [1], "connections": {"a": 3}}')
    (run / "huge.json").write_text('{"version": 1, "pad": "' + "x" * 9_000_000 + '"}')
    (run / "link.json").symlink_to("/dev/zero")
    (run / "folder.json").mkdir()
    wire = Wire(environment={"HUNTLENS_RUNTIME_DIR": str(run)})
    wire.open(
        case.as_uri(),
        'lab.exec_query("Lab_CL | where Read")\nlab.exec_query("suspects | where Nick")\nlab.exec_query("")',
    )

    def labels(line: int, column: int) -> list[str]:
        items = wire.at("textDocument/completion", case.as_uri(), line, column)["result"]["items"]
        return [one["label"] for one in items]

    wait_for(lambda: labels(0, 35) == ["Reading"])
    assert labels(1, 37) == ["Nickname"]
    tables = labels(2, 16)
    assert {"Lab_CL", "suspects"} <= set(tables)
    assert not {"gone", "foreign"} & set(tables)
    assert wire.stop() == (0, "")
