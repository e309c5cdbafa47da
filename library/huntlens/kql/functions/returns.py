"""The rules by which a function's result type follows from its arguments' types.

Rows name them; `return_type` answers for every form that a row may use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql.types import TYPES, KqlType, canonical, is_numeric, promote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.kql.functions.row import Function


def return_type(function: Function, types: Sequence[KqlType], *, named_type: KqlType = "string") -> KqlType:
    """The type of a call's result; `named_type` is what a `typeof()` argument names.

    >>> from huntlens.kql.functions import find
    >>> row = find("bin")
    >>> return_type(row, ["datetime", "timespan"]) if row else ""
    'datetime'
    """
    rule = function.returns
    if callable(rule):
        return canonical(rule(*types))
    if rule in TYPES:
        return canonical(rule)
    if rule == "@common":
        return common(*types)
    if rule == "@type":
        return named_type
    if rule.startswith("@") and rule[1:].isdigit():
        index = int(rule[1:])
        return types[index] if index < len(types) else "unknown"
    return "unknown"


def common(*types: KqlType) -> KqlType:
    """The widest of the types; dynamic gives way to any other, and stands where two others do not meet.

    >>> common("int", "real"), common("string", "dynamic"), common("string", "long")
    ('real', 'string', 'dynamic')
    """
    known = [kind for kind in types if kind not in ("unknown", "dynamic")]
    if not known:
        return "dynamic" if "dynamic" in types else "unknown"
    result = known[0]
    for kind in known[1:]:
        if kind == result:
            continue
        if not (is_numeric(kind) and is_numeric(result)):
            return "dynamic"
        result = promote(result, kind)
    return result


def _as_number(kind: KqlType) -> KqlType:
    return "real" if kind in ("dynamic", "unknown") else kind


def plus(left: KqlType, right: KqlType) -> KqlType:
    """Sum: datetime + timespan is a datetime, two timespans a timespan, numbers the wider one."""
    if "datetime" in (left, right):
        return "datetime"
    if "timespan" in (left, right):
        return "timespan"
    return promote(_as_number(left), _as_number(right))


def minus(left: KqlType, right: KqlType | None = None) -> KqlType:
    """Difference: two datetimes give a timespan; of one value its type."""
    if right is None:
        return absolute(left)
    if left == right == "datetime":
        return "timespan"
    if left == "datetime":
        return "datetime" if right == "timespan" else "timespan"
    if "datetime" in (left, right) or "timespan" in (left, right):
        return "timespan"
    return promote(_as_number(left), _as_number(right))


def times(left: KqlType, right: KqlType) -> KqlType:
    """Product: a timespan times a number is a timespan."""
    if "timespan" in (left, right):
        return "timespan"
    return promote(_as_number(left), _as_number(right))


def divide(left: KqlType, right: KqlType) -> KqlType:
    """Quotient: two timespans give a real; two integers an integer."""
    if "timespan" in (left, right):
        return "real" if left == right else "timespan"
    return promote(_as_number(left), _as_number(right))


def modulo(left: KqlType, right: KqlType) -> KqlType:
    """Remainder: of timespans a timespan."""
    if left == "timespan":
        return "timespan"
    return promote(_as_number(left), _as_number(right))


def rounded(value: KqlType = "unknown", *_: KqlType) -> KqlType:
    """What `bin`, `floor` and their kin give: the type of the value, real where it is not known."""
    return _as_number(value)


def binned(value: KqlType = "unknown", step: KqlType = "unknown", *_: KqlType) -> KqlType:
    """The type of a `bin`: an integer binned by a real is a real."""
    if is_numeric(value) and is_numeric(step):
        return promote(value, step)
    return _as_number(value)


def summed(value: KqlType = "unknown", *_: KqlType) -> KqlType:
    """The type of a sum: int widens to long, dynamic is summed as real."""
    if value == "int":
        return "long"
    return _as_number(value)


def averaged(value: KqlType = "unknown", *_: KqlType) -> KqlType:
    """The type of a mean: real, but for timespan, datetime and decimal."""
    return value if value in ("timespan", "datetime", "decimal") else "real"


def absolute(value: KqlType = "unknown", *_: KqlType) -> KqlType:
    """The type of `abs` and of a changed sign."""
    return _as_number(value)


def whole(value: KqlType = "unknown", *_: KqlType) -> KqlType:
    """The type of `ceiling`: long stays long, all else is real or decimal."""
    return value if value in ("int", "long", "decimal", "timespan") else "real"


def second(_condition: KqlType = "unknown", *values: KqlType) -> KqlType:
    """The type of `iff`: the common one of its two values."""
    return common(*values)


def branches(*types: KqlType) -> KqlType:
    """The type of `case(condition, value, ..., otherwise)`."""
    return common(*[kind for place, kind in enumerate(types) if place % 2 == 1 or place == len(types) - 1])
