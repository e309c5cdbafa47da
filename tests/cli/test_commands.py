"""The commands at a prompt."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import hostile


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    rows = [
        {"TimeGenerated": "2026-03-01T10:00:00Z", "Name": "a", "N": 1},
        {"TimeGenerated": "2026-03-02T10:00:00Z", "Name": "\x1b[31mb\u202e", "N": 2},
    ]
    (tmp_path / "T.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    return tmp_path


def huntlens(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "huntlens", *words], capture_output=True, text=True, cwd=cwd)


def test_query_as_csv(logs: Path) -> None:
    done = huntlens("query", "T | where N > 1 | project N", "--data", str(logs), "--format", "csv")
    assert (done.returncode, done.stdout) == (0, "N\n2\n")


def test_query_file_with_parameter(logs: Path) -> None:
    (logs / "q.kql").write_text("T | where Name == who | project N", "utf-8")
    done = huntlens("query", "q.kql", "--data", "T.jsonl", "--param", "who=a", "--format", "json", cwd=logs)
    assert json.loads(done.stdout) == {"N": 1}, done.stderr


def test_timespan(logs: Path) -> None:
    done = huntlens("query", "T | count", "--data", str(logs), "-t", "2026-03-02/1d", "-f", "csv")
    assert done.stdout == "Count\n1\n"


def test_table_cannot_steer_the_terminal(logs: Path) -> None:
    out = huntlens("query", "T | project Name", "--data", str(logs)).stdout
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "(2 rows)" in out


def test_sql(logs: Path) -> None:
    done = huntlens("query", "T | where N > 1 | project N", "--data", str(logs), "--sql")
    assert "SELECT" in done.stdout
    assert '"N" > 1' in done.stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("T | wher N > 1", ["did you mean where?", "1 | T | wher N > 1", "^^^^"]),
        ("T | where Nn > 1", ["Nn", "^^"]),
        ("Tt | take 1", ["Tt"]),
    ],
)
def test_mistakes_are_shown_with_their_place(text: str, words: list[str], logs: Path) -> None:
    done = huntlens("query", text, "--data", str(logs))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


def test_normalize_writes_parquet(logs: Path) -> None:
    done = huntlens("data", "normalize", str(logs), "--out", str(logs / "out"))
    assert done.returncode == 0, done.stderr
    assert (logs / "out" / "T.parquet").exists()


def test_doctor_knows_the_extras() -> None:
    done = huntlens("doctor")
    assert done.returncode == 0
    assert "reading .evtx files: evtx" in done.stdout


def test_a_pack_from_new_to_docs(tmp_path: Path) -> None:
    assert huntlens("pack", "new", "p/web.yaml", "--environment", "local", cwd=tmp_path).returncode == 0
    assert "is there already" in huntlens("pack", "new", "p/web.yaml", cwd=tmp_path).stderr
    path = tmp_path / "p/web.yaml"
    done = huntlens("pack", "check", "p", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "1 packs, 0 errors\n")
    path.write_text(path.read_text("utf-8").replace("| take 10", "|   take   10   "), "utf-8")
    assert huntlens("pack", "format", "--check", "p", cwd=tmp_path).returncode == 1
    assert huntlens("pack", "format", "p", cwd=tmp_path).returncode == 0
    assert "| take 10\n" in path.read_text("utf-8")
    assert huntlens("pack", "docs", "p", "--out", "page.md", cwd=tmp_path).returncode == 0
    assert "### `web.example`" in (tmp_path / "page.md").read_text("utf-8")


def test_what_others_wrote_is_listed_with_what_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.kql").write_text("// Title: Odd \x1b[31mones\nT | take 5\n", "utf-8")
    (tmp_path / "b.kql").write_text("// nothing\n", "utf-8")
    done = huntlens("pack", "list", str(tmp_path))
    assert done.returncode == 1
    assert "[31mones" in done.stdout
    assert "\x1b" not in done.stdout
    assert "1 queries, 1 not taken" in done.stdout


def test_search_takes_the_packs_of_the_folder_and_of_its_settings(tmp_path: Path) -> None:
    for folder, name in (("queries", "near"), ("far", "far")):
        (tmp_path / folder).mkdir()
        huntlens("pack", "new", f"{folder}/{name}.yaml", cwd=tmp_path)
    (tmp_path / "huntlens.yaml").write_text("packs: [far]\n", "utf-8")
    found = huntlens("pack", "search", "first", "events", "of", "the", "range", cwd=tmp_path).stdout
    assert {line.partition(" ")[0] for line in found.splitlines()} == {"near.example", "far.example"}
    assert "### `windows.logons`" in huntlens("pack", "search", "windows.logons", cwd=tmp_path).stdout


def test_an_answer_is_saved_in_the_form_of_the_name(logs: Path) -> None:
    text = 'T | project TimeGenerated, N, d = dynamic({"a": [1]}), s = strcat("=", Name)\n| render columnchart'
    data = str(logs / "T.jsonl")
    files = [logs / f"out.{form}" for form in ("csv", "json", "parquet", "html")]
    done = huntlens("query", text, "--data", data, *(word for file in files for word in ("--save", str(file))))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == f"2 rows in {files[0]}"
    csv, rows, table, html = files
    assert csv.read_text("utf-8").splitlines()[1] == """2026-03-01 10:00:00,1,"{""a"": [1]}",'=a"""
    first = json.loads(rows.read_text("utf-8"))[0]
    assert first == {"TimeGenerated": "2026-03-01T10:00:00Z", "N": 1, "d": {"a": [1]}, "s": "=a"}
    assert huntlens("query", "out | count", "--data", str(table), "--format", "csv").stdout == "Count\n2\n"
    again = logs / "again.json"
    assert huntlens("data", "convert", str(table), str(again)).returncode == 0
    assert again.read_bytes() == rows.read_bytes()
    page = html.read_text("utf-8")
    assert "huntlens-table" in page
    assert "huntlens-plot" in page
    assert "default-src 'none'" in page


def test_no_value_becomes_markup_in_a_saved_page(tmp_path: Path) -> None:
    rows = [{"v": value} for value in hostile.VALUES if "\ud800" not in value]
    (tmp_path / "T.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    page = tmp_path / "page.html"
    title = hostile.VALUES[0]
    done = huntlens("query", f"T // {title}", "--data", str(tmp_path / "T.jsonl"), "--save", str(page))
    assert done.returncode == 0, done.stderr
    tags = set(re.findall(r"<(?!!doctype)(/?\w+)", page.read_text("utf-8").partition("<script>")[0]))
    assert not tags & {"img", "svg", "textarea", "b", "/textarea"}
    assert f"<script>{hostile.MARK}" not in page.read_text("utf-8")


def test_a_form_that_is_not_known_is_named(logs: Path) -> None:
    done = huntlens("query", "print 1", "--save", str(logs / "x.xlsx"))
    assert done.returncode == 1
    assert "the name ends in one of .csv, .json, .parquet, .html" in done.stderr
