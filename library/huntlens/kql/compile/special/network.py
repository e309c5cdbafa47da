"""IPv4 tests as arithmetic, since no network extension of the engine can be relied on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlglot import exp

from huntlens.kql.compile.special.convert import to_type
from huntlens.kql.compile.special.dynamic import python
from huntlens.kql.compile.template import Call, grouped, never_null
from huntlens.kql.compile.udf.networks import v4

if TYPE_CHECKING:
    from huntlens.kql.compile.template import Target

__all__ = ("geo_info", "ipv4_is_in_range", "ipv4_is_private", "parse_ipv4")

_OCTET: Final = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_PLAIN: Final = f"^{_OCTET}(\\.{_OCTET}){{3}}$"
_NUMBER: Final = {
    "duckdb": """CASE WHEN regexp_matches({a}, {p}) THEN (CAST(split_part({a}, '.', 1) AS BIGINT) << 24)
        + (CAST(split_part({a}, '.', 2) AS BIGINT) << 16) + (CAST(split_part({a}, '.', 3) AS BIGINT) << 8)
        + CAST(split_part({a}, '.', 4) AS BIGINT) END""",
    "spark": """CASE WHEN {a} RLIKE {p} THEN CAST(split_part({a}, '.', 1) AS BIGINT) * 16777216
        + CAST(split_part({a}, '.', 2) AS BIGINT) * 65536 + CAST(split_part({a}, '.', 3) AS BIGINT) * 256
        + CAST(split_part({a}, '.', 4) AS BIGINT) END""",
}
_PRIVATE: Final = f"^(10(\\.{_OCTET}){{3}}|172\\.(1[6-9]|2[0-9]|3[01])(\\.{_OCTET}){{2}}|192\\.168(\\.{_OCTET}){{2}})$"


def _text(call: Call, index: int) -> exp.Expr:
    return never_null(to_type(call.node(index), call.type(index), "string", call.target))


def _matches(target: Target, text: exp.Expr, pattern: str) -> exp.Expr:
    if target == "spark":
        return exp.RegexpLike(this=grouped(text), expression=exp.Literal.string(pattern))
    return exp.Anonymous(this="REGEXP_MATCHES", expressions=[text, exp.Literal.string(pattern)])


def parse_ipv4(call: Call) -> exp.Expr:
    """`parse_ipv4(text)`: of a plain address by arithmetic, with a prefix in Python."""
    text = _text(call, 0)
    plain = call.sql(_NUMBER[call.target], a=text, p=exp.Literal.string(_PLAIN))
    with_prefix = "kql_parse_ipv4_mask(CAST(json_array({a}, 32) AS VARCHAR))"
    if call.target == "spark":
        with_prefix = "kql_parse_ipv4_mask(concat('[', kql_json_quote({a}), ',32]'))"
    rest = call.sql(f"CASE WHEN contains({{a}}, '/') THEN {with_prefix} END", a=text)
    return exp.Coalesce(this=plain, expressions=[rest])


def ipv4_is_private(call: Call) -> exp.Expr:
    """`ipv4_is_private(text)`; null for what is no IPv4 address."""
    text = _text(call, 0)
    if call.target == "duckdb":
        text = call.sql("split_part({a}, '/', 1)", a=text)
    else:
        text = call.sql("substring_index({a}, '/', 1)", a=text)
    private = _matches(call.target, text, _PRIVATE)
    if call.filtering:
        return private
    return call.sql("CASE WHEN {v} THEN {p} END", v=_matches(call.target, text.copy(), _PLAIN), p=private)


def ipv4_is_in_range(call: Call) -> exp.Expr:
    """`ipv4_is_in_range(ip, range...)`: constant ranges as beginnings of the text, all else in Python."""
    networks: list[object] = []
    for index in range(1, len(call)):
        value = call.constant(index)
        networks.extend(value if isinstance(value, list) else [value])
    bounds = [v4(network) if isinstance(network, str) else None for network in networks]
    known = [bound for bound in bounds if bound is not None]
    if not known or len(known) < len(bounds) or len(known) > 16:
        return python(_renamed(call))
    text = _text(call, 0)
    tests = [_within(call, text, *bound) for bound in known]
    found = tests[0]
    for test in tests[1:]:
        found = exp.Or(this=grouped(found), expression=grouped(test))
    plain = _matches(call.target, text.copy(), _PLAIN)
    masked = call.sql("contains({a}, '/')", a=text.copy())
    return call.sql(
        "CASE WHEN {p} THEN {f} WHEN {m} THEN {r} END", p=plain, f=found, m=masked, r=python(_renamed(call))
    )


def _within(call: Call, text: exp.Expr, address: int, prefix: int) -> exp.Expr:
    """Whether a valid address lies in a network: its whole octets as text, the one that is cut as a number."""
    octets = [(address >> shift) & 255 for shift in (24, 16, 8, 0)]
    whole, rest = divmod(prefix, 8)
    begins: exp.Expr | None = None
    if whole == 4:
        return exp.EQ(this=grouped(text.copy()), expression=exp.Literal.string(".".join(map(str, octets))))
    if whole:
        start = exp.Literal.string("".join(f"{octet}." for octet in octets[:whole]))
        name = "starts_with" if call.target == "duckdb" else "startswith"
        begins = call.sql(f"{name}({{a}}, {{s}})", a=text.copy(), s=start)
    if not rest:
        return begins if begins is not None else exp.true()
    low = octets[whole] & (255 << (8 - rest)) & 255
    high = low + (1 << (8 - rest)) - 1
    inside = call.sql(f"CAST(split_part({{a}}, '.', {whole + 1}) AS INTEGER) BETWEEN {low} AND {high}", a=text.copy())
    return inside if begins is None else exp.And(this=begins, expression=inside)


def _renamed(call: Call) -> Call:
    return Call(call.function, call.target, call.arguments, call.filtering, call.over, (call.function.name, "bool"))


def geo_info(call: Call) -> exp.Expr:
    """`geo_info_from_ip_address(text)`, from the database that the user has."""
    return call.sql("CAST(kql_location({a}) AS JSON)", a=_text(call, 0))
