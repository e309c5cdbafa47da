"""`declare pattern`: a name for several queries, chosen by constants: `country("USA").["New York"]`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.context import FunctionName, OtherName, ScalarName

if TYPE_CHECKING:
    from huntlens.kql.bind.context import Frame


def bind_pattern_use(frame: Frame, node: tree.Call, path: str | None = None) -> plan.Value | plan.Relation | None:
    """The case that the arguments, and the name behind the dot, choose; None where the call uses no pattern."""
    meaning = frame.names.find(node.name.text)
    if not isinstance(meaning, OtherName) or not isinstance(meaning.syntax, tree.DeclarePattern):
        return None
    frame.context.mark(node.name, meaning)
    pattern = meaning.syntax
    given = [_constant(frame.value(argument)) for argument in node.arguments]
    for case in pattern.cases:
        wanted = [_constant(frame.value(argument)) for argument in case.arguments]
        place = case.path.value if isinstance(case.path, tree.Literal) else None
        if wanted == given and (place is None or place == path):
            return _body(frame, pattern, node, case)
    frame.context.report("unknown-function", node.name, name=node.name.text)
    return plan.Unresolved((), node, node.name.text, open=True)


def _constant(value: plan.Value) -> object:
    return value.value if isinstance(value, plan.Constant) else value


def _body(
    frame: Frame, pattern: tree.DeclarePattern, node: tree.Call, case: tree.PatternCase
) -> plan.Value | plan.Relation:
    """The query of a case, which sees the arguments by their names."""
    inner = frame.outside().inner()
    for parameter, argument in zip(pattern.parameters, node.arguments, strict=False):
        name = parameter.name.text
        inner.names.own[name] = ScalarName(name, frame.value(argument), parameter)
    function = FunctionName(pattern.name.text, case.body, inner.names, pattern)
    call = tree.Call(node.start, node.end, node.name, [])
    return frame.context.binders.call(inner, function, call, None)
