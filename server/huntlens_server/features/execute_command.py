"""What clients with a view of their own ask for: catalogue, entities, what kernels have published, known tables.

And, for those who look for what went wrong: a text as the server holds it.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from huntlens.assist.context import entity_facts
from huntlens_server.feature import Feature

if TYPE_CHECKING:
    from collections.abc import Callable

    from huntlens_server.server import HuntlensServer

__all__ = ["execute_command"]


def _catalog(server: HuntlensServer) -> list[dict[str, Any]]:
    server.knowledge.ready.wait(2)
    return [
        {
            "id": query.id,
            "pack": query.pack,
            "summary": query.summary,
            "environments": list(query.environments),
            "parameters": [
                {"name": item.name, "type": item.type, "required": item.required} for item in query.parameters
            ],
            "path": query.path,
            "line": query.line,
        }
        for query in server.knowledge.catalog.queries
    ]


def _entities(server: HuntlensServer) -> list[dict[str, Any]]:
    server.knowledge.ready.wait(2)
    named = {facts.name: facts for facts in entity_facts().values()}
    return [
        {
            "name": name,
            "doc": facts.doc,
            "attributes": [{"name": one.name, "doc": one.doc} for one in facts.attributes],
            "pivots": [
                {"name": pivot.name, "summary": pivot.summary, "attribute": pivot.attribute}
                for pivot in server.knowledge.catalog.pivots_for(name)
            ],
        }
        for name, facts in sorted(named.items())
    ]


def _sessions(server: HuntlensServer) -> list[dict[str, Any]]:
    return [asdict(session) for session in server.knowledge.published]


def _tables(server: HuntlensServer) -> list[str]:
    server.knowledge.ready.wait(2)
    return sorted(server.knowledge.tables.table_names(), key=str.lower)


def _table(server: HuntlensServer, name: str = "") -> dict[str, Any] | None:
    found = server.knowledge.tables.table(name)
    if found is None:
        return None
    columns = [{"name": one.name, "type": one.type, "doc": one.doc} for one in found.columns]
    return {"name": found.name, "doc": found.doc, "source": found.source, "columns": columns}


def _reload(server: HuntlensServer) -> None:
    server.reload()


def _text(server: HuntlensServer, uri: str = "") -> str | None:
    text = server.texts.get(uri)
    return text.text if text else None


COMMANDS: dict[str, Callable[..., Any]] = {
    "huntlens.server.catalog": _catalog,
    "huntlens.server.entities": _entities,
    "huntlens.server.sessions": _sessions,
    "huntlens.server.tables": _tables,
    "huntlens.server.table": _table,
    "huntlens.server.reload": _reload,
    "huntlens.server.text": _text,
}

execute_command = Feature(lsp.WORKSPACE_EXECUTE_COMMAND, COMMANDS)
