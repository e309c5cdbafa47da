"""What the kernel tells the editor: when it is written, what is read again, that nothing of it stays behind."""

from __future__ import annotations

import os
import stat

import pandas as pd
import pytest

import huntlens_kernel
from huntlens.assist import session as published
from huntlens_kernel.publish import Publisher

pa = pytest.importorskip("pyarrow")


@pytest.fixture
def publisher(ip, tmp_path, monkeypatch):
    monkeypatch.setenv("HUNTLENS_RUNTIME_DIR", str(tmp_path / "told"))
    made = Publisher(huntlens_kernel.current(ip))
    yield made
    made.close()


def told(tmp_path) -> published.Session:
    (path,) = (tmp_path / "told").glob("*.json")
    found = published.read(path)
    assert found is not None
    return found


def test_only_what_has_changed_is_written(ip, publisher, tmp_path):
    ip.user_ns["t"] = pd.DataFrame({"a": [1]})
    publisher()
    first = told(tmp_path).written
    publisher()
    assert told(tmp_path).written == first
    ip.user_ns["t"]["b"] = "x"
    publisher()
    assert told(tmp_path).frames["t"].columns == {"a": "long", "b": "string"}
    ip.user_ns["t"]["a"] = ip.user_ns["t"]["a"].astype("float64")
    publisher()
    assert told(tmp_path).frames["t"].columns["a"] == "real"
    ip.user_ns["t"] = ip.user_ns["t"].rename(columns={"a": "c"})
    publisher()
    assert list(told(tmp_path).frames["t"].columns) == ["c", "b"]
    del ip.user_ns["t"]
    publisher()
    assert told(tmp_path).frames == {}


def test_frames_that_have_not_changed_are_not_read_again(ip):
    session = huntlens_kernel.current(ip)
    for number in range(5):
        ip.user_ns[f"t{number}"] = pd.DataFrame({"a": [1], "bag": pd.Series([{"x": 1}], dtype=object)})
    before = session.view.of(session)
    assert session.view.of(session) is before
    assert session.view.context(session) is session.view.context(session)
    ip.user_ns["t3"]["new"] = 1
    after = session.view.of(session)
    assert [name for name in after.frames if after.frames[name] is not before.frames[name]] == ["t3"]
    assert after.frames["t3"].columns == {"a": "long", "bag": "dynamic", "new": "long"}


def test_tables_of_all_kinds(ip, publisher, tmp_path):
    ip.user_ns["arrow"] = pa.table({"When": pa.array([0], pa.timestamp("us")), "Name": ["hunter2"]})
    ip.user_ns["batch"] = ip.user_ns["arrow"].to_batches()[0]
    ip.user_ns["relation"] = __import__("duckdb").sql("select 1 as n, 'hunter2' as s")
    ip.run_cell("from huntlens import QueryProvider\nqp = QueryProvider('local', data={'T': [{'Pass': 'hunter2'}]})")
    publisher()
    found = told(tmp_path)
    assert found.frames["arrow"].columns == found.frames["batch"].columns == {"When": "datetime", "Name": "string"}
    assert found.frames["relation"].columns == {"n": "long", "s": "string"}
    assert found.connections["qp"].tables == {"T": {"Pass": "string"}}
    (path,) = (tmp_path / "told").iterdir()
    assert "hunter2" not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_what_is_stale_goes_and_what_is_ours_too(publisher, tmp_path):
    stale = published.publish(published.Session(pid=2**22 + 7), into=tmp_path / "told")
    publisher()
    assert not stale.exists()
    assert told(tmp_path).pid == os.getpid()
    publisher.close()
    assert list((tmp_path / "told").iterdir()) == []


def test_a_kernel_that_ends_takes_its_file_away(tmp_path):
    from jupyter_client.manager import start_new_kernel

    env = {**os.environ, "HUNTLENS_RUNTIME_DIR": str(tmp_path / "told"), "IPYTHONDIR": str(tmp_path)}
    manager, client = start_new_kernel(kernel_name="python3", env=env)
    try:
        client.execute_interactive("%load_ext huntlens_kernel", timeout=60)
        assert told(tmp_path).pid == manager.provisioner.pid
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=False)
    assert list((tmp_path / "told").iterdir()) == []
