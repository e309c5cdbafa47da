"""Spark as a source: tables from everywhere, types, time ranges, limits, stops."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
import traceback
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from hostile import VALUES
from huntlens.errors import ConfigError, DataError, KqlError, QueryError, QueryTimeoutError, UnsupportedError
from huntlens.providers import QueryProvider
from huntlens.providers.source import Cancel, Request

pytestmark = pytest.mark.spark

_TIMES = pd.to_datetime(["2026-01-01T00:00:00.000000", "2026-01-02T03:04:05.123456"])


@pytest.fixture(scope="module")
def session(spark: QueryProvider) -> Any:
    return spark.source.engine.base


@pytest.fixture(scope="module", autouse=True)
def _frames(spark: QueryProvider) -> None:
    frame = pd.DataFrame({"Id": [1, 2], "ID": ["a", None], "TimeGenerated": _TIMES, "Bag": [{"x": [1, 2]}, {"y": 1}]})
    spark.add_data({"Logons": frame})


def test_names_that_differ_only_in_case(spark: QueryProvider) -> None:
    assert spark.exec_query("Logons | where Id == 2 | project Id, ID").rows == [(2, "")]


def test_dynamic_and_parameters(spark: QueryProvider) -> None:
    result = spark.exec_query("Logons | where ID in (names) | project v = Bag.x[1]", names=["a", "'); drop table x --"])
    assert result.rows == [(2,)]


def test_python_functions(spark: QueryProvider) -> None:
    result = spark.exec_query("Logons | sort by Id asc | project set_union(dynamic([7]), Bag.x)")
    assert result.rows[0] == ([7, 1, 2],)


def test_time_range(spark: QueryProvider) -> None:
    result = spark.exec_query("Logons | project Id, TimeGenerated", timespan="2026-01-02..2026-01-03")
    assert result.rows == [(2, datetime(2026, 1, 2, 3, 4, 5, 123456))]
    assert spark.exec_query("union Log* | count", timespan="2026-01-02..2026-01-03").rows == [(1,)]


def test_limit_keeps_the_order(spark: QueryProvider) -> None:
    result = spark.exec_query("Logons | sort by Id desc | project Id", limit=1)
    assert (result.rows, result.truncated) == ([(2,)], True)


def test_frame_of_one_query(spark: QueryProvider) -> None:
    assert spark.exec_query("Mine | summarize sum(n)", tables={"Mine": [{"n": 1}, {"n": 2}]}).rows == [(3,)]
    assert "Mine" not in spark.tables


def test_types_of_spark(spark: QueryProvider, session: Any) -> None:
    frame = session.range(1).selectExpr(
        "struct(1 AS id, 'x' AS n) AS bag", "array(1, 2) AS list", "interval '1 02:03:04' day to second AS length",
        "CAST(0.5 AS FLOAT) AS real", "date'2026-01-05' AS day", "CAST(1.5 AS DECIMAL(10, 2)) AS price",
        "timestamp_ntz'2026-01-01 00:00:00' AS plain", "CAST(3 AS SMALLINT) AS small",
    )  # fmt: skip
    spark.add_data(frame, "Typed")
    result = spark.exec_query("Typed")
    assert list(result.types.values()) == [
        "dynamic", "dynamic", "timespan", "real", "datetime", "decimal", "datetime", "int",
    ]  # fmt: skip
    length = timedelta(days=1, hours=2, minutes=3, seconds=4)
    assert result.rows == [
        ({"id": 1, "n": "x"}, [1, 2], length, 0.5, datetime(2026, 1, 5), Decimal("1.50"), datetime(2026, 1, 1), 3)
    ]


def test_parquet_and_catalogue(spark: QueryProvider, session: Any, tmp_path: Path) -> None:
    frame = session.range(3).selectExpr("id AS EventID", "'{\"a\":1}' AS EventData")
    frame.write.parquet(str(tmp_path / "events.parquet"))
    assert spark.add_data(tmp_path / "events.parquet") == ["events"]
    assert spark.exec_query("events | count").rows == [(3,)]
    session.sql("CREATE DATABASE huntlens_test")
    frame.write.option("path", str(tmp_path / "table")).saveAsTable("huntlens_test.Events")
    try:
        with QueryProvider("spark", session=session, database="huntlens_test") as own:
            assert own.tables == ("events",)
            assert own.exec_query("Events | where EventID > 0 | count").rows == [(2,)]
    finally:
        session.sql("DROP DATABASE huntlens_test CASCADE")


def test_a_session_that_is_given_stays_as_it_is(spark: QueryProvider, session: Any) -> None:
    before = session.conf.get("spark.sql.caseSensitive")
    session.range(4).createOrReplaceTempView("mine")
    with QueryProvider("spark", session=session) as own:
        assert own.exec_query("mine | count").rows == [(4,)]
    session.catalog.dropTempView("mine")
    assert session.conf.get("spark.sql.caseSensitive") == before
    assert session.range(1).count() == 1


def test_files(spark: QueryProvider, tmp_path: Path) -> None:
    (tmp_path / "lines.jsonl").write_text('{"n": 1, "bag": {"a": [1]}}\n{"n": 2, "N": "x"}\n', "utf-8")
    (tmp_path / "array.json").write_text('[{"n": 1},\n {"n": 2}]', "utf-8")
    (tmp_path / "rows.csv").write_text('name,n\n"a ""b"", c",1\nd,2\n', "utf-8")
    assert spark.add_data([tmp_path / "lines.jsonl", tmp_path / "array.json", tmp_path / "rows.csv"]) == [
        "lines", "array", "rows",
    ]  # fmt: skip
    assert spark.exec_query("lines | project n, N, bag.a[0]").rows == [(1, "", 1), (2, "x", None)]
    assert spark.exec_query("array | summarize sum(n)").rows == [(3,)]
    assert spark.exec_query("rows | sort by n asc").rows == [('a "b", c', 1), ("d", 2)]


def test_a_known_name_has_its_columns(spark: QueryProvider, tmp_path: Path) -> None:
    line = {"TimeGenerated": "2026-01-01T10:00:00.1234567Z", "EventID": "4625", "Own": 1}
    (tmp_path / "SecurityEvent.json").write_text(json.dumps(line), "utf-8")
    spark.add_data(tmp_path / "SecurityEvent.json")
    rows = spark.exec_query("SecurityEvent | where EventID == 4625 | project TimeGenerated, Account, Own").rows
    assert rows == [(datetime(2026, 1, 1, 10, 0, 0, 123456), "", 1)]


def test_raw_logs_are_read_as_the_local_source_does(spark: QueryProvider, tmp_path: Path) -> None:
    event = {
        "EventID": 4625, "Channel": "Security", "Hostname": "web01", "@timestamp": "2026-01-01T10:00:00.000Z",
        "SourceName": "Microsoft-Windows-Security-Auditing", "TargetUserName": "bob", "IpAddress": "10.0.0.1",
    }  # fmt: skip
    with zipfile.ZipFile(tmp_path / "logs.zip", "w") as archive:
        archive.writestr("logs.json", json.dumps(event))
    with pytest.raises(DataError, match="normalize=True"):
        spark.add_data(tmp_path / "logs.zip")
    text = "SecurityEvent | where EventID == 4625 | project TimeGenerated, Computer, TargetUserName, IpAddress"
    with QueryProvider("local", data=tmp_path / "logs.zip") as local:
        here = local.exec_query(text)
    with QueryProvider("spark", session=spark.source.engine.base) as own:
        assert "SecurityEvent" in own.add_data(tmp_path / "logs.zip", normalize=True)
        assert own.exec_query(text).rows == here.rows
        assert here.rows == [(datetime(2026, 1, 1, 10), "web01", "bob", "10.0.0.1")]


def test_large_values_and_many_rows(spark: QueryProvider) -> None:
    ((size, text),) = spark.exec_query("print t = strrep('ab', 1000) | project strlen(t), t").rows
    assert (size, len(text)) == (2000, 2000)
    frame = pd.DataFrame({"s": ["x" * 5_000_000]})
    assert spark.exec_query("S | extend n = strlen(s)", tables={"S": frame}).rows == [("x" * 5_000_000, 5_000_000)]
    result = spark.exec_query("range n from 1 to 300000 step 1 | extend t = strcat('row ', n)", limit=250_000)
    assert (len(result), result.truncated) == (250_000, True)


def test_moments_that_are_too_far_away(spark: QueryProvider) -> None:
    text = """datatable(n: long)[9223372036854775807, -922337203685477580]
        | extend d = datetime(2024-01-01)
        | project datetime_add('day', n, d), datetime_add('month', n, d), startofmonth(d, n), endofday(d, n)"""
    assert spark.exec_query(text).rows == [(None,) * 4, (None,) * 4]


def test_hostile_parameters_stay_values(spark: QueryProvider) -> None:
    values = {f"p{number}": value for number, value in enumerate(VALUES) if "\ud800" not in value}
    assert any("${" in value for value in values.values()), "Spark puts settings there if it is let"
    text = f"Logons | take 1 | project {', '.join(f'v{name} = {name}, n{name} = strlen({name})' for name in values)}"
    (row,) = spark.exec_query(text, **values).rows
    assert list(row) == [part for value in values.values() for part in (value, len(value))]


def test_errors_name_the_remedy(spark: QueryProvider, tmp_path: Path) -> None:
    with pytest.raises(KqlError, match=r"on Spark are: .*Logons"):
        spark.exec_query("Nope | count")
    with pytest.raises(DataError, match="does not exist"):
        spark.add_data(tmp_path / "nope.parquet")
    (tmp_path / "table" / "_delta_log").mkdir(parents=True)
    with pytest.raises(DataError, match="delta-spark"):
        spark.add_data(tmp_path / "table")
    with pytest.raises(ConfigError, match="sc://"):
        QueryProvider("spark", remote="127.0.0.1:15002")
    with pytest.raises(UnsupportedError, match="on Spark") as refused:
        spark.exec_query("Logons | evaluate narrow()")
    assert refused.value.diagnostics[0].code == "KQL301"


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select raise_error('boom')", "boom"),
        ("selec 1", "Syntax error"),
        ("select * from nowhere", "cannot be found"),
        ("select raise_error('the key is hunter2-hunter2')", r"\*{8}"),
    ],
)
def test_errors_of_spark_are_one_line(
    spark: QueryProvider, capfd: pytest.CaptureFixture[str], sql: str, said: str
) -> None:
    with QueryProvider("spark", config={"spark.hadoop.fs.s3a.secret.key": "hunter2-hunter2"}) as second:
        with pytest.raises(QueryError, match=said) as caught:
            second.source.engine.fetch(sql)
        shown = "".join(traceback.format_exception(caught.value))
    assert "\n" not in str(caught.value)
    assert not any(word in shown for word in ("hunter2", "org.apache", "JVM", "\tat "))
    assert "Exception" not in capfd.readouterr().err
    assert spark.exec_query("print 1").rows == [(1,)]


# --- stopping --------------------------------------------------------------------------------------------------------

_LONG = "range a from 1 to 2000000000000 step 1 | where a % 5 == 7 | count"
_LONG_IN_PYTHON = (
    "range a from 1 to 2000000000 step 1 | extend b = hash_sha1(url_encode(tostring(a))) | summarize max(b)"
)


@pytest.mark.parametrize("text", [_LONG, _LONG_IN_PYTHON])
def test_a_time_limit_stops_the_query(spark: QueryProvider, text: str) -> None:
    spark.exec_query("print hash_sha1(url_encode('a'))")
    with pytest.raises(QueryTimeoutError):
        spark.exec_query(text, timeout_s=2)
    _stands_still(spark)
    assert spark.exec_query("print 1").rows == [(1,)]


def test_a_stop_from_outside(spark: QueryProvider) -> None:
    cancel = Cancel()
    threading.Timer(1.5, cancel).start()
    with pytest.raises(QueryError, match="cancelled"):
        spark.source.run(Request(_LONG), cancel)
    _stands_still(spark)
    assert spark.exec_query("print 1").rows == [(1,)]


def test_ctrl_c_stops_the_query(spark: QueryProvider) -> None:
    before = signal.getsignal(signal.SIGINT)
    assert before is signal.default_int_handler, "a Spark that starts leaves Ctrl-C alone"
    threading.Timer(1.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        spark.exec_query(_LONG)
    _stands_still(spark)
    assert spark.exec_query("print 1").rows == [(1,)]


def test_only_that_query_stops(spark: QueryProvider) -> None:
    cancel = Cancel()
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(spark.exec_query, "range a from 1 to 300000000 step 1 | summarize sum(a)")
        threading.Timer(0.5, cancel).start()
        with pytest.raises(QueryError, match="cancelled"):
            spark.source.run(Request(_LONG), cancel)
        assert other.result().rows == [(45000000150000000,)]


def _stands_still(spark: QueryProvider) -> None:
    """No job runs any more; it is waited for, since a machine may be slow."""
    tracker = spark.source.engine.base.sparkContext.statusTracker()
    for _ in range(600):
        if not tracker.getActiveStageIds():
            return
        time.sleep(0.05)
    pytest.fail("a job goes on")
