"""Frames under the name of a known table have all of its columns."""

from __future__ import annotations

import pandas as pd
import pytest

from huntlens.errors import KqlError
from huntlens.kql.schema import Schema
from huntlens.providers import QueryProvider, query


def test_a_frame_of_a_known_name_has_its_columns() -> None:
    frame = pd.DataFrame({"TimeGenerated": [pd.Timestamp("2026-01-01")], "EventID": [4625], "Own": ["x"]})
    with QueryProvider("local", data={"SecurityEvent": frame}) as provider:
        answer = provider.exec_query("SecurityEvent | where isnull(LogonType) | project TargetAccount, EventID, Own")
        assert answer.rows == [("", 4625, "x")]
        text = "SecurityEvent | where isempty(TargetAccount) | count"
        assert provider.exec_query(text, timespan="2026-01-01/2026-01-02").rows == [(1,)]
        assert provider.exec_query(text, timespan="2025-01-01/2025-01-02").rows == [(0,)]


def test_a_query_over_frames_alone_knows_the_columns_too() -> None:
    frames = {"SecurityEvent": [{"EventID": 4624, "Account": "x"}], "Mine": [{"EventID": 1}]}
    text = "SecurityEvent | project EventID, Account, TargetUserName, isnull(TimeGenerated)"
    assert query(text, frames).rows == [(4624, "x", "", True)]
    with pytest.raises(KqlError, match="TargetUserName"):
        query("Mine | project TargetUserName", frames)
    schema = Schema.from_dict({"tables": {"Mine": {"EventID": "long", "Note": "string", "Seen": "datetime"}}})
    assert query("Mine | project EventID, Note, Seen", frames, schema).rows == [(1, "", None)]
