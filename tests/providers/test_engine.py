"""The engine: cursors, frames and views of one query, memory, interrupts, functions; and how work is run."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest

from huntlens import QueryProvider
from huntlens.errors import QueryError, QueryTimeoutError
from huntlens.providers.engine import Engine, View, literal, quote
from huntlens.providers.run import run_interruptible
from huntlens.providers.source import Cancel

SLOW = "select count(*) from range(100000000) a, range(100000) b where a.range % 7 = b.range % 5"


@pytest.fixture
def engine():
    made = Engine()
    yield made
    made.close()
    made.close()


def test_frames_live_for_one_query(engine: Engine) -> None:
    frame = pa.table({"n": [1, 2]})
    assert engine.fetch('select sum(n) as s from "F"', frames={"F": frame})["s"].to_pylist() == [3]
    with pytest.raises(QueryError, match="F does not exist"):
        engine.fetch('select * from "F"')


def test_a_view_stands_before_a_table_for_one_query(engine: Engine) -> None:
    engine.load('create table "T" as select unnest([1, 2, 3]) as n')
    part = {"T": View('select * from memory.main."T" where n > 1')}
    assert engine.fetch('select count(*) as c from "T"', frames=part)["c"].to_pylist() == [2]
    assert engine.fetch('select count(*) as c from "T"')["c"].to_pylist() == [3]


def test_queries_run_side_by_side(engine: Engine) -> None:
    def ask(number: int) -> int:
        return engine.fetch('select sum(n) as s from "F"', frames={"F": pa.table({"n": [number] * 1000})})["s"][
            0
        ].as_py()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(20))) == [number * 1000 for number in range(20)]


def test_more_than_memory_is_spilled() -> None:
    """A sort of 160 MB with 60 MB of memory finishes, since the engine has a folder of its own to spill to."""
    engine = Engine(memory_limit="60MB", threads=1)
    rows = engine.fetch(
        "select max(r) as m from (select row_number() over (order by hash(range)) as r from range(5000000))"
    )
    assert rows["m"].to_pylist() == [5_000_000]
    with pytest.raises(QueryError, match="needs more memory than it may use"):
        engine.fetch("select list(repeat('x', 100) || range) from range(5000000)")
    assert engine.fetch("select 1 as one")["one"].to_pylist() == [1]
    engine.close()


def test_cancel_interrupts_and_the_engine_goes_on(engine: Engine) -> None:
    cancel = Cancel()
    threading.Timer(0.2, cancel).start()
    started = time.monotonic()
    with pytest.raises(QueryError, match="was cancelled"):
        engine.fetch(SLOW, cancel=cancel)
    assert time.monotonic() - started < 2
    with pytest.raises(QueryError, match="before it started"):
        engine.fetch("select 1", cancel=cancel)
    assert engine.fetch("select 1 as one").num_rows == 1


def test_loading_can_be_stopped(engine: Engine) -> None:
    threading.Timer(0.2, engine.stop).start()
    with pytest.raises(QueryError, match="was cancelled"):
        engine.load(SLOW)


def test_time_limits(engine: Engine) -> None:
    with pytest.raises(QueryTimeoutError, match=r"after 0\.2 s"):
        run_interruptible(lambda cancel: engine.fetch(SLOW, cancel=cancel), timeout_s=0.2)


def test_ticks_come_on_the_main_thread() -> None:
    threads = set()

    def work(cancel: Cancel) -> str:
        time.sleep(0.35)
        return threading.current_thread().name

    name = run_interruptible(work, tick=lambda *_: threads.add(threading.current_thread()))
    assert name == "huntlens-query"
    assert threads == {threading.main_thread()}


def test_errors_of_the_work_are_raised_where_it_was_asked_for() -> None:
    with pytest.raises(ZeroDivisionError):
        run_interruptible(lambda _: 1 // 0)


def test_functions_of_python(engine: Engine) -> None:
    engine.define("twice", lambda values: pa.array([2 * v.as_py() for v in values], pa.int64()), ["BIGINT"], "BIGINT")
    assert engine.fetch("select twice(21) as n")["n"].to_pylist() == [42]


def test_names_and_texts_are_quoted(engine: Engine) -> None:
    hostile = "a\"b'; drop table x; --"
    table = engine.fetch(f"select {literal(hostile)} as {quote(hostile)}")
    assert table.to_pylist() == [{hostile: hostile}]


def test_scratch_is_gone_when_the_engine_is() -> None:
    engine = Engine()
    folder = engine.scratch
    assert folder.is_dir()
    engine.close()
    assert not folder.exists()


def test_a_time_range_filters_every_table() -> None:
    rows = [{"TimeGenerated": f"2026-03-0{day}T00:00:00", "n": day} for day in range(1, 6)]
    import pandas as pd

    frame = pd.DataFrame(rows).assign(TimeGenerated=lambda f: pd.to_datetime(f.TimeGenerated))
    qp = QueryProvider("local", data={"T": frame, "U": frame.drop(columns="TimeGenerated")})
    span = "2026-03-02..2026-03-04"
    assert qp.exec_query("T | summarize sum(n)", timespan=span).rows == [(9,)]
    assert qp.exec_query("T | join kind=inner T on n | count", timespan=span).rows == [(3,)]
    assert qp.exec_query("U | count", timespan=span).rows == [(5,)]
    assert qp.exec_query("T | count").rows == [(5,)]
    limited = qp.exec_query("T", limit=2)
    assert (len(limited), limited.truncated) == (2, True)
    assert [len(result) for result in (*qp.exec_query("T; U | take 1").more, qp.exec_query("T; U | take 1"))] == [5, 1]
    qp.close()


def test_named_queries_run_and_say_what_they_are() -> None:
    event = {
        "TimeGenerated": "2026-03-01",
        "EventID": 4624,
        "Computer": "web01",
        "TargetUserName": "al",
        "IpAddress": "1.2.3.4",
    }
    qp = QueryProvider("local")
    known = qp.catalog.get("windows.logons")
    assert "windows" in dir(qp)
    assert qp.windows.logons.query is known
    assert known.summary in (qp.windows.logons.__doc__ or "")
    assert "host" in str(qp.windows.logons.__signature__)
    assert qp.list_queries("windows")
    assert qp.search("logon")[0].query.id in qp.list_queries()
    assert "tables" in repr(qp)
    assert event["Computer"] not in repr(qp)
    qp.close()
