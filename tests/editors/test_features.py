"""The table of features of the page: what our column says is shown by the cases of the server's tests.

`--update-cases` fills the column with all that they show.
"""

from __future__ import annotations

import re
from pathlib import Path

from cases import Case, cases
from editors.blocks import PAGE

FEATURES = {
    "completion": "completion",
    "hover": "hover",
    "signature help": "signature",
    "findings": "findings",
    "fixes and rewrites": "actions",
    "layout": "layout",
    "layout while typing": "layout_typed",
    "go to definition": "definition",
    "references": "references",
    "rename": "rename",
    "outline": "outline",
    "colours by meaning": "colours",
    "folding": "folds",
    "hints within the text": "hints",
    "lenses": "lenses",
}
DOCUMENTS = {"kusto": "KQL", "python": "Python", "cells": "cells", "yaml": "packs", "tasks": "tasks"}


def test_our_column_is_shown_by_cases(*, update_cases: bool) -> None:
    found = [one.values[0] for one in cases(PAGE.parents[1] / "tests" / "server" / "cases")]
    shown = {feature: documents(block, found) for feature, block in FEATURES.items()}
    assert all(shown.values()), shown
    text = PAGE.read_text("utf-8")
    told = dict(re.findall(r"^\| ([a-z ]+) \| ([^|]+) \|", text.partition("\n## Beside others\n")[2], re.MULTILINE))
    if update_cases:
        for feature, ours in shown.items():
            text = re.sub(rf"^\| {feature} \| [^|]* \|", f"| {feature} | {ours} |", text, flags=re.MULTILINE)
        Path(PAGE).write_text(text, "utf-8")
        return
    for feature, ours in shown.items():
        assert told[feature]
        assert set(told[feature].split(", ")) <= set(ours.split(", ")), feature


def documents(block: str, found: list[Case]) -> str:
    """The kinds of documents for which some case has an answer in that block."""
    answered = [case for case in found if case.blocks.get(block, "").strip() not in {"", "nothing"}]
    return ", ".join(name for kind, name in DOCUMENTS.items() if any(kind in case.blocks for case in answered))
