"""Frames and files of every kind become tables with the right names and types."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huntlens import QueryProvider
from huntlens.errors import DataError
from huntlens.frames import physical_names, to_arrow, to_frame
from huntlens.providers.files import Lines, table_name
from huntlens.providers.sources.local import Local

ROWS = [
    {"Name": "a", "n": 1, "When": "2026-03-01T10:00:00Z", "Extra": {"k": [1, 2]}, "Half": 0.5, "Yes": True},
    {"Name": "b", "n": None, "When": "2026-03-01T10:00:00.1234567Z", "Extra": None, "Half": 2, "Yes": None},
]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)
TYPES = {"Name": "string", "n": "long", "When": "datetime", "Extra": "dynamic", "Half": "real", "Yes": "bool"}


def types(local: Local, table: str) -> dict[str, str]:
    return {column.name: column.type for column in local.tables[table].schema.columns}


def written(folder: Path, kind: str) -> Path:
    """The rows in a file of a kind."""
    data, path = LINES.encode(), folder / f"data.{kind}"
    if kind == "json.gz":
        data = gzip.compress(data)
    elif kind == "zip":
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("deep/data.json", data)
            archive.writestr("__MACOSX/._data.json", b"\0\5\7")
        data = out.getvalue()
    elif kind == "tar.gz":
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w:gz") as archive:
            info = tarfile.TarInfo("data.json")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        data = out.getvalue()
    elif kind == "array.json":
        data = json.dumps(ROWS, indent=2).encode()
    elif kind == "pretty.json":
        data = "\n".join(json.dumps(row, indent=2) for row in ROWS).encode()
    elif kind == "wrapped.json":
        data = json.dumps({"value": ROWS}).encode()
    elif kind == "utf16.json":
        data = LINES.encode("utf-16")
    elif kind == "bom.jsonl":
        data = b"\xef\xbb\xbf" + data.replace(b"\n", b"\r\n")
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "kind",
    ["json", "jsonl", "ndjson", "json.gz", "zip", "tar.gz", "array.json", "pretty.json", "wrapped.json", "utf16.json",
     "bom.jsonl"],
)  # fmt: skip
def test_json_of_every_kind(tmp_path: Path, kind: str) -> None:
    local = Local({"T": written(tmp_path, kind)})
    assert types(local, "T") == TYPES
    assert local.engine.fetch('select * from "T" order by "Name"').to_pylist() == [
        {"Name": "a", "n": 1, "When": datetime(2026, 3, 1, 10), "Extra": '{"k":[1,2]}', "Half": 0.5, "Yes": True},
        {
            "Name": "b",
            "n": None,
            "When": datetime(2026, 3, 1, 10, 0, 0, 123456),
            "Extra": None,
            "Half": 2.0,
            "Yes": None,
        },
    ]
    local.close()


def test_folders_globs_and_parts_of_one_table(tmp_path: Path) -> None:
    (tmp_path / "logs" / "more").mkdir(parents=True)
    (tmp_path / "logs" / "a.csv").write_text("x,y\n1,one\n2,two\n")
    (tmp_path / "logs" / "more" / "a.csv").write_text("x,z\n3,2026-01-01\n")
    (tmp_path / "logs" / "b.tsv").write_text("q\tr\nv\t1.5\n")
    (tmp_path / "logs" / "notes.md").write_text("no data")
    qp = QueryProvider("local", data=tmp_path / "logs")
    assert qp.tables == ("a", "b")
    assert qp.exec_query("a | sort by x asc | project x, y, z").rows == [
        (1, "one", None), (2, "two", None), (3, "", datetime(2026, 1, 1)),
    ]  # fmt: skip
    assert qp.add_data({"all": str(tmp_path / "logs" / "**" / "*.csv")}) == ["all"]
    assert qp.exec_query("all | count").rows == [(3,)]
    qp.close()


def test_parquet_keeps_nested_values(tmp_path: Path) -> None:
    table = pa.table({
        "d": pa.array([{"a": 1}, None]), "t": pa.array([1, 2], pa.timestamp("ns", "Europe/Berlin")),
        "i": pa.array([1, None], pa.int32()), "u": pa.array([2**40, 1], pa.uint64()), "Id": [1, 2], "ID": ["x", "y"],
    })  # fmt: skip
    pq.write_table(table, tmp_path / "p.parquet")
    qp = QueryProvider("local", data=tmp_path / "p.parquet")
    assert dict(qp.exec_query("p").types) == {
        "d": "dynamic", "t": "datetime", "i": "int", "u": "long", "Id": "long", "ID": "string",
    }  # fmt: skip
    assert qp.exec_query("p | where ID == 'x' | project Id, ID, a = d.a").rows == [(1, "x", 1)]
    qp.close()


def test_known_tables_get_their_columns_and_types(tmp_path: Path) -> None:
    """A file that is called like a known table is that table: its types, and all its columns."""
    (tmp_path / "SigninLogs.csv").write_text(
        'TimeGenerated,UserPrincipalName,ResultType,LocationDetails\n2026-03-01T10:00:00Z,a@b.test,50126,"{""city"":""X""}"\n'
    )
    qp = QueryProvider("local", data=tmp_path / "SigninLogs.csv")
    answer = qp.exec_query("SigninLogs | project ResultType, city = tostring(LocationDetails.city), IPAddress")
    assert answer.rows == [("50126", "X", "")]
    qp.close()


def test_frames_of_every_kind() -> None:
    frame = pd.DataFrame({
        "s": ["x", None], "i": pd.array([1, None], "Int64"), "t": pd.to_datetime(["2026-01-01", None], utc=True),
        "d": [timedelta(seconds=1), None], "o": [{"a": 1}, [1]], "m": [1, "x"], "c": pd.Categorical(["u", "v"]),
        "dec": [Decimal("1.5"), None], "e": [None, None],
    })  # fmt: skip
    arrow = to_arrow(frame)
    assert arrow.types == {
        "s": "string", "i": "long", "t": "datetime", "d": "timespan", "o": "dynamic", "m": "string", "c": "string",
        "dec": "decimal", "e": "string",
    }  # fmt: skip
    qp = QueryProvider("local", data={"F": frame, "A": pa.table({"x": [1]}), "L": [{"x": 1, "y": "z"}]})
    assert qp.exec_query("F | project s, i, t, d, o, m").rows == [
        ("x", 1, datetime(2026, 1, 1), timedelta(seconds=1), {"a": 1}, "1"), ("", None, None, None, [1], "x"),
    ]  # fmt: skip
    assert qp.exec_query("A | join kind=inner L on x | project y").rows == [("z",)]
    qp.close()


def test_to_frame_takes_what_users_have() -> None:
    assert to_frame("a")["value"].tolist() == ["a"]
    assert to_frame(["a", "b"], "ip")["ip"].tolist() == ["a", "b"]
    assert to_frame(pd.Series([1], name="n")).columns.tolist() == ["n"]
    assert to_frame([{"a": 1}, {"b": 2}]).columns.tolist() == ["a", "b"]
    assert to_frame(pa.table({"i": pa.array([2**53 + 1, None])}))["i"].tolist() == [2**53 + 1, pd.NA]


@given(st.lists(st.text("aAbB_1é", min_size=1, max_size=4), unique=True, max_size=12))
@settings(max_examples=50, deadline=None)
def test_physical_names_never_collide(names: list[str]) -> None:
    physical = physical_names(names)
    assert list(physical) == names
    assert len({name.casefold() for name in physical.values()}) == len(names)


@given(st.binary(max_size=400), st.integers(1, 50))
@settings(max_examples=50, deadline=None)
def test_lines_are_the_lines(data: bytes, chunk: int) -> None:
    """However the chunks are cut, the lines joined are the text, and each line ends where it should."""
    data = data.replace(b"\0", b"").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").removeprefix(b"\xef\xbb\xbf")
    stream = io.BytesIO(data)
    lines = Lines(stream, "x", chunk=chunk)
    table = lines.reader().read_all()
    texts = table["text"].to_pylist()
    assert "".join(texts) == data.decode("utf-8", "backslashreplace")
    assert all(text.count("\n") == 1 and text.endswith("\n") for text in texts[:-1])
    assert table["line"].to_pylist() == list(range(1, len(texts) + 1))


def test_table_names() -> None:
    assert [table_name(name) for name in ("a.json.gz", "2023-08 events.log", "Windows.Sys.Users.json", ".csv")] == [
        "a", "_2023_08_events", "Windows_Sys_Users", "csv",
    ]  # fmt: skip


def test_raw_leaves_logs_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "e.json").write_text('{"Channel":"Security","EventID":4624,"ProcessId":"1","ProcessID":2}\n')
    qp = QueryProvider("local", data=tmp_path / "e.json", raw=True)
    assert qp.exec_query("e | project EventID, ProcessId, ProcessID").rows == [(4624, "1", 2)]
    qp.close()


def test_what_no_family_knows_is_a_table_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "mixed.json").write_text('{"Channel":"Security","EventID":1,"Hostname":"h"}\n{"other":1}\n')
    local = Local(tmp_path / "mixed.json")
    assert list(local.tables) == ["SecurityEvent", "DeviceLogonEvents", "mixed"]
    assert types(local, "mixed") == {"other": "long"}
    local.close()


def test_no_data_is_said_so() -> None:
    with pytest.raises(DataError, match="needs a name"):
        Local(pd.DataFrame({"a": [1]}))
    with pytest.raises(DataError, match="is no data"):
        Local({"a": 3})
