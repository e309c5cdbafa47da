"""Arrays and bags: packing, ranges, membership, and calls of Python functions over values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlglot import exp

from huntlens.kql.compile.literal import cast_to, literal
from huntlens.kql.compile.special.convert import to_dynamic, to_type
from huntlens.kql.compile.template import never_null

if TYPE_CHECKING:
    from huntlens.kql.compile.template import Call

__all__ = (
    "array_concat",
    "array_index_of",
    "pack",
    "pack_all",
    "pack_array",
    "python",
    "range_",
    "repeat",
    "set_has_element",
)

_LIMIT: Final = 1_048_576
"""The longest array that Kusto makes."""


def _values(call: Call, start: int = 0) -> list[exp.Expr]:
    return [to_dynamic(call.node(i), call.type(i), call.target) for i in range(start, len(call))]


def array_of(call: Call, values: list[exp.Expr]) -> exp.Expr:
    """Dynamic values as one JSON array."""
    if call.target == "spark":
        whole = [call.sql("coalesce({v}, 'null')", v=value) for value in values]
        return call.sql("concat('[', concat_ws(',', {v...}), ']')", v=whole)
    return call.sql("json_array({v...})", v=values)


def python(call: Call) -> exp.Expr:
    """A Python function of `compile/udf` over the arguments; options: its name, and the type that it gives."""
    name, kind = call.options[:2]
    arguments = array_of(call, _values(call))
    if call.target == "duckdb":
        arguments = call.sql("CAST({a} AS VARCHAR)", a=arguments)
    made = exp.Anonymous(this=f"kql_{name}", expressions=[arguments])
    if kind == "dynamic" and call.target == "duckdb":
        return call.sql("CAST({m} AS JSON)", m=made)
    if kind == "decimal":
        return call.sql("CAST({m} AS DECIMAL(38, 18))", m=made)
    return made


def array_concat(call: Call) -> exp.Expr:
    """`array_concat(...)`; what is no array gives nothing."""
    lists = [call.sql("TRY_CAST({a} AS JSON[])", a=call.node(i)) for i in range(len(call))]
    return call.sql("to_json(flatten([{l...}]))", l=lists)


def pack_array(call: Call) -> exp.Expr:
    """`pack_array(...)`."""
    return array_of(call, _values(call))


def _bag(call: Call, pairs: list[tuple[exp.Expr, exp.Expr]]) -> exp.Expr:
    flat = [part for pair in pairs for part in pair]
    if call.target == "duckdb":
        return call.sql("json_object({v...})", v=flat) if flat else literal({}, "dynamic")
    parts = [
        call.sql("concat(kql_json_quote({k}), ':', coalesce({v}, 'null'))", k=key, v=value) for key, value in pairs
    ]
    return call.sql("concat('{', concat_ws(',', {v...}), '}')".replace("'{'", "{o}").replace("'}'", "{c}"), v=parts,
                    o=exp.Literal.string("{"), c=exp.Literal.string("}"))  # fmt: skip


def pack(call: Call) -> exp.Expr:
    """`bag_pack(key, value, ...)`."""
    if len(call) % 2:
        call.refuse("it takes pairs of key and value")
    pairs = [
        (never_null(to_type(call.node(i), call.type(i), "string", call.target)),
         to_dynamic(call.node(i + 1), call.type(i + 1), call.target))
        for i in range(0, len(call), 2)
    ]  # fmt: skip
    return _bag(call, pairs)


def pack_all(call: Call) -> exp.Expr:
    """`pack_all(ignore_null_empty)`: the binder adds names and values of all columns."""
    ignore = call.constant(0) is True
    pairs: list[tuple[exp.Expr, exp.Expr]] = []
    for i in range(1, len(call) - 1, 2):
        value = to_dynamic(call.node(i + 1), call.type(i + 1), call.target)
        if ignore and call.type(i + 1) == "string":
            value = call.sql("""nullif({v}, '""')""", v=value)
        pairs.append((call.node(i), value))
    bag = _bag(call, pairs)
    if not ignore:
        return bag
    if call.target == "spark":
        return call.sql("kql_without_nulls({b})", b=bag)
    return call.sql("json_merge_patch('{o}', {b})".replace("'{o}'", "{o}"), o=literal({}, "dynamic"), b=bag)


def repeat(call: Call) -> exp.Expr:
    """`repeat(value, count)`."""
    value = to_dynamic(call.node(0), call.type(0), call.target)
    if call.target == "spark":
        return call.sql(
            "concat('[', array_join(array_repeat({v}, CAST({n} AS INT)), ','), ']')", v=value, n=call.node(1)
        )
    return call.sql(
        f"to_json(list_transform(range(CAST(least({{n}}, {_LIMIT}) AS BIGINT)), LAMBDA i : {{v}}))",
        v=value,
        n=call.node(1),
    )


def set_has_element(call: Call) -> exp.Expr:
    """`set_has_element(array, value)`."""
    value = to_dynamic(call.node(1), call.type(1), call.target)
    if call.target == "spark":
        return call.sql("kql_set_has_element({p})", p=array_of(call, [call.node(0), value]))
    return call.sql("coalesce(list_contains(TRY_CAST({a} AS JSON[]), {v}), FALSE)", a=call.node(0), v=value)


def array_index_of(call: Call) -> exp.Expr:
    """`array_index_of(array, value, start, length, occurrence)`."""
    if len(call) > 2 or call.target == "spark":
        return call.sql("kql_array_index_of({p})", p=call.sql(
            "CAST({a} AS VARCHAR)" if call.target == "duckdb" else "{a}", a=array_of(call, _values(call))))  # fmt: skip
    value = to_dynamic(call.node(1), call.type(1), call.target)
    sql = (
        "CASE WHEN json_type({a}) = 'ARRAY' THEN "
        "CAST(coalesce(list_position(CAST({a} AS JSON[]), {v}), 0) AS BIGINT) - 1 END"
    )
    return call.sql(sql, a=call.node(0), v=value)


_SPARK_RANGE: Final = """
CASE WHEN {s} > 0 AND {b} >= {a} THEN to_json(sequence({a}, least({b}, {a} + 1048575 * {s}), {s}))
WHEN {s} < 0 AND {b} <= {a} THEN to_json(sequence({a}, greatest({b}, {a} + 1048575 * {s}), {s}))
WHEN {s} IS NOT NULL AND {a} IS NOT NULL AND {b} IS NOT NULL THEN '[]' END
"""
"""`sequence` refuses ends that lie behind the start."""


def range_(call: Call) -> exp.Expr:
    """`range(start, stop, step)` as an array, no longer than Kusto's."""
    kind = call.type(0)
    if all(call.type(i) in ("int", "long") for i in range(len(call)) if call.given(i)):
        step = call.node(2) if call.given(2) else literal(1, "long")
        if call.target == "spark":
            first, last = (cast_to(call.node(i), "long", call.target) for i in (0, 1))
            return call.sql(_SPARK_RANGE, a=first, b=last, s=step)
        sql = f"to_json(generate_series({{a}}, least({{b}}, {{a}} + {_LIMIT - 1} * {{s}}), {{s}}))"
        if not isinstance(call.constant(2) if call.given(2) else 1, int):
            sql = "to_json(generate_series({a}, {b}, {s}))"
        elif isinstance(call.constant(2), int) and call.given(2) and int(str(call.constant(2))) < 0:
            sql = f"to_json(generate_series({{a}}, greatest({{b}}, {{a}} + {_LIMIT - 1} * {{s}}), {{s}}))"
        return call.sql(sql, a=call.node(0), b=call.node(1), s=step)
    ticks = []
    for i in range(len(call)):
        node = call.node(i)
        if call.type(i) == "datetime":
            node = to_type(node, "datetime", "long", call.target)
        ticks.append(
            to_dynamic(node, "long" if call.type(i) in ("datetime", "timespan") else call.type(i), call.target)
        )
    ticks.insert(0, to_dynamic(exp.Literal.string(kind), "string", call.target))
    packed = array_of(call, ticks)
    if call.target == "spark":
        return call.sql("kql_range({p})", p=packed)
    return call.sql("CAST(kql_range(CAST({p} AS VARCHAR)) AS JSON)", p=packed)
