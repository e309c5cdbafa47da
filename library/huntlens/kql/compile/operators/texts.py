"""Operators that take texts apart: parse, parse-where, parse-kv."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from huntlens.kql.bind import plan
from huntlens.kql.compile import template
from huntlens.kql.compile.frame import Frame, Source, all_of
from huntlens.kql.compile.operators.expand import converted
from huntlens.kql.compile.udf import Udf
from huntlens.kql.compile.values import ready, value
from huntlens.kql.compile.work.key_values import key_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.kql.compile.lower import Lowering
    from huntlens.kql.types import KqlType

__all__ = ["lower_parse", "lower_parse_kv"]

_REGEX: Final[dict[str, str]] = {
    "int": r"-?\d+", "long": r"-?\d+", "real": r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", "decimal": r"-?\d+(?:\.\d+)?",
    "bool": "true|false|True|False|TRUE|FALSE|1|0", "guid": "[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}",
}  # fmt: skip
"""What a column of a type matches where nothing else bounds it."""


@dataclass(slots=True)
class _Parsed:
    """The rows while their text is taken apart: what is left of it, and the raw text of each column."""

    frame: Frame
    rest: plan.Column
    raw: dict[plan.Column, plan.Column]
    places: list[plan.Column]
    """Where each literal was found: 0 or false in a row whose text is not like the pattern."""


def lower_parse(node: plan.Parse, low: Lowering) -> Frame:
    """`parse` and `parse-where`."""
    frame = ready(low.lower(node.input), [node.value], low)
    if node.kind == "regex" or _needs_regex(node.pattern):
        return _parse_regex(node, frame, low)
    rest = low.unnamed("#rest", "string")
    text = low.key(value(node.value, frame, low), "string")
    parsed = _Parsed(_extended(frame, {rest: text}), rest, {}, [])
    literal = _literal if low.target == "duckdb" else _literal_on_spark
    pending: plan.Column | None = None
    for index, item in enumerate(node.pattern):
        if isinstance(item, str):
            if item:
                literal(parsed, item, pending, low, anchored=index == 0)
            pending = None
        elif item is None:
            if pending is not None:
                _leading(parsed, pending, low)
                pending = None
        else:
            pending = item
    if pending is not None:
        parsed.raw[pending] = parsed.rest
    return _filled(node, parsed, low)


def _needs_regex(pattern: Sequence[str | plan.Column | None]) -> bool:
    """Whether columns touch, so that only their types tell where one ends; or a gap follows a text column."""
    for one, two in itertools.pairwise(pattern):
        if isinstance(one, plan.Column) and isinstance(two, plan.Column):
            return True
        if isinstance(one, plan.Column) and two is None and one.type not in _REGEX and two is not pattern[-1]:
            return True
    return False


def _extended(frame: Frame, more: dict[plan.Column, exp.Expr]) -> Frame:
    return replace(frame, values={**frame.values, **more})


def _literal(parsed: _Parsed, text: str, pending: plan.Column | None, low: Lowering, *, anchored: bool) -> None:
    """The text up to a literal goes to the pending column, the text behind it is the new rest.

    Where a literal is missing, the columns hold nonsense until the end: NULL on the way would need a CASE each time,
    in which DuckDB computes the same again.
    """
    rest, wanted = parsed.frame.node(parsed.rest), exp.Literal.string(text)
    place = low.unnamed("#begins", "bool") if anchored else low.unnamed("#at", "long")
    find = "starts_with({r}, {t})" if anchored else "strpos({r}, {t})"
    parsed.frame = low.close(_extended(parsed.frame, {place: low.sql(find, r=rest, t=wanted)}), "parse")
    parsed.places.append(place)
    rest, length = parsed.frame.node(parsed.rest), exp.Literal.number(len(text))
    at = exp.Literal.number(1) if anchored else parsed.frame.node(place)
    behind = low.unnamed("#rest", "string")
    more = {behind: low.sql("substr({r}, {at} + {n})", r=rest, at=at, n=length)}
    if pending is not None:
        parsed.raw[pending] = low.unnamed("#raw", "string")
        more[parsed.raw[pending]] = low.sql("substr({r}, 1, {at} - 1)", r=rest, at=at)
    _go_behind(parsed, behind, more)


def _literal_on_spark(
    parsed: _Parsed, text: str, pending: plan.Column | None, low: Lowering, *, anchored: bool
) -> None:
    """The same; each step reads the one before once, since Spark writes them into each other."""
    parsed.frame = low.close(parsed.frame, "parse")
    rest = parsed.frame.node(parsed.rest)
    at = exp.Literal.string(("^" if anchored else "") + re.escape(text))
    behind = low.unnamed("#rest", "string")
    more = {behind: low.sql("get(split({r}, {t}, 2), 1)", r=rest, t=at)}
    if pending is not None:
        parsed.raw[pending] = low.unnamed("#raw", "string")
        more[parsed.raw[pending]] = low.sql("get(split({r}, {t}, 2), 0)", r=rest, t=at)
    _go_behind(parsed, behind, more)


def _go_behind(parsed: _Parsed, behind: plan.Column, more: dict[plan.Column, exp.Expr]) -> None:
    kept = {item: source for item, source in parsed.frame.values.items() if item is not parsed.rest}
    parsed.frame = _extended(replace(parsed.frame, values=kept), more)
    parsed.rest = behind


def _leading(parsed: _Parsed, column: plan.Column, low: Lowering) -> None:
    """A column in front of a gap takes what its type matches."""
    pattern = _REGEX.get(column.type)
    if pattern is None:
        parsed.raw[column] = parsed.rest
        return
    parsed.frame = low.close(parsed.frame, "parse")
    raw = low.unnamed("#raw", "string")
    pattern_node = exp.Literal.string(f"^(?:{pattern})")
    made = low.sql("regexp_extract({r}, {p}, 0)", r=parsed.frame.node(parsed.rest), p=pattern_node)
    parsed.frame = _extended(parsed.frame, {raw: made})
    parsed.raw[column] = raw


def _filled(node: plan.Parse, parsed: _Parsed, low: Lowering) -> Frame:
    """The columns in their types; all of them are null where the pattern does not match."""
    frame = low.close(parsed.frame, "parse")
    columns = [item for item in node.pattern if isinstance(item, plan.Column)]
    typed = {item: low.unnamed(item.name, item.type) for item in columns}
    values: dict[plan.Column, Source] = {
        made: converted(frame.node(parsed.raw[item]), item.type, low, "string")
        for item, made in typed.items()
        if item.type != "string"
    }
    kept = {item: source for item, source in frame.values.items() if item not in parsed.raw.values()}
    kept.update({typed[item]: frame.values[parsed.raw[item]] for item in columns if item.type == "string"})
    frame = low.close(replace(frame, values={**kept, parsed.rest: frame.values[parsed.rest], **values}), "parse")
    tests = _tests(parsed, frame, low)
    if node.kind != "relaxed":
        tests += [_is_there(frame.node(typed[item])) for item in columns if item.type not in ("string", "dynamic")]
    matched = all_of(tests) if tests else exp.true()
    return _result(node, frame, {item: frame.node(made) for item, made in typed.items()}, matched, low)


def _tests(parsed: _Parsed, frame: Frame, low: Lowering) -> list[exp.Expr]:
    """What is true of a row whose text is like the pattern."""
    if low.target == "spark":
        return [_is_there(frame.node(parsed.rest))]
    return [
        frame.node(place) if place.type == "bool" else low.sql("{at} > 0", at=frame.node(place))
        for place in parsed.places
    ]


def _is_there(node: exp.Expr) -> exp.Expr:
    return exp.Not(this=exp.Is(this=node, expression=exp.null()))


def _result(
    node: plan.Parse, frame: Frame, made: dict[plan.Column, exp.Expr], matched: exp.Expr, low: Lowering
) -> Frame:
    passed = set(node.input.columns)
    values: dict[plan.Column, Source] = {item: source for item, source in frame.values.items() if item in passed}
    where = frame.where
    if node.only:
        where = [*where, matched]
    for item, node_ in made.items():
        if node.only:
            values[item] = node_
        else:
            values[item] = exp.Case(ifs=[exp.If(this=matched.copy(), true=node_)], default=low.null(item.type))
    values.update({part: frame.values[part] for part in frame.parts})
    return Frame(frame.source, values, where, frame.order, frame.parts, frame.numbered)


def _parse_regex(node: plan.Parse, frame: Frame, low: Lowering) -> Frame:
    """One regular expression with a group for each column."""
    simple = node.kind != "regex"
    source, groups = _pattern(node.pattern, simple=simple)
    flags = "".join(flag for flag in node.flags.lower() if flag in "ims")
    if "U" in node.flags:
        if low.target == "spark":
            low.refuse(
                node.syntax, "the flag U (few rather than many) is unknown to its regular expressions; write '*?'"
            )
        flags += "U"
    if simple:
        flags = "s"
    pattern = exp.Literal.string((f"(?{flags})" if flags else "") + source)
    closed = low.close(_extended(frame, {}), "rows")
    text = low.key(value(node.value, closed, low), "string")
    if low.target == "duckdb":
        matched = low.sql("regexp_matches({t}, {p})", t=text, p=pattern)
    else:
        matched = low.sql("{t} RLIKE {p}", t=text, p=pattern)
    made = {}
    for item, group in groups.items():
        raw = low.sql("regexp_extract({t}, {p}, {g})", t=text, p=pattern, g=exp.Literal.number(group))
        made[item] = converted(raw, item.type, low, "string")
    return _result(node, closed, made, matched, low)


def _pattern(pattern: Sequence[str | plan.Column | None], *, simple: bool) -> tuple[str, dict[plan.Column, int]]:
    """The regular expression of a pattern, and which group is which column."""
    parts = ["^"] if simple else []
    groups: dict[plan.Column, int] = {}
    count = 0
    for index, item in enumerate(pattern):
        last = index == len(pattern) - 1
        if isinstance(item, str):
            parts.append(re.escape(item) if simple else item)
            count += 0 if simple else _groups(item)
        elif item is None:
            parts.append(".*" if last or not simple else ".*?")
        else:
            count += 1
            groups[item] = count
            inner = _REGEX.get(item.type, ".*" if last or not simple else ".*?")
            parts.append(f"({inner})")
    return "".join(parts), groups


def _groups(pattern: str) -> int:
    """How many groups a regular expression captures."""
    return len(re.findall(r"(?<!\\)\((?!\?(?!P<))", pattern))


# --- parse-kv ---------------------------------------------------------------------------------------------------

_KEY_VALUES: Final = Udf("kql_key_values", ("VARCHAR", "VARCHAR"), "VARCHAR", key_values)


def lower_parse_kv(node: plan.ParseKv, low: Lowering) -> Frame:
    """`parse-kv`: a bag of all pairs first, then a column for each key that is asked for."""
    frame = low.close(ready(low.lower(node.input), [node.value], low), "rows")
    text = low.key(value(node.value, frame, low), "string")
    bag = low.unnamed("#pairs", "dynamic")
    options = {name: option.value if isinstance(option, plan.Constant) else option
               for name, option in node.options.items()}  # fmt: skip
    how = low.literal(options, "dynamic").this
    if low.target != "duckdb":
        low.refuse(node.syntax, "parse-kv is compiled for DuckDB only")
    low.functions.append(_KEY_VALUES)
    made = low.sql("CAST(kql_key_values({t}, {how}) AS JSON)", t=text, how=how)
    frame = low.close(_extended(frame, {bag: made}), "parse_kv")
    values: dict[plan.Column, Source] = {item: source for item, source in frame.values.items() if item is not bag}
    for item in node.outputs:
        found = low.sql("json_extract_string({b}, {k})", b=frame.node(bag), k=exp.Literal.string(_path(item.name)))
        values[item] = _typed(found, item.type, low)
    return Frame(frame.source, values, frame.where, frame.order, frame.parts, frame.numbered)


def _typed(found: exp.Expr, kind: KqlType, low: Lowering) -> exp.Expr:
    return found if kind == "string" else converted(template.never_null(found), kind, low, "string")


def _path(key: str) -> str:
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return f'$."{escaped}"'
