"""What Spark costs beside DuckDB: its start, the first query, a warm one, and everyday queries over Parquet.

    python benchmarks/spark_speed.py [--rows 1000000] [--master 'local[2]'] [--repeat 3]

Both read the same Parquet file of generated rows. Milliseconds, the best of the repeats; the answers are checked to
have as many rows.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
from kql_speed import RACES, TABLE

from huntlens.providers import QueryProvider

_JSON = """SecurityEvent | extend P = parse_json(Properties) | where toint(P.score) > 90
| summarize count() by tostring(P.user.name)"""
QUERIES = [*((race.name, race.kql) for race in RACES if "Properties" not in race.kql), ("JSON by key", _JSON)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--repeat", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "SecurityEvent.parquet"
        with duckdb.connect() as connection:
            connection.execute(TABLE.format(rows=asked.rows))
            connection.execute(f"COPY \"SecurityEvent\" TO '{file}'")
        local = QueryProvider("local", data=file)
        started = time.perf_counter()
        spark = QueryProvider("spark", master=asked.master, config={"spark.driver.memory": "4g"})
        _tell("start of Spark", time.perf_counter() - started)
        _tell("first query", _seconds(lambda: spark.exec_query("print 1")))
        _tell("first Python function", _seconds(lambda: spark.exec_query("print url_encode('a b')")))
        _tell("warm query", min(_seconds(lambda: spark.exec_query("print 1")) for _ in range(5)))
        _tell("warm query, DuckDB", min(_seconds(lambda: local.exec_query("print 1")) for _ in range(5)))
        spark.add_data(file)
        print(f"{asked.rows:,} rows on {asked.master}: {'ms on Spark':>12} {'on DuckDB':>10} {'ratio':>6}")
        for name, text in QUERIES:
            _race(name, text, spark, local, asked.repeat)
        spark.close()
        local.close()


def _race(name: str, text: str, spark: QueryProvider, local: QueryProvider, repeat: int) -> None:
    there, here = len(spark.exec_query(text)), len(local.exec_query(text))
    assert there == here, f"{name}: {there} rows on Spark, {here} on DuckDB"
    ours, other = (
        min(_seconds(lambda provider=provider: provider.exec_query(text)) for _ in range(repeat))
        for provider in (spark, local)
    )
    print(f"{name:<32} {ours * 1000:12,.0f} {other * 1000:10,.0f} {ours / other:6.1f}", flush=True)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _tell(what: str, seconds: float) -> None:
    print(f"{what:<32} {seconds * 1000:12,.0f} ms", flush=True)


if __name__ == "__main__":
    main()
