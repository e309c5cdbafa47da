"""Finding packs: built in, from paths, from the workspace; cached, and read anew when files change."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from huntlens import QueryProvider
from huntlens.catalog.discover import catalog
from huntlens.errors import QueryNotFoundError

if TYPE_CHECKING:
    from pathlib import Path

PACK = """\
pack: mine
environments: [{environment}]
queries:
  {id}:
    summary: {summary}
    timespan: false
    kql: T
"""


def write(path: Path, id_: str, summary: str = "x", environment: str = "local") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PACK.format(id=id_, summary=summary, environment=environment))


def test_the_builtin_packs_are_found_and_right(tmp_path: Path) -> None:
    found = catalog(cache=tmp_path)
    assert found.errors == ()
    assert "windows.logons" in found
    assert found.get("windows.logons").text == catalog(cache=tmp_path).get("windows.logons").text
    assert found.queries == catalog(cache=tmp_path).queries


def test_the_workspace_wins(tmp_path: Path) -> None:
    write(tmp_path / "work/queries/a.yaml", "windows.logons", "of the workspace")
    found = catalog(workspace=tmp_path / "work", cache=tmp_path / "cache")
    assert found.get("windows.logons", "local").summary == "of the workspace"
    assert found.get("windows.logons", "sentinel").summary != "of the workspace"
    assert len([query for query in found.queries if query.id == "windows.logons"]) == 2


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "packs/a.yaml"
    write(path, "a.one")
    assert catalog([tmp_path / "packs"], builtin=False, cache=tmp_path / "c").ids() == ("a.one",)
    write(path, "a.two")
    os.utime(path, ns=(1, 1))
    assert catalog([tmp_path / "packs"], builtin=False, cache=tmp_path / "c").ids() == ("a.two",)
    write(tmp_path / "packs/b.yaml", "b.one")
    assert catalog([tmp_path / "packs"], builtin=False, cache=tmp_path / "c").ids() == ("a.two", "b.one")


@pytest.mark.parametrize("damage", [b"", b"{}", b"[]\n", b"\xff", b'{"fingerprint": 1}\n'])
def test_a_damaged_index_is_built_again(tmp_path: Path, damage: bytes) -> None:
    write(tmp_path / "packs/a.yaml", "a.one")
    catalog([tmp_path / "packs"], builtin=False, cache=tmp_path / "c")
    (place,) = (tmp_path / "c").glob("packs-*")
    whole = place.read_bytes()
    for content in (damage, whole[:-5], whole.replace(b"a.one", b"")):
        place.write_bytes(content)
        assert catalog([tmp_path / "packs"], builtin=False, cache=tmp_path / "c").get("a.one").text == "T"


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", "a.one")
    (tmp_path / "file").write_text("")
    assert catalog([tmp_path / "a.yaml"], builtin=False, cache=tmp_path / "file").ids() == ("a.one",)


def test_a_missing_query_names_what_was_meant(tmp_path: Path) -> None:
    found = catalog(cache=tmp_path)
    with pytest.raises(QueryNotFoundError, match=r"did you mean windows\.logons"):
        found.get("windows.logon")
    with pytest.raises(QueryNotFoundError, match=r"did you mean .*windows\.processes"):
        found.get("processes")
    with pytest.raises(QueryNotFoundError):
        found.get("windows.logons", "splunk")


def test_parts_hold_only_their_environment(tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", "a.one", environment="elsewhere")
    found = catalog([tmp_path / "a.yaml"], cache=tmp_path / "c")
    assert found.of("elsewhere").ids() == found.ids("elsewhere") == ("a.one",)
    assert "a.one" not in found.of("local")
    assert all("local" in query.environments for query in found.of("local").queries)


def test_pivots_hang_on_entities(tmp_path: Path) -> None:
    found = catalog(cache=tmp_path)
    names = {pivot.name: pivot for pivot in found.pivots_for("Host", "local")}
    assert names["windows.logons"].parameter == "host"
    assert {pivot.name for pivot in found.pivots_for("Process")} >= {"iocs", "b64decode"}
    assert not any(pivot.kind == "query" for pivot in found.pivots_for("Host", "elsewhere"))


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("windows.logons", "windows.logons"),
        ("windows logons", "windows.logons"),
        ("WindowsSecurity.list_host_logons", "windows.logons"),
        ("windows T1110.003", "windows.password_spray"),
        ("password spray windows", "windows.password_spray"),
        ("windows encoded", "windows.encoded_powershell"),
        ("windows service", "windows.service_installs"),
    ],
)
def test_search_ranks_names_first(tmp_path: Path, words: str, first: str) -> None:
    assert catalog(cache=tmp_path).search(words)[0].query.id == first


def test_search_needs_every_word(tmp_path: Path) -> None:
    found = catalog(cache=tmp_path)
    assert found.search("logons zebra") == []
    assert {hit.query.id for hit in found.search("t1110")} >= {"windows.password_spray", "windows.logon_failures"}
    assert all("IpAddress" in hit.query.entities for hit in found.search("IpAddress.Address"))


def test_a_root_that_is_missing_is_told(tmp_path: Path) -> None:
    found = catalog([tmp_path / "gone"], builtin=False, cache=tmp_path / "c")
    assert [str(error) for error in found.errors] == [f"{tmp_path / 'gone'}:1: no such file or folder"]
    write(tmp_path / "gone/a.yaml", "a.one")
    again = catalog([tmp_path / "gone"], builtin=False, cache=tmp_path / "c")
    assert (again.ids(), again.errors) == (("a.one",), ())


def test_a_provider_reads_the_packs_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "packs/a.yaml", "a.one")
    (tmp_path / "huntlens.yaml").write_text(f"packs: ['{tmp_path / 'packs'}']\n")
    monkeypatch.setenv("HUNTLENS_CONFIG", str(tmp_path / "huntlens.yaml"))
    with QueryProvider("local") as qp:
        assert "a.one" in qp.list_queries()
