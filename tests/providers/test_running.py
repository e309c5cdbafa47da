"""Running: limits within the SQL, rows that go to a file as they come, what is told meanwhile, and spilling."""

from __future__ import annotations

import json
import re
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from huntlens import QueryProvider
from huntlens.errors import DataError, ParameterError, QueryError
from huntlens.providers.engine import Engine
from huntlens.providers.parquet import TYPES, table_to_file, to_file
from huntlens.providers.source import Cancel, Request
from huntlens.providers.sources.local import Local

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MANY = "range n from 1 to 300000 step 1"


@pytest.fixture
def qp() -> Iterator[QueryProvider]:
    with QueryProvider("local", data={"T": [{"a": "x", "d": {"k": [1]}}, {"a": None, "d": None}]}) as provider:
        yield provider


def test_a_limit_is_a_part_of_the_sql(qp: QueryProvider) -> None:
    result = qp.exec_query(f"{MANY} | sort by n desc", limit=3)
    assert result.rows == [(300000,), (299999,), (299998,)]
    assert result.truncated
    assert sum(buffer.size for buffer in result.table.column(0).chunk(0).buffers() if buffer) < 100_000
    assert not qp.exec_query("T", limit=2).truncated
    assert len(qp.exec_query("T", limit=0)) == 0


def test_rows_go_to_a_file(qp: QueryProvider, tmp_path: Path) -> None:
    path = tmp_path / "out.parquet"
    text = f"{MANY} | extend s = tostring(n), t = n * 1m, d = dynamic({{'a': 1}})"
    result = qp.exec_query(text, to=path)
    assert result.notes == (f"300,000 rows in {path}",)
    assert (len(result), result.truncated) == (1000, True)
    whole = qp.exec_query(text)
    assert pq.read_table(path).replace_schema_metadata(None).equals(whole.arrow)
    assert json.loads(pq.read_schema(path).metadata[TYPES]) == dict(whole.types)
    assert pq.ParquetFile(path).num_row_groups > 1
    assert [item.name for item in tmp_path.iterdir()] == ["out.parquet"]


def test_a_file_is_read_back_as_it_was(qp: QueryProvider, tmp_path: Path) -> None:
    path = tmp_path / "Again.parquet"
    result = qp.exec_query("T | extend t = 1.5s, g = toguid('')", to=str(path))
    assert result.rows == qp.exec_query("T | extend t = 1.5s, g = toguid('')").rows
    assert not result.truncated
    with QueryProvider("local", data=path) as again:
        assert again.exec_query("Again | project a, d, t").rows == [
            ("x", {"k": [1]}, timedelta(seconds=1.5)),
            ("", None, timedelta(seconds=1.5)),
        ]


def test_no_rows_make_a_file_too(qp: QueryProvider, tmp_path: Path) -> None:
    path = tmp_path / "none.parquet"
    qp.exec_query("T | where a == 'no'", to=path)
    assert pq.read_table(path).column_names == ["a", "d"]
    assert table_to_file(path, pa.table({"n": pa.array([], pa.int64())}), {"n": "long"}).notes == (f"0 rows in {path}",)


def test_what_stops_the_writing_leaves_the_file_before(qp: QueryProvider, tmp_path: Path) -> None:
    path = tmp_path / "kept.parquet"
    path.write_bytes(b"before")

    def broken() -> Iterator[pa.RecordBatch]:
        yield pa.record_batch({"n": [1]})
        raise QueryError("the query was cancelled")

    with pytest.raises(QueryError, match="cancelled"):
        to_file(path, broken(), {"n": "long"})
    with pytest.raises(QueryError, match="one statement"):
        qp.exec_query("T; T", to=path)
    with pytest.raises(ParameterError, match="parquet"):
        qp.exec_query("T", to=tmp_path / "out.csv")
    with pytest.raises(DataError, match="cannot be written"):
        qp.exec_query("T", to=tmp_path / "no folder" / "out.parquet")
    assert path.read_bytes() == b"before"
    assert [item.name for item in tmp_path.iterdir()] == ["kept.parquet"]


def test_a_file_takes_the_memory_of_a_row_group(tmp_path: Path) -> None:
    """4 million rows go through; never more than a fifth of their bytes are held at once."""
    held: list[int] = []
    start = pa.total_allocated_bytes()

    def batches() -> Iterator[pa.RecordBatch]:
        for number in range(80):
            held.append(pa.total_allocated_bytes() - start)
            yield pa.record_batch({"n": pa.array(range(number * 50_000, (number + 1) * 50_000), pa.int64())})

    to_file(tmp_path / "big.parquet", batches(), {"n": "long"})
    assert pq.ParquetFile(tmp_path / "big.parquet").metadata.num_rows == 4_000_000
    assert max(held) < 4_000_000 * 8 / 5


def test_what_came_is_told() -> None:
    local, cancel = Local({"T": [{"n": 1}, {"n": 2}]}), Cancel()
    local.run(Request("T"), cancel)
    assert re.fullmatch(r"2 rows · \d+ B", cancel.told)
    local.close()


def test_how_far_a_query_is_is_told_while_it_runs() -> None:
    engine, cancel, told = Engine(), Cancel(), []
    engine.load("create table t as select range as i from range(2000000)")
    cancel.is_watched = True

    def watch() -> None:
        while not (told and told[-1].endswith("%")):
            told.append(cancel.told)
            time.sleep(0.02)
        cancel()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    with pytest.raises(QueryError, match="cancelled"):
        engine.fetch("select count(*) from t a join t b on a.i % 200 = b.i % 200", cancel=cancel)
    watcher.join()
    assert engine.fetch("select count(*) as n from t")["n"].to_pylist() == [2_000_000]
    engine.close()


def test_a_query_that_is_over_has_nothing_to_tell() -> None:
    """Whoever waits may ask just when the session is closed."""
    engine, cancel = Engine(), Cancel()
    cancel.is_watched = True
    asked = []
    rows = engine.batches("select 1 as one", cancel=cancel)
    next(rows)
    asked.append(cancel._watch)  # what a thread holds that is about to ask
    list(rows)
    assert asked[0] is not None
    assert asked[0]() == ""
    assert cancel.told.startswith("1 rows · ")
    engine.close()


def test_a_reader_that_stops_half_way_leaves_the_engine_free() -> None:
    engine = Engine()
    rows = engine.batches("select range as i from range(1000000)")
    next(rows)
    next(rows)
    rows.close()  # type: ignore[attr-defined]  # a generator
    assert engine.fetch("select 1 as one")["one"].to_pylist() == [1]
    engine.close()


def test_a_stream_can_be_stopped_and_the_engine_goes_on() -> None:
    engine, cancel = Engine(), Cancel()
    rows = engine.batches("select range as i from range(50000000)", cancel=cancel)
    next(rows)
    assert next(rows).num_rows > 0
    cancel()
    with pytest.raises(QueryError, match="cancelled"):
        list(rows)
    assert engine.fetch("select 1 as one")["one"].to_pylist() == [1]
    engine.close()


def test_more_rows_than_memory_are_spilled_to_a_folder_that_goes_away() -> None:
    engine = Engine(memory_limit="50MB", threads=1)
    scratch = engine.scratch
    engine.load(
        "create table t as select range as i, md5(range::varchar) || md5((range + 1)::varchar) as h from range(1000000)"
    )
    assert sum(item.stat().st_size for item in scratch.rglob("*") if item.is_file()) > 10_000_000
    sql = "select count(*) as groups, sum(n) as n, min(h) as h from (select h, count(*) as n from t group by h)"
    (row,) = engine.fetch(sql).to_pylist()
    assert (row["groups"], row["n"]) == (1_000_000, 1_000_000)
    ordered = engine.fetch("select h from t order by h limit 1 offset 1000")["h"].to_pylist()
    assert ordered[0] > row["h"]
    engine.close()
    assert not scratch.exists()
