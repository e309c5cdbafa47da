"""Settings say where they came from; secrets never show; the table of options is whole."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import pytest

from huntlens import QueryProvider
from huntlens.config import OPTIONS, Secret, Settings
from huntlens.config.options import find, json_schema
from huntlens.errors import ConfigError

FILE = """\
timespan: 7d
local:
  threads: 2
  archive: {ratio: 500}
connections:
  prod:
    environment: sentinel
    workspace: 1111-2222
    client_secret: {env: PROD_SECRET}
    default: true
  spl: {environment: splunk, host: splunk.test, password: hunter2}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "huntlens.yaml"
    path.write_text(FILE)
    return path


def test_values_and_where_they_came_from(file: Path) -> None:
    environ = {"HUNTLENS_LOCAL_THREADS": "4", "HUNTLENS_CONNECTIONS_PROD_TENANT": "t", "PROD_SECRET": "s3cret"}
    settings = Settings.load(files=[file], environ=environ)
    assert settings.get("timespan") == "7d"
    assert settings.where("timespan") == f"{file}:1"
    assert settings.get("local.threads") == 4
    assert settings.where("local.threads") == "environment variable HUNTLENS_LOCAL_THREADS"
    assert settings.get("local.archive.ratio") == 500.0
    assert settings.where("limit") == "default"
    assert settings.names("connections") == ["prod", "spl"]
    assert settings.section("connections.prod")["tenant"] == "t"
    assert settings.get("connections.prod.client_secret").reveal() == "s3cret"


def test_the_workspace_wins_over_the_user(tmp_path: Path) -> None:
    user, workspace = tmp_path / "user.yaml", tmp_path / "work"
    workspace.mkdir()
    user.write_text("limit: 5\ntimespan: 1d\n")
    (workspace / "huntlens.yaml").write_text("limit: 6\n")
    settings = Settings.load(workspace, environ={"HUNTLENS_CONFIG": str(user), "HOME": str(tmp_path)})
    assert (settings.get("limit"), settings.get("timespan")) == (6, "1d")


def test_secrets_do_not_show(file: Path) -> None:
    settings = Settings.load(files=[file], environ={})
    secret = settings.get("connections.spl.password")
    shown = f"{secret!r} {secret} {settings!r} {settings.explain()} {[item.shown for item in settings.explain()]}"
    assert "hunter2" not in shown
    assert secret.reveal() == "hunter2"
    for save in (pickle.dumps, copy.copy, json.dumps):
        with pytest.raises(TypeError):
            save(secret)


def test_a_secret_that_is_not_there_says_where_it_was_looked_for(file: Path) -> None:
    settings = Settings.load(files=[file], environ={})
    with pytest.raises(ConfigError, match="environment variable PROD_SECRET, which is not set"):
        settings.get("connections.prod.client_secret").reveal()
    assert Secret("x") == Secret(lambda: "x")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("limits: 5", r"huntlens\.yaml:1: there is no setting 'limits'; did you mean limit"),
        ("a: 1\nlocal: {threads: many}", "there is no setting 'a'"),
        ("local:\n  threads: many", r"huntlens\.yaml:2: local\.threads takes a int"),
        ("local: {on_error: ignore}", "takes raise, skip; not 'ignore'"),
        ("timespan: fortnight", "timespan takes a length"),
        ("kernel: {autoload: maybe}", "neither true nor false"),
        ("- a\n- b", "settings are a mapping"),
        ("a: [1", r"huntlens\.yaml:\d+: "),
        ("mask: {key: {vault: x}}", "takes a text, or one of"),
    ],
)
def test_wrong_settings_name_their_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "huntlens.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        Settings.load(files=[path], environ={})


def test_options_are_whole() -> None:
    keys = [option.key for option in OPTIONS]
    assert len(keys) == len(set(keys))
    for option in OPTIONS:
        assert option.doc
        assert option.doc[-1] != "."
        assert find(option.key.replace("<name>", "x")) is option
        if option.default is not None and "<" not in option.key:
            Settings.of({option.key: option.default})
    names = [option.env for option in OPTIONS]
    assert len(names) == len(set(names))


def test_the_json_schema_knows_every_option() -> None:
    schema = json_schema()
    text = json.dumps(schema)
    assert all(json.dumps(option.doc) in text for option in OPTIONS)
    assert schema["properties"]["connections"]["additionalProperties"]["properties"]["port"] == {
        "type": "integer",
        "description": "Port of the service",
    }


@pytest.mark.shared
def test_settings_of_msticpy(shared: Path) -> None:
    settings = Settings.load(files=[shared / "data/msticpy-queries/msticpyconfig.yaml"], environ={"VTAUTHKEY": "v"})
    assert settings.get("connections.default.environment") == "sentinel"
    assert settings.get("connections.default.default") is True
    assert settings.get("enrich.ti.virustotal.key").reveal() == "v"
    assert settings.get("azure.auth") == ("env", "cli", "msi", "interactive")


def test_a_connection_by_name(tmp_path: Path) -> None:
    (tmp_path / "T.csv").write_text("n\n1\n2\n")
    path = tmp_path / "huntlens.yaml"
    path.write_text(f"connections:\n  lab: {{environment: local, data: ['{tmp_path / 'T.csv'}'], default: true}}\n")
    settings = Settings.load(files=[path], environ={})
    with QueryProvider.connect(settings=settings) as qp:
        assert qp.name == "lab"
        assert qp.exec_query("T | count").rows == [(2,)]
    with pytest.raises(ConfigError, match="no connection is called 'prod'; settings know: lab"):
        QueryProvider.connect("prod", settings=settings)
