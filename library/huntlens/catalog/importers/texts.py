"""Markdown with KQL blocks, and `.kql` files with a header of comments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from huntlens.catalog.importers.msticpy import path_stem
from huntlens.catalog.importers.sentinel_rule import folder_of, slug
from huntlens.catalog.model import Pack, Parameter, Query
from huntlens.errors import PackError

if TYPE_CHECKING:
    from collections.abc import Iterator

_FENCE: Final = re.compile(r"^(`{3,}|~{3,})\s*(\w*)[^\n]*\n(.*?)^\1\s*$", re.MULTILINE | re.DOTALL)
_HEADING: Final = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)
_TECHNIQUE: Final = re.compile(r"\bT\d{4}(?:\.\d{3})?\b")
_LANGUAGES: Final = frozenset({"kql", "kusto", "csl", "kusto-query"})
_ENVIRONMENTS: Final = ("defender", "sentinel", "local")
_HEADER: Final = re.compile(r"\s*(?://[^\n]*\n|\s*\n)+")
_FIELD: Final = re.compile(r"^(\w[\w &-]{0,30}):\s*(.*)$")
_DECLARE: Final = re.compile(r"^\s*declare\s+query_parameters\s*\((.*?)\)\s*;[ \t]*\n?", re.DOTALL | re.IGNORECASE)
_DECLARED: Final = re.compile(r"""(\w+)\s*:\s*(\w+)\s*(?:=\s*("(?:\\.|[^"\\])*"|'[^']*'|\w+\([^)]*\)|[^,\s]+))?""")
_KINDS: Final = {"bool", "int", "long", "real", "decimal", "string", "datetime", "timespan", "guid", "dynamic"}


def load_markdown(text: str, path: str) -> Pack:
    """The KQL blocks of a Markdown text; each is named by the heading above it."""
    queries: dict[str, Query] = {}
    for heading, prose, body, line in _blocks(text):
        base = f"pages.{slug(path_stem(path))}.{slug(heading)}"
        id_ = base if base not in queries else f"{base}_{len(queries) + 1}"
        queries[id_] = Query(
            id=id_,
            text=body.strip("\n"),
            summary=heading,
            description=prose,
            techniques=tuple(
                dict.fromkeys(_TECHNIQUE.findall(text[: text.find(body)] if len(body) < len(text) else ""))
            ),
            environments=_ENVIRONMENTS,
            pack=path_stem(path),
            path=path,
            line=line,
            text_line=line + 1,
        )
    return Pack(path_stem(path), environments=_ENVIRONMENTS, queries=tuple(queries.values()), path=path)


def _blocks(text: str) -> Iterator[tuple[str, str, str, int]]:
    """Heading, first paragraph, text and line of each block."""
    headings = [(match.start(), match.end(), match[1]) for match in _HEADING.finditer(text)]
    fences = list(_FENCE.finditer(text))
    headings = [item for item in headings if not any(f.start() <= item[0] < f.end() for f in fences)]
    for match in fences:
        if match[2].lower() not in _LANGUAGES and not (
            match[2] == "" and re.search(r"^\s*\|\s*where\b", match[3], re.MULTILINE)
        ):
            continue
        above = [item for item in headings if item[0] < match.start()]
        title = above[-1][2] if above else "query"
        if len(above) > 1 and title.lower() in (
            "query",
            "queries",
            "kql",
            "defender xdr",
            "sentinel",
            "defender for endpoint",
        ):
            title = f"{above[0][2]} {title}"
        prose = text[above[-1][1] : match.start()].strip() if above else ""
        yield title, prose.split("\n\n")[0].strip(), match[3], text.count("\n", 0, match.start()) + 1


def load_kql(text: str, path: str) -> Pack:
    """The query of a `.kql` file: its leading comments describe it, `declare query_parameters` gives its parameters."""
    header = _HEADER.match(text)
    comments = [line.strip().lstrip("/").strip() for line in (header[0] if header else "").splitlines()]
    body = text[header.end() :] if header else text
    fields: dict[str, str] = {}
    prose: list[str] = []
    for line in filter(None, comments):
        match = _FIELD.match(line)
        if match:
            fields[match[1].lower()] = match[2].strip()
        else:
            prose.append(line)
    declared = _DECLARE.match(body)
    parameters = tuple(_parameters(declared[1])) if declared else ()
    if declared:
        body = body[declared.end() :]
    if not body.strip():
        return Pack(path_stem(path), path=path, errors=(PackError("the file has no query", path),))
    first = text[: len(text) - len(body.lstrip("\n"))].count("\n") + 1
    query = Query(
        id=f"files.{slug(folder_of(path))}.{slug(path_stem(path))}",
        text=body.strip("\n"),
        summary=fields.get("title")
        or fields.get("name")
        or fields.get("summary")
        or (prose[0] if prose else path_stem(path)),
        description=fields.get("description") or "\n".join(prose),
        returns=fields.get("returns", ""),
        techniques=tuple(dict.fromkeys(_TECHNIQUE.findall(" ".join(comments)))),
        tags=tuple(word.strip() for word in fields.get("tags", "").split(",") if word.strip()),
        parameters=parameters,
        environments=_ENVIRONMENTS,
        pack=path_stem(path),
        path=path,
        line=1,
        text_line=first,
    )
    return Pack(path_stem(path), query.summary, _ENVIRONMENTS, (query,), path)


def _parameters(text: str) -> Iterator[Parameter]:
    for name, kind, default in _DECLARED.findall(text):
        known = kind.lower() if kind.lower() in _KINDS else "string"
        value = re.sub(r"^\w+\((.*)\)$", r"\1", default).strip("\"'") if default else None
        yield Parameter(name, known, default=value, required=not default)
