"""Where data comes from: sources, what is loaded from files and frames, and the answers to queries.

The public names are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens._lazy import lazy

if TYPE_CHECKING:
    from huntlens.providers.embedded import query, sql
    from huntlens.providers.query_provider import QueryProvider
    from huntlens.providers.result import Result

PUBLIC = {
    "QueryProvider": "huntlens.providers.query_provider:QueryProvider",
    "Result": "huntlens.providers.result:Result",
    "query": "huntlens.providers.embedded:query",
    "sql": "huntlens.providers.embedded:sql",
}

__getattr__, __dir__ = lazy(__name__, PUBLIC)

__all__ = ["QueryProvider", "Result", "query", "sql"]
