"""Spark gives the rows that the local engine gives, or refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cases import Case, cases
from huntlens.errors import UnsupportedError
from huntlens.kql.functions import all_functions
from huntlens.providers import QueryProvider, query, sql
from kql.exec.test_exec import _tables as tables_of
from kql.functions.test_meaning import MEANINGS
from same_rows import compared

pytestmark = [pytest.mark.spark, pytest.mark.timeout(900)]
HERE = Path(__file__).parent
REFUSED = HERE / "refused.tsv"
"""What Spark is known to refuse, and why; rewritten by `--update-cases`."""
LEAST = 0.97
"""The share of the cases of hunting features, of those that DuckDB answers, that must have the same rows."""
UNSPECIFIED = {"x5c69947c62"}
"""Cases whose rows may differ: it asks for the row that `innerunique` happens to keep, which Kusto leaves open."""
QUERIES = ("aggregate", "window", "plugin", "tabular")
BATCH = 12
SCALARS = [row.example for row in all_functions() if not row.untested and row.kind not in QUERIES]
OTHERS = [row.example for row in all_functions() if not row.untested and row.kind in QUERIES]


def _ends_sorted(text: str) -> bool:
    return text.rpartition("|")[2].strip().startswith(("sort by", "order by", "top "))


@pytest.mark.parametrize("case", cases(HERE / "cases"))
def test_same_rows(case: Case, spark: QueryProvider) -> None:
    text = case.blocks["kql"]
    answer = compared(lambda: query(text), lambda: spark.exec_query(text), ordered=_ends_sorted(text))
    assert answer == "same"
    assert len(spark.exec_query(text)) > 0


@pytest.mark.parametrize("case", cases(HERE.parent / "kql" / "exec" / "cases"))
def test_cases_of_the_local_engine(case: Case, spark: QueryProvider) -> None:
    text = case.blocks["kql"]
    tables, schema = tables_of(case.blocks.get("table", ""))
    for name, table in tables.items():
        spark.source.put(schema.table(name), table)
    answer = compared(lambda: query(text, tables, schema), lambda: spark.exec_query(text))
    if answer.startswith("refused"):
        pytest.skip(answer)
    assert answer in ("same", "")


@pytest.mark.parametrize("place", range(0, len(SCALARS) + len(MEANINGS), BATCH))
def test_functions(place: int, spark: QueryProvider) -> None:
    """The examples of the function rows, several as the columns of one query, as far as Spark takes them."""
    texts = [*SCALARS, *(text for text, _ in MEANINGS)][place : place + BATCH]
    taken = [text for text in texts if _compiles(f"print {text}")]
    assert _wrong([taken], spark, "print ") == []


@pytest.mark.parametrize("text", OTHERS)
def test_queries_of_functions(text: str, spark: QueryProvider) -> None:
    answer = compared(lambda: query(text), lambda: spark.exec_query(text))
    if answer.startswith("refused"):
        pytest.skip(answer)
    assert answer in ("same", "")


def _compiles(text: str) -> bool:
    try:
        sql(text, dialect="spark")
    except UnsupportedError:
        return False
    return True


def _wrong(batches: list[list[str]], spark: QueryProvider, front: str) -> list[str]:
    """The answers that differ; a batch that differs is asked again one by one."""
    found = []
    for texts in batches:
        text = front + ", ".join(f"x{number} = {item}" for number, item in enumerate(texts))
        answer = compared(lambda text=text: query(text), lambda text=text: spark.exec_query(text))
        if answer in ("same", "") and not (answer == "" and len(texts) > 1):
            continue
        found += _wrong([[item] for item in texts], spark, front) if len(texts) > 1 else [f"{texts[0]}: {answer}"]
    return found


# --- the documentation cases that lie beside the repository ---------------------------------------------------------


@pytest.mark.shared
def test_documentation(shared: Path, spark: QueryProvider, update_cases: bool) -> None:
    """Each case is answered as DuckDB does or refused; which are refused stands in a file."""
    documented = [
        json.loads(line) for line in (shared / "kql" / "exec" / "cases.jsonl").read_text("utf-8").splitlines()
    ]
    answers = {case["id"]: _documented(case, spark) for case in documented}
    refused = sorted(f"{id_}\t{text.removeprefix('refused: ')}\n" for id_, text in answers.items() if text[:1] == "r")
    if update_cases:
        REFUSED.write_text("".join(refused), "utf-8")
    wrong = [id_ for id_, text in answers.items() if text and not text.startswith(("same", "refused"))]
    assert {id_: answers[id_] for id_ in wrong if id_ not in UNSPECIFIED} == {}
    assert REFUSED.read_text("utf-8").splitlines(keepends=True) == refused
    hunting = [answers[case["id"]] for case in documented if case["hunting"] and answers[case["id"]]]
    assert hunting.count("same") / len(hunting) >= LEAST


def _documented(case: dict[str, Any], spark: QueryProvider) -> str:
    text = case["query"]
    ordered = case["ordered"] and _ends_sorted(text)
    return compared(lambda: query(text), lambda: spark.exec_query(text), ordered=ordered)
