"""The scalar types of KQL, by their canonical names, and how they widen.

Knows no functions and no columns.
"""

from __future__ import annotations

from typing import Final, Literal

KqlType = Literal[
    "bool", "int", "long", "real", "decimal", "string", "datetime", "timespan", "guid", "dynamic", "unknown"
]

TYPES: Final[tuple[KqlType, ...]] = (
    "bool", "int", "long", "real", "decimal", "string", "datetime", "timespan", "guid", "dynamic",
)  # fmt: skip

ALIASES: Final[dict[str, KqlType]] = {
    "boolean": "bool",
    "date": "datetime",
    "time": "timespan",
    "double": "real",
    "float": "real",
    "int32": "int",
    "int64": "long",
    "uuid": "guid",
    "uniqueid": "guid",
    "object": "dynamic",
    "bag": "dynamic",
    "array": "dynamic",
    **{name: name for name in TYPES},
}

_RANK: Final[dict[str, int]] = {"int": 0, "long": 1, "decimal": 2, "real": 3}


def canonical(name: str) -> KqlType:
    """The canonical name of a type or one of its aliases; `unknown` for any other word.

    >>> canonical("double"), canonical("nope")
    ('real', 'unknown')
    """
    return ALIASES.get(name.lower(), "unknown")


def is_numeric(kind: str) -> bool:
    """Whether arithmetic promotes the type: int, long, decimal, real."""
    return kind in _RANK


def promote(left: KqlType, right: KqlType) -> KqlType:
    """The type of a binary operation over two numbers; `unknown` if one is none.

    >>> promote("int", "real"), promote("long", "decimal")
    ('real', 'decimal')
    """
    if left not in _RANK or right not in _RANK:
        return "unknown"
    return left if _RANK[left] >= _RANK[right] else right
