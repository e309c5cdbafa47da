"""A real IPython terminal: what is printed for tables, pictures and errors."""

from __future__ import annotations

import os
import sys

import pytest

pexpect = pytest.importorskip("pexpect")
PROMPT = r"In \[\d+\]: $"


@pytest.fixture(scope="module")
def terminal(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    env = {
        **os.environ,
        "IPYTHONDIR": str(home),
        "HUNTLENS_RUNTIME_DIR": str(home / "runtime"),
        "PYTHONWARNINGS": "",
        "TERM": "dumb",
    }
    command = ["-m", "IPython", "--no-banner", "--simple-prompt", "--colors=NoColor", "--no-confirm-exit"]
    child = pexpect.spawn(sys.executable, command, encoding="utf-8", dimensions=(50, 110), timeout=120, env=env)
    child.expect(PROMPT)
    yield lambda line: _say(child, line)
    child.close(force=True)


def _say(child, line: str) -> str:
    """What the terminal prints for a line."""
    child.sendline(line)
    child.expect(PROMPT)
    return child.before.replace("\r", "").partition("\n")[2].strip()


def test_a_hunt_in_a_terminal(terminal):
    assert terminal("%load_ext huntlens_kernel") == ""
    assert terminal("import pandas as pd; t = pd.DataFrame({'Name': ['a\\x1b[31m\\u202e'], 'N': [1]})") == ""
    shown = terminal("%kql t").splitlines()
    assert shown[1:3] == ["Name                   N", "a‹U+001B›[31m‹U+202E›  1"]
    assert shown[3].startswith("local · 1 row")
    assert terminal("%kql t | where Nope > 1").splitlines() == [
        "KQL104 unknown-column: the input has no column 'Nope'",
        "  1 │ t | where Nope > 1",
        "    │           ^^^^",
    ]
    chart = terminal("%kql t | summarize n = sum(N) by Name | render barchart").splitlines()
    assert "series" in chart[1]
    assert terminal("from huntlens import Host") == ""
    assert terminal("Host('web01')").endswith("Host(HostName='web01')")
    help_ = terminal("%kql?")
    assert "--timespan" in help_
    assert "--engine" in help_
    assert terminal("%hunt autoload on").startswith("the extension is loaded by itself: yes")
    assert terminal("%hunt autoload off").startswith("the extension is loaded by itself: no")
