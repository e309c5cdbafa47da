"""Operators over values: which types meet, what comes out, what must be converted first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql.bind import plan
from huntlens.kql.functions import find
from huntlens.kql.functions.returns import return_type
from huntlens.kql.functions.row import Function
from huntlens.kql.types import is_numeric

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.kql import tree
    from huntlens.kql.bind.context import Context
    from huntlens.kql.types import KqlType

EQUALITIES: Final = frozenset({"==", "!=", "<>"})
COMPARISONS: Final = frozenset({"==", "!=", "<>", "<", ">", "<=", ">="})
ARITHMETIC: Final = frozenset({"+", "-", "*", "/", "%"})

CONVERSIONS: Final[dict[str, str]] = {
    "string": "tostring", "long": "tolong", "int": "toint", "real": "todouble", "decimal": "todecimal",
    "bool": "tobool", "datetime": "todatetime", "timespan": "totimespan", "guid": "toguid", "dynamic": "todynamic",
}  # fmt: skip
"""The function that makes each type."""

_STAND_INS: Final[dict[str, Function]] = {}


def row(name: str) -> Function:
    """The row of that name; for a function nobody knows one that takes and gives anything."""
    found = find(name)
    if found is not None:
        return found
    if name not in _STAND_INS:
        _STAND_INS[name] = Function(name, "...value?: scalar", "unknown", "A function that is not known here.")
    return _STAND_INS[name]


def apply(name: str, arguments: Sequence[plan.Value], node: tree.Node) -> plan.Apply:
    """An operator applied; types are taken as they are."""
    function = row(name)
    return plan.Apply(return_type(function, [item.type for item in arguments]), node, function, tuple(arguments))


def convert(value: plan.Value, kind: KqlType) -> plan.Value:
    """The value as another type; itself if that is its type or if no function makes that type."""
    if kind in (value.type, "unknown") or kind not in CONVERSIONS:
        return value
    return plan.Apply(kind, value.syntax, row(CONVERSIONS[kind]), (value,))


def as_condition(context: Context, value: plan.Value, node: tree.Expr) -> plan.Value:
    """A value used as a condition."""
    if value.type == "dynamic":
        return convert(value, "bool")
    if value.type in ("string", "datetime", "timespan", "guid"):
        context.report("condition-expected", node, found=value.type)
    return value


def combine(context: Context, node: tree.Binary, left: plan.Value, right: plan.Value) -> plan.Value:
    """Two operands of any operator but `and` and `or`."""
    if node.op in COMPARISONS:
        left, right = _comparable(context, node, left, right)
    elif node.op in ARITHMETIC:
        left, right = _arithmetic(context, node, left, right)
    else:
        left, right = as_text(context, node, left), as_text(context, node, right)
    return apply(node.op, (left, right), node)


def _comparable(
    context: Context, node: tree.Binary, left: plan.Value, right: plan.Value
) -> tuple[plan.Value, plan.Value]:
    kinds = {left.type, right.type}
    if "unknown" in kinds or "dynamic" in kinds or len(kinds) == 1:
        return left, right
    if all(is_numeric(kind) or kind == "bool" for kind in kinds) or kinds == {"string", "guid"}:
        return left, right
    if node.op in EQUALITIES and "string" in kinds:
        return _as_one(left, right)
    _mismatch(context, node, left, right)
    return left, right


def check_comparable(
    context: Context, node: tree.In | tree.Between, left: plan.Value, right: plan.Value, *, ordered: bool = False
) -> None:
    """Reports a value of a list or an end of a range that can be no equal of the left side."""
    kinds = {left.type, right.type}
    if "unknown" in kinds or "dynamic" in kinds or len(kinds) == 1 or kinds == {"string", "guid"}:
        return
    if all(is_numeric(kind) or kind == "bool" for kind in kinds) or ("string" in kinds and not ordered):
        return
    _mismatch(context, node, left, right)


def _as_one(left: plan.Value, right: plan.Value) -> tuple[plan.Value, plan.Value]:
    """A text and another value made equal in type: a constant becomes what the other side is."""
    if isinstance(left, plan.Constant) and not isinstance(right, plan.Constant):
        return convert(left, right.type), right
    if isinstance(right, plan.Constant) and not isinstance(left, plan.Constant):
        return left, convert(right, left.type)
    return convert(left, "string"), convert(right, "string")


def _arithmetic(
    context: Context, node: tree.Binary, left: plan.Value, right: plan.Value
) -> tuple[plan.Value, plan.Value]:
    if left.type == "dynamic":
        left = convert(left, _partner(right.type, node.op))
    if right.type == "dynamic":
        right = convert(right, _partner(left.type, node.op))
    kinds = (left.type, right.type)
    if "unknown" not in kinds and not _defined(node.op, *kinds):
        _mismatch(context, node, left, right)
    return left, right


def _partner(kind: KqlType, op: str) -> KqlType:
    """What a dynamic operand is taken as beside an operand of that type."""
    if kind in ("datetime", "timespan"):
        return "timespan" if op in "+-" else "real"
    return kind if is_numeric(kind) else "real"


def _defined(op: str, left: KqlType, right: KqlType) -> bool:
    if is_numeric(left) and is_numeric(right):
        return True
    kinds = {left, right}
    if op == "+":
        return kinds in ({"datetime", "timespan"}, {"timespan"})
    if op == "-":
        return kinds in ({"datetime"}, {"timespan"}) or (left, right) == ("datetime", "timespan")
    if op == "*":
        return "timespan" in kinds and any(is_numeric(kind) for kind in kinds)
    return left == "timespan" and (right == "timespan" or is_numeric(right))


def as_text(context: Context, node: tree.Binary | tree.In, value: plan.Value) -> plan.Value:
    """An operand of an operator over texts."""
    if value.type == "dynamic":
        return convert(value, "string")
    if value.type not in ("string", "unknown", "guid"):
        remedy = "; convert it: tostring(...)"
        context.report("operator-types", node, operator=node.op, left=value.type, right="string", remedy=remedy)
        return convert(value, "string")
    return value


def _mismatch(
    context: Context, node: tree.Binary | tree.In | tree.Between, left: plan.Value, right: plan.Value
) -> None:
    kinds = {left.type, right.type}
    remedy = ""
    if "string" in kinds:
        other = (kinds - {"string"}).pop() if len(kinds) > 1 else "long"
        remedy = f"; convert the string: {CONVERSIONS.get(other, 'tolong')}(...)"
        if node.op == "+" and len(kinds) == 1:
            remedy = "; join texts: strcat(...)"
    context.report("operator-types", node, operator=node.op, left=left.type, right=right.type, remedy=remedy)
