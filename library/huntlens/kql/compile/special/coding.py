"""Hashes over the text of a value, and what else encodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from huntlens.kql.compile.special.convert import to_dynamic, to_type
from huntlens.kql.compile.special.dynamic import array_of
from huntlens.kql.compile.template import never_null

if TYPE_CHECKING:
    from huntlens.kql.compile.template import Call

__all__ = ("digest", "hash_many", "version", "xxhash")


def digest(call: Call) -> exp.Expr:
    """`hash_md5` and its kin."""
    text = never_null(to_type(call.node(0), call.type(0), "string", call.target))
    name = call.options[0]
    return call.sql("sha2({t}, 256)" if name == "sha2_256" else f"{name}({{t}})", t=text)


def _hashable(call: Call, index: int) -> exp.Expr:
    kind, node = call.type(index), call.node(index)
    if kind in ("datetime", "timespan"):
        return to_dynamic(to_type(node, kind, "long", call.target), "long", call.target)
    return to_dynamic(node, kind, call.target)


def _called(call: Call, name: str, values: list[exp.Expr]) -> exp.Expr:
    packed = array_of(call, values)
    if call.target == "duckdb":
        packed = call.sql("CAST({p} AS VARCHAR)", p=packed)
    return exp.Anonymous(this=f"kql_{name}", expressions=[packed])


def xxhash(call: Call) -> exp.Expr:
    """`hash(value, mod)`; times by their ticks."""
    return _called(call, "xxhash", [_hashable(call, i) for i in range(len(call))])


def hash_many(call: Call) -> exp.Expr:
    """`hash_many(...)`."""
    return _called(call, "hash_many", [_hashable(call, i) for i in range(len(call))])


def version(call: Call) -> exp.Expr:
    """`parse_version(text)`: a decimal without fraction, since four parts of eight digits need the room."""
    text = to_dynamic(to_type(call.node(0), call.type(0), "string", call.target), "string", call.target)
    return call.sql("CAST({v} AS DECIMAL(38, 0))", v=_called(call, "parse_version", [text]))
