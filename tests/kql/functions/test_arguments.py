"""Arguments of every type for every function and operator: an answer or a finding of ours, never DuckDB's words."""

from __future__ import annotations

import datetime as dt
import decimal
import itertools
from functools import cache
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pytest

from huntlens.errors import KqlError, QueryError
from huntlens.kql.functions import all_functions
from huntlens.kql.functions.signature import arity, parameter_at
from huntlens.kql.schema import Schema
from huntlens.providers.embedded import Context, compile_text, run_text
from huntlens.providers.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.functions.row import Function
    from huntlens.kql.functions.signature import Parameter

_BIG: Final = 2**63 - 1
_GUID: Final = "74be27de-1e4e-49d9-b579-fe0b331d3642"
_COLUMNS: Final = {
    "string": ("s", pa.string(), ["", "'", "2024-01-01", None, "[1,{", "a.b c"]),
    "long": ("l", pa.int64(), [0, -1, _BIG, -_BIG - 1, None, 64]),
    "real": ("r", pa.float64(), [-0.0, float("nan"), float("inf"), None, 1e308, 2.5]),
    "datetime": ("t", pa.timestamp("us"), [dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23), None,
                 dt.datetime(2024, 2, 29), dt.datetime(1600, 1, 1), dt.datetime(1970, 1, 1)]),
    "timespan": ("p", pa.int64(), [0, -1, _BIG, -_BIG - 1, None, 864_000_000_000]),
    "bool": ("b", pa.bool_(), [True, False, None, True, False, None]),
    "dynamic": ("d", pa.string(), ["null", "[]", '[1,"a",null]', '{"a":1,"b":{"c":[]}}', None, '{"":2,"\\"":3}']),
    "guid": ("g", pa.string(), [_GUID, None, _GUID, None, "", "x"]),
    "decimal": ("m", pa.decimal128(38, 18), [decimal.Decimal("1.5"), None, decimal.Decimal("-99999999999999999999.5"),
                decimal.Decimal(0), None, None]),
    "int": ("i", pa.int32(), [0, -1, 7, 2**31 - 1, -(2**31), None]),
}  # fmt: skip
_CONSTANTS: Final = {
    "string": "'a'", "long": "3", "real": "2.5", "datetime": "datetime(2024-02-29 12:00)", "timespan": "1h",
    "bool": "true", "dynamic": "dynamic([1,'a',null])", "guid": f"guid({_GUID})", "decimal": "decimal(1.5)",
    "int": "int(5)",
}  # fmt: skip
_TABLE: Final = pa.table({name: pa.array(values, kind) for name, kind, values in _COLUMNS.values()})
_CONTEXT: Final = Context(Schema.from_dict({"tables": {"T": {name: kind for kind, (name, *_) in _COLUMNS.items()}}}))
_SKIP: Final = frozenset({
    "assert",  # stops the query where the predicate is false: it is made for that
    "geo_info_from_ip_address",  # asks for a database
    "toscalar",  # takes a table
    "range",  # makes the million items that it is asked for
    "repeat",
})  # fmt: skip
_QUERIES: Final = {
    "scalar": "T | project ", "operator": "T | project ", "aggregate": "T | summarize ",
    "window": "T | serialize | project ",
}  # fmt: skip
_BATCH: Final = 40
_EVERY: Final = 2
"""One of so many combinations is asked; with 1, which takes a minute, all are."""


@cache
def _engine() -> Engine:
    return Engine()


def _fitting(formal: Parameter) -> str:
    """A type that a parameter takes: what it most likely is for."""
    if formal.types >= {"string", "long", "datetime"}:
        return "long"
    return next((kind for kind in _COLUMNS if kind in formal.types), "")


def _calls(row: Function) -> Iterator[str]:
    """The call as it should be, each argument as every other type, and all arguments of one type."""
    least, most = arity(row.signature)
    size = most if most is not None else least + 1
    for count in sorted({least, size}):
        formal = [parameter_at(row.signature, place, count) for place in range(count)]
        if any(item is None or not item.types for item in formal):
            continue
        fixed = [item is not None and item.name in row.constant_only for item in formal]
        fit = [
            f"'{item.values[0]}'" if item.values else _form(_fitting(item), constant=constant)
            for item, constant in zip(formal, fixed, strict=True)
            if item is not None
        ]
        yield f"{row.name}({', '.join(fit)})"
        for place, kind in itertools.product(range(least if count > least else 0, count), _COLUMNS):
            other = [*fit[:place], _form(kind, constant=fixed[place]), *fit[place + 1 :]]
            yield f"{row.name}({', '.join(other)})"
        for kind in _COLUMNS if count > 1 else ():
            yield f"{row.name}({', '.join(_form(kind, constant=constant) for constant in fixed)})"
    yield f"{row.name}({', '.join(['l'] * ((most or 20) + 1))})"


def _form(kind: str, *, constant: bool) -> str:
    return _CONSTANTS[kind] if constant else _COLUMNS[kind][0]


def _operations(name: str) -> Iterator[str]:
    for left, right in itertools.product(_COLUMNS, _COLUMNS):
        a, b, c = _COLUMNS[left][0], _COLUMNS[right][0], _CONSTANTS[right]
        if name in ("between", "!between"):
            yield from (f"{a} {name} ({b} .. {b})", f"{a} {name} ({c} .. {c})")
        elif name == "[]":
            yield from (f"{a}[{b}]", f"{a}[{c}]")
        elif name.startswith("unary"):
            yield f"{name[-1]}{a}"
        elif name in ("in", "!in", "in~", "!in~", "has_any", "has_all"):
            yield from (f"{a} {name} ({c}, {c})", f"{a} {name} ({b})")
        else:
            yield from (f"{a} {name} {b}", f"{a} {name} {c}")


def _failures(kind: str, expressions: list[str]) -> list[str]:
    """What stopped a batch, found by halves."""
    items = ", ".join(f"x{place} = {text}" for place, text in enumerate(expressions))
    try:
        run_text(f"{_QUERIES[kind]}{items}", _CONTEXT, _engine(), {"T": _TABLE})
    except QueryError as error:
        if len(expressions) == 1:
            return [f"{expressions[0]}: {error}"]
        middle = len(expressions) // 2
        return [*_failures(kind, expressions[:middle]), *_failures(kind, expressions[middle:])]
    return []


def _check(kind: str, expressions: list[str]) -> None:
    answered: list[str] = []
    placeless: list[str] = []
    for text in list(dict.fromkeys(expressions))[::_EVERY]:
        try:
            compile_text(f"{_QUERIES[kind]}x = {text}", _CONTEXT)
            answered.append(text)
        except KqlError as error:
            placeless += [] if error.diagnostics else [text]
    assert not placeless
    wrong = [
        found
        for start in range(0, len(answered), _BATCH)
        for found in _failures(kind, answered[start : start + _BATCH])
    ]
    assert not wrong, "\n".join(wrong)


_ROWS: Final = [
    row
    for row in all_functions()
    if row.kind in _QUERIES and row.name not in _SKIP
    and not row.hidden  # most are other names of the same
    and not (row.name[0] == "!" and row.name[1:] not in ("=", "~"))  # a negation of what is here
]  # fmt: skip
_GROUPS: Final = sorted({(row.kind, row.category) for row in _ROWS if row.kind != "operator"})


@pytest.mark.parametrize(("kind", "category"), _GROUPS)
def test_arguments_of_functions(kind: str, category: str) -> None:
    rows = [row for row in _ROWS if (row.kind, row.category) == (kind, category) and "h3" not in row.name]
    _check(kind, [text for row in rows for text in _calls(row)])


@pytest.mark.parametrize("category", sorted({row.category for row in _ROWS if row.kind == "operator"}))
def test_operands_of_operators(category: str) -> None:
    rows = [row for row in _ROWS if row.kind == "operator" and row.category == category]
    _check("operator", [text for row in rows for text in _operations(row.name)])
