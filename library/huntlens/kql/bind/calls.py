"""Calls: of the functions that KQL has, and of those that the query or the source declares."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.folds import bind_fold
from huntlens.kql.bind.names import find_column, find_function, unknown
from huntlens.kql.bind.operands import as_condition, convert, row
from huntlens.kql.bind.patterns import bind_pattern_use
from huntlens.kql.functions import all_functions, find
from huntlens.kql.functions.returns import return_type
from huntlens.kql.functions.signature import arity, parameter_at, parameters
from huntlens.kql.types import canonical, is_numeric

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from huntlens.kql.bind.context import Frame
    from huntlens.kql.functions.row import Function
    from huntlens.kql.types import KqlType

TABULAR: Final = frozenset({
    "table", "materialize", "database", "cluster", "external_table", "materialized_view", "stored_query_result",
    "inline_external_table", "_GetWatchlist", "graph", "entity_group", "union", "workspace", "app", "resource", "adx",
    "arg", "view",
})  # fmt: skip
"""Functions that give tables, bound by `sources`."""


GRAPH_FUNCTIONS: Final[dict[str, KqlType]] = {
    "labels": "dynamic",
    "node_degree_in": "long",
    "node_degree_out": "long",
    "node_id": "long",
}
"""Functions of the nodes and edges of a graph pattern."""


def bind_call(frame: Frame, node: tree.Call) -> plan.Value | plan.Relation:
    """A call, whatever it turns out to be."""
    name = node.name.text
    function = find_function(frame, name)
    if function is not None:
        frame.context.mark(node.name, function)
        return frame.context.binders.call(frame, function, node, None)
    if name in TABULAR:
        return frame.relation(node)
    chosen = bind_pattern_use(frame, node)
    if chosen is not None:
        return chosen
    fold = bind_fold(frame, node)
    if fold is not None:
        return fold
    special = SPECIAL.get(name)
    if special is not None:
        known = find(name)
        if known is not None:
            frame.context.mark(node.name, known)
        return special(frame, node)
    known = (find(name, "aggregate") if frame.place == "aggregate" else None) or find(name)
    if known is None:
        return _unknown_call(frame, node)
    frame.context.mark(node.name, known)
    return bind_known(frame, known, node)


def bind_known(frame: Frame, function: Function, node: tree.Call) -> plan.Value:
    """A call of a function that has a row."""
    inner = frame
    if function.kind == "aggregate":
        if frame.place != "aggregate":
            frame.context.report("aggregate-here", node.name, name=function.name)
        inner = frame.at("inside")
    arguments = _arguments(inner, function, node)
    nodes = [argument for argument in node.arguments if not isinstance(argument, tree.Star)]
    if len(nodes) == len(node.arguments) and _check_count(frame, function, node, len(arguments)):
        arguments = [_check_type(frame, function, node, place, arguments) for place in range(len(arguments))]
        _check_together(frame, function, node, arguments)
    types = [_kind(item) for item in arguments]
    types.extend(["unknown"] * (arity(function.signature)[0] - len(types)))
    kind = return_type(function, types, named_type=_named_type(node))
    return plan.Apply(kind, node, function, tuple(arguments))


def _kind(value: plan.Value | None) -> KqlType:
    return value.type if value is not None else "unknown"


def _named_type(node: tree.Call) -> KqlType:
    for argument in node.arguments:
        if isinstance(argument, tree.TypeOf) and argument.type is not None:
            return canonical(argument.type.text)
    return "string"


def _arguments(frame: Frame, function: Function, node: tree.Call) -> list[plan.Value | None]:
    """The values in the order of the signature; named ones are put in their places."""
    found: list[plan.Value | None] = []
    formal = parameters(function.signature)
    for argument in node.arguments:
        if isinstance(argument, tree.Star):
            found.extend(all_columns(frame, argument))
        elif isinstance(argument, tree.NamedArgument):
            place = next((i for i, item in enumerate(formal) if item.name == argument.name.text), None)
            value = frame.value(argument.value)
            if place is None:
                place = len(found)
            found.extend([None] * (place + 1 - len(found)))
            found[place] = value
        else:
            found.append(frame.value(argument))
    return found


def all_columns(frame: Frame, node: tree.Node) -> list[plan.Value]:
    """What `*` stands for."""
    if frame.rows is None:
        return []
    return [plan.ColumnUse(column.type, node, column) for column in frame.rows.relation.columns]


def _check_count(frame: Frame, function: Function, node: tree.Call, given: int) -> bool:
    """Whether the number of arguments is right; reports where it is not."""
    least, most = arity(function.signature)
    wrong = given < least or (most is not None and given > most)
    if wrong:
        if most is None:
            expected = f"at least {_counted(least)}"
        elif least == most:
            expected = _counted(least)
        else:
            expected = f"{least} to {most} arguments"
        frame.context.report("argument-count", node, function=f"{function.name}()", expected=expected, found=str(given))
    return not wrong


def _counted(number: int) -> str:
    return "1 argument" if number == 1 else f"{number or 'no'} arguments"


@cache
def accepted(kind: str) -> frozenset[str]:
    """The scalar types that a parameter type takes; empty for what is no scalar.

    >>> sorted(accepted("integer"))
    ['int', 'long']
    """
    return parameters(f"x: {kind}")[0].types


def _check_type(
    frame: Frame, function: Function, node: tree.Call, place: int, arguments: Sequence[plan.Value | None]
) -> plan.Value | None:
    value = arguments[place]
    if value is None or value.type == "unknown":
        return value
    formal = parameter_at(function.signature, place, len(arguments))
    if formal is None:
        return value
    types = accepted(formal.type)
    if not types or value.type in types:
        return value
    return fit(frame, value, types, value.syntax if place < len(node.arguments) else node, f"{function.name}()")


def _check_together(frame: Frame, function: Function, node: tree.Call, arguments: Sequence[plan.Value | None]) -> None:
    """Reports types that go with their parameters, but not with each other."""
    types = [_kind(item) for item in arguments]
    if function.together is None or "unknown" in types or "dynamic" in types or function.together(*types):
        return
    frame.context.report("types-together", node, function=f"{function.name}()", found=", ".join(types))


def fit(frame: Frame, value: plan.Value, types: frozenset[str], node: tree.Node, function: str) -> plan.Value:
    """The value as one of the types, converted as the engine would; reported where it would refuse."""
    if value.type == "dynamic":
        return convert(value, _from_dynamic(types))
    if value.type in ("int", "long") and any(is_numeric(kind) for kind in types):
        return value
    if is_numeric(value.type) and not types.isdisjoint(("real", "decimal")):
        return value
    if value.type == "guid" and "string" in types:
        return convert(value, "string")
    if value.type == "string" and types == {"guid"}:
        return convert(value, "guid")
    frame.context.report("wrong-type", node, function=function, expected=wording(types), found=value.type)
    return value


def _from_dynamic(types: frozenset[str]) -> KqlType:
    for kind in ("string", "real", "long", "int", "datetime", "timespan", "bool", "guid", "decimal"):
        if kind in types:
            return canonical(kind)
    return "unknown"


def wording(types: frozenset[str]) -> str:
    """Types in words.

    >>> wording(frozenset({"int", "long", "real", "decimal"}))
    'number'
    """
    if {"int", "long", "real", "decimal"} <= types:
        others = sorted(types - {"int", "long", "real", "decimal"})
        return " or ".join(("number", *others))
    return " or ".join(sorted(types))


def _unknown_call(frame: Frame, node: tree.Call) -> plan.Value | plan.Relation:
    context, name = frame.context, node.name.text
    if frame.rows is not None and frame.rows.elements and name in GRAPH_FUNCTIONS:
        arguments = tuple(frame.value(item) for item in node.arguments)
        return plan.Apply(GRAPH_FUNCTIONS[name], node, row(name), arguments)
    if name:
        near = [*(item.name for item in all_functions() if item.kind != "operator"), *frame.names.all()]
        if context.schema.strict or context.near_exists(name, near):
            kind = "unknown-function" if context.schema.strict else "doubtful-function"
            context.report(kind, node.name, name=name, near=near)
    for argument in node.arguments:
        frame.at("inside").either(argument)
    return unknown(node) if frame.rows is not None else plan.Unresolved((), node, name, open=True)


# --- functions whose type or columns the arguments decide ----------------------------------------------------------


def bind_to_scalar(frame: Frame, node: tree.Call) -> plan.Value:
    """`toscalar(table)`: the first cell; of a scalar, the scalar."""
    if not node.arguments:
        return unknown(node)
    made = frame.outside().either(node.arguments[0])
    if isinstance(made, plan.Value):
        return made
    kind: KqlType = made.columns[0].type if made.columns else "unknown"
    return plan.Cell(kind, node, made)


def bind_column_if_exists(frame: Frame, node: tree.Call) -> plan.Value:
    """`column_ifexists(name, default)`: decided here where the columns are known."""
    if len(node.arguments) < 2:
        return bind_known(frame, row(node.name.text), node)
    name, default = node.arguments[0], frame.value(node.arguments[1])
    text = name.value if isinstance(name, tree.Literal) else name.name.text if isinstance(name, tree.NameRef) else None
    if not isinstance(text, str) or frame.rows is None:
        return bind_known(frame, row(node.name.text), node)
    column = find_column(frame, text)
    if column is not None:
        return plan.ColumnUse(column.type, node, column)
    if frame.rows.relation.open:
        arguments = (plan.Constant("string", name, text), default)
        return plan.Apply(default.type, node, row("column_ifexists"), arguments)
    return default


def bind_column_names(frame: Frame, node: tree.Call) -> plan.Value:
    """`column_names_of(table)`: an array of the names, decided here."""
    if not node.arguments:
        return unknown(node)
    made = frame.outside().either(node.arguments[0])
    if isinstance(made, plan.Value):
        return bind_known(frame, row(node.name.text), node)
    return plan.Constant("dynamic", node, [column.name for column in made.columns])


def bind_pack_all(frame: Frame, node: tree.Call) -> plan.Value:
    """`pack_all(ignore_empty)`: the flag, then name and value of each column."""
    flag = frame.value(node.arguments[0]) if node.arguments else plan.Constant("bool", node, value=False)
    arguments: list[plan.Value] = [flag]
    for value in all_columns(frame, node):
        assert isinstance(value, plan.ColumnUse)
        arguments.extend((plan.Constant("string", node, value.column.name), value))
    return plan.Apply("dynamic", node, row("pack_all"), tuple(arguments))


def bind_case(frame: Frame, node: tree.Call) -> plan.Value:
    """`case(condition, value, ..., otherwise)`: every other argument is a condition."""
    made = bind_known(frame, row("case"), node)
    if not isinstance(made, plan.Apply) or len(made.arguments) != len(node.arguments):
        return made
    arguments = list(made.arguments)
    for place in range(0, len(arguments) - 1, 2):
        value = arguments[place]
        if value is not None:
            arguments[place] = as_condition(frame.context, value, node.arguments[place])
    return replace(made, arguments=tuple(arguments))


def bind_datetime_diff(frame: Frame, node: tree.Call) -> plan.Value:
    """`datetime_diff('nanosecond', ...)` of two literals is known here, where their seventh digit is."""
    made = bind_known(frame, row("datetime_diff"), node)
    if not isinstance(made, plan.Apply) or len(made.arguments) != 3:
        return made
    part, *moments = made.arguments
    ticks = [_ticks(moment) for moment in moments]
    if not isinstance(part, plan.Constant) or str(part.value).lower() != "nanosecond" or None in ticks:
        return made
    first, second = (value or 0 for value in ticks)
    return plan.Constant("long", node, (first - second) * 100)


def _ticks(value: plan.Value | None) -> int | None:
    """The 100 ns from year 1 to a datetime literal."""
    if not isinstance(value, plan.Constant) or not isinstance(value.value, datetime):
        return None
    since = value.value - datetime(1, 1, 1)
    tick = value.syntax.tick if isinstance(value.syntax, tree.Literal) else 0
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 10 + tick


SPECIAL: Final[dict[str, Callable[[Frame, Any], plan.Value]]] = {
    "case": bind_case,
    "datetime_diff": bind_datetime_diff,
    "toscalar": bind_to_scalar,
    "column_ifexists": bind_column_if_exists,
    "columnifexists": bind_column_if_exists,
    "column_names_of": bind_column_names,
    "pack_all": bind_pack_all,
}
