"""Parquet files that stay where they are, and tables of several files."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from huntlens import QueryProvider
from huntlens.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

DAY = datetime(2026, 1, 1)
PLAIN = {"TimeGenerated": [DAY, DAY], "EventID": pa.array([4624, None], pa.int64()), "Computer": ["a", None]}


def in_place(qp: QueryProvider, name: str) -> bool:
    return bool(qp.source.tables[name].in_place)  # type: ignore[attr-defined]  # the local source


def write(path: Path, columns: dict[str, object]) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


@pytest.mark.parametrize("stays", [True, False])
def test_the_answers_are_the_same(tmp_path: Path, *, stays: bool) -> None:
    data = {"SecurityEvent": write(tmp_path / "a.parquet", PLAIN), "Mine": write(tmp_path / "it's.parquet", PLAIN)}
    with QueryProvider("local", data=data, in_place=stays) as qp:
        assert (in_place(qp, "SecurityEvent"), in_place(qp, "Mine")) == (stays, stays)
        text = "SecurityEvent | project TimeGenerated, EventID, Computer, Account"
        assert qp.exec_query(text).rows == [(DAY, 4624, "a", ""), (DAY, None, "", "")]
        assert qp.exec_query("Mine | where isnull(EventID) | count").rows == [(1,)]
        assert qp.exec_query(text, timespan="2026-01-02..2026-01-03").rows == []


def test_only_large_files_stay_unless_told(tmp_path: Path) -> None:
    with QueryProvider("local", data=write(tmp_path / "T.parquet", PLAIN)) as qp:
        assert not in_place(qp, "T")


@pytest.mark.parametrize(
    "columns",
    [
        {"a": [1], "A": [2]},
        {"a": [[1, 2]]},
        {"a": [{"b": 1}]},
        {"a": pa.array([1], pa.int8())},
        {"a": pa.array([DAY], pa.timestamp("ns", "UTC"))},
    ],
    ids=["names", "list", "struct", "narrow", "zone"],
)
def test_what_needs_a_change_is_copied(tmp_path: Path, columns: dict[str, object]) -> None:
    with QueryProvider("local", data=write(tmp_path / "T.parquet", columns), in_place=True) as qp:
        assert not in_place(qp, "T")
        assert len(qp.exec_query("T")) == 1


def test_a_file_that_comes_after_the_first_query_is_copied(tmp_path: Path) -> None:
    """The engine is locked by then, and shown no further file."""
    with QueryProvider("local", data=write(tmp_path / "T.parquet", PLAIN), in_place=True) as qp:
        assert qp.exec_query("T | count").rows == [(2,)]
        qp.add_data(write(tmp_path / "U.parquet", PLAIN))
        assert (in_place(qp, "T"), in_place(qp, "U")) == (True, False)
        assert qp.exec_query("union T, U | count").rows == [(4,)]


def test_dynamic_values_of_a_file_written_here(tmp_path: Path) -> None:
    path = tmp_path / "T.parquet"
    with QueryProvider("local", data={"S": [{"d": {"a": [1]}}, {"d": None}]}) as qp:
        qp.exec_query("S", to=path)
    for stays in (True, False):
        with QueryProvider("local", data=path, in_place=stays) as qp:
            assert in_place(qp, "T") is stays
            assert qp.exec_query("T | project x = d.a[0], d").rows == [(1, {"a": [1]}), (None, None)]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_known_table_of_several_files(tmp_path: Path, suffix: str) -> None:
    for number, extra in ((1, "One"), (2, "Two"), (3, "One")):
        frame = pd.DataFrame({"TimeGenerated": [f"2026-01-0{number}T00:00:00Z"], "EventID": [number], extra: ["x"]})
        path = tmp_path / f"{number}.{suffix}"
        frame.to_csv(path, index=False) if suffix == "csv" else frame.to_parquet(path, index=False)
    with QueryProvider("local") as qp:
        qp.add_data(str(tmp_path / f"*.{suffix}"), name="SecurityEvent", in_place=True)
        rows = qp.exec_query("SecurityEvent | project EventID, One, Two, Account, Day = dayofmonth(TimeGenerated)").rows
    assert sorted(rows) == [(1, "x", "", "", 1), (2, "", "x", "", 2), (3, "x", "", "", 3)]


def test_a_file_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "T.parquet"
    path.write_bytes(b"PAR1 not really")
    with pytest.raises(DataError, match="no readable Parquet"):
        QueryProvider("local", data=path, in_place=True)
