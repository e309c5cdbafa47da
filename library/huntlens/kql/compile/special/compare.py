"""Comparison, membership and logic, with KQL's nulls: text has none, and null equals no value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlglot import exp

from huntlens.kql.compile.literal import MISSING, constant, literal
from huntlens.kql.compile.special.convert import to_type
from huntlens.kql.compile.special.terms import lowered
from huntlens.kql.compile.template import grouped, never_null

if TYPE_CHECKING:
    from huntlens.kql.compile.template import Call
    from huntlens.kql.types import KqlType

__all__ = ("between", "compare", "logic", "member")

_ORDER: Final[dict[str, type[exp.Binary]]] = {"<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE}
_TEXT: Final = ("string", "guid")


def _common(call: Call) -> tuple[exp.Expr, exp.Expr, KqlType]:
    """Both sides in one type: dynamic takes the type of the other side, two dynamics are compared as text."""
    left, right = call.node(0), call.node(1)
    kinds = ["dynamic" if call.type(i) == "unknown" else call.type(i) for i in (0, 1)]
    if call.options[0] in ("=~", "!~") or kinds == ["dynamic", "dynamic"]:
        left = to_type(left, call.type(0), "string", call.target)
        return left, to_type(right, call.type(1), "string", call.target), "string"
    if kinds[0] == "dynamic":
        return to_type(left, "dynamic", call.type(1), call.target), right, call.type(1)
    if kinds[1] == "dynamic":
        return left, to_type(right, "dynamic", call.type(0), call.target), call.type(0)
    if "string" in kinds and kinds[0] != kinds[1]:
        other = kinds[0] if kinds[1] == "string" else kinds[1]
        kind: KqlType = other
        return to_type(left, call.type(0), kind, call.target), to_type(right, call.type(1), kind, call.target), kind
    if "bool" in kinds and kinds[0] != kinds[1]:
        left, right = (
            to_type(node, "bool", "long", call.target) if kind == "bool" else node
            for node, kind in ((left, kinds[0]), (right, kinds[1]))
        )
        return left, right, "long"
    return left, right, call.type(0)


def compare(call: Call) -> exp.Expr:
    """`==`, `!=`, `<`, `=~` and their kin."""
    op = call.options[0]
    left, right, kind = _common(call)
    if op in ("=~", "!~"):
        left, right = lowered(left, call.target), lowered(right, call.target)
        op = "==" if op == "=~" else "!="
    if op in _ORDER:
        if kind in _TEXT:
            left, right = never_null(left), never_null(right)
        return _ORDER[op](this=grouped(left), expression=grouped(right))
    if kind in _TEXT:
        return _text_equality(call, op, left, right)
    return _equality(call, op, left, right)


def _text_equality(call: Call, op: str, left: exp.Expr, right: exp.Expr) -> exp.Expr:
    if op == "==":
        if not (call.filtering and constant(right) not in (MISSING, "", None)):
            left = never_null(left)
        if not (call.filtering and constant(left) not in (MISSING, "", None)):
            right = never_null(right)
        return exp.EQ(this=grouped(left), expression=grouped(right))
    return exp.NEQ(this=grouped(never_null(left)), expression=grouped(never_null(right)))


def _equality(call: Call, op: str, left: exp.Expr, right: exp.Expr) -> exp.Expr:
    known = any(constant(side) not in (MISSING, None) for side in (left, right))
    if op == "==" and call.filtering:
        return exp.EQ(this=grouped(left), expression=grouped(right))
    if known or (op != "==" and call.filtering):
        same = exp.NullSafeEQ if op == "==" else exp.NullSafeNEQ
        return same(this=grouped(left), expression=grouped(right))
    test = "IS NOT DISTINCT FROM" if op == "==" else "IS DISTINCT FROM"
    if call.target == "spark":
        test = "<=>"
        plain = "CASE WHEN {a} IS NULL AND {b} IS NULL THEN NULL ELSE {n} {a} <=> {b} END"
        return call.sql(plain.replace("{n}", "" if op == "==" else "NOT"), a=left, b=right)
    return call.sql(f"CASE WHEN {{a}} IS NULL AND {{b}} IS NULL THEN NULL ELSE {{a}} {test} {{b}} END", a=left, b=right)


def member(call: Call) -> exp.Expr:
    """`in`, `in~` and their negations; a dynamic array among the values stands for its items."""
    negated, folded = "not" in call.options, "ci" in call.options
    kind: KqlType = call.type(0)
    values, lists = _values(call)
    if kind in ("dynamic", "unknown"):
        kinds = {found for _, found in values} - {"dynamic", "unknown"}
        kind = kinds.pop() if len(kinds) == 1 else "string"
    if folded:
        kind = "string"
    source = to_type(call.node(0), call.type(0), kind, call.target)
    whole = kind in ("int", "long")  # a constant of either is compared as it is
    items = [
        node if whole and found in ("int", "long") and constant(node) is not MISSING
        else to_type(node, found, kind, call.target)
        for node, found in values
    ]  # fmt: skip
    if kind in _TEXT:
        never_empty = all(constant(item) not in (MISSING, "", None) for item in items)
        if negated or lists or not call.filtering or not never_empty:
            source = never_null(source)
        if folded:
            source, items = lowered(source, call.target), [lowered(item, call.target) for item in items]
    result = _membership(call, source, items, lists, folded=folded, kind=kind)
    if kind not in _TEXT and (negated or not call.filtering):
        result = exp.Coalesce(this=result, expressions=[exp.false()])
    return exp.Not(this=grouped(result)) if negated and not isinstance(result, exp.In) else (
        exp.Not(this=result) if negated else result
    )  # fmt: skip


def _membership(
    call: Call, source: exp.Expr, items: list[exp.Expr], lists: list[exp.Expr], *, folded: bool, kind: KqlType
) -> exp.Expr:
    tests: list[exp.Expr] = []
    if items:
        tests.append(exp.In(this=grouped(source.copy()), expressions=items))
    for array in lists:
        text = to_type(source, kind, "string", call.target)
        inner = "lower({a})" if folded else "{a}"
        sql = f"list_contains(json_extract_string({inner}, '$[*]'), {{v}})"
        if call.target == "spark":
            sql = f"array_contains(from_json({inner}, 'array<string>'), {{v}})"
        tests.append(exp.Coalesce(this=call.sql(sql, a=array, v=text.copy()), expressions=[exp.false()]))
    if not tests:
        return exp.false()
    result = tests[0]
    for test in tests[1:]:
        result = exp.Or(this=result, expression=test)
    return result


def _values(call: Call) -> tuple[list[tuple[exp.Expr, KqlType]], list[exp.Expr]]:
    """The values of the list, constant arrays spread out, and the arrays that are only known at run time."""
    found: list[tuple[exp.Expr, KqlType]] = []
    lists: list[exp.Expr] = []
    for index in range(1, len(call)):
        if call.type(index) not in ("dynamic", "unknown"):
            found.append((call.node(index), call.type(index)))
            continue
        value = call.constant(index)
        if value is MISSING:
            lists.append(call.node(index))
        elif value is not None:
            items = value if isinstance(value, list) else [value]
            found.extend((literal(item, _kind(item), call.target), _kind(item)) for item in items if item is not None)
    return found, lists


def _kind(value: object) -> KqlType:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "long"
    if isinstance(value, float):
        return "real"
    return "string" if isinstance(value, str) else "dynamic"


def between(call: Call) -> exp.Expr:
    """`between` and `!between`; a timespan as the upper end counts from the lower."""
    kind = call.type(0)
    low, high = call.node(1), call.node(2)
    if kind in ("dynamic", "unknown"):
        kind = call.type(1)
    value = to_type(call.node(0), call.type(0), kind, call.target)
    if kind in ("dynamic", "unknown"):
        kind = "string"
        value, low, high = (
            to_type(node, call.type(place), kind, call.target) for place, node in enumerate((value, low, high))
        )
    low, high = (
        to_type(node, call.type(place), kind, call.target) if call.type(place) in ("dynamic", "unknown") else node
        for place, node in ((1, low), (2, high))
    )
    if "bool" in (call.type(1), call.type(2), kind):
        value, low, high = (
            to_type(node, found, "long", call.target) if found == "bool" else node
            for node, found in ((value, kind), (low, call.type(1)), (high, call.type(2)))
        )
    if kind == "datetime" and call.type(2) == "timespan":
        micros = (
            "{a} + to_microseconds({b} // 10)"
            if call.target == "duckdb"
            else "timestamp_micros(unix_micros({a}) + {b} div 10)"
        )
        high = call.sql(micros, a=low, b=high)
    if kind in _TEXT:
        value = never_null(value)
    result = exp.Between(this=grouped(value), low=grouped(low), high=grouped(high))
    return exp.Not(this=result) if "not" in call.options else result


def logic(call: Call) -> exp.Expr:
    """`and` and `or`, three-valued as in SQL."""
    sides = [grouped(to_type(call.node(i), call.type(i), "bool", call.target)) for i in (0, 1)]
    joiner = exp.And if call.options[0] == "and" else exp.Or
    return joiner(this=sides[0], expression=sides[1])
