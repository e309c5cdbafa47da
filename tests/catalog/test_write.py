"""Packs as text: new ones, more queries, hostile texts that stay texts, formatting."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huntlens.catalog.docs import describe
from huntlens.catalog.load import load_pack
from huntlens.catalog.model import Parameter, Query
from huntlens.catalog.write import add_query, format_pack, new_pack
from huntlens.errors import PackError
from huntlens.kql.parse import parse

TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1).filter(lambda text: text.strip())


@given(TEXT, TEXT, TEXT)
def test_any_text_is_written_as_a_text(summary: str, doc: str, default: str) -> None:
    parameter = Parameter("p", "string", doc, default, required=False)
    query = Query("mine.q", "T | where a == p", summary=summary, description=doc, parameters=(parameter,))
    (_, read) = load_pack(add_query(new_pack("mine"), query)).queries
    assert read.summary == " ".join(summary.split())
    found = read.parameter("p")
    assert found is not None
    assert (found.default, found.doc) == (default, " ".join(doc.split()))


def test_a_query_is_added_once_and_only_if_right() -> None:
    text = add_query(new_pack("mine"), Query("mine.q", "T", summary="x"))
    with pytest.raises(PackError, match=r"<pack>:\d+: there is a query 'mine.q' already"):
        add_query(text, Query("mine.q", "T", summary="x"))
    with pytest.raises(PackError, match="is no query id"):
        add_query(text, Query("Bad Id", "T", summary="x"))
    with pytest.raises(PackError, match="needs a summary"):
        add_query(text, Query("mine.r", "T"))
    with pytest.raises(PackError, match="did you mean 'queries'"):
        add_query("pack: x\nenvironments: [local]\nquerys: {}\n", Query("mine.r", "T", summary="x"))


def test_formatting_keeps_comments_and_lays_out_kql() -> None:
    text = "# mine\n" + new_pack("mine").replace("| take 10", "| take 10   ") + "\n\n"
    assert format_pack(text) == "# mine\n" + new_pack("mine")
    shouted = format_pack(text, format_kql=lambda kql: kql.replace("take", "limit"))
    assert "      | limit 10\n" in shouted
    assert shouted.startswith("# mine\n")


def test_a_page_shows_no_markup_of_the_pack() -> None:
    query = Query(
        "a.b", "T", summary="<script>x</script> *b*", parameters=(Parameter("p", doc="a|b<i>", type="string"),)
    )
    page = describe(query)
    assert "<script>" not in page
    assert "<i>" not in page
    assert "a\\|b" in page


def test_a_new_pack_holds_valid_kql() -> None:
    (query,) = load_pack(new_pack("My pack!", ["sentinel", "local"], "What: it's for")).queries
    assert query.id == "my_pack.example"
    assert not parse(query.text).diagnostics
