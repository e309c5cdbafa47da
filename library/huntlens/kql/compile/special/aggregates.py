"""Aggregates: nulls aside, `*if` as a FILTER, arrays as JSON, and what an empty group gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from huntlens.kql.compile.literal import literal, sql_type
from huntlens.kql.compile.special.convert import to_dynamic, to_type
from huntlens.kql.compile.template import never_null
from huntlens.kql.types import canonical

if TYPE_CHECKING:
    from huntlens.kql.compile.template import Call
    from huntlens.kql.types import KqlType

__all__ = (
    "any_of", "arg_extreme", "bits", "buildschema", "count", "distinct_count", "extreme_of", "make_bag", "make_list",
    "make_set", "mean", "merge_lists", "percentile", "percentile_weighted", "percentiles_array",
    "percentiles_weighted_array", "spread", "spread_of_two", "total",
)  # fmt: skip


def _filtered(node: exp.Expr, condition: exp.Expr | None) -> exp.Expr:
    if condition is None:
        return node
    return exp.Filter(this=node, expression=exp.Where(this=condition))


def _condition(call: Call, index: int = 1) -> exp.Expr | None:
    """The predicate of an `*if` aggregate."""
    if "if" not in call.options:
        return None
    return to_type(call.node(index), call.type(index), "bool", call.target)


def _both(left: exp.Expr | None, right: exp.Expr | None) -> exp.Expr | None:
    if left is None or right is None:
        return left or right
    return exp.And(this=exp.Paren(this=left), expression=exp.Paren(this=right))


def _number(call: Call, index: int = 0) -> exp.Expr:
    kind = call.type(index)
    return to_type(call.node(index), kind, "real", call.target) if kind in ("dynamic", "unknown") else call.node(index)


def count(call: Call) -> exp.Expr:
    """`count()`, `countif(predicate)`."""
    condition = to_type(call.node(0), call.type(0), "bool", call.target) if len(call) else None
    return _filtered(call.sql("count(*)"), condition)


def total(call: Call) -> exp.Expr:
    """`sum`: 0 for nothing; integers add up in 128 bits, and what leaves 64 gives null."""
    kind = call.type(0)
    if kind == "datetime":
        call.refuse("datetimes have no sum")
    summed = _filtered(call.sql("sum({v})", v=_number(call)), _condition(call))
    if kind in ("int", "long", "timespan", "bool"):
        return exp.TryCast(this=call.sql("coalesce({s}, 0)", s=summed), to=exp.DataType.build("BIGINT"))
    if kind == "decimal":
        return exp.TryCast(this=call.sql("coalesce({s}, 0)", s=summed), to=sql_type("decimal", call.target))
    return call.sql("coalesce({s}, 0e0)", s=summed)


def mean(call: Call) -> exp.Expr:
    """`avg`."""
    kind = call.type(0)
    if kind == "datetime":
        micros, make = (
            ("epoch_us", "make_timestamp") if call.target == "duckdb" else ("unix_micros", "timestamp_micros")
        )
        inner = _filtered(call.sql(f"avg({micros}({{v}}))", v=call.node(0)), _condition(call))
        return call.sql(f"{make}(CAST({{a}} AS BIGINT))", a=inner)
    averaged = _filtered(call.sql("avg({v})", v=_number(call)), _condition(call))
    if kind == "timespan":
        return call.sql("CAST({a} AS BIGINT)", a=averaged)
    return exp.Cast(this=averaged, to=sql_type("decimal", call.target)) if kind == "decimal" else averaged


def extreme_of(call: Call) -> exp.Expr:
    """`min` and `max`; a dynamic value as number if all are, else as text."""
    node = call.node(0)
    if call.type(0) in ("dynamic", "unknown"):
        chosen = call.sql(
            f"coalesce(to_json({call.options[0]}(TRY_CAST({{v}} AS DOUBLE))), {call.options[0]}({{v}}))"
            if call.target == "duckdb" else f"{call.options[0]}({{v}})", v=node,
        )  # fmt: skip
        return chosen if _condition(call) is None else call.refuse("the predicate form does not take a dynamic value")
    if call.type(0) == "string":
        node = never_null(node)
    return _filtered(call.sql(f"{call.options[0]}({{v}})", v=node), _condition(call))


def distinct_count(call: Call) -> exp.Expr:
    """`dcount` and `count_distinct`: exact; the empty text is a value, null is none."""
    node, kind = call.node(0), call.type(0)
    if kind == "string":
        node = never_null(node)
    elif kind in ("dynamic", "unknown"):
        node = to_type(node, kind, "string", call.target)
    return _filtered(call.sql("count(DISTINCT {v})", v=node), _condition(call))


def _item(call: Call) -> tuple[exp.Expr, exp.Expr | None]:
    """The value that goes into an array, and the condition that it is not null."""
    node, kind = call.node(0), call.type(0)
    if kind == "string":
        return never_null(node), None
    if kind in ("dynamic", "unknown"):
        return node, call.sql("coalesce({v}, 'null') <> 'null'", v=node)
    present = exp.Not(this=exp.Is(this=call.sql("({v})", v=node), expression=exp.null()))
    if kind in ("datetime", "timespan"):
        node = to_dynamic(node, kind, call.target)
    return node, present


def _size(call: Call) -> object:
    index = 2 if "if" in call.options else 1
    return call.constant(index) if call.given(index) and not call.function.name.startswith(("hll", "tdigest")) else None


def make_list(call: Call) -> exp.Expr:
    """`make_list` and its variants, in the order of the rows, or of `over`; arrays are taken apart."""
    node, present = _item(call)
    if "nulls" in call.options:
        present = None
    if call.target == "spark":
        if "nulls" in call.options:
            whole = call.sql("coalesce({v}, 'null')", v=to_dynamic(node, call.type(0), call.target))
            sql = "concat('[', array_join(collect_list({v}), ','), ']')"
            flat = f"kql_flatten({sql})" if call.type(0) in ("dynamic", "unknown") else sql
            return _first_of(call, call.sql(flat, v=whole))
        return _spark_list(call, node, present)
    spread = call.type(0) in ("dynamic", "unknown")
    listed = call.sql("list({v})", v=_spread(call, node) if spread else node)
    if call.over is not None:
        listed.set("expressions", [exp.Order(this=node, expressions=call.over.order.copy().expressions)])
    gathered = _filtered(listed, _both(present, _condition(call)))
    if spread:
        gathered = call.sql("flatten({l})", l=gathered)
    size = _size(call)
    if isinstance(size, int):
        gathered = call.sql("list_slice({l}, 1, {n})", l=gathered, n=literal(size, "long"))
    return call.sql("coalesce(to_json({l}), '[]')", l=gathered)


def _spread(call: Call, node: exp.Expr) -> exp.Expr:
    """The items of an array, or the one value: arrays are taken apart."""
    return call.sql("CASE WHEN json_type({v}) = 'ARRAY' THEN CAST({v} AS JSON[]) ELSE [CAST({v} AS JSON)] END", v=node)


def _spark_list(call: Call, node: exp.Expr, present: exp.Expr | None, *, distinct: bool = False) -> exp.Expr:
    kind = call.type(0)
    json = kind in ("datetime", "timespan", "real")
    gathered = _filtered(call.sql("collect_set({v})" if distinct else "collect_list({v})", v=node),
                         _both(present, _condition(call)))  # fmt: skip
    if distinct:
        gathered = call.sql("array_sort({l})", l=gathered)
    size = _size(call)
    if kind in ("dynamic", "unknown"):  # arrays are taken apart
        return _first_of(call, call.sql("kql_flatten(concat('[', array_join({l}, ','), ']'))", l=gathered))
    if isinstance(size, int):
        gathered = call.sql("slice({l}, 1, {n})", l=gathered, n=literal(size, "long"))
    if kind == "real":
        shown = to_dynamic(exp.column("x"), kind, call.target)
        gathered = call.sql("transform({l}, x -> {s})", l=gathered, s=shown)
    if json:
        return call.sql("concat('[', array_join({l}, ','), ']')", l=gathered)
    return call.sql("to_json({l})", l=gathered)


def _first_of(call: Call, array: exp.Expr) -> exp.Expr:
    """The array, on Spark, with as many items as are asked for."""
    size = _size(call)
    if not isinstance(size, int):
        return array
    return call.sql("kql_array_slice(concat('[', {a}, {e}))", a=array, e=exp.Literal.string(f",0,{size - 1}]"))


def make_set(call: Call) -> exp.Expr:
    """`make_set` and its variants: distinct values in order; arrays are taken apart."""
    node, present = _item(call)
    dynamic = call.type(0) in ("dynamic", "unknown")
    if call.target == "spark":
        if dynamic:
            inner = _filtered(call.sql("collect_list({v})", v=node), _both(present, _condition(call)))
            return _first_of(call, call.sql("kql_set_of(concat('[', array_join({l}, ','), ']'))", l=inner))
        return _spark_list(call, node, present, distinct=True)
    if dynamic:
        spread = _spread(call, node)
        gathered = _filtered(call.sql("list({v})", v=spread), _both(present, _condition(call)))
        gathered = call.sql("list_distinct(flatten({l}))", l=gathered)
    else:
        gathered = _filtered(call.sql("list(DISTINCT {v})", v=node), _both(present, _condition(call)))
    gathered = call.sql("list_sort({l})", l=gathered)
    size = _size(call)
    if isinstance(size, int):
        gathered = call.sql("list_slice({l}, 1, {n})", l=gathered, n=literal(size, "long"))
    return call.sql("coalesce(to_json({l}), '[]')", l=gathered)


def merge_lists(call: Call) -> exp.Expr:
    """`tdigest_merge`: the lists of several groups as one."""
    if call.target == "spark":
        return call.sql("kql_flatten(concat('[', array_join(collect_list({v}), ','), ']'))", v=call.node(0))
    return call.sql("coalesce(to_json(flatten(list(TRY_CAST({v} AS JSON[])))), '[]')", v=call.node(0))


def _gathered_json(call: Call, node: exp.Expr, condition: exp.Expr | None) -> exp.Expr:
    if call.target == "spark":
        return call.sql("concat('[', array_join({l}, ','), ']')",
                        l=_filtered(call.sql("collect_list({v})", v=node), condition))  # fmt: skip
    listed = _filtered(call.sql("list({v})", v=node), condition)
    return call.sql("CAST(coalesce(to_json({l}), '[]') AS VARCHAR)", l=listed)


def make_bag(call: Call) -> exp.Expr:
    """`make_bag`: the first value of a key stays."""
    _, present = _item(call)
    packed = _gathered_json(call, call.node(0), _both(present, _condition(call)))
    return _dynamic(call, call.sql("kql_bag_merge({l})", l=packed))


def _dynamic(call: Call, text: exp.Expr) -> exp.Expr:
    return call.sql("CAST({t} AS JSON)", t=text) if call.target == "duckdb" else text


def buildschema(call: Call) -> exp.Expr:
    """`buildschema`."""
    _, present = _item(call)
    return _dynamic(call, call.sql("kql_buildschema({l})", l=_gathered_json(call, call.node(0), present)))


def arg_extreme(call: Call) -> exp.Expr:
    """One column of `arg_max(key, value, ...)`: of one argument the key itself, of two the value of its row."""
    word = call.options[0]
    if len(call) == 1:
        return extreme_of_key(call, word)
    if len(call) > 2:
        call.refuse("several values are asked for one by one")
    key = call.node(0)
    if call.type(0) == "string":
        key = never_null(key)
    name = f"arg_{word}_null" if call.target == "duckdb" else f"{word}_by"
    return call.sql(f"{name}({{v}}, {{k}})", v=call.node(1), k=key)


def extreme_of_key(call: Call, word: str) -> exp.Expr:
    """The key column of `arg_max`."""
    node = never_null(call.node(0)) if call.type(0) == "string" else call.node(0)
    return call.sql(f"{word}({{v}})", v=node)


def any_of(call: Call) -> exp.Expr:
    """`take_any`: the first value that is not null."""
    node = call.sql("nullif({v}, '')", v=call.node(0)) if call.type(0) == "string" else call.node(0)
    return _filtered(call.sql("any_value({v})" if call.target == "duckdb" else "any_value({v}, TRUE)", v=node),
                     _condition(call))  # fmt: skip


def _fraction(call: Call, index: int) -> exp.Expr:
    value = call.constant(index)
    if not isinstance(value, int | float) or call.type(index) == "timespan":
        call.refuse("the percentile has to be a constant number")
    _within(call, value)
    return literal(value / 100, "real")


def _within(call: Call, percentile: float) -> None:
    if not 0 <= percentile <= 100:
        call.refuse(f"a percentile lies between 0 and 100, unlike {percentile}")


def percentile(call: Call) -> exp.Expr:
    """`percentile(expr, p)` by nearest rank; several percentiles are asked for one by one."""
    if len(call) != 2:
        call.refuse("several percentiles are asked for one by one")
    name = "quantile_disc({v}, {p})" if call.target == "duckdb" else "percentile_disc({p}) WITHIN GROUP (ORDER BY {v})"
    found = call.sql(name, v=_number(call), p=_fraction(call, 1))
    kind = call.type(0)
    if kind == "int" or (kind in ("long", "timespan") and call.target == "spark"):
        return exp.Cast(this=found, to=exp.DataType.build("BIGINT"))
    return found


def _percentiles(call: Call, start: int) -> list[float]:
    found: list[float] = []
    for index in range(start, len(call)):
        value = call.constant(index)
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, int | float):
                call.refuse("the percentiles have to be constant numbers")
            _within(call, item)
            found.append(item)
    return found


def percentiles_array(call: Call) -> exp.Expr:
    """`percentiles_array(expr, p...)`."""
    wanted = ", ".join(repr(value / 100) for value in _percentiles(call, 1))
    if call.target == "spark":
        packed = _gathered_json(call, _number(call), None)
        return call.sql(f"kql_percentiles({{l}}, '', '[{wanted}]')", l=packed)
    kind: KqlType = call.type(0)
    node = _number(call)
    if kind in ("datetime", "timespan"):
        found = call.sql(f"quantile_disc({{v}}, [{wanted}])", v=node)
        item = to_dynamic(exp.column("q"), kind, call.target)
        return call.sql("to_json(list_transform({l}, LAMBDA q : {i}))", l=found, i=item)
    return call.sql(f"to_json(quantile_disc({{v}}, [{wanted}]))", v=node)


def _weighted(call: Call, wanted: list[float]) -> exp.Expr:
    present = exp.Not(this=exp.Is(this=call.sql("({v})", v=call.node(0)), expression=exp.null()))
    values = _gathered_json(call, _epoch(call), present)
    weights = _gathered_json(call, call.node(1), present.copy())
    shares = ", ".join(repr(value / 100) for value in wanted)
    return call.sql(f"kql_percentiles({{v}}, {{w}}, '[{shares}]')", v=values, w=weights)


def _epoch(call: Call) -> exp.Expr:
    if call.type(0) != "datetime":
        return _number(call)
    return call.sql("epoch_us({v})" if call.target == "duckdb" else "unix_micros({v})", v=call.node(0))


def percentile_weighted(call: Call) -> exp.Expr:
    """`percentilew(expr, weight, p)`."""
    wanted = _percentiles(call, 2)
    if len(wanted) != 1:
        call.refuse("several percentiles are asked for one by one")
    found = _weighted(call, wanted)
    text = call.sql("json_extract_string({j}, '$[0]')" if call.target == "duckdb" else "get_json_object({j}, '$[0]')",
                    j=found)  # fmt: skip
    kind = canonical(call.type(0))
    if kind == "datetime":
        make = "make_timestamp" if call.target == "duckdb" else "timestamp_micros"
        return call.sql(f"{make}(CAST({{t}} AS BIGINT))", t=text)
    kind = "real" if kind in ("unknown", "dynamic", "decimal") else "long" if kind == "int" else kind
    return exp.TryCast(this=text, to=sql_type(kind, call.target))


def percentiles_weighted_array(call: Call) -> exp.Expr:
    """`percentilesw_array(expr, weight, p...)`."""
    if call.type(0) == "datetime":
        call.refuse("weighted percentiles of datetimes are not gathered in an array")
    return _dynamic(call, _weighted(call, _percentiles(call, 2)))


def spread(call: Call) -> exp.Expr:
    """`stdev`, `variance` and their kin: 0 where there is too little to tell."""
    inner = _filtered(call.sql(f"{call.options[0]}({{v}})", v=_number(call)), _condition(call))
    return call.sql("coalesce({s}, 0e0)", s=inner)


def spread_of_two(call: Call) -> exp.Expr:
    """`covariance` and its kin."""
    inner = call.sql(f"{call.options[0]}({{a}}, {{b}})", a=_number(call, 0), b=_number(call, 1))
    return call.sql("coalesce({s}, 0e0)", s=_filtered(inner, _condition(call, 2)))


def bits(call: Call) -> exp.Expr:
    """`binary_all_and` and its kin."""
    return call.sql(f"{call.options[0]}(CAST({{v}} AS BIGINT))", v=call.node(0))
