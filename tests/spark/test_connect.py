"""Spark by address: a server of Spark Connect that runs beside, and a session that is given."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pandas as pd
import pytest

from huntlens.errors import ConnectionFailedError, QueryError, QueryTimeoutError
from huntlens.providers import QueryProvider

pytestmark = [pytest.mark.spark, pytest.mark.timeout(600)]

_LONG = "range a from 1 to 2000000000000 step 1 | where a % 5 == 7 | count"


@pytest.fixture(scope="module")
def remote(connect_address: str) -> Iterator[QueryProvider]:
    with QueryProvider("spark", remote=connect_address) as provider:
        yield provider


def test_frames_types_and_functions(remote: QueryProvider) -> None:
    frame = pd.DataFrame({"Id": [1, 2], "ID": ["a", None], "Bag": [{"x": [1, 2]}, {"y": 1}]})
    remote.add_data({"T": frame})
    result = remote.exec_query(
        "T | sort by Id asc | project ID, s = set_union(dynamic([7]), Bag.x), t = todatetime('2026-01-02')"
    )
    assert list(result.types.values()) == ["string", "dynamic", "datetime"]
    assert [row[:2] for row in result.rows] == [("a", [7, 1, 2]), ("", [7])]
    assert remote.exec_query("Mine | count", tables={"Mine": [{"n": 1}]}).rows == [(1,)]


def test_beside_a_spark_of_this_process(remote: QueryProvider, spark: QueryProvider) -> None:
    text = "print a = hash_md5('x'), b = url_encode('a b')"
    assert remote.exec_query(text).rows == spark.exec_query(text).rows


def test_a_time_limit_stops_the_query(remote: QueryProvider) -> None:
    remote.exec_query("print 1")
    with pytest.raises(QueryTimeoutError):
        remote.exec_query(_LONG, timeout_s=2)
    assert remote.exec_query("print 1").rows == [(1,)]


def test_errors_are_one_line(remote: QueryProvider) -> None:
    for sql, said in (("select raise_error('boom')", "boom"), ("select * from nowhere", "cannot be found")):
        with pytest.raises(QueryError, match=said) as caught:
            remote.source.engine.fetch(sql)
        assert "\n" not in str(caught.value)
        assert caught.value.__cause__ is None


def test_a_session_that_is_given(remote: QueryProvider, connect_address: str) -> None:
    session = remote.source.engine.base
    session.range(4).createOrReplaceTempView("mine")
    with QueryProvider("spark", session=session) as own:
        assert own.exec_query("mine | count").rows == [(4,)]
    with QueryProvider("spark", remote=connect_address) as other:
        assert other.tables == ()
    assert session.range(1).count() == 1


def test_nobody_answers() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ConnectionFailedError, match=r"no answer from sc://127\.0") as caught:
        QueryProvider("spark", remote=f"sc://127.0.0.1:{port}/;token=hunter2")
    assert "hunter2" not in str(caught.value)
