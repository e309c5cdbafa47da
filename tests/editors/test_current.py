"""What is made from the library is as the library is now: grammars, settings, pages. Needs no editor."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from huntlens.catalog.load import load_pack
from huntlens.config.options import OPTIONS
from huntlens.kql.edit.check import check
from huntlens.kql.schema import shipped

CLIENT = Path(__file__).parents[2] / "editor-client"
PACKAGE: dict[str, Any] = json.loads((CLIENT / "package.json").read_text("utf-8"))
CONTRIBUTED = PACKAGE["contributes"]


@pytest.mark.parametrize("script", ["grammar", "settings"])
def test_made_files_are_current(script: str) -> None:
    path = CLIENT / "scripts" / f"{script}.py"
    done = subprocess.run([sys.executable, str(path), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"run: python {path.relative_to(CLIENT.parent)}\n{done.stderr}"


def test_settings_are_those_of_the_library() -> None:
    properties = CONTRIBUTED["configuration"]["properties"]
    offered = {f"huntlens.{option.key}": option for option in OPTIONS if option.editor}
    assert offered.keys() <= properties.keys()
    assert not any(option.secret for option in offered.values())
    for key, option in offered.items():
        assert properties[key]["description"] == option.doc


def test_what_an_untrusted_workspace_may_not_say() -> None:
    trust = PACKAGE["capabilities"]["untrustedWorkspaces"]
    assert trust["supported"] == "limited"
    named = {f"huntlens.{one.key}" for one in OPTIONS if one.editor and one.type in {"path", "list"}}
    assert set(trust["restrictedConfigurations"]) == {"huntlens.server.command", *named}
    running = {"runQuery", "runSelection", "runNamed", "showSql", "exportResult"}
    gated = {one["command"] for one in CONTRIBUTED["commands"] if "isWorkspaceTrusted" in one.get("enablement", "")}
    assert gated == {f"huntlens.{name}" for name in running}


def test_it_runs_where_the_files_are_and_needs_no_other_extension() -> None:
    assert PACKAGE["extensionKind"] == ["workspace"]
    assert not PACKAGE.get("extensionDependencies")
    assert PACKAGE["capabilities"]["virtualWorkspaces"] is False


def test_what_the_manifest_names_is_there() -> None:
    commands = {one["command"] for one in CONTRIBUTED["commands"]}
    named = {row["command"] for rows in CONTRIBUTED["menus"].values() for row in rows}
    named |= {row["command"] for row in CONTRIBUTED["keybindings"]}
    texts = json.dumps([CONTRIBUTED["viewsWelcome"], CONTRIBUTED["walkthroughs"]])
    named |= set(re.findall(r"command:(huntlens\.\w+)", texts)) | set(re.findall(r"onCommand:(huntlens\.\w+)", texts))
    assert named <= commands
    files = [one["path"] for kind in ("grammars", "snippets") for one in CONTRIBUTED[kind]]
    files += [step["media"]["image"] for walk in CONTRIBUTED["walkthroughs"] for step in walk["steps"]]
    files += re.findall(r"!\[[^]]*\]\(([^)]+)\)", (CLIENT / "README.md").read_text("utf-8"))
    assert [name for name in files if not (CLIENT / name).is_file()] == []


@pytest.mark.parametrize(
    "page", [CLIENT / "README.md", CLIENT.parent / "docs" / "editors.md"], ids=lambda page: page.name
)
def test_every_command_is_explained(page: Path) -> None:
    text = page.read_text("utf-8")
    hidden = {row["command"] for row in CONTRIBUTED["menus"]["commandPalette"] if row["when"] == "false"}
    titles = [one["title"] for one in CONTRIBUTED["commands"] if one["command"] not in hidden]
    assert [title for title in titles if title not in text] == []


def test_every_finding_is_explained() -> None:
    sources = (CLIENT.parent / "library" / "huntlens" / "assist").glob("*.py")
    known = {pair for path in sources for pair in re.findall(r'"(HL\d{3})", "([a-z-]+)"', path.read_text("utf-8"))}
    page = (CLIENT.parent / "docs" / "editors.md").read_text("utf-8")
    assert known
    assert known == set(re.findall(r"^\| (HL\d{3}) \| ([a-z-]+) \|", page, re.MULTILINE))


def test_snippets_are_queries_without_findings() -> None:
    snippets = json.loads((CLIENT / "snippets" / "kql.json").read_text("utf-8"))
    assert len(snippets) > 5
    for name, snippet in snippets.items():
        assert [one for one in check(expanded(snippet), shipped()) if one.severity in {"error", "warning"}] == [], name


def test_the_snippet_of_a_pack_is_a_query() -> None:
    (snippet,) = json.loads((CLIENT / "snippets" / "yaml.json").read_text("utf-8")).values()
    query = textwrap.indent(expanded(snippet), "  ")
    pack = load_pack(f"pack: mine\ndescription: Our own\nenvironments: [local]\nqueries:\n{query}\n")
    assert [str(one) for one in pack.errors] == []
    assert [one.id for one in pack.queries] == ["group.name"]


def expanded(snippet: dict[str, Any]) -> str:
    """What a snippet writes if nothing is typed into it."""
    return re.sub(r"\$\{\d+:([^}]*)\}", r"\1", "\n".join(snippet["body"]))
