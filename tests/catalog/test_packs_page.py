"""The page about packs: its example is a pack, and it names every key that there is."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import jsonschema
import yaml

from huntlens.catalog.load import DEFAULT_KEYS, PACK_KEYS, PARAMETER_KEYS, QUERY_KEYS, load_pack
from huntlens.kql.bind import bind
from huntlens.kql.schema import shipped

if TYPE_CHECKING:
    from pathlib import Path


def example(repository: Path) -> str:
    found = re.search(
        r"^```yaml\n(.*?)^```", (repository / "docs/packs.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert found
    return found[1]


def test_the_example_is_right(repository: Path) -> None:
    pack = load_pack(example(repository))
    assert pack.errors == ()
    assert [query.id for query in pack.queries] == ["web.requests", "web.clients"]
    for query in pack.queries:
        bound = bind(query.text, replace(shipped(), strict=True), query.types)
        assert [item.message for item in bound.diagnostics if item.severity == "error"] == []
        assert not query.columns or query.columns == bound.columns


def test_the_example_fits_the_schema_of_editors(repository: Path) -> None:
    schema = yaml.safe_load((repository / "queries/huntlens_queries/pack.schema.json").read_text("utf-8"))
    jsonschema.validate(yaml.safe_load(example(repository)), schema)


def test_every_key_is_told(repository: Path) -> None:
    page = (repository / "docs/packs.md").read_text("utf-8")
    told = set(re.findall(r"`(\w+)[`:]", page))
    assert {*PACK_KEYS, *QUERY_KEYS, *DEFAULT_KEYS, *PARAMETER_KEYS} - told == set()
