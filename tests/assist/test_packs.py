"""Query packs as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

import huntlens_queries
from assist.test_cases import TABLES
from huntlens.assist import packs
from huntlens.assist.context import Context
from huntlens.assist.packs import PackText, is_pack
from huntlens.catalog.collection import Catalog

CONTEXT = Context(Catalog(), tables=TABLES)
PACK = """\
pack: p
environments: [local]
queries:
  a.logons:
    summary: Logons
    parameters:
      host:
        type: string
        entity: Host.HostName
    kql: |
      SecurityEvent
      | where TimeGenerated between (start .. end)

      | where Computer has host
  a.short:
    summary: Short
    timespan: false
    kql: SigninLogs | take 5
"""


def labels(text: str) -> list[str]:
    offset = text.index("┃")
    offers = packs.complete(PackText(text.replace("┃", "")), offset, CONTEXT)
    return [one.label for one in sorted(offers, key=lambda one: one.sort)]


def test_a_pack_is_told_from_other_yaml() -> None:
    assert is_pack(PACK)
    assert not is_pack("pack: x\n")
    assert not is_pack("version: 3\n  queries:\n")


def test_a_good_pack_has_no_errors() -> None:
    assert [one for one in packs.check(PackText(PACK), CONTEXT) if one.severity == "error"] == []


def test_kql_stands_at_its_places() -> None:
    broken = PACK.replace("has host", "hs host").replace("take 5", "tke 5")
    found = [one for one in packs.check(PackText(broken), CONTEXT) if one.severity == "error"]
    assert [broken[one.start : one.end] for one in found if one.code.startswith("KQL")][-1] == "tke"
    assert any(broken.index("hs host") <= one.start <= broken.index("hs host") + 7 for one in found)


def test_the_text_of_a_block_is_without_its_indentation() -> None:
    (id_, embedded), (_, short) = PackText(PACK).blocks
    assert id_ == "a.logons"
    assert embedded.text.splitlines()[:3] == ["SecurityEvent", "| where TimeGenerated between (start .. end)", ""]
    assert short.text == "SigninLogs | take 5"
    for inner in range(len(embedded.text)):
        if embedded.text[inner] != "\n":
            assert PACK[embedded.outer(inner)] == embedded.text[inner]
            assert embedded.inner(embedded.outer(inner)) == inner


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("┃\n", "pack"),
        ("pack: p\nqueries:\n  a.b:\n    ┃", "summary"),
        ("pack: p\nqueries:\n  a.b:\n    su┃", "summary"),
        ("pack: p\nqueries:\n  a.b:\n    parameters:\n      host:\n        ┃", "entity"),
        ("pack: p\nqueries:\n  a.b:\n    parameters:\n      host:\n        type: ┃", "string"),
        ("pack: p\nqueries:\n  a.b:\n    parameters:\n      host:\n        entity: Ho┃", "Host.HostName"),
        ("pack: p\nqueries:\n  a.b:\n    tables: [┃", "SecurityEvent"),
        ("pack: p\nqueries:\n  a.b:\n    kql: |\n      SecurityEvent\n      | where Even┃", "EventID"),
    ],
)
def test_keys_and_values(typed: str, offered: str) -> None:
    assert offered in labels(typed)


def test_hover_over_a_key_and_an_entity() -> None:
    pack = PackText(PACK)
    assert "makes the query a pivot" in packs.hover(pack, PACK.index("entity:"), CONTEXT).markdown  # type: ignore[union-attr]
    assert "**Host**" in packs.hover(pack, PACK.index("Host.Host") + 2, CONTEXT).markdown  # type: ignore[union-attr]
    assert "Logons" in packs.hover(pack, PACK.index("a.logons") + 2, CONTEXT).markdown  # type: ignore[union-attr]


def test_an_entity_that_does_not_exist() -> None:
    found = packs.check(PackText(PACK.replace("Host.HostName", "Host.Nickname")), CONTEXT)
    assert [one.message for one in found if one.code == "HL302"] == ["no entity has the attribute Host.Nickname"]


def test_the_outline() -> None:
    found = packs.symbols(PackText(PACK))
    assert [(one.name, [inner.name for inner in one.children]) for one in found] == [
        ("a.logons", ["host"]),
        ("a.short", []),
    ]


PACKS = sorted(Path(huntlens_queries.__file__).parent.rglob("*.yaml"))


@pytest.mark.parametrize("path", PACKS, ids=[path.stem for path in PACKS])
def test_nothing_is_wrong_with_the_packs_that_come_along(path: Path) -> None:
    """No error, and no column or table that is not known (KQL531): what is left is advice."""
    text = path.read_text("utf-8")
    assert is_pack(text)
    found = packs.check(PackText(text, str(path)), Context(Catalog()))
    assert [(one.code, one.message) for one in found if one.severity not in {"hint", "information"}] == []
