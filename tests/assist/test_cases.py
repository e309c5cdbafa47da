"""Editor services over Python code and notebooks: cases in Markdown, cells set apart by a line of dashes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cases import CURSOR, Case, read_cases
from huntlens.assist import cells
from huntlens.assist.bound_names import Where
from huntlens.assist.context import Context, is_entity
from huntlens.assist.meaning import Code, code_of
from huntlens.assist.session import Connection, Frame, Session
from huntlens.catalog.discover import PIVOTS, catalog
from huntlens.kql.schema import Schema

if TYPE_CHECKING:
    from huntlens.kql.diagnostics import Diagnostic
    from huntlens.kql.edit.values import Location

HERE = Path(__file__).parent
CASES = [case for path in sorted((HERE / "cases").glob("*.md")) for case in read_cases(path)]
TABLES = Schema.from_dict(
    {
        "tables": {
            "SecurityEvent": {
                "TimeGenerated": "datetime", "EventID": "int", "Computer": "string", "TargetUserName": "string",
                "LogonType": "int", "IpAddress": "string",
            },
            "SigninLogs": {"TimeGenerated": "datetime", "IPAddress": "string"},
        }
    }
)  # fmt: skip
SESSION = Session(
    pid=1,
    frames={"alerts": Frame({"Title": "string", "Computer": "string"})},
    connections={"prod": Connection("sentinel", variable="live", current=True, tables={"Live_CL": {"Who": "string"}})},
)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    found = catalog([PIVOTS, HERE / "packs.yaml"], builtin=False, cache=tmp_path_factory.mktemp("cache"))
    assert not found.errors
    return Context(found, SESSION, tables=TABLES)


def place(case: Case) -> tuple[Code, Where, list[str]]:
    texts = case.blocks["python"].rstrip("\n").split("\n---\n")
    at = next((number for number, text in enumerate(texts) if CURSOR in text), len(texts) - 1)
    offset = texts[at].find(CURSOR)
    texts = [text.replace(CURSOR, "") for text in texts]
    return code_of(texts, is_entity, SESSION), Where(at, max(offset, 0)), texts


@pytest.mark.parametrize("case", CASES, ids=[f"{case.path.stem}: {case.title}" for case in CASES])
def test_case(case: Case, context: Context, *, update_cases: bool) -> None:
    code, at, texts = place(case)
    asked = set(case.blocks) - {"python"}
    assert asked, "a case says what it expects"
    for block in asked:
        case.check(block, ANSWERS[block](code, at, texts, context), update=update_cases)


def complete(code: Code, at: Where, texts: list[str], context: Context) -> str:
    offers = sorted(cells.complete(code, at, context), key=lambda one: (one.sort, one.label))
    replaced = {texts[at.cell][one.start : one.end] for one in offers}
    head = f"replaces {replaced.pop()!r}\n" if offers and replaced != {""} else ""
    shown = [f"{one.label} [{one.kind}] {one.detail}".rstrip() for one in offers[:30]]
    return head + "\n".join(shown) or "nothing"


def hover(code: Code, at: Where, texts: list[str], context: Context) -> str:
    found = cells.hover(code, at, context)
    if found is None:
        return "nothing"
    quoted = "\n".join(line.replace("```", "~~~") for line in found.markdown.splitlines())
    return f"{texts[at.cell][found.start : found.end]!r}\n{quoted.replace(str(HERE.as_uri()), '.')}"


def signature(code: Code, at: Where, _texts: list[str], context: Context) -> str:
    found = cells.signature(code, at, context)
    if found is None:
        return "nothing"
    label = found.label
    for one in found.parameters[found.active : found.active + 1]:
        label = f"{label[: one.start]}<{label[one.start : one.end]}>{label[one.end :]}"
    return f"{label}\n{found.doc}"


def check(code: Code, at: Where, texts: list[str], context: Context) -> str:
    return "\n".join(_finding(one, texts[at.cell]) for one in cells.check(code, at.cell, context)) or "nothing"


def definition(code: Code, at: Where, _texts: list[str], context: Context) -> str:
    places = cells.definition(code, at, context)
    return "\n".join(_line(one) for one in places) or "nothing"


def _line(one: Location) -> str:
    if not one.path:
        return f"here {one.start}-{one.end}"
    return f"{Path(one.path).name}: {Path(one.path).read_text('utf-8').splitlines()[one.line].strip()}"


def _finding(one: Diagnostic, text: str) -> str:
    fixes = []
    for fix in one.fixes:
        fixed = text
        for edit in sorted(fix.edits, key=lambda edit: -edit.start):
            fixed = fixed[: edit.start] + edit.text + fixed[edit.end :]
        changed = next((new for new, old in zip(fixed.splitlines(), text.splitlines(), strict=False) if new != old), "")
        fixes.append(f"\n    {fix.title}: {changed.strip()}")
    return f"{one.code} {one.severity} {text[one.start : one.end]!r}: {one.message}{''.join(fixes)}"


ANSWERS = {"complete": complete, "hover": hover, "signature": signature, "check": check, "definition": definition}
