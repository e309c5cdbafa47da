"""Completion and help of our magics in a shell."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pandas as pd
import pytest
from IPython.core.completer import provisionalcompleter

import huntlens_kernel
from cases import CURSOR, cases
from huntlens_kernel.complete import match, offers
from huntlens_kernel.inspect import hover

FOLDER = Path(__file__).parent / "cases"


def complete(ip, text: str) -> list[str]:
    """What IPython offers at the cursor."""
    offset = text.index(CURSOR)
    with provisionalcompleter():
        return [one.text for one in ip.Completer.completions(text.replace(CURSOR, ""), offset)]


@pytest.fixture
def hunting(ip):
    ip.user_ns["private_key"] = "secret"
    ip.user_ns["logons"] = pd.DataFrame({"Account": ["a"], "TimeGenerated": pd.to_datetime(["2026-03-01"]), "N": [1]})
    return ip


@pytest.mark.parametrize(
    "text",
    ["%%kql\npriv┃", "%%kql\nT | where f(priv┃", '%%kql\nT | where p == "/et┃', "%%ioc\npriv┃", "%%kql --zzz┃\nT"],
)
def test_nothing_of_python_is_offered_in_our_magics(hunting, text):
    found = complete(hunting, text)
    assert not [one for one in found if "private" in one or "/etc" in one or one.startswith("print")]


def test_python_is_left_alone(hunting):
    assert "private_key" in complete(hunting, "priv┃")
    assert "private_key" in complete(hunting, "x = 10 % priv┃")


@pytest.mark.parametrize("case", cases(FOLDER))
def test_offers(hunting, case, update_cases):
    """What is offered at a cursor; for long lists the block names what must be among them."""
    text, offset = case.cursor("cell")
    found = [one.label for one in offers(huntlens_kernel.current(hunting), text, offset) or []]
    wanted = case.blocks["among"].split()
    assert [one for one in wanted if one not in found] == []
    assert [one for one in case.blocks.get("absent", "").split() if one in found] == []


def test_what_is_typed_is_replaced_once(hunting):
    found = match(huntlens_kernel.current(hunting), "%%kql --lim", 11)
    assert found["matched_fragment"] == "--lim"
    assert [one.text for one in found["completions"]] == ["--limit"]


def test_no_completion_holds_a_dot(hunting):
    """VS Code drops whatever has a dot that is not in front."""
    for text in ("%%kql\nlogons | where ┃", "%%kql ┃\n", "%hunt ┃", "%pivot ┃", "%pivot Host.┃", "%hunt run ┃"):
        found = complete(hunting, text)
        assert found
        assert not [one for one in found if re.search(r".\.", one)]


def test_dotted_names_are_completed_part_by_part(hunting):
    assert "Host" in complete(hunting, "%pivot ┃")
    assert "windows" in complete(hunting, "%pivot Host.┃")
    assert "logons" in complete(hunting, "%pivot Host.windows.lo┃")
    session = huntlens_kernel.current(hunting)
    assert match(session, "%pivot Host.windows.lo", 22)["matched_fragment"] == "lo"


def test_query_texts_in_python(hunting):
    from huntlens import QueryProvider

    hunting.user_ns["qp"] = QueryProvider("local", data={"T": [{"Account": 1}]})
    assert complete(hunting, 'qp.exec_query("T | where Acc┃")') == ["Account"]


def test_completion_is_quick(hunting):
    session = huntlens_kernel.current(hunting)
    text = "%%kql\nlogons\n| where Acc"
    match(session, text, len(text))
    start = time.thread_time()
    for _ in range(20):
        match(session, text, len(text))
    assert time.thread_time() - start < 20 * 0.05  # of CPU; 20 ms are the budget


def test_hover(hunting):
    session = huntlens_kernel.current(hunting)
    assert hover(session, "print(1)", 3) is None
    assert "--limit" in (hover(session, "%%kql --limit 3\nT", 9) or "")
    assert "Decode base64" in (hover(session, "%b64 x", 2) or "")
    assert hover(session, "%%ioc\nsome text", 9) == ""
