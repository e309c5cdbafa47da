"""Whatever JSON lines hold, loading gives a row a line and every value, or one clear error."""

from __future__ import annotations

import json
import tempfile
from datetime import datetime
from pathlib import Path

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from huntlens.errors import HuntlensError
from huntlens.frames import physical_names
from huntlens.providers.engine import quote
from huntlens.providers.sources.local import Local

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
KEYS = st.sampled_from(
    ["a", "A", "b", 'q"t', "x.y", "Channel", "EventID", "ts", "é", " ", "$", "[0]", "*", "a'b", "\\"]
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False), TEXTS
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2), max_leaves=4
)
DOCUMENTS = st.lists(st.dictionaries(KEYS, VALUES, min_size=1, max_size=5), min_size=1, max_size=6)


def same(value: object, found: object) -> bool:
    """Whether a stored value says what the document said; nulls and empty texts may stand for each other."""
    if value is None:
        return found is None
    if isinstance(value, dict | list):
        return found is not None and loose(json.loads(found)) == loose(value)
    if isinstance(found, datetime):
        return isinstance(value, str)
    if isinstance(value, bool):
        return found in (value, str(value).lower())
    if isinstance(value, int | float):
        return found is not None and abs(float(found) - value) <= abs(value) * 1e-9
    return found == value or (isinstance(found, str) and json_or_none(found) == value)


def is_wrapper(document: dict) -> bool:
    """One list of events under one key is taken apart, as CloudTrail's `Records` are."""
    (first, *rest) = document.values()
    return not rest and isinstance(first, list) and bool(first) and isinstance(first[0], dict) and bool(first[0])


def json_or_none(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def loose(value: object) -> object:
    """Numbers beyond 64 bits are doubles in JSON of the engine."""
    if isinstance(value, dict):
        return {key: loose(item) for key, item in value.items()}
    if isinstance(value, list):
        return [loose(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@given(DOCUMENTS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_value_arrives(documents: list[dict]) -> None:
    assume(not is_wrapper(documents[0]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.json"
        path.write_text("\n".join(json.dumps(document, ensure_ascii=False) for document in documents), "utf-8")
        local = Local({"T": path}, raw=True)
        rows = local.engine.fetch(f"select * from {quote('T')}").to_pylist()
        physical = local.tables["T"].physical
        local.close()
    assert len(rows) == len(documents)
    for document, row in zip(documents, rows, strict=True):
        for key, value in document.items():
            assert same(value, row[physical[key]]), (key, value, row)
    assert dict(physical) == physical_names(physical)


@given(DOCUMENTS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_normalisers_never_fall_over(documents: list[dict]) -> None:
    """With keys of event logs in odd places, there are tables or a clear error."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.json"
        path.write_text("\n".join(json.dumps(document) for document in documents), "utf-8")
        try:
            local = Local(path)
        except HuntlensError as error:
            raise AssertionError(documents) from error
        counts = [
            local.engine.fetch(f"select count(*) as n from {quote(name)}")["n"][0].as_py() for name in local.tables
        ]
        local.close()
    assert sum(counts) >= (0 if is_wrapper(documents[0]) else len(documents))
