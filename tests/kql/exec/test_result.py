"""What a `Result` gives: rows, frame and Arrow with the types of KQL."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pyarrow as pa
import pytest

from huntlens.errors import KqlError, ParameterError, UnsupportedError
from huntlens.providers.embedded import query, sql

ALL = """print b = true, i = int(1), l = 9007199254740993, r = 1.5, s = "x", t = datetime(2026-01-02 03:04:05.1234567),
  d = 1d + 1tick, j = dynamic({"a": [1]}), n = long(null), e = "", g = guid(74be27de-1e4e-49d9-b579-fe0b331d3642)"""


def test_rows_are_python_values() -> None:
    (row,) = query(ALL).rows
    assert row[:5] == (True, 1, 9007199254740993, 1.5, "x")
    assert row[5:8] == (datetime(2026, 1, 2, 3, 4, 5, 123456), timedelta(days=1), {"a": [1]})
    assert row[8:] == (None, "", "74be27de-1e4e-49d9-b579-fe0b331d3642")


def test_a_frame_keeps_types_and_integers() -> None:
    frame = query(ALL).df
    assert frame["l"][0] == 9007199254740993
    assert pd.isna(frame["n"][0])
    assert str(frame["n"].dtype) == "Int64"
    assert frame["d"][0] == pd.Timedelta(days=1) + pd.Timedelta(nanoseconds=100)
    assert frame["j"][0] == {"a": [1]}
    assert frame["t"].dtype == "datetime64[us]"
    assert frame.attrs["kql_types"]["d"] == "timespan"


def test_arrow_keeps_json_as_text() -> None:
    table = query(ALL).arrow
    assert table.schema.field("j").type == pa.string()
    assert table.schema.field("d").type == pa.duration("ns")


def test_lengths_beyond_three_centuries_lose_only_the_last_digit() -> None:
    (row,) = query("print d = datetime(9999-01-01) - datetime(0001-01-01)").rows
    assert row == (datetime(9999, 1, 1) - datetime(1, 1, 1),)


def test_render_and_sql_come_with_the_rows() -> None:
    result = query("range x from 1 to 3 step 1 | render columnchart with (title='t')")
    assert result.render == ("columnchart", {"title": "t"})
    assert "range" in result.sql.lower()
    assert len(result) == 3


def test_several_results() -> None:
    result = query("print a = 1; print b = 2")
    assert result.rows == [(2,)]
    assert [other.rows for other in result.more] == [[(1,)]]


def test_parameters_are_typed_values() -> None:
    text = "declare query_parameters(who: dynamic, since: datetime); print who[1], since + 1d"
    result = query(text, parameters={"who": ["a", "b'"], "since": datetime(2026, 1, 1)})
    assert result.rows == [("b'", datetime(2026, 1, 2))]


def test_a_parameter_of_no_type_is_refused() -> None:
    with pytest.raises(ParameterError, match="parameter 'x'"):
        query("print x", parameters={"x": object()})


def test_an_unknown_column_has_a_place() -> None:
    with pytest.raises(KqlError, match="line 2, column 9") as caught:
        query("T\n| where nme == 1", {"T": [{"name": 1}]})
    assert caught.value.diagnostics


def test_columns_that_depend_on_the_data_need_it_for_their_sql() -> None:
    with pytest.raises(UnsupportedError, match="depend on the data"):
        sql("print d = dynamic({'a': 1}) | evaluate bag_unpack(d)")


def test_an_empty_text_has_no_rows() -> None:
    assert query("// nothing").rows == []
