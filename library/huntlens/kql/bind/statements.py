"""Statements: what they declare, and the queries among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.context import OtherName, ScalarName, TableName
from huntlens.kql.bind.functions import declare_function
from huntlens.kql.bind.operands import convert
from huntlens.kql.types import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from huntlens.kql.bind.context import Frame, Meaning


def bind_statements(frame: Frame, statements: Sequence[tree.Statement]) -> list[plan.Value | plan.Relation]:
    """The results of the expression statements; names go into the frame."""
    results: list[plan.Value | plan.Relation] = []
    for statement in statements:
        binder = BINDERS.get(type(statement))
        if binder is None:
            continue
        made = binder(frame, statement)
        if made is not None:
            results.append(made)
    return results


def bind_expression_statement(frame: Frame, node: tree.ExpressionStatement) -> plan.Value | plan.Relation:
    return frame.either(node.expr)


def bind_command(frame: Frame, node: tree.Command) -> plan.Value | plan.Relation | None:
    return frame.either(node.query) if node.query is not None else None


def bind_let(frame: Frame, node: tree.Let) -> None:
    """`let name = value`: a scalar, a table or a function."""
    name = node.name.text
    value = node.value.inner if isinstance(node.value, tree.Paren) else node.value
    if isinstance(value, tree.Lambda):
        _declare(frame, node.name, declare_function(frame, name, value, node))
        return
    made = frame.outside().either(node.value)
    if isinstance(made, plan.Value):
        _declare(frame, node.name, ScalarName(name, made, node))
        return
    if isinstance(made, plan.Reference) and not made.definition.name and made.definition.materialize:
        definition = made.definition
        definition.name = name
    else:
        definition = plan.Definition(name, made)
    _declare(frame, node.name, TableName(definition, node))


def _declare(frame: Frame, name: tree.Name, meaning: Meaning) -> None:
    if not name.text:
        return
    if name.text in frame.names.own:
        frame.context.report("name-taken", name, name=name.text)
    frame.names.own[name.text] = meaning
    frame.context.mark(name, meaning)


def bind_declare_parameters(frame: Frame, node: tree.DeclareParameters) -> None:
    """`declare query_parameters(...)`: typed values given at run time."""
    for parameter in node.parameters:
        kind = canonical(parameter.type.text) if parameter.type is not None else "string"
        default = None
        if parameter.default is not None:
            value = frame.value(parameter.default)
            if isinstance(value, plan.Constant):
                default = value
            elif not isinstance(convert(value, kind), plan.Constant):
                frame.context.report("literal-expected", parameter.default)
        variable = plan.Variable(kind, parameter, parameter.name.text, default)
        frame.context.parameters.append(variable)
        _declare(frame, parameter.name, ScalarName(parameter.name.text, variable, parameter))


def bind_pattern(frame: Frame, node: tree.DeclarePattern) -> None:
    _declare(frame, node.name, OtherName(node.name.text, node))


def bind_alias(frame: Frame, node: tree.AliasDatabase) -> None:
    _declare(frame, node.name, OtherName(node.name.text, node))


BINDERS: Final[dict[type[tree.Node], Callable[[Frame, Any], Any]]] = {
    tree.ExpressionStatement: bind_expression_statement,
    tree.Let: bind_let,
    tree.DeclareParameters: bind_declare_parameters,
    tree.DeclarePattern: bind_pattern,
    tree.AliasDatabase: bind_alias,
    tree.Command: bind_command,
}
