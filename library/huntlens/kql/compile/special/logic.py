"""Choice, null tests and negation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from huntlens.kql.compile.literal import MISSING, cast_to
from huntlens.kql.compile.special.convert import to_type
from huntlens.kql.compile.template import grouped, is_never_null, never_null
from huntlens.kql.functions import returns

if TYPE_CHECKING:
    from huntlens.kql.compile.template import Call
    from huntlens.kql.types import KqlType

__all__ = ("around", "assert_", "choose", "coalesce", "extreme", "negate", "test")


def _as(call: Call, index: int, kind: KqlType) -> exp.Expr:
    """An argument in the common type of a choice."""
    node = call.node(index)
    if isinstance(node, exp.Null) or kind == "unknown":
        return node
    return to_type(node, call.type(index), kind, call.target)


def choose(call: Call) -> exp.Expr:
    """`iff` and `case`."""
    last = len(call) - 1
    values = [*range(1, last, 2), last]
    kind = returns.common(*(call.type(i) for i in values))
    whens = [
        exp.If(this=to_type(call.node(i), call.type(i), "bool", call.target), true=_as(call, i + 1, kind))
        for i in range(0, last, 2)
    ]
    return exp.Case(ifs=whens, default=_as(call, last, kind))


def coalesce(call: Call) -> exp.Expr:
    """`coalesce`: for texts the first that is not empty."""
    kind = returns.common(*(call.type(i) for i in range(len(call))))
    nodes = [_as(call, i, kind) for i in range(len(call))]
    if kind == "string":
        nodes = [
            *(call.sql("nullif({v}, '')", v=node) for node in nodes[:-1]),
            never_null(nodes[-1]),
        ]
    if kind == "dynamic" and call.target == "duckdb":
        nodes = [call.sql("nullif({v}, 'null')", v=node) for node in nodes]
    return exp.Coalesce(this=nodes[0], expressions=nodes[1:])


def negate(call: Call) -> exp.Expr:
    """`not(...)`."""
    return exp.Not(this=grouped(to_type(call.node(0), call.type(0), "bool", call.target)))


def test(call: Call) -> exp.Expr:
    """`isnull`, `isempty` and their negations; a text is never null, JSON's null is."""
    word, kind, node = call.options[0], call.type(0), call.node(0)
    negated = word.startswith("isnot")
    if kind == "string":
        if word.endswith("null"):
            return exp.Boolean(this=negated)
        if call.filtering and negated:
            return exp.NEQ(this=grouped(node), expression=exp.Literal.string(""))
        compare = exp.NEQ if negated else exp.EQ
        return compare(this=grouped(never_null(node)), expression=exp.Literal.string(""))
    if kind == "guid" or (kind in ("dynamic", "unknown") and word.endswith("empty")):
        text = never_null(to_type(node, kind, "string", call.target))
        compare = exp.NEQ if negated else exp.EQ
        return compare(this=grouped(text), expression=exp.Literal.string(""))
    if kind in ("dynamic", "unknown"):
        sql = (
            "coalesce(json_type({v}), 'NULL') = 'NULL'" if call.target == "duckdb" else "coalesce({v}, 'null') = 'null'"
        )
        result = call.sql(sql, v=node)
        return call.sql(sql.replace(" = ", " <> "), v=node) if negated else result
    null: exp.Expr = exp.Is(this=grouped(node), expression=exp.null())
    return exp.Not(this=null) if negated else null


def around(call: Call) -> exp.Expr:
    """`around(value, center, delta)`."""
    if call.type(0) == "datetime":
        moment = "epoch_us" if call.target == "duckdb" else "unix_micros"
        return call.sql(f"abs({moment}({{v}}) - {moment}({{c}})) * 10 <= {{d}}", v=call.node(0), c=call.node(1),
                        d=call.node(2))  # fmt: skip
    return call.sql("abs({v} - {c}) <= {d}", v=call.node(0), c=call.node(1), d=call.node(2))


def assert_(call: Call) -> exp.Expr:
    """`assert(predicate, message)`: stops the query where the predicate is false."""
    if call.constant(1) is MISSING:
        call.refuse("the message has to be a constant")
    stop = (
        "error(concat('assert: ', {m}))"
        if call.target == "duckdb"
        else "CAST(raise_error(concat('assert: ', {m})) AS STRING)"
    )
    return call.sql(f"CASE WHEN {{p}} THEN TRUE ELSE {stop} IS NULL END", p=call.node(0), m=call.node(1))


def extreme(call: Call) -> exp.Expr:
    """`max_of` and `min_of`; the common type first, since the engine would compare as text."""
    kind = returns.common(*(call.type(i) for i in range(len(call))))
    nodes = [_as(call, i, kind) for i in range(len(call))]
    if kind == "string":
        nodes = [node if is_never_null(node) else never_null(node) for node in nodes]
    if kind == "real":
        nodes = [node if call.type(i) == "real" else cast_to(node, "real", call.target) for i, node in enumerate(nodes)]
    return exp.Anonymous(this=call.options[0].upper(), expressions=nodes)
