"""Packs: what is right is read, what is wrong is told at its line, all of it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huntlens.catalog.load import load_pack

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """\
pack: web
description: Web server logs
environments: [local]
defaults:
  tables: [Web]
  parameters:
    host: {type: string, doc: Name of the server, default: "", entity: Host.HostName}
queries:
  web.requests:
    summary: Requests to a server
    parameters:
      status: {type: "long[]", default: [200]}
    kql: |

      Web
      | where TimeGenerated between (start .. end)
      | where Host == host and Status in (status)
"""


def test_a_pack_is_read() -> None:
    pack = load_pack(GOOD, path="web.yaml")
    assert pack.errors == ()
    (query,) = pack.queries
    assert (query.id, query.group, query.name, query.tables) == ("web.requests", "web", "requests", ("Web",))
    assert [item.name for item in query.parameters] == ["host", "status", "start", "end"]
    assert query.types == {"host": "string", "status": "dynamic", "start": "datetime", "end": "datetime"}
    assert (query.line, query.text_line, query.text_indent) == (9, 15, 6)
    assert query.text.startswith("Web\n| where")
    assert GOOD.splitlines()[query.text_line - 1].strip() == "Web"
    status = query.parameter("status")
    assert status is not None
    assert (status.line, status.default, status.required) == (12, [200], False)


BROKEN = [
    ("", 1, "the file is empty"),
    ("a: [", 1, "not valid YAML"),
    ("pack: p\nenvironments: [local]\nqueries: []\n", 3, "queries must be a mapping"),
    (GOOD.replace("summary:", "sumary:"), 10, "did you mean 'summary'?"),
    (GOOD.replace("web.requests", "Requests"), 10, "is no query id"),
    (GOOD.replace("kql:", "kusto:"), 10, "exactly one text"),
    (GOOD.replace("type: string", "type: text"), 7, "'text' is no type"),
    (GOOD.replace("Host.HostName", "hostname"), 7, "is no entity attribute"),
    (GOOD.replace("[200]", "[ok]"), 12, "the default of parameter 'status' takes a long"),
    (GOOD.replace("Status in (status)", "true"), 13, "does not use its parameter 'status'"),
    (GOOD.replace("between (start .. end)", "> ago(1d)"), 13, "say 'timespan: false'"),
    (GOOD.replace("status:", "order:"), 12, "cannot be the name of a parameter"),
    (GOOD.replace("summary: Requests", "techniques: [1059]\n    summary: Requests"), 10, "is no ATT&CK technique"),
    (GOOD + "  web.requests: {summary: again, kql: T}\n", 18, "stands twice"),
]


@pytest.mark.parametrize(("text", "line", "message"), BROKEN)
def test_an_error_names_its_line(text: str, line: int, message: str) -> None:
    errors = load_pack(text, path="web.yaml").errors
    found = [error for error in errors if message in str(error)]
    assert found, [str(error) for error in errors]
    assert found[0].line in (line, line + 1), str(found[0])
    assert str(found[0]).startswith(f"web.yaml:{found[0].line}: ")


def test_all_errors_are_collected_and_good_queries_kept() -> None:
    text = GOOD + textwrap.indent(
        textwrap.dedent(
            """\
            web.broken:
              sumary: x
              kql: T
            web.other: {summary: fine, timespan: false, parameters: {host: {default: ""}}, kql: T | where a == host}
            """
        ),
        "  ",
    )
    pack = load_pack(text, path="web.yaml")
    assert [query.id for query in pack.queries] == ["web.requests", "web.broken", "web.other"]
    assert len(pack.errors) == 5  # sumary, no summary, host, start and end unused


def test_unreadable_files_are_told(tmp_path: Path) -> None:
    assert "cannot be read" in str(load_pack(tmp_path / "none.yaml").errors[0])
    (tmp_path / "bad.yaml").write_bytes(b"\xff\xfe\xff")
    assert "cannot be read" in str(load_pack(tmp_path / "bad.yaml").errors[0])


def test_an_alias_bomb_unfolds_nowhere() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join([f'*{last}'] * 9)}]\n" for last, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    text = bomb + GOOD.replace("[200]", "*i")
    assert any("too deep or is too large" in str(error) for error in load_pack(text).errors)


@given(st.text(alphabet=":-[]{}&*!|>'\"%@`#,?\n abcq01", max_size=80))
def test_any_text_is_a_pack_with_errors(text: str) -> None:
    assert load_pack(text).errors


@given(st.integers(0, len(GOOD)), st.text(alphabet="[]{}:&*\n\t 'x", max_size=3))
def test_a_damaged_pack_never_raises(place: int, damage: str) -> None:
    load_pack(GOOD[:place] + damage + GOOD[place + len(damage) :])
