"""Nothing that is half typed is too much for any service: the texts of all cases, cut off at many places."""

from __future__ import annotations

import pytest

from assist.test_cases import CASES, HERE, SESSION, TABLES, place
from cases import Case
from huntlens.assist import cells, packs, uses
from huntlens.assist.bound_names import Where
from huntlens.assist.context import Context, is_entity
from huntlens.assist.meaning import code_of
from huntlens.assist.packs import PackText
from huntlens.catalog.discover import PIVOTS, catalog

STEP = 5


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    found = catalog([PIVOTS, HERE / "packs.yaml"], builtin=False, cache=tmp_path_factory.mktemp("cache"))
    return Context(found, SESSION, tables=TABLES)


def ask_everything(texts: list[str], cell: int, offset: int, context: Context) -> None:
    code = code_of(texts, is_entity, SESSION)
    at = Where(cell, offset)
    for offer in cells.complete(code, at, context):
        assert offer.start <= offset <= offer.end or offer.start == -1
    cells.hover(code, at, context)
    cells.signature(code, at, context)
    cells.definition(code, at, context)
    cells.references(code, at, context)
    length = len(texts[cell])
    for one in cells.check(code, cell, context):
        assert 0 <= one.start <= one.end <= length
        assert all(0 <= edit.start <= edit.end <= length for fix in one.fixes for edit in fix.edits)
    for use in uses.in_code(code, cell, context):
        assert texts[cell][use.start : use.end].isidentifier()


@pytest.mark.parametrize("case", CASES, ids=[f"{case.path.stem}: {case.title}" for case in CASES])
def test_while_it_is_typed(case: Case, context: Context) -> None:
    _, at, texts = place(case)
    whole = texts[at.cell]
    for offset in range(0, len(whole), STEP):
        ask_everything([*texts[: at.cell], whole[:offset], *texts[at.cell + 1 :]], at.cell, offset, context)
        ask_everything(texts, at.cell, offset, context)


def test_a_pack_while_it_is_typed(context: Context) -> None:
    whole = (HERE / "packs.yaml").read_text("utf-8")
    for offset in range(0, len(whole), 17):
        for text in (whole[:offset], whole):
            pack = PackText(text)
            packs.complete(pack, offset, context)
            packs.hover(pack, offset, context)
            packs.symbols(pack)
        packs.check(PackText(whole[:offset]), context)
        for use in uses.in_pack(PackText(whole[:offset])):
            assert whole[use.start : use.end]
