"""A query and its values become a text in which every value is a typed literal.

KQL keeps its text: parameters are variables, and `let` statements in front give them their values. The other
languages have no variables: `{name}` in their texts is replaced by the quoted literal, quotes included.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from huntlens.catalog.literals import WRITERS
from huntlens.catalog.model import Query, Rendered
from huntlens.catalog.values import coerce
from huntlens.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACEHOLDER: Final = re.compile(r"\{\{|\}\}|\{([A-Za-z_]\w*)\}")
"""A placeholder of the languages without variables; doubled braces stand for one."""

ALL_TIME: Final = {"start": "1900-01-01", "end": "2200-01-01"}
"""Values of `start` and `end` for sources that hold a bounded set of data: all of it."""


def bind_values(query: Query, values: Mapping[str, object]) -> dict[str, Any]:
    """Every parameter's value in its declared type, defaults filled in."""
    for name in values:
        if query.parameter(name) is None:
            raise ParameterError.unknown(query.id, name, (item.name for item in query.parameters))
    missing = [item.name for item in query.required if values.get(item.name) is None]
    if missing:
        raise ParameterError.missing(query.id, missing)
    given = {name: value for name, value in values.items() if value is not None}
    return {item.name: coerce(item, given.get(item.name, item.default)) for item in query.parameters}


def render(
    query: Query, values: Mapping[str, object] | None = None, language: str = "", *, add_query_items: str = ""
) -> Rendered:
    r"""The text to send for a query and its values.

    `language` is the query's own; `kusto` asks a KQL text for declared query parameters instead of `let`, whose
    values travel beside the text. `add_query_items` is pipeline text that the caller has checked.

    >>> from huntlens.catalog.model import Parameter
    >>> query = Query("t.q", "T | where Name == name", parameters=(Parameter("name", "string"),))
    >>> print(render(query, {"name": 'x" | take 1'}).text)
    let name = "x\" | take 1";
    T | where Name == name
    """
    language = language or query.language
    if language != query.language and (query.language, language) != ("kql", "kusto"):
        raise ParameterError(f"{query.id} is written in {query.language}, not in {language}")
    bound = bind_values(query, values or {})
    text = query.text.rstrip()
    if add_query_items.strip():
        text = f"{text}\n{add_query_items.strip()}"
    write = WRITERS[query.language]
    literals = {item.name: write(item, bound[item.name]) for item in query.parameters}
    if query.language != "kql":
        return Rendered(_fill(text, literals), bound, query.types)
    if language == "kusto":
        declared = ", ".join(f"{name}:{kind}" for name, kind in query.types.items())
        front = f"declare query_parameters({declared});\n" if declared else ""
        return Rendered(front + text, literals, query.types)
    lets = "".join(f"let {name} = {literal};\n" for name, literal in literals.items())
    return Rendered(lets + text, bound, query.types)


def _fill(text: str, literals: Mapping[str, str]) -> str:
    def one(match: re.Match[str]) -> str:
        return match[0][0] if match[1] is None else literals.get(match[1], match[0])

    return PLACEHOLDER.sub(one, text)
