"""Spark as a source: tables from everywhere, types, time ranges, limits, stops."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from huntlens.providers import QueryProvider

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
    assert session.conf.get("spark.sql.caseSensitive") == before
    assert session.range(1).count() == 1
