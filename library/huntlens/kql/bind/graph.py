"""Graphs: `make-graph` and what can be asked of one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.context import Rows, mirror
from huntlens.kql.bind.operands import as_condition
from huntlens.kql.bind.options import option_name
from huntlens.kql.bind.projection import collect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from huntlens.kql.bind.context import Frame


_ROW_BY_ROW: Final = (
    tree.GraphMatch, tree.GraphToTable, tree.GraphWhere, tree.GraphMarkComponents, tree.Filter, tree.Project,
    tree.Extend,
)  # fmt: skip
"""Operators that give the same for all parts at once as for each."""


def bind_make_graph(frame: Frame, source: plan.Relation, node: tree.MakeGraph) -> plan.Relation:
    """`make-graph a --> b with nodes on key`: edges, and the tables that describe their ends."""
    if node.partition is not None:
        by = frame.over(source).value(node.partition.by)
        if all(isinstance(item, _ROW_BY_ROW) for item in node.partition.operators):
            return frame.pipe(replace(_graph(frame, source, node), partition=by), node.partition.operators)
        rows = plan.Input(source.columns, node, open=source.open)
        frame.context.inputs[rows] = source
        body = frame.pipe(_graph(frame, rows, node), node.partition.operators)
        return plan.Partition(body.columns, node, source, by, rows, body, open=body.open)
    return _graph(frame, source, node)


def _graph(frame: Frame, source: plan.Relation, node: tree.MakeGraph) -> plan.Graph:
    inner = frame.over(source)
    origin, target = inner.value(node.source), inner.value(node.target)
    nodes = []
    for item in node.nodes:
        table = frame.outside().relation(item.table)
        nodes.append((table, frame.over(table).value(item.key)))
    name = node.node_id.text if node.node_id is not None else None
    return plan.Graph((), node, source, origin, target, tuple(nodes), name)


def _graph_of(frame: Frame, source: plan.Relation, node: tree.Operator) -> plan.Graph | None:
    """The graph behind a source, through a `let` and through filters."""
    current = source
    while not isinstance(current, plan.Graph):
        if isinstance(current, plan.Reference):
            current = current.definition.relation
        elif isinstance(current, plan.GraphOperator):
            current = current.graph
        elif isinstance(current, plan.Unresolved):
            return None
        else:
            frame.context.report("graph-expected", node)
            return None
    return current


def _node_columns(graph: plan.Graph) -> tuple[plan.Column, ...]:
    """The columns of nodes: those of all node tables, each name once."""
    found: dict[str, plan.Column] = {}
    if graph.node_id:
        found[graph.node_id] = plan.Column(graph.node_id, graph.origin.type)
    for table, _ in graph.nodes:
        for column in table.columns:
            found.setdefault(column.name, column)
    return tuple(found.values())


def _element(frame: Frame, graph: plan.Graph | None, part: tree.GraphPart) -> plan.GraphElement:
    columns: tuple[plan.Column, ...] = ()
    if graph is not None:
        columns = mirror(_node_columns(graph) if part.kind == "node" else graph.edges.columns)
    low, high = (frame.outside().value(item) if item is not None else None for item in (part.low, part.high))
    name = part.name.text if part.name is not None else ""
    element = plan.GraphElement(name, part.kind, columns, low, high)
    if part.name is not None:
        frame.context.mark(part.name, element)
    return element


def _elements(patterns: Iterable[tuple[plan.GraphElement, ...]]) -> dict[str, plan.GraphElement]:
    found: dict[str, plan.GraphElement] = {}
    for pattern in patterns:
        for element in pattern:
            if element.name:
                found.setdefault(element.name, element)
    return found


def bind_graph_match(frame: Frame, source: plan.Relation, node: tree.GraphMatch) -> plan.Relation:
    """`graph-match (a)-[e]->(b) where ... project ...`; without `project` every property is a column."""
    graph = _graph_of(frame, source, node)
    known: dict[str, plan.GraphElement] = {}
    patterns = []
    for pattern in node.patterns:
        chain = []
        for part in pattern.parts:
            element = known.get(part.name.text) if part.name is not None and part.name.text else None
            chain.append(element or _element(frame, graph, part))
        known.update(_elements([tuple(chain)]))
        patterns.append(tuple(chain))
    rows = Rows(plan.Unresolved((), node, "", open=graph is None))
    rows.elements = known
    inner = frame.outside()
    inner.rows = rows
    where = as_condition(frame.context, inner.value(node.where), node.where) if node.where is not None else None
    items = collect(inner, node.project)
    if not node.project:
        items = [
            (plan.Column(f"{name}_{column.name}", column.type), plan.ColumnUse(column.type, node, column))
            for name, element in known.items()
            for column in element.columns
        ]
    columns = tuple(column for column, _ in items)
    name = "graph-shortest-paths" if node.shortest else "graph-match"
    values = tuple(value for _, value in items)
    return plan.GraphOperator(columns, node, source, name, where, values, tuple(patterns), open=graph is None)


def bind_graph_to_table(frame: Frame, source: plan.Relation, node: tree.GraphToTable) -> plan.Relation:
    """`graph-to-table nodes as N, edges as E`: tables again; each is a name for the rest of the query."""
    graph = _graph_of(frame, source, node)
    made: list[plan.Relation] = []
    for output in node.outputs:
        columns = list(_node_columns(graph) if output.kind == "nodes" else graph.edges.columns) if graph else []
        for option in ("with_node_id", "with_source_id", "with_target_id"):
            name = option_name(output.options, option)
            if name is not None:
                columns.append(plan.Column(name.text, "long"))
                frame.context.mark(name, columns[-1])
        made.append(plan.GraphOperator(tuple(columns), output, source, f"graph-to-table {output.kind}", None, ()))
    if not made:
        return plan.Unresolved((), node, "graph-to-table", open=True)
    names = tuple(output.name.text if output.name is not None else output.kind for output in node.outputs)
    if len(made) == 1:
        return made[0]
    rows = plan.Input((), node)
    return plan.Fork(made[0].columns, node, source, rows, names, tuple(made))


def bind_graph_where(frame: Frame, source: plan.Relation, node: tree.GraphWhere) -> plan.Relation:
    """`graph-where-nodes`, `graph-where-edges`: a graph of what matches."""
    graph = _graph_of(frame, source, node)
    if graph is None:
        return plan.Unresolved((), node, node.kind, open=True)
    edges = "edges" in node.kind
    columns = graph.edges.columns if edges else _node_columns(graph)
    over = plan.Unresolved(columns, node, node.kind)
    where = as_condition(frame.context, frame.over(over).value(node.predicate), node.predicate)
    name = "graph-where-edges" if edges else "graph-where-nodes"
    return plan.GraphOperator((), node, source, name, where, ())


def bind_graph_mark_components(frame: Frame, source: plan.Relation, node: tree.GraphMarkComponents) -> plan.Relation:
    """`graph-mark-components`: the same graph with a number for each part that hangs together."""
    graph = _graph_of(frame, source, node)
    name = option_name(node.options, "with_component_id")
    column = plan.Column(name.text if name is not None else "ComponentId", "long")
    if graph is None:
        return plan.Unresolved((), node, "graph", open=True)
    marked = plan.Unresolved((column,), node, "components")
    nodes = (*graph.nodes, (marked, plan.ColumnUse("long", node, column)))
    return replace(graph, syntax=node, nodes=nodes, base=source)
