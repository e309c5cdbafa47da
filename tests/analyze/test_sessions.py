"""Sessions, and how likely they are."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huntlens.analyze.sequences import Command, score, train
from huntlens.analyze.sessions import session_ids, sessionize
from huntlens.errors import DataError

DAY = pd.Timestamp("2026-03-01")


def log(*rows: tuple[str, int, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["user", "minute", "event"])
    return frame.assign(time=DAY + pd.to_timedelta(frame["minute"], unit="m"))


def test_sessions_end_at_pauses_users_and_length() -> None:
    data = log(("a", 0, "x"), ("b", 1, "y"), ("a", 10, "z"), ("a", 30, "w"), *[("c", 10 * n, "s") for n in range(14)])
    found = sessionize(data, "user", "event")
    rows = found[["user", "number_events", "event"]].to_numpy().tolist()
    assert rows[:3] == [["a", 2, ["x", "z"]], ["c", 7, ["s"] * 7], ["b", 1, ["y"]]]
    assert found["duration"].max() == timedelta(hours=1)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 300)), max_size=40))
def test_sessions_as_counted_by_hand(rows: list[tuple[str, int]]) -> None:
    data = log(*[(user, minute, "e") for user, minute in rows])
    numbers = session_ids(data, "user") if rows else pd.Series(dtype=int)
    for user in "ab":
        start = last = None
        seen = []
        mine = data[data["user"] == user].sort_values("minute", kind="stable") if rows else data
        for label, minute in mine["minute"].items():
            new = last is None or minute - last > 15 or minute - start > 60
            start = minute if new else start
            last = minute
            if new:
                assert numbers[label] not in seen
                seen.append(numbers[label])
            assert numbers[label] == seen[-1]


def test_rows_without_a_time() -> None:
    data = log(("a", 0, "x"), ("a", 1, "y"))
    data.loc[0, "time"] = pd.NaT
    assert session_ids(data, "user").tolist() == [-1, 0]


def test_unknown_column() -> None:
    with pytest.raises(DataError, match="no column 'who'"):
        sessionize(log(("a", 0, "x")), "who", "event")


def test_likelihood_worked_by_hand() -> None:
    """Two sessions `a b` and `a c`: after a start always a (3 of 3 + 4 kinds + 1 unseen), after a half b, half c."""
    model = train([["a", "b"], ["a", "c"]])
    kinds = 5 + 1
    found = score([["a", "b"]], model=model, window=1)
    first, second = (2 + 1) / (2 + kinds), (1 + 1) / (2 + kinds)
    assert found["likelihood"].iloc[0] == pytest.approx((first * second) ** 0.5)
    assert found["rarest_window"].iloc[0] == ["b"]
    assert found["rarest_likelihood"].iloc[0] == pytest.approx(second)


def test_the_odd_session_comes_first_and_columns_are_kept() -> None:
    frame = pd.DataFrame({"who": list("pqrs"), "events": [["a", "b", "c"]] * 3 + [["a", "x", "c"]]})
    found = score(frame, "events")
    assert found["who"].iloc[0] == "s"
    # What x leads to was seen once only, so `x c` is less likely than `a x`.
    assert score(frame, "events", window=2)["rarest_window"].iloc[0] == ["x", "c"]


def test_parameters_and_values_count() -> None:
    usual = [[Command("set-rule", {"name": "inbox"})]] * 30
    odd_parameter = [[Command("set-rule", {"forward": "x"})]]
    odd_value = [[Command("set-rule", {"name": "zzz"})]]
    found = score([*usual, *odd_parameter, *odd_value])
    assert set(found.index[:2]) == {30, 31}


def test_empty_sessions() -> None:
    found = score([[], ["a"]])
    assert found.loc[0, "rarest_window"] == []
    assert pd.isna(found.loc[0, "likelihood"])
    assert score([]).empty


def test_bad_arguments() -> None:
    with pytest.raises(DataError, match="name the column"):
        score(pd.DataFrame({"a": [["x"]]}))
    with pytest.raises(DataError, match="at least one event"):
        score([["a"]], window=0)
