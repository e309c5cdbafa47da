"""What is broken gives one clear error, and the provider goes on working."""

from __future__ import annotations

import gzip
import io
import os
import random
import signal
import subprocess
import sys
import tarfile
import textwrap
import time
import zipfile
from pathlib import Path

import pytest

from huntlens import QueryProvider
from huntlens.errors import (
    ArchiveError,
    DataError,
    HuntlensError,
    KqlError,
    ParameterError,
    QueryError,
    QueryTimeoutError,
)
from huntlens.providers.archives import Limits
from huntlens.providers.load import DataWarning

EVENT = '{"Channel":"Security","EventID":4624,"Hostname":"dc01","TimeCreated":"2026-03-01T10:00:00Z"}\n'
SLOW = "range x from 1 to 4000000000 step 1 | extend y = x * 7 % 13 | summarize dcount(y), sum(x) by z = x % 100003"


@pytest.fixture
def qp():
    provider = QueryProvider("local", data={"T": [{"n": 1}, {"n": 2}]})
    yield provider
    assert provider.exec_query("T | count").rows == [(2,)]
    provider.close()


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_a_file_that_is_no_zip(qp: QueryProvider, tmp_path: Path) -> None:
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 this is no archive")
    with pytest.raises(ArchiveError, match=r"broken\.zip is no readable archive"):
        qp.add_data(tmp_path / "broken.zip")


def test_a_zip_with_a_broken_member(qp: QueryProvider, tmp_path: Path) -> None:
    lines = [EVENT.replace("dc01", random.Random(n).randbytes(8).hex()) for n in range(2000)]
    path = zipped(tmp_path / "a.zip", {"events.json": "".join(lines).encode()})
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match=r"events\.json is broken"):
        qp.add_data(path)


@pytest.mark.parametrize("kind", ["zip", "gz", "tar.gz"])
def test_a_bomb(qp: QueryProvider, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"bomb.json.{kind}" if kind == "gz" else tmp_path / f"bomb.{kind}"
    data = b" " * 40_000_000
    if kind == "zip":
        zipped(path, {"bomb.json": data})
    elif kind == "gz":
        path.write_bytes(gzip.compress(data))
    else:
        with tarfile.open(path, "w:gz") as archive:
            info = tarfile.TarInfo("bomb.json")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    with pytest.raises(ArchiveError, match=r"times its size, as a bomb does.*limits=Limits\(ratio=") as caught:
        qp.add_data(path)
    assert path.name in str(caught.value)


def test_a_lying_header_helps_nobody(qp: QueryProvider, tmp_path: Path) -> None:
    path = zipped(tmp_path / "liar.zip", {"a.json": EVENT.encode() * 200_000})
    with pytest.raises(ArchiveError, match="more than 1 MB"):
        qp.add_data(path, limits=Limits(total_bytes=1_000_000))


def test_archives_in_archives_have_an_end(qp: QueryProvider, tmp_path: Path) -> None:
    data = EVENT.encode()
    for level in range(6):
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w") as archive:
            archive.writestr(f"{level}.json" if level == 0 else f"{level}.zip", data)
        data = inner.getvalue()
    path = tmp_path / "deep.zip"
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match=r"inside 4 others.*Limits\(depth="):
        qp.add_data(path)
    assert qp.add_data(path, limits=Limits(depth=None))[0] == "SecurityEvent"


def test_many_members(qp: QueryProvider, tmp_path: Path) -> None:
    path = zipped(tmp_path / "many.zip", {f"{n}.json": EVENT.encode() for n in range(30)})
    with pytest.raises(ArchiveError, match=r"more than 20 files.*Limits\(members="):
        qp.add_data(path, limits=Limits(members=20))
    qp.add_data(path)
    assert qp.exec_query("SecurityEvent | count").rows[0][0] >= 30


def test_an_encrypted_member(qp: QueryProvider, tmp_path: Path) -> None:
    path = zipped(tmp_path / "secret.zip", {"a.json": EVENT.encode()})
    data = bytearray(path.read_bytes())
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        data[data.find(mark) + (6 if mark[2] == 3 else 8)] |= 1
    path.write_bytes(data)
    with pytest.raises(ArchiveError, match="is encrypted; unpack it first"):
        qp.add_data(path)


def test_cut_off_json_lines(qp: QueryProvider, tmp_path: Path) -> None:
    path = tmp_path / "cut.json"
    path.write_text(EVENT * 3 + EVENT[:40])
    with pytest.raises(DataError, match=r'cut\.json, line 4: .* 3 lines are good: on_error="skip" keeps them'):
        qp.add_data(path)
    with pytest.warns(DataWarning, match=r"cut\.json, line 4: .* 3 lines were kept"):
        qp.add_data(path, on_error="skip")
    assert qp.exec_query("SecurityEvent | count").rows == [(3,)]


def test_a_cut_off_array(qp: QueryProvider, tmp_path: Path) -> None:
    path = tmp_path / "cut.json"
    path.write_text("[\n" + EVENT.strip() + ",\n" + EVENT.strip() + ",\n" + EVENT[:30])
    with pytest.raises(DataError, match=r"cut\.json, line 4: the JSON is broken or cut off.* 2 events are good"):
        qp.add_data(path)
    with pytest.warns(DataWarning, match="2 events were kept"):
        qp.add_data(path, on_error="skip")
    assert qp.exec_query("SecurityEvent | count").rows == [(2,)]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("empty.json", b"", "holds no rows"),
        ("binary.log", b"\x7fELF\0\0\0\0" * 50, "is a binary file"),
        ("no.parquet", b"PAR1 nope", "no.parquet"),
        ("no.evtx", b"ElfFile nope", "no readable event log"),
        ("what.xyz", b"hello", "is of no known kind"),
    ],
)
def test_files_that_are_not_what_they_say(
    qp: QueryProvider, tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(HuntlensError, match=message):
        qp.add_data(tmp_path / name)


def test_a_file_that_is_not_there(qp: QueryProvider) -> None:
    with pytest.raises(DataError, match="does not exist; give a file, a folder or a glob"):
        qp.add_data("/no/such/file.json")


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("T | where nope == 1", "KQL104", "line 1, column 11"),
        ("Nope | take 1", "KQL101", "line 1, column 1"),
        ("T\n| wher n == 1", "KQL010", "line 2"),
        ("T | where n ==", "KQL0", "line 1"),
    ],
)
def test_a_text_that_is_wrong(qp: QueryProvider, text: str, code: str, place: str) -> None:
    with pytest.raises(KqlError) as caught:
        qp.exec_query(text, host="unused")
    assert code in str(caught.value)
    assert place in str(caught.value)
    assert caught.value.text == text
    assert caught.value.diagnostics


def test_a_table_that_was_not_loaded(qp: QueryProvider) -> None:
    with pytest.raises(KqlError, match=r"line 1, column 1: .*'SigninLogs'; loaded are: T$"):
        qp.exec_query("SigninLogs | count", host="x")


def test_wrong_parameters(qp: QueryProvider) -> None:
    with pytest.raises(ParameterError, match="takes a value that KQL knows"):
        qp.exec_query("T", thing=object())
    with pytest.raises(ParameterError, match="has no parameter 'hots'"):
        qp.windows.logons(hots="web01")
    with pytest.raises(AttributeError, match="did you mean logons"):
        qp.windows.logns()


@pytest.mark.parametrize("items", ["take", "where n ==", "; T | take 1", "take 1; print 2"])
def test_added_items_are_checked(qp: QueryProvider, items: str) -> None:
    with pytest.raises(KqlError, match="add_query_items"):
        qp.exec_query("T", add_query_items=items)


def test_a_time_limit_stops_at_once(qp: QueryProvider) -> None:
    started = time.monotonic()
    with pytest.raises(QueryTimeoutError, match=r"stopped after 0\.3 s"):
        qp.exec_query(SLOW, timeout_s=0.3)
    assert time.monotonic() - started < 2


def test_frames_that_cannot_be_told_apart(qp: QueryProvider) -> None:
    with pytest.raises(DataError, match="differ only in case"):
        qp.add_data([{"n": 1}], "t")


def test_ctrl_c_stops_a_query_and_nothing_else(tmp_path: Path) -> None:
    """A real SIGINT in a real process: KeyboardInterrupt at once, and the connection answers."""
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(f"""
        import signal
        from huntlens import QueryProvider
        # A shell that starts the tests in the background has them ignore SIGINT.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        qp = QueryProvider("local", data={{"T": [{{"n": 1}}]}})
        ticks = []

        def tick(elapsed, told):
            ticks.append(elapsed)
            if len(ticks) == 3:
                print("ready", flush=True)

        try:
            qp.exec_query({SLOW!r}, tick=tick)
        except KeyboardInterrupt as error:
            print("interrupted", error, flush=True)
        print(bool(ticks), qp.exec_query("T | count").rows, flush=True)
        """)
    )
    process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    sent = time.monotonic()
    os.kill(process.pid, signal.SIGINT)
    assert process.stdout.readline().startswith("interrupted query cancelled after")
    took = time.monotonic() - sent
    out, err = process.communicate(timeout=60)
    assert out == "True [(1,)]\n"
    assert (process.returncode, err) == (0, "")
    assert took < 2, took


def test_sql_reaches_no_file(qp: QueryProvider) -> None:
    """The engine is locked when the first query runs: no file, no setting, no extension."""
    qp.exec_query("T")
    engine = qp.source.engine
    for statement in (
        "select * from read_csv('/etc/passwd')",
        "copy (select 1) to '/tmp/huntlens-out.csv'",
        "attach '/tmp/huntlens.db'",
        "install inet",
        "set enable_external_access = true",
        "set memory_limit = '1TB'",
    ):
        with pytest.raises((DataError, QueryError)):
            engine.fetch(statement)
