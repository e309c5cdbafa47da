"""What a kernel publishes, and what is read of it."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from huntlens.assist import session as sessions
from huntlens.assist.session import EMPTY, Connection, Frame, Session, find, publish, read

MINE = Session(
    pid=os.getpid(),
    cwd="/hunt",
    notebook="",
    written=5.0,
    frames={"df": Frame({"Host": "string", "N": "long"})},
    connections={"local": Connection("local", variable="qp", current=True, tables={"T": {"A": "datetime"}})},
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = publish(MINE, into=tmp_path / "new")
    assert read(path) == MINE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [table.name for table in MINE.tables] == ["T", "df"]
    assert [(column.name, column.type) for column in MINE.tables[1].columns] == [("Host", "string"), ("N", "long")]


def test_a_kernel_that_is_gone_is_not_believed(tmp_path: Path) -> None:
    assert read(publish(Session(pid=2**22 + 7, frames=MINE.frames), into=tmp_path)) is None


def test_files_of_kernels_that_are_gone_are_removed(tmp_path: Path) -> None:
    mine, gone = publish(MINE, into=tmp_path), publish(Session(pid=2**22 + 7), into=tmp_path)
    for name in ("old.part", "new.part", "odd.json"):
        (tmp_path / name).write_text("{")
    os.utime(tmp_path / "old.part", (0, 0))
    sessions.sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {mine.name, "new.part", "odd.json"}
    assert not gone.exists()


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", '{"version": 2}', '{"version": 1}', "\0", "[" * 100_000,
        '{"version": 1, "pid": "x", "frames": 5}', '{"version": 1, "pid": true}',
    ],
)  # fmt: skip
def test_what_is_malformed_is_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    assert read(path) is None


def test_odd_parts_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    frames = {"df": {"columns": {"A": "string", "B": 5}}, "no": 3, "x" * 1000: {"columns": {}}}
    path.write_text(json.dumps({"version": 1, "pid": os.getpid(), "frames": frames, "connections": {"c": {}}}))
    found = read(path)
    assert found is not None
    assert found.frames == {"df": Frame({"A": "string"})}
    assert found.connections == {"c": Connection("")}


def test_the_session_of_a_notebook_is_the_one_that_names_it(tmp_path: Path) -> None:
    notebook = tmp_path / "case.ipynb"
    notebook.touch()
    publish(Session(pid=os.getpid(), notebook=str(notebook), written=1), name="named", into=tmp_path / "s")
    publish(Session(pid=os.getpid(), cwd=str(tmp_path), written=9), name="near", into=tmp_path / "s")
    assert find(str(notebook), tmp_path / "s").written == 1
    assert find(str(tmp_path / "other.ipynb"), tmp_path / "s").written == 9
    assert find("/elsewhere/x.ipynb", tmp_path / "s") is EMPTY


def test_sessions_stay_with_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HUNTLENS_RUNTIME_DIR", str(tmp_path / "mine"))
    assert sessions.folder() == tmp_path / "mine"
    assert stat.S_IMODE(publish(MINE).parent.stat().st_mode) == 0o700
