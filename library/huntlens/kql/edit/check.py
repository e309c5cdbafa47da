"""Everything that can be said against a text: syntax, names, types, advice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql.bind import bind
from huntlens.kql.parse import parse
from huntlens.kql.rules import advice

if TYPE_CHECKING:
    from collections.abc import Mapping

    from huntlens.kql.diagnostics import Diagnostic
    from huntlens.kql.schema import Schema


def check(
    text: str,
    schema: Schema | None = None,
    *,
    parameters: Mapping[str, str] | None = None,
    rules: bool = True,
) -> list[Diagnostic]:
    """The findings about a text, in its order.

    Without a schema the shipped tables are known and any other may exist. `rules` says whether to give advice too.

    >>> [found.message for found in check("print strlen('a', 'b')", rules=False)]
    ['strlen() takes 1 argument, not 2']
    """
    parsed = parse(text)
    bound = bind(parsed, schema, parameters)
    found = list(bound.diagnostics)
    if rules:
        found.extend(advice(parsed, bound))
    return sorted(found, key=lambda item: (item.start, item.end, item.code))
