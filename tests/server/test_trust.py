"""What a workspace may say of itself: paths within it, and more only where it is trusted; nothing of it is run.

The server stands under an eye that ends it where it connects, starts a program, or imports or reads what it must not.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from server.conftest import PACK
from server.test_rim import SETUP, wait_for
from server.wire import Wire

SITE = "raise SystemExit('the workspace was run')\n"


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    """A workspace that would tell, and a folder outside of it."""
    work, secret = tmp_path / "work", tmp_path / "secret"
    (secret / "packs").mkdir(parents=True)
    (secret / "packs" / "hidden.yaml").write_text(PACK.replace("team", "hidden"))
    (secret / "tables.json").write_text('{"tables": {"Hidden_CL": {"Reading": "real"}}}')
    (secret / "hidden_module.py").write_text(SETUP)
    (work / "queries").mkdir(parents=True)
    (work / "more").mkdir()
    (work / "queries" / "team.yaml").write_text(PACK)
    (work / "more" / "inner.yaml").write_text(PACK.replace("team", "inner"))
    (work / ".huntlens").mkdir()
    (work / ".huntlens" / "packs").symlink_to(secret / "packs")
    (work / "outside.py").symlink_to(secret / "hidden_module.py")
    for name in ("sitecustomize.py", "setup_hunt.py", "huntlens_queries.py", "conftest.py"):
        (work / name).write_text(SITE if name != "setup_hunt.py" else SETUP + SITE)
    settings = [
        f"packs: [more, ../secret/packs, {secret / 'packs'}]",
        f"editor.schema: {secret / 'tables.json'}",
        "timespan: 3d",
        "connections: {prod: {environment: sentinel}}",
    ]
    (work / "huntlens.yaml").write_text("\n".join(settings) + "\n")
    return work, secret


def groups(wire: Wire) -> set[str]:
    found = wire.request("workspace/executeCommand", {"command": "huntlens.server.catalog"})["result"]
    return {one["id"].partition(".")[0] for one in found} & {"team", "inner", "hidden"}


def lenses(wire: Wire) -> list[str]:
    wire.open("file:///lens.kql", "SecurityEvent | take 1", "kusto")
    found = wire.request("textDocument/codeLens", {"textDocument": {"uri": "file:///lens.kql"}})["result"]
    return [one["command"]["title"] for one in found]


def tables(wire: Wire) -> list[str]:
    wire.open("file:///tables.kql", "Hidden", "kusto")
    found = wire.at("textDocument/completion", "file:///tables.kql", 0, 6)["result"]["items"]
    return [one["label"] for one in found if one["label"] == "Hidden_CL"]


@pytest.mark.parametrize(
    ("trusted", "seen", "offered"),
    [
        (False, {"team", "inner"}, []),
        (None, {"team", "inner"}, ["Run query"]),
        (True, {"team", "inner", "hidden"}, ["Run query"]),
    ],
)
def test_what_a_workspace_says_of_itself(
    places: tuple[Path, Path], trusted: bool | None, seen: set[str], offered: list[str]
) -> None:
    work, secret = places
    if trusted is None:  # where the client knows no trust, links are the user's own
        (work / ".huntlens" / "packs").unlink()
    options: dict[str, Any] = {"client.commands": ["huntlens.runQuery"]}
    if trusted is not None:
        options["trusted"] = trusted
    if trusted is False:  # what the client passes on may come from the workspace
        options |= {"packs": [str(secret / "packs")], "editor.schema": str(secret / "tables.json")}
    environment = {"WATCHED_WORKSPACE": str(work), "WATCHED_FORBIDDEN": "" if trusted else str(secret)}
    if trusted is False:  # neither by a link
        environment["WATCHED_FORBIDDEN"] += f":{work / '.huntlens' / 'packs'}/:{work / 'outside.py'}"
    wire = Wire(root=work, options=options, environment=environment)
    assert groups(wire) == seen
    assert lenses(wire) == offered
    assert tables(wire) == (["Hidden_CL"] if trusted else [])
    uri = (work / "case.py").as_uri()
    wire.open(uri, "from setup_hunt import qp\nfrom outside import qp as other\nqp.team.log\nother.team.log")

    def labels(line: int) -> list[str]:
        found = wire.at("textDocument/completion", uri, line, 8 if line == 2 else 11)["result"]["items"]
        return [one["label"] for one in found]

    assert labels(2) == ["logons"]
    assert labels(3) == ([] if trusted is False else ["logons"])
    wire.at("textDocument/references", uri, 2, 9)
    code, log = wire.stop()
    assert code == 0
    assert "forbidden" not in log


def test_trust_that_is_given_later(places: tuple[Path, Path]) -> None:
    work, _ = places
    wire = Wire(root=work, options={"trusted": False})
    assert groups(wire) == {"team", "inner"}
    wire.notify("workspace/didChangeConfiguration", {"settings": {"huntlens": {"trusted": True}}})
    wait_for(lambda: groups(wire) == {"team", "inner", "hidden"})
    assert wire.stop()[0] == 0


@pytest.mark.parametrize(
    "deed",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import subprocess; subprocess.run(['true'])",
        "import team_code",
        "open(os.path.join(sys.path[0], 'team_code.py'))",
    ],
)
def test_the_eye_sees(tmp_path: Path, deed: str) -> None:
    (tmp_path / "team_code.py").write_text("x = 1\n")
    watched = Path(__file__).with_name("watched.py").read_text("utf-8").partition("if __name__")[0]
    program = f"{watched}\nsys.addaudithook(watch)\nsys.path.insert(0, {str(tmp_path)!r})\n{deed}"
    environment = {"WATCHED_WORKSPACE": str(tmp_path), "WATCHED_FORBIDDEN": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], env={**os.environ, **environment}, capture_output=True)
    assert done.returncode == 97
    assert b"forbidden" in done.stderr
