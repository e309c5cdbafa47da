"""The page of features: every row of ours names a test that is there, and every request that is served has a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cases import read_cases
from huntlens import registry
from server.asked import ASK

HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "docs" / "features.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text("utf-8").splitlines()
    if line.startswith("| ")
]
HEAD, *OURS = ROWS
REQUESTS = {  # the feature's file: the blocks of the cases, or the test, that show it
    "code_action": "actions", "code_lens": "lenses", "completion": "completion", "completion_resolve": "resolve",
    "definition": "definition", "diagnostic": "findings", "document_highlight": "highlight", "document_link": "links",
    "document_symbol": "outline", "execute_command": "command", "folding_range": "folds", "formatting": "layout",
    "hover": "hover", "inlay_hint": "hints", "on_type_formatting": "layout_typed", "prepare_rename": "prepare",
    "range_formatting": "layout_range", "references": "references", "rename": "rename",
    "selection_range": "selection", "semantic_tokens": "colours", "semantic_tokens_range": "colours_range",
    "semantic_tokens_delta": "test_long.py::test_colours_by_what_has_changed", "signature_help": "signature",
    "workspace_symbol": "symbols", "initialize": "test_requests.py::test_columns_are_counted_as_agreed",
    "initialized": "test_long.py::test_settings_are_asked_for_and_followed",
    "did_change_configuration": "test_long.py::test_settings_are_asked_for_and_followed",
    "did_change_watched_files": "test_long.py::test_files_that_change_and_folders_that_come_and_go",
    "did_change_workspace_folders": "test_long.py::test_files_that_change_and_folders_that_come_and_go",
    "did_save": "test_session.py::test_a_pack_that_is_saved_is_read_again",
}  # fmt: skip


def is_there(test: str) -> bool:
    """Whether a test exists: `file.py::function`, or `cases: title`."""
    file, _, name = test.partition("::" if "::" in test else ": ")
    if name and "::" in test:
        return f"def {name}(" in (HERE / file).read_text("utf-8")
    return name in {case.title for case in read_cases(HERE / "cases" / f"{file}.md")}


@pytest.mark.parametrize("row", OURS, ids=[row[0] for row in OURS])
def test_a_row_names_a_test_that_shows_it(row: list[str]) -> None:
    assert len(row) == len(HEAD)
    assert row[1] != "no"
    assert is_there(row[-1])
    assert all(row)


@pytest.mark.parametrize("request_", registry.member_names("huntlens_server.features"))
def test_every_request_is_asked(request_: str) -> None:
    shown = REQUESTS[request_]
    if "::" in shown:
        assert is_there(shown)
        return
    assert shown in ASK
    cases = [case for path in (HERE / "cases").glob("*.md") for case in read_cases(path) if shown in case.blocks]
    assert any(case.blocks[shown].strip() for case in cases)


def test_the_page_tells_when_the_others_were_read() -> None:
    assert re.search(r"read in \w+ 20\d\d", PAGE.read_text("utf-8"))
