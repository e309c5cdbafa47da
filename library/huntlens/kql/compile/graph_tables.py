"""The two tables that a graph is: nodes with their id, edges with their number and both ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from huntlens.kql.bind import plan
from huntlens.kql.compile.frame import Frame, Key, Names, Source, column, identifier, named, select, table
from huntlens.kql.compile.needs import parts_of
from huntlens.kql.compile.program import Work
from huntlens.kql.compile.values import condition, ready, value
from huntlens.kql.compile.work.components import components

if TYPE_CHECKING:
    from huntlens.kql.compile.lower import Lowering

ID: Final = "#id"
EDGE: Final = "#edge"
FROM: Final = "#from"
TO: Final = "#to"
PART: Final = "#part"


@dataclass(slots=True)
class GraphTables:
    """The stages of a graph: nodes with their id, edges with their number and both ends; columns by KQL name."""

    nodes: str
    edges: str
    node_columns: dict[str, str]
    edge_columns: dict[str, str]


def graph_tables(node: plan.Relation, low: Lowering) -> GraphTables:
    while isinstance(node, plan.Reference):
        node = node.definition.relation
    if isinstance(node, plan.GraphOperator) and node.name.startswith("graph-where"):
        return _where(node, graph_tables(node.graph, low), low)
    if not isinstance(node, plan.Graph):
        low.refuse(node.syntax, "a graph is needed here")
    if node.base is not None:
        graph = graph_tables(node.base, low)
        (_, key) = node.nodes[-1]
        assert isinstance(key, plan.ColumnUse)
        _mark(graph, key.column, low)
        return graph
    edges, edge_columns = _edges(node, low)
    nodes, node_columns = _nodes(node, edges, low)
    return GraphTables(nodes, edges, node_columns, edge_columns)


def _where(node: plan.GraphOperator, graph: GraphTables, low: Lowering) -> GraphTables:
    """The graph of the nodes or edges that match; an edge goes with either of its ends."""
    assert node.where is not None
    is_nodes = node.name == "graph-where-nodes"
    known = graph.node_columns if is_nodes else graph.edge_columns
    values: dict[plan.Column, Source] = {
        part.column: known[part.column.name]
        for part in parts_of(node.where)
        if isinstance(part, plan.ColumnUse) and part.column.name in known
    }
    source = table(graph.nodes if is_nodes else graph.edges)
    kept = condition(node.where, Frame(source, values), low)
    stage = low.stage(select([exp.Star()], source, where=kept), "graph_where")
    if not is_nodes:
        return replace(graph, edges=stage)
    present = [
        exp.In(this=column(end), query=exp.Subquery(this=select([column(ID)], table(stage)))) for end in (FROM, TO)
    ]
    edges = low.stage(select([exp.Star()], table(graph.edges), where=present), "edges")
    return replace(graph, nodes=stage, edges=edges)


def _edges(node: plan.Graph, low: Lowering) -> tuple[str, dict[str, str]]:
    frame = ready(low.lower(node.edges), [node.origin, node.target, node.partition], low)
    names = Names()
    columns: dict[str, str] = {}
    items: list[exp.Expr] = []
    for item in node.edges.columns:
        columns[item.name] = names.take(item.name)
        items.append(named(frame.node(item), columns[item.name]))
    items.append(named(exp.Window(this=exp.RowNumber()), EDGE))
    part = None
    if node.partition is not None:
        part = low.key(value(node.partition, frame, low), node.partition.type)
        items.append(named(part.copy(), PART))
    for end, name in ((node.origin, FROM), (node.target, TO)):
        items.append(named(_within(part, low.key(value(end, frame, low), end.type), low), name))
    return low.stage(select(items, frame.source, where=frame.where), "edges"), columns


def _within(part: exp.Expr | None, key: exp.Expr, low: Lowering) -> exp.Expr:
    """What names a node: its key, and the part of the graph where that is in parts."""
    return key if part is None else low.sql("CAST(to_json([to_json({p}), to_json({k})]) AS VARCHAR)", p=part, k=key)


def _nodes(node: plan.Graph, edges: str, low: Lowering) -> tuple[str, dict[str, str]]:
    """One row a node: what the node tables say of it; the ends of edges are nodes too."""
    tables = [(relation, key) for relation, key in node.nodes if not isinstance(relation, plan.Unresolved)]
    names = Names([ID])
    columns: dict[str, str] = {}
    kinds: dict[str, plan.Column] = {}
    for relation, _ in tables:
        for item in relation.columns:
            if item.name not in columns:
                columns[item.name] = names.take(item.name)
                kinds[item.name] = item
    parts: list[exp.Expr] = []
    for relation, key in tables:
        frame = ready(low.lower(relation), [key], low)
        own = {item.name: item for item in relation.columns}
        part, joins = _part_of_nodes(node, frame, own, edges, low)
        items = [named(_within(part, low.key(value(key, frame, low), key.type), low), ID)]
        for name, physical in columns.items():
            cell = frame.node(own[name]) if name in own else low.cast(exp.null(), kinds[name].type)
            items.append(named(cell, physical))
        parts.append(select(items, frame.source, where=frame.where, joins=joins))
    if not tables or node.node_id:
        for end in (FROM, TO):
            nulls = [named(low.cast(exp.null(), kinds[name].type), physical) for name, physical in columns.items()]
            parts.append(select([named(column(end), ID), *nulls], table(edges)))
    union = parts[0]
    for part in parts[1:]:
        union = exp.Union(this=union, expression=part, distinct=False)
    source = exp.Subquery(this=union, alias=exp.TableAlias(this=identifier("all_nodes")))
    merged = [named(low.sql("any_value({c})", c=column(physical)), physical) for physical in columns.values()]
    statement = select([column(ID), *merged], source, group=[exp.Literal.number(1)])
    stage = low.stage(statement, "nodes")
    if node.node_id and node.node_id not in columns:
        columns[node.node_id] = ID
    return stage, columns


def _part_of_nodes(
    node: plan.Graph, frame: Frame, own: dict[str, plan.Column], edges: str, low: Lowering
) -> tuple[exp.Expr | None, list[exp.Join]]:
    """The part that a node is in: what its column of that name says, or every one."""
    by = node.partition
    if by is None:
        return None, []
    if node.node_id:
        low.refuse(node.syntax, "the ids of nodes of a partitioned graph are not compiled")
    if isinstance(by, plan.ColumnUse) and by.column.name in own:
        return low.key(frame.node(own[by.column.name]), by.type), []
    every = exp.Subquery(
        this=select([column(PART)], table(edges), distinct=True), alias=exp.TableAlias(this=identifier("parts"))
    )
    return column(PART, "parts"), [exp.Join(this=every, kind="CROSS")]


def _mark(graph: GraphTables, item: plan.Column, low: Lowering) -> None:
    """Number the parts of the graph that hang together; Python follows the edges."""
    given = low.names.fresh("components")
    firsts = exp.Union(
        this=select([named(column(FROM), ID), named(column(EDGE), "#at")], table(graph.edges)),
        expression=select([named(column(TO), ID), named(column(EDGE), "#at")], table(graph.edges)),
        distinct=False,
    )
    seen = exp.Subquery(this=firsts, alias=exp.TableAlias(this=identifier("e")))
    order = Key(low.sql("min({c})", c=column("#at", "e")), nulls_first=False)
    join = exp.Join(this=seen, side="LEFT", on=exp.EQ(this=column(ID, "n"), expression=column(ID, "e")))
    nodes = select([column(ID, "n")], table(graph.nodes, "n"), joins=[join], group=[column(ID, "n")], order=[order])
    edges = select([column(FROM), column(TO)], table(graph.edges))
    low.works.append(Work(given, (low.statement(nodes), low.statement(edges)), components))
    on = exp.EQ(this=column(ID, "n"), expression=column("id", "c"))
    items: list[exp.Expr] = [
        exp.Column(this=exp.Star(), table=identifier("n")),
        named(column("component", "c"), item.name),
    ]
    joined = select(items, table(graph.nodes, "n"), joins=[exp.Join(this=table(given, "c"), on=on)])
    graph.nodes = low.stage(joined, "marked")
    graph.node_columns[item.name] = item.name
