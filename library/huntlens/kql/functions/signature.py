"""Reads the signatures of function rows: names, types, which parameters repeat or may be left out.

Knows no rows; the language is described in `row.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from huntlens.kql.types import TYPES

WIDE: Final[dict[str, tuple[str, ...]]] = {
    "scalar": TYPES,
    "number": ("int", "long", "real", "decimal"),
    "integer": ("int", "long"),
    "summable": ("int", "long", "real", "decimal", "timespan", "datetime"),
    "orderable": tuple(kind for kind in TYPES if kind != "dynamic"),
    "array": ("dynamic",),
    "bag": ("dynamic",),
}
"""The words that stand for several types."""

REFERENCES: Final = ("column", "table", "lambda", "type")
"""The words for what is no scalar value."""

_PARAMETER: Final = re.compile(
    r"(?P<rest>\.\.\.)?(?P<name>\*|[A-Za-z_]\w*)(?P<optional>\?)?\s*:\s*(?P<type>[a-z|]+)(?:\s*=\s*(?P<values>[^,]+))?"
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A formal parameter of a function."""

    name: str
    type: str
    """As written: a type, a wide word, or several joined by `|`."""
    optional: bool = False
    repeated: bool = False
    values: tuple[str, ...] = ()
    """Its well-known values, where there are some."""

    @property
    def types(self) -> frozenset[str]:
        """The scalar types that it takes; empty for a table, a column reference, a lambda or a type."""
        found: set[str] = set()
        for word in self.type.split("|"):
            found.update(WIDE.get(word, (word,) if word in TYPES else ()))
        return frozenset(found)


@cache
def parameters(signature: str) -> tuple[Parameter, ...]:
    """The parameters that a signature declares, in order.

    >>> [(p.name, p.optional, p.values) for p in parameters("part: string = day hour, value?: long")]
    [('part', False, ('day', 'hour')), ('value', True, ())]
    """
    found: list[Parameter] = []
    for part in filter(None, (part.strip() for part in signature.split(","))):
        match = _PARAMETER.fullmatch(part)
        if match is None:
            raise ValueError(f"signature '{signature}': cannot read '{part}'")
        values = tuple((match["values"] or "").split())
        found.append(Parameter(match["name"], match["type"], bool(match["optional"]), bool(match["rest"]), values))
    return tuple(found)


@cache
def arity(signature: str) -> tuple[int, int | None]:
    """The smallest and the largest number of arguments; None for no limit.

    >>> arity("source: string, start: long, length?: long"), arity("...value: scalar")
    ((2, 3), (1, None))
    """
    formal = parameters(signature)
    least = sum(1 for parameter in formal if not parameter.optional)
    return least, None if any(parameter.repeated for parameter in formal) else len(formal)


def parameter_at(signature: str, index: int, count: int) -> Parameter | None:
    """The parameter that argument `index` of `count` is for; None for one too many."""
    formal = parameters(signature)
    repeated = next((place for place, parameter in enumerate(formal) if parameter.repeated), None)
    if repeated is None or index < repeated:
        return formal[index] if index < len(formal) else None
    behind = len(formal) - repeated - 1
    from_end = count - index
    return formal[len(formal) - from_end] if from_end <= behind else formal[repeated]
