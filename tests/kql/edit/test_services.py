"""Completion, hover, signature help, definition, references, rename, hints and actions, as cases with a cursor."""

from __future__ import annotations

import json
import re
import time
from functools import partial
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import Case, cases
from huntlens.errors import KqlError
from huntlens.kql.edit.actions import actions
from huntlens.kql.edit.complete import complete
from huntlens.kql.edit.definition import definition
from huntlens.kql.edit.hover import hover
from huntlens.kql.edit.inlay import inlay
from huntlens.kql.edit.references import references
from huntlens.kql.edit.rename import can_rename, rename
from huntlens.kql.edit.signature import signature
from huntlens.kql.edit.values import Location
from huntlens.kql.schema import Schema

MOST = 6


def completed(text: str, offset: int) -> str:
    offers = complete(text, offset)
    return "\n".join(f"{offer.kind} {offer.label}" for offer in offers[:MOST])


def hovered(text: str, offset: int) -> str:
    found = hover(text, offset)
    return f"[{text[found.start : found.end]}]\n{found.markdown}".replace("```", "'''") if found else "nothing"


def signed(text: str, offset: int) -> str:
    found = signature(text, offset)
    if found is None:
        return "nothing"
    part = found.parameters[found.active] if found.parameters else None
    return f"{found.label}\n{found.label[part.start : part.end] if part else ''}"


def defined(text: str, offset: int) -> str:
    found = definition(text, offset)
    return "\n".join(map(partial(_place, text), found)) or "nothing"


def _place(text: str, place: Location) -> str:
    """A place in the text, or the line of a file with what stands there."""
    if not place.path:
        return f"{place.start} {text[place.start : place.end]}"
    path = Path(place.path)
    return f"{path.name}: {path.read_text('utf-8').splitlines()[place.line].split()[:2]}"


def referred(text: str, offset: int) -> str:
    return " ".join(str(place.start) for place in references(text, offset)) or "nothing"


def renamed(text: str, offset: int) -> str:
    try:
        edits = rename(text, offset, "renamed")
    except KqlError as refused:
        return f"refused: {refused}"
    for edit in reversed(edits):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def offered(text: str, offset: int) -> str:
    found = []
    for fix in actions(text, offset, offset):
        changed = text
        for edit in sorted(fix.edits, key=lambda edit: edit.start, reverse=True):
            changed = changed[: edit.start] + edit.text + changed[edit.end :]
        found.append(f"{fix.title}\n    {changed}")
    return "\n".join(found) or "nothing"


def hinted(text: str, _offset: int) -> str:
    return " ".join(f"{text[: hint.offset].rsplit(maxsplit=1)[-1].lstrip('(')}{hint.label}" for hint in inlay(text))


SERVICES = {
    "complete": completed,
    "hover": hovered,
    "signature": signed,
    "definition": defined,
    "references": referred,
    "rename": renamed,
    "actions": offered,
    "inlay": hinted,
}


@pytest.mark.parametrize("case", cases(Path(__file__).parent / "services"))
def test_service(case: Case, update_cases: bool):
    text, offset = case.cursor()
    asked = [name for name in SERVICES if name in case.blocks]
    assert asked
    for name in asked:
        case.check(name, SERVICES[name](text.rstrip("\n"), offset), update=update_cases)


def test_a_choice_replaces_the_whole_word():
    offers = complete("SecurityEvent | where Compuzzz == 1", 27)
    assert (offers[0].label, offers[0].start, offers[0].end) == ("Computer", 22, 30)


def test_only_what_the_text_declares_can_be_renamed():
    assert can_rename("let a = 1; print a", 17)
    assert can_rename("SecurityEvent | where EventID == 1", 24) is None


SELECTIONS = {
    "T | where a == [1 + 2]": "let value1 = 1 + 2;\nT | where a == value1",
    "[SecurityEvent | where EventID == 1] | count": "let query1 = SecurityEvent | where EventID == 1;\nquery1 | count",
    "SecurityEvent | where [strlen(Account) > EventID]": (
        "let value1 = (Account: string, EventID: int) { strlen(Account) > EventID };\n"
        "SecurityEvent | where value1(Account, EventID)"
    ),
    "SecurityEvent | where [Account]": "",
    "SecurityEvent | summarize [max(EventID)]": "",
    "SecurityEvent | extend [a = strlen(Account)]": "",
    "T | where [a ==] 1 + 2": "",
}


@pytest.mark.parametrize("text", SELECTIONS)
def test_selection_becomes_a_let(text):
    start, end = text.index("["), text.index("]") - 1
    text, wanted = text.replace("[", "").replace("]", ""), SELECTIONS[text]
    found = [fix for fix in actions(text, start, end) if "(let)" in fix.title]
    changed = ""
    for fix in found:
        first, second = fix.edits
        changed += text[: first.start] + first.text + text[first.end : second.start] + second.text + text[second.end :]
    assert changed == wanted


def test_obfuscated_text_is_not_shown():
    found = hover("let secret = h'hunter2'; print secret", 35)
    assert found
    assert "hunter2" not in found.markdown


WORDS = [
    "T",
    "SecurityEvent",
    "|",
    "where",
    "EventID",
    "==",
    "summarize",
    "by",
    "join",
    "on",
    "(",
    ")",
    "'",
    "let",
    "=",
    ";",
    "f",
    "x",
    "{",
    "}",
    ",",
    "has",
    "in",
    "//",
    "\n",
    "project-",
    "!",
    ".",
    "[",
    "]",
    "$left",
]


@settings(max_examples=120, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=15), st.integers(0, 60))
def test_services_answer_for_any_text(words: list[str], offset: int):
    text = " ".join(words)
    offset = min(offset, len(text))
    for offer in complete(text, offset):
        assert 0 <= offer.start <= offset <= offer.end <= len(text)
    hover(text, offset)
    signature(text, offset)
    assert all(0 <= place.start <= place.end <= len(text) for place in references(text, offset))
    inlay(text)
    actions(text, offset, offset)


@pytest.mark.shared
def test_completion_offers_what_the_official_service_offers(shared: Path):
    schema = Schema.from_dict(json.loads((shared / "kql/editor/schema.json").read_text("utf-8")))
    hits: dict[str, list[bool]] = {}
    precision, seconds = [], []
    for line in (shared / "kql/editor/completions.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        before = time.process_time()
        offers = complete(row["query"], row["offset"], schema)
        seconds.append(time.process_time() - before)
        typed = row["query"][row["edit_start"] : row["offset"]].lower()
        ours = {_plain(offer.label) for offer in offers if _plain(offer.label).startswith(typed)}
        pairs = zip(row["labels"], row["kinds"], strict=True)
        theirs = {_plain(label): kind for label, kind in pairs if kind not in ("Punctuation", "Example")}
        for label, kind in theirs.items():
            if label.startswith(typed):
                hits.setdefault(kind, []).append(label in ours)
        if ours:
            precision.append(len(ours & theirs.keys()) / len(ours))
    every = [hit for found in hits.values() for hit in found]
    assert sum(every) / len(every) >= 0.92
    for kind in ("Table", "Column", "BuiltInFunction", "AggregateFunction"):
        assert sum(hits[kind]) / len(hits[kind]) >= 0.97, kind
    assert sum(precision) / len(precision) >= 0.80
    assert median(seconds) < 0.05


def _plain(label: str) -> str:
    label = label.strip()
    return re.sub(r"\s*\(.*$", "", label).lower() if re.match(r"\w", label) else label
