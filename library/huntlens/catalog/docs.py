"""Pages about queries: one of all queries by group, and one that tells what answers the queries of others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from huntlens.catalog.collection import Catalog
    from huntlens.catalog.model import Query


def reference(catalog: Catalog, columns: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """All queries as Markdown, by group; `columns` gives the result columns by query id where they are known."""
    lines = [
        "# Queries",
        "",
        f"{len(catalog)} queries. Every query takes `start` and `end` unless it says otherwise.",
        "",
    ]
    lines += [f"- [{group}](#{group.replace('.', '')}): {len(_of(catalog, group))}" for group in catalog.groups()]
    for group in catalog.groups():
        lines += ["", f"## {group}"]
        for query in _of(catalog, group):
            lines += ["", *_entry(query, (columns or {}).get(query.id) or query.columns)]
    return "\n".join(lines) + "\n"


def coverage(catalog: Catalog, names: Iterable[tuple[str, str]]) -> tuple[str, list[str]]:
    """A page of which query here answers one of another library, and the names that none answers.

    `names` are environment and name there.
    """
    known = {alias: query.id for query in catalog.queries for alias in query.aliases}
    rows, open_ = [], []
    for environment, name in names:
        found = known.get(name)
        if found is None:
            open_.append(name)
        rows.append(f"| {environment} | `{_cell(name)}` | {f'`{found}`' if found else '**open**'} |")
    answered = len(rows) - len(open_)
    head = [
        "# Where MSTICPy's queries went",
        "",
        f"{answered} of {len(rows)} built-in queries of MSTICPy have an answer here; several often share one.",
        "`qp.search('WindowsSecurity.list_host_logons')` finds it by the old name.",
        "",
        "| environment | there | here |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n", open_


def describe(query: Query, columns: Mapping[str, str] | None = None) -> str:
    """One query as Markdown, for hover and help."""
    return "\n".join(_entry(query, columns or query.columns))


def _of(catalog: Catalog, group: str) -> list[Query]:
    return [query for query in catalog.queries if query.group == group]


def _entry(query: Query, columns: Mapping[str, str]) -> list[str]:
    facts = {
        "Environments": ", ".join(query.environments),
        "Tables": ", ".join(query.tables),
        "Techniques": ", ".join(query.techniques),
        "Columns": ", ".join(f"{name} ({kind})" for name, kind in columns.items()),
    }
    lines = [f"### `{query.id}`", "", f"{_text(query.summary)}.", ""]
    if query.description:
        lines += [_text(query.description), ""]
    if query.returns:
        lines += [f"Returns: {_text(query.returns)}.", ""]
    if query.parameters:
        lines += ["| parameter | type | default | entity | meaning |", "|---|---|---|---|---|"]
        lines += [
            f"| `{item.name}` | {item.type} | {'required' if item.required else f'`{item.default!r}`'} "
            f"| {item.entity or ''} | {_cell(item.doc)} |"
            for item in query.parameters
        ]
        lines.append("")
    lines += [f"- {name}: {_text(value)}" for name, value in facts.items() if value]
    if query.example:
        lines += ["", "```python", query.example, "```"]
    return lines


def _text(text: str) -> str:
    """A text of a pack as prose: what would be markup is not."""
    return re.sub(r"([\\`*_<>\[\]])", r"\\\1", " ".join(text.split()))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
