"""Fills the SQL templates of function rows with the SQL of their arguments.

The door of this module, for `compile/lower.py` and its siblings:

    fill(function, target, arguments, *, filtering=False, over=None) -> sqlglot expression

- `target` is "duckdb" or "spark".
- `arguments` are `(node, type)` pairs in the order of the row's signature, as `bind.plan.Apply` has them; an argument
  that was left out in the middle is `(None, type)`. Nodes are not changed; one may be put into the result several
  times, by copy.
- `filtering=True` says that the caller only asks whether the result is true (a conjunct of `where`), so that null
  may stand for false and the SQL is plainer: `a = 'x'` instead of `COALESCE(a, '') = 'x'`.
- `over` gives a window function its order; see `Over`.
- raises `CannotCompile` with words for the user when the target cannot do it, or not with these arguments.

A constant argument has to arrive as a constant node, as `literal()` makes them, for the SQL to be the fast form.
Physical types are those of docs/architecture.md. A NULL in a string column is the empty string of KQL; every
template answers for that itself, so the caller wraps nothing. Results that are strings may be NULL too.

Functions of `compile/udf` may occur in the result: `udf.used(node)` tells which, for the engine to register.

The language of templates: `{name}` is the argument of that name, `{name!}` the same as a string that is never
NULL, `{name|sql}` has a default for a left-out argument, `{name...}` puts a repeated argument's values into an
argument list. Templates are parsed once for each target, with every function call taken as it is written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Final, Literal, NamedTuple, NoReturn, cast

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.spark import Spark
from sqlglot.parsers.duckdb import DuckDBParser
from sqlglot.parsers.spark import SparkParser

from huntlens.kql.compile import special
from huntlens.kql.compile.checked import checked
from huntlens.kql.compile.literal import MISSING, constant
from huntlens.kql.functions.row import Function, Special, Unsupported
from huntlens.kql.functions.signature import parameters

if TYPE_CHECKING:
    from huntlens.kql.functions.row import Template
    from huntlens.kql.types import KqlType

Target = Literal["duckdb", "spark"]

_HOLE: Final = re.compile(r"\{(?P<name>[A-Za-z_]\w*)(?P<mark>!|\.\.\.)?(?:\|(?P<default>[^{}]*))?\}")


class CannotCompile(Exception):  # noqa: N818  (control flow to the caller, which turns it into a diagnostic)
    """A target cannot do this; `reason` is for the user."""

    def __init__(self, name: str, reason: str) -> None:
        self.name, self.reason = name, reason
        super().__init__(f"{name}: {reason}")


class Argument(NamedTuple):
    """The SQL of an argument and its KQL type; None for one that was left out."""

    node: exp.Expr | None
    type: KqlType


@dataclass(frozen=True, slots=True)
class Over:
    """The order of the serialized rows, and the column that numbers the restarts, if the call has a restart argument.

    Which argument that is tells `special.window.restart_of(function)`; the caller first makes a column that counts
    how often it was true so far, and gives it here.
    """

    order: exp.Order
    group: exp.Expr | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A call to lower by hand: what the functions of `compile/special` are given."""

    function: Function
    target: Target
    arguments: tuple[Argument, ...]
    filtering: bool
    over: Over | None
    options: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.arguments)

    def given(self, index: int) -> bool:
        """Whether the argument was written."""
        return index < len(self.arguments) and self.arguments[index].node is not None

    def node(self, index: int) -> exp.Expr:
        """The SQL of an argument that must be there."""
        found = self.arguments[index].node if index < len(self.arguments) else None
        return found if found is not None else exp.null()

    def type(self, index: int) -> KqlType:
        """The KQL type of an argument; unknown for one that is not there."""
        return self.arguments[index].type if index < len(self.arguments) else "unknown"

    def constant(self, index: int) -> object:
        """The value of a constant argument, or `MISSING`."""
        found = self.arguments[index].node if index < len(self.arguments) else None
        value = MISSING if found is None else constant(found)
        if self.target == "spark" and isinstance(value, str) and self.type(index) == "dynamic":
            return json.loads(value)  # a dynamic constant is text there
        return value

    def text(self, index: int) -> exp.Expr:
        """The SQL of a string argument, never NULL."""
        return never_null(self.node(index))

    def sql(self, template: str, **nodes: exp.Expr | Sequence[exp.Expr]) -> exp.Expr:
        """A template of this target filled with nodes."""
        return build(template, self.target, nodes)

    def refuse(self, reason: str) -> NoReturn:
        """The target cannot do this."""
        raise CannotCompile(self.function.name, reason)


def fill(
    function: Function,
    target: Target,
    arguments: Sequence[tuple[exp.Expr | None, KqlType]],
    *,
    filtering: bool = False,
    over: Over | None = None,
) -> exp.Expr:
    """The SQL of a call of `function`."""
    given = tuple(Argument(*argument) for argument in arguments)
    template = _choose(function, function.duckdb if target == "duckdb" else function.spark, given)
    if isinstance(template, Unsupported):
        raise CannotCompile(function.name, template.reason)
    if isinstance(template, Special):
        lower = special.find(template.name or function.name)
        made = lower(Call(function, target, given, filtering, over, template.options))
    else:
        made = build(template, target, _named(function, given))
    return tried(made, target) if _may_overflow(function, given) else made


_WHOLE: Final = ("int", "long", "timespan", "bool", "unknown")
_OVERFLOWING: Final = frozenset({
    "unary -", "/", "%", "abs", "bin", "floor", "bin_at", "around", "make_timespan", "make_datetime", "datetime_add",
    "range", "substring", "tohex", "startofday", "startofweek", "startofmonth", "startofyear", "endofday",
    "endofweek", "endofmonth", "endofyear",
})  # fmt: skip
"""Functions whose SQL stops a query for a value at the end of its type's range."""
_BY_TYPE: Final = ("-", "unary -", "/", "%", "abs", "bin", "floor", "around")
"""Of these, the ones that do so for whole numbers alone."""
_EXACT: Final = ("+", "-", "*", "/", "%", "around", "bin", "bin_at")
"""Functions whose SQL stops a query for a decimal of too many digits."""
# What TRY of DuckDB does not take: these are computed in the open.
_NOT_IN_TRY: Final = (exp.Query, exp.Window, exp.Filter, exp.AggFunc, exp.Subquery)
_CALLS_NOT_IN_TRY: Final = frozenset({
    "SUM", "COUNT", "MIN", "MAX", "AVG", "LIST", "ARG_MAX", "ARG_MIN", "ANY_VALUE", "QUANTILE_DISC", "QUANTILE_CONT",
    "STDDEV_SAMP", "STDDEV_POP", "VAR_SAMP", "VAR_POP", "BIT_AND", "BIT_OR", "BIT_XOR", "RANDOM", "UUID", "FIRST",
    "JSON_GROUP_ARRAY", "JSON_GROUP_OBJECT", "COVAR_SAMP", "COVAR_POP", "BOOL_OR",
})  # fmt: skip


def _may_overflow(function: Function, arguments: tuple[Argument, ...]) -> bool:
    sign = function.name == "-" and len(arguments) == 1
    if function.name in _EXACT and any(argument.type == "decimal" for argument in arguments):
        return True
    if function.name not in _OVERFLOWING and not sign:
        return False
    first, last = arguments[0], arguments[-1]
    if all(argument.node is None or constant(argument.node) is not MISSING for argument in arguments):
        return False
    if function.name in _BY_TYPE and first.type not in _WHOLE:
        return False
    if function.name.startswith(("startof", "endof")) and len(arguments) == 1:
        return False
    divisor = constant(last.node) if last.node is not None else MISSING
    return not (function.name in ("/", "%") and isinstance(divisor, int) and 0 < divisor < 2**31)


def tried(node: exp.Expr, target: Target) -> exp.Expr:
    """The node, null where it would stop the query; as it is where DuckDB cannot say so."""
    if target == "spark":
        return checked(node)
    for part in node.walk():
        if isinstance(part, _NOT_IN_TRY):
            return node
        if isinstance(part, exp.Anonymous) and part.name.upper() in _CALLS_NOT_IN_TRY:
            return node
    return exp.Anonymous(this="TRY", expressions=[node])


def _choose(function: Function, template: Template, arguments: tuple[Argument, ...]) -> str | Unsupported | Special:
    while isinstance(template, Mapping):
        choices: dict[object, Template] = {}
        choices.update(template.items())
        first = arguments[0].type if arguments else "unknown"
        for key in (len(arguments), first, "*"):
            if key in choices:
                template = choices[key]
                break
        else:
            raise CannotCompile(function.name, f"no SQL for a first argument of type {first}")
    return template


def _named(function: Function, arguments: tuple[Argument, ...]) -> dict[str, exp.Expr | Sequence[exp.Expr]]:
    nodes: dict[str, exp.Expr | Sequence[exp.Expr]] = {}
    formal = parameters(function.signature)
    for index, parameter in enumerate(formal):
        if parameter.repeated:
            behind = len(formal) - index - 1
            stop = len(arguments) - behind if behind else len(arguments)
            nodes[parameter.name] = [a.node if a.node is not None else exp.null() for a in arguments[index:stop]]
            for offset, last in enumerate(formal[index + 1 :]):
                _put(nodes, last.name, arguments, stop + offset)
            break
        _put(nodes, parameter.name, arguments, index)
    return nodes


def _put(
    nodes: dict[str, exp.Expr | Sequence[exp.Expr]], name: str, arguments: tuple[Argument, ...], index: int
) -> None:
    node = arguments[index].node if 0 <= index < len(arguments) else None
    if node is not None:
        nodes[name] = node


# --- templates -------------------------------------------------------------------------------------------------


# The calls that have a syntax of their own.
_SYNTAX: Final = ("CAST", "TRY_CAST", "EXTRACT")


class _DuckDBAsWritten(DuckDB):
    """DuckDB, with every function call kept as it is written."""

    class Parser(DuckDBParser):
        FUNCTIONS: ClassVar[dict[str, Callable[..., exp.Expr]]] = {}
        FUNCTION_PARSERS: ClassVar = {name: DuckDBParser.FUNCTION_PARSERS[name] for name in _SYNTAX}


class _SparkAsWritten(Spark):
    """Spark, with every function call kept as it is written."""

    class Parser(SparkParser):
        FUNCTIONS: ClassVar[dict[str, Callable[..., exp.Expr]]] = {}
        FUNCTION_PARSERS: ClassVar = {name: SparkParser.FUNCTION_PARSERS[name] for name in _SYNTAX}


@dataclass(slots=True)
class _Hole:
    name: str
    never_null: bool
    repeated: bool


@cache
def _parse(template: str, target: Target, present: frozenset[str]) -> tuple[exp.Expr, dict[str, _Hole]]:
    holes: dict[str, _Hole] = {}

    def hole(match: re.Match[str]) -> str:
        name, mark, default = match["name"], match["mark"], match["default"]
        if name not in present:
            if default is None:
                raise ValueError(f"template '{template}' needs {name}, which the call leaves out")
            return default
        word = f"__{name}_{'text' if mark == '!' else 'rest' if mark else 'plain'}__"
        holes[word] = _Hole(name, mark == "!", mark == "...")
        return word

    text = _HOLE.sub(hole, template)
    dialect = _DuckDBAsWritten() if target == "duckdb" else _SparkAsWritten()
    (tree,) = dialect.parse(text)
    if tree is None:
        raise ValueError(f"template '{template}' is empty")
    return tree, holes


def build(template: str, target: Target, nodes: Mapping[str, exp.Expr | Sequence[exp.Expr]]) -> exp.Expr:
    """A template filled with nodes by name; every use of a node is a copy but the first."""
    tree, holes = _parse(template, target, frozenset(nodes))
    return _Filler(holes, nodes).build(tree, None)


class _Filler:
    """One filling of one template: remembers which nodes were already put in."""

    def __init__(self, holes: dict[str, _Hole], nodes: Mapping[str, exp.Expr | Sequence[exp.Expr]]) -> None:
        self.holes, self.nodes = holes, nodes

    def build(self, node: exp.Expr, parent: exp.Expr | None) -> exp.Expr:
        if type(node) is exp.Column and (hole := self.holes.get(node.name)) is not None:
            value = cast("exp.Expr", self.nodes[hole.name]).copy()
            if hole.never_null:
                value = never_null(value)
            return grouped(value) if parent is not None and _binds(parent) else value
        return node.__class__(**{key: self._value(value, node) for key, value in node.args.items()})

    def _value(self, value: object, parent: exp.Expr) -> object:
        if isinstance(value, list):
            result: list[object] = []
            for item in value:
                hole = self.holes.get(item.name) if type(item) is exp.Column else None
                if hole is not None and hole.repeated:
                    result.extend(node.copy() for node in cast("Sequence[exp.Expr]", self.nodes[hole.name]))
                else:
                    result.append(self._value(item, parent))
            return result
        return self.build(value, parent) if isinstance(value, exp.Expr) else value


def _binds(parent: exp.Expr) -> bool:
    """Whether an operator as a child of this node must be in parentheses."""
    if isinstance(parent, exp.Binary | exp.Unary | exp.Between | exp.In | exp.Bracket | exp.Dot):
        return not isinstance(parent, exp.Paren)
    return False


def grouped(node: exp.Expr) -> exp.Expr:
    """The node, in parentheses where it is an operator."""
    operators = exp.Binary | exp.Unary | exp.Between | exp.In | exp.Lambda | exp.Case | exp.Window | exp.Filter
    if isinstance(node, operators) and not isinstance(node, exp.Paren):
        return exp.Paren(this=node)
    return node


# Functions that give NULL only for a NULL.
_STRICT: Final = frozenset({"LOWER", "UPPER", "SUBSTRING", "REPLACE", "TRIM", "LTRIM", "RTRIM", "REVERSE", "SUBSTR"})
_NEVER: Final = frozenset({"CONCAT", "CONCAT_WS"})


def is_never_null(node: exp.Expr) -> bool:
    """Whether a string expression cannot be NULL, as far as its shape tells."""
    if isinstance(node, exp.Literal | exp.Concat):
        return True
    if isinstance(node, exp.Paren):
        return is_never_null(node.this)
    if isinstance(node, exp.DPipe):
        return is_never_null(node.this) and is_never_null(node.expression)
    if isinstance(node, exp.Coalesce):
        return bool(node.expressions) and is_never_null(node.expressions[-1])
    if isinstance(node, exp.Anonymous) and isinstance(node.this, str):
        name, arguments = node.this.upper(), node.expressions
        if name == "COALESCE":
            return is_never_null(arguments[-1])
        return name in _NEVER or (name in _STRICT and all(is_never_null(argument) for argument in arguments))
    return False


def never_null(node: exp.Expr) -> exp.Expr:
    """A string expression with '' for NULL."""
    if isinstance(node, exp.Null):
        return exp.Literal.string("")
    if is_never_null(node):
        return node
    return exp.Coalesce(this=node, expressions=[exp.Literal.string("")])
