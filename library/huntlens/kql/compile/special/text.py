"""Text functions that look at their constant arguments or convert what they are given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from huntlens.kql.compile.literal import MISSING, literal
from huntlens.kql.compile.special.convert import to_dynamic, to_type
from huntlens.kql.compile.template import never_null
from huntlens.kql.regexes import beyond_re2
from huntlens.kql.types import canonical

if TYPE_CHECKING:
    from huntlens.kql.compile.template import Call

__all__ = (
    "codepoints", "countof", "extract", "extract_all", "extract_json", "folded", "indexof", "replace_regex",
    "replace_string",
    "strcat", "strcat_array", "strcat_delim", "strrep", "substring", "text_length", "trim",
)  # fmt: skip

_REPEATS: Final = 1024
"""How often `strrep` repeats at the most, in Kusto too."""

_GROUP: Final = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|(\((?!\?)|\(\?P?<(?![=!]))")


def _string(call: Call, index: int) -> exp.Expr:
    return to_type(call.node(index), call.type(index), "string", call.target)


def _pattern(call: Call, index: int) -> str:
    value = call.constant(index)
    if not isinstance(value, str):
        call.refuse("the regular expression has to be a constant")
    known_regex(call, index)
    return value


def known_regex(call: Call, index: int) -> None:
    """Refuses a constant regular expression that goes beyond RE2."""
    value = call.constant(index)
    why = beyond_re2(value) if isinstance(value, str) else ""
    if why:
        call.refuse(f"the regular expression cannot be used: {why}")


def strcat(call: Call) -> exp.Expr:
    """`strcat(...)`; CONCAT takes NULL for the empty text."""
    parts = [_string(call, i) for i in range(len(call))]
    if call.target == "spark":
        parts = [never_null(part) for part in parts]
    return call.sql("concat({v...})", v=parts)


def strcat_delim(call: Call) -> exp.Expr:
    """`strcat_delim(delimiter, ...)`; an empty text keeps its delimiter."""
    parts = [never_null(_string(call, i)) for i in range(1, len(call))]
    return call.sql("concat_ws({d!}, {v...})", d=call.node(0), v=parts)


def text_length(call: Call) -> exp.Expr:
    """`strlen` and `string_size`."""
    names = {"characters": "length", "bytes": "strlen" if call.target == "duckdb" else "octet_length"}
    return call.sql(f"CAST({names[call.options[0]]}({{v!}}) AS BIGINT)", v=_string(call, 0))


def folded(call: Call) -> exp.Expr:
    """`tolower`, `toupper` and `reverse` of any value."""
    return call.sql(f"{call.options[0]}({{v!}})", v=_string(call, 0))


def substring(call: Call) -> exp.Expr:
    """`substring(source, start, length)`: SQL counts from one; a negative start counts from the end in both."""
    start = call.constant(1)
    first: exp.Expr
    if isinstance(start, int):
        first = literal(start + 1 if start >= 0 else start, "long")
    else:
        first = call.sql("CASE WHEN {s} < 0 THEN {s} ELSE {s} + 1 END", s=call.node(1))
    if call.target == "spark":
        first = exp.Cast(this=first, to=exp.DataType.build("INT"))
    if not call.given(2):
        return call.sql("substr({v!}, {f})", v=_string(call, 0), f=first)
    length = call.node(2)
    if not isinstance(call.constant(2), int):
        length = call.sql("greatest({n}, 0)", n=length)
    if call.target == "spark":
        length = exp.Cast(this=length, to=exp.DataType.build("INT"))
    return call.sql("substr({v!}, {f}, {n})", v=_string(call, 0), f=first, n=length)


def strrep(call: Call) -> exp.Expr:
    """`strrep(value, times, delimiter)`."""
    value = never_null(_string(call, 0))
    if not call.given(2):
        return call.sql(f"repeat({{v}}, CAST(greatest(least({{n}}, {_REPEATS}), 0) AS INTEGER))", v=value,
                        n=call.node(1))  # fmt: skip
    if call.target == "spark":
        return call.sql(
            "array_join(array_repeat({v}, CAST({n} AS INT)), {d!})", v=value, n=call.node(1), d=call.node(2)
        )
    # Repeated with the delimiter behind, and the last delimiter cut off.
    sql = (
        f"CASE WHEN {{n}} > 0 THEN left(repeat(concat({{v}}, {{d!}}), CAST(least({{n}}, {_REPEATS}) AS INTEGER)), "
        f"length({{v}}) * least({{n}}, {_REPEATS}) + length({{d!}}) * (least({{n}}, {_REPEATS}) - 1)) ELSE '' END"
    )
    return call.sql(sql, v=value, n=call.node(1), d=to_type(call.node(2), call.type(2), "string", call.target))


def strcat_array(call: Call) -> exp.Expr:
    """`strcat_array(array, delimiter)`; the engine's own join takes a constant delimiter only."""
    items = call.sql("json_extract_string({a}, '$[*]')", a=call.node(0))
    if call.constant(1) is not MISSING:
        return call.sql("array_to_string({l}, {d!})", l=items, d=call.node(1))
    present = call.sql("list_filter({l}, LAMBDA item : item IS NOT NULL)", l=items)
    joined = "list_reduce({l}, LAMBDA head, item : concat(head, {d!}, item))"
    return call.sql(f"CASE WHEN len({{l}}) > 0 THEN {joined} ELSE '' END", l=present, d=_string(call, 1))


def trim(call: Call) -> exp.Expr:
    """`trim(regex, source)`: every match at the start, the end, or both."""
    pattern = _pattern(call, 0)
    result = never_null(_string(call, 1))
    where = call.options[0]
    if where in ("both", "start"):
        first = exp.Literal.string(f"^(?:{pattern})+")
        result = call.sql("regexp_replace({v}, {p}, '')", v=result, p=first)
    if where in ("both", "end"):
        last = exp.Literal.string(f"(?:{pattern})+$")
        result = call.sql("regexp_replace({v}, {p}, '')", v=result, p=last)
    return result


def replace_string(call: Call) -> exp.Expr:
    """`replace_string(text, lookup, rewrite)`."""
    return call.sql("replace({v!}, {a!}, {b!})", v=_string(call, 0), a=_string(call, 1), b=_string(call, 2))


def replace_regex(call: Call) -> exp.Expr:
    """`replace_regex(source, regex, rewrite)`, and the older `replace(regex, rewrite, source)`."""
    order = (2, 0, 1) if "old" in call.options else (0, 1, 2)
    known_regex(call, order[1])
    source, pattern, rewrite = (_string(call, i) for i in order)
    if call.target == "spark":
        value = call.constant(order[2])
        if not isinstance(value, str):
            call.refuse("the rewrite pattern has to be a constant on Spark")
        java = re.sub(r"\\(\d)", r"$\1", value.replace("$", "\\$"))
        return call.sql("regexp_replace({v!}, {p}, {r})", v=source, p=pattern, r=exp.Literal.string(java))
    return call.sql("regexp_replace({v!}, {p}, {r}, 'g')", v=source, p=pattern, r=rewrite)


def extract(call: Call) -> exp.Expr:
    """`extract(regex, group, source, typeof(...))`."""
    source = _string(call, 2)
    group = call.constant(1)
    if not isinstance(group, int):
        call.refuse("the capture group has to be a constant number")
    known_regex(call, 0)
    found = call.sql("regexp_extract({v!}, {p}, {g})", v=source, p=call.node(0), g=literal(group, "long"))
    if not call.given(3):
        return found
    kind = canonical(str(call.constant(3)))
    return to_type(found, "string", kind if kind != "unknown" else "string", call.target)


def groups(pattern: str) -> int:
    r"""How many capturing groups a regular expression has.

    >>> groups(r"(a)(?:b)[(]\((?P<n>c)")
    2
    """
    return sum(1 for match in _GROUP.finditer(pattern) if match[1])


def extract_all(call: Call) -> exp.Expr:
    """`extract_all(regex, groups, source)`: an array for one group, an array of arrays for several."""
    pattern = _pattern(call, 0)
    last = len(call) - 1
    wanted = call.constant(1) if last == 2 else None
    if wanted is MISSING or (wanted is not None and not isinstance(wanted, list)):
        call.refuse("the capture groups have to be a constant array")
    numbers = list(wanted) if isinstance(wanted, list) else list(range(1, max(groups(pattern), 1) + 1))
    if any(not isinstance(number, int) for number in numbers):
        call.refuse("capture groups are given by number")
    if groups(pattern) == 0:
        numbers = [0]
    source = never_null(_string(call, last))
    lists = [
        call.sql("regexp_extract_all({v}, {p}, {g})", v=source, p=call.node(0), g=literal(number, "long"))
        for number in numbers
    ]
    if len(lists) == 1:
        return call.sql("to_json({l})", l=lists[0])
    items = [call.sql("{l}[i]", l=item) for item in lists]
    if call.target == "spark":
        return call.sql("to_json(transform({l}, (m, i) -> array({v...})))", l=lists[0], v=items)
    sql = "to_json(list_transform(generate_series(1, len({l})), LAMBDA i : [{v...}]))"
    return call.sql(sql, l=lists[0], v=items)


def extract_json(call: Call) -> exp.Expr:
    """`extract_json(path, text, typeof(...))`: nothing where the text is no JSON."""
    path = call.constant(0)
    if not isinstance(path, str):
        call.refuse("the JSON path has to be a constant")
    if call.target == "spark":
        found = call.sql("get_json_object({v!}, {p})", v=_string(call, 1), p=call.node(0))
    else:
        found = call.sql("json_extract_string(TRY_CAST({v!} AS JSON), {p})", v=_string(call, 1), p=call.node(0))
    kind = canonical(str(call.constant(2))) if call.given(2) else "string"
    return to_type(found, "string", kind if kind != "unknown" else "string", call.target)


def countof(call: Call) -> exp.Expr:
    """`countof(source, search, kind)`: texts may overlap, matches of a regular expression do not."""
    source, search = never_null(_string(call, 0)), call.node(1)
    if call.given(2) and call.constant(2) == "regex":
        known_regex(call, 1)
        sql = "len(regexp_extract_all({v}, {p}))" if call.target == "duckdb" else "regexp_count({v}, {p})"
        return call.sql(f"CAST({sql} AS BIGINT)", v=source, p=search)
    if call.target == "spark":
        return call.sql("kql_countof({v}, {p!})", v=source, p=search)
    sql = "len(list_filter(range(1, length({v}) + 1), LAMBDA i : starts_with(substr({v}, i), {p!})))"
    return call.sql(f"CAST({sql} AS BIGINT)", v=source, p=search)


def codepoints(call: Call) -> exp.Expr:
    """`unicode_codepoints_to_string(...)`: numbers and arrays of numbers."""
    values = [to_dynamic(call.node(i), call.type(i), call.target) for i in range(len(call))]
    packed = "to_json([{v...}])" if call.target == "duckdb" else "concat('[', concat_ws(',', {v...}), ']')"
    return call.sql(f"kql_from_codepoints({packed})", v=values)


def indexof(call: Call) -> exp.Expr:
    """`indexof(source, match, ...)`: the short form is SQL."""
    source, match = _string(call, 0), _string(call, 1)
    if len(call) == 2 and not call.options:
        find = "strpos" if call.target == "duckdb" else "instr"
        return call.sql(f"CAST({find}({{s!}}, {{m!}}) - 1 AS BIGINT)", s=source, m=match)
    defaults = (0, -1, 1)
    numbers = [call.node(i) if call.given(i) else literal(defaults[i - 2], "long") for i in range(2, 5)]
    name = "kql_indexof_regex" if call.options else "kql_indexof"
    return call.sql(f"{name}({{s!}}, {{m!}}, {{n...}})", s=source, m=match, n=numbers)
