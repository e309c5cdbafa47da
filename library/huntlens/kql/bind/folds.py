"""What `graph-match` asks of the edges of a path: `all`, `any` and `map` over a variable edge or its inner nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.context import Frame, Rows, mirror

if TYPE_CHECKING:
    from huntlens.kql.types import KqlType

FOLDS: Final[dict[str, KqlType]] = {"all": "bool", "any": "bool", "map": "dynamic"}
"""The functions over the parts of a path, and their result types."""


def bind_fold(frame: Frame, node: tree.Call) -> plan.Value | None:
    """`all(edge, condition)` and its like, where the first argument names an edge of the pattern; None otherwise."""
    if frame.rows is None or node.name.text not in FOLDS or len(node.arguments) != 2:
        return None
    subject, body = node.arguments
    inner = isinstance(subject, tree.Call) and subject.name.text == "inner_nodes" and len(subject.arguments) == 1
    named = subject.arguments[0] if inner and isinstance(subject, tree.Call) else subject
    element = frame.rows.elements.get(named.name.text) if isinstance(named, tree.NameRef) else None
    if element is None:
        return None
    assert isinstance(named, tree.NameRef)
    frame.context.mark(named.name, element)
    source = element.columns
    if inner:
        nodes = [item for item in frame.rows.elements.values() if item.kind == "node"]
        source = nodes[0].columns if nodes else ()
    columns = mirror(source)
    over = Frame(frame.context, frame.names, Rows(plan.Unresolved(columns, node, "")))
    return plan.GraphFold(FOLDS[node.name.text], node, node.name.text, element, inner, columns, over.value(body))
