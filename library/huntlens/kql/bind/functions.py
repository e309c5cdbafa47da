"""Functions that the query or the source declares: bound once for the editor, anew for each call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.context import FunctionName, Names, ScalarName, TableName
from huntlens.kql.bind.names import unknown
from huntlens.kql.bind.operands import convert
from huntlens.kql.parse import parse
from huntlens.kql.types import canonical

if TYPE_CHECKING:
    from huntlens.kql.bind.context import Context, Frame

MOST_EXPANSIONS: Final = 2000
"""How many calls one text may expand to: functions that call each other twice grow without end."""


def declare_function(frame: Frame, name: str, node: tree.Lambda, syntax: tree.Node) -> FunctionName:
    """A function as the statement declares it; its body is bound once so that the editor knows its names."""
    function = FunctionName(name, node, frame.names, syntax)
    inner = Names(frame.names)
    body = frame.outside()
    body.names = inner
    for parameter in node.parameters:
        inner.own[parameter.name.text] = _formal(frame, parameter)
        frame.context.mark(parameter.name, inner.own[parameter.name.text])
    _body(body, node)
    return function


def _formal(frame: Frame, parameter: tree.Parameter) -> ScalarName | TableName:
    """What stands for a parameter while no one calls."""
    if parameter.columns is not None or parameter.open:
        columns = _declared(parameter)
        relation = plan.Unresolved(columns, parameter, parameter.name.text, open=parameter.open)
        return TableName(plan.Definition(parameter.name.text, relation), parameter)
    kind = canonical(parameter.type.text) if parameter.type is not None else "unknown"
    if parameter.default is not None:
        frame.outside().value(parameter.default)
    return ScalarName(parameter.name.text, plan.Variable(kind, parameter, parameter.name.text, None), parameter)


def _declared(parameter: tree.Parameter) -> tuple[plan.Column, ...]:
    return tuple(
        plan.Column(item.name.text, canonical(item.type.text) if item.type is not None else "unknown")
        for item in parameter.columns or ()
    )


def bind_function_call(
    frame: Frame, function: FunctionName, node: tree.Call, first: plan.Relation | None
) -> plan.Value | plan.Relation:
    """The body of a function with the arguments in place of its parameters."""
    context = frame.context
    context.expansions += 1
    if context.expansions > MOST_EXPANSIONS:
        return plan.Unresolved((), node, function.name, open=True)
    names = Names(function.names)
    _fill(frame, function, node, names, first)
    body = frame.outside()
    body.names = names
    context.muted += 1
    try:
        return _body(body, function.definition)
    finally:
        context.muted -= 1


def _fill(frame: Frame, function: FunctionName, node: tree.Call, names: Names, first: plan.Relation | None) -> None:
    """Puts arguments, positional and named, and defaults in the places of the parameters."""
    formal = function.definition.parameters
    given: dict[str, tree.Expr] = {}
    places = [item.name.text for item in formal]
    if first is not None and formal:
        names.own[places[0]] = TableName(plan.Definition(places[0], first), formal[0])
        _require(frame, formal[0], first, node)
        places = places[1:]
    named = {argument.name.text for argument in node.arguments if isinstance(argument, tree.NamedArgument)}
    free = iter([place for place in places if place not in named])
    for argument in node.arguments:
        if isinstance(argument, tree.NamedArgument):
            if argument.name.text not in places:
                frame.context.report(
                    "unknown-argument",
                    argument.name,
                    function=f"{function.name}()",
                    name=argument.name.text,
                    near=places,
                )
            given[argument.name.text] = argument.value
            continue
        name = next(free, None)
        if name is not None:
            given[name] = argument
    least = sum(1 for item in formal if item.default is None) - (first is not None)
    if len(node.arguments) > len(places) or len(node.arguments) < least:
        expected = f"{len(places)} arguments" if len(places) != 1 else "1 argument"
        frame.context.report(
            "argument-count", node, function=f"{function.name}()", expected=expected, found=str(len(node.arguments))
        )
    for item in formal:
        if item.name.text not in names.own:
            names.own[item.name.text] = _argument(frame, function, item, given.get(item.name.text), node)


def _argument(
    frame: Frame, function: FunctionName, formal: tree.Parameter, given: tree.Expr | None, node: tree.Call
) -> ScalarName | TableName:
    name = formal.name.text
    if formal.columns is not None or formal.open:
        if given is None:
            return _formal(frame, formal)
        relation = frame.outside().relation(given)
        _require(frame, formal, relation, given)
        return TableName(plan.Definition(name, relation), formal)
    kind = canonical(formal.type.text) if formal.type is not None else "unknown"
    value: plan.Value = unknown(node)
    if given is not None:
        value = frame.value(given)
    elif formal.default is not None:
        inner = frame.outside()
        inner.names = function.names
        value = inner.value(formal.default)
    return ScalarName(name, convert(value, kind) if value.type != "unknown" else value, formal)


def _require(frame: Frame, formal: tree.Parameter, relation: plan.Relation, node: tree.Node) -> None:
    """A table given for a tabular parameter has the columns that it asks for."""
    if relation.open:
        return
    have = {column.name for column in relation.columns}
    for item in formal.columns or ():
        if item.name.text not in have:
            frame.context.report("missing-columns", node, name=item.name.text)
            return


def _body(frame: Frame, node: tree.Lambda) -> plan.Value | plan.Relation:
    frame.context.binders.statements(frame, node.statements)
    return frame.either(node.body)


def stored_function(context: Context, name: str) -> FunctionName | None:
    """The stored function of that name, parsed when it is first called."""
    if name not in context.stored:
        context.stored[name] = _read_stored(context, name)
    return context.stored[name]


def _read_stored(context: Context, name: str) -> FunctionName | None:
    found = context.schema.functions.get(name)
    if found is None or not found.body:
        return None
    body = found.body if found.body.lstrip().startswith("{") else "{" + found.body + "}"
    parameters = found.parameters if found.parameters.lstrip().startswith("(") else f"({found.parameters})"
    made = parse(f"let f = {parameters} {body};")
    first = made.query.statements[0] if made.query.statements else None
    if not isinstance(first, tree.Let) or not isinstance(first.value, tree.Lambda):
        return None
    return FunctionName(name, first.value, Names(), None, found)
