"""Answers that are kept from one state of a notebook to the next are those that would be given anew."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assist.test_cases import TABLES
from huntlens.assist import cells
from huntlens.assist.bound_names import Names
from huntlens.assist.context import Context, is_entity
from huntlens.assist.meaning import Code, code_of
from huntlens.assist.session import EMPTY
from huntlens.catalog.discover import PIVOTS, catalog

LINES = (
    "from huntlens import QueryProvider, Host",
    "from huntlens import *",
    'qp = QueryProvider("local")',
    'other = QueryProvider("elsewhere")',
    "qp = other",
    "other = qp",
    "def get():\n    inner = qp\n    return inner",
    "qp = get()",
    "qp.windows.logns()",
    'other.windows.logons(host="a", hst=1)',
    "qp.exec_query(text)",
    'text = "SecurityEvent | whre EventID == 1"',
    'text = "SigninLogs | where Nope == 1"',
    "get().windows.logons()",
    'Host("a").nothing',
    "Host = 1",
    "%%kql -o text\nSecurityEvent | where Nope == 2",
    "class A:\n    qp = other",
    "import pandas as pd",
    "x = 1",
)
CELL = st.lists(st.sampled_from(LINES), max_size=3).map("\n".join)
STEP = st.one_of(
    st.tuples(st.just("edit"), st.integers(0, 9), CELL),
    st.tuples(st.just("insert"), st.integers(0, 9), CELL),
    st.tuples(st.just("delete"), st.integers(0, 9), CELL),
)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    packs = [PIVOTS, Path(__file__).parent / "packs.yaml"]
    return Context(catalog(packs, builtin=False, cache=tmp_path_factory.mktemp("cache")), tables=TABLES)


def findings(code: Code, context: Context, asked: list[int] | None = None) -> list[object]:
    """The findings about all cells; the cells that had to be looked at are taken down."""

    def check(noting: Code, cell: int) -> object:
        if asked is not None:
            asked.append(cell)
        return cells.check(noting, cell, context)

    return [code.kept("findings", cell, partial(check, cell=cell)) for cell in range(len(code.cells))]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(CELL, min_size=1, max_size=5), steps=st.lists(STEP, max_size=6))
def test_kept_findings_are_the_findings(context: Context, texts: list[str], steps: list[tuple[str, int, str]]) -> None:
    code = code_of(texts, is_entity, EMPTY)
    findings(code, context)
    for what, at, text in steps:
        texts = list(texts)
        if what == "insert":
            texts.insert(at, text)
        elif texts and what == "delete":
            texts.pop(at % len(texts))
        elif texts:
            texts[at % len(texts)] = text
        code = code_of(texts, is_entity, EMPTY, before=code)
        assert findings(code, context) == findings(code_of(texts, is_entity, EMPTY), context)


@settings(max_examples=100)
@given(texts=st.lists(CELL, min_size=1, max_size=4), number=st.integers(0, 3), text=CELL)
def test_an_index_that_followed_an_edit_is_the_index(texts: list[str], number: int, text: str) -> None:
    before = code_of(texts, is_entity, EMPTY)
    texts[number % len(texts)] = text
    followed, anew = code_of(texts, is_entity, EMPTY, before=before), code_of(texts, is_entity, EMPTY)
    names = {name for one in (followed, anew) for name in one.names_of}
    assert {name: followed.names_of.all_of(name) for name in names} == {
        name: Names.of(anew.cells).all_of(name) for name in names
    }


def test_an_edit_elsewhere_asks_for_no_new_answer(context: Context) -> None:
    texts = ["from huntlens import QueryProvider", 'qp = QueryProvider("local")', *(["qp.windows.logons()"] * 50), "x"]
    code = code_of(texts, is_entity, EMPTY)
    findings(code, context)

    def asked_after(number: int, text: str) -> list[int]:
        nonlocal code
        texts[number] = text
        code = code_of(texts, is_entity, EMPTY, before=code)
        asked: list[int] = []
        findings(code, context, asked)
        return asked

    for typed in ("qp", "qp.", "qp.windows", "qp.windows.logons(", 'y = qp.windows.logons(host="a")'):
        assert asked_after(52, typed) == [52]
    assert asked_after(1, f"# the provider\n{texts[1]}") == [1]
    assert asked_after(1, 'qp = QueryProvider("sentinel")') == list(range(1, 53))
