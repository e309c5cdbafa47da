"""Graphs: a pattern is a join of nodes and edges; an edge of variable length is a recursive query for its paths."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.compile.frame import Frame, Key, Names, Source, column, identifier, named, order_by, select, table
from huntlens.kql.compile.literal import constant
from huntlens.kql.compile.lower import refusal
from huntlens.kql.compile.program import Work
from huntlens.kql.compile.values import ready, value
from huntlens.kql.compile.work.components import components

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.kql.compile.lower import Lowering

__all__ = ["lower_graph", "lower_graph_operator", "lower_unresolved"]

_NOTHING = Frame(exp.null(), {})
_ID, _EDGE, _FROM, _TO = "#id", "#edge", "#from", "#to"
_LONGEST = 30
"""Steps of a path whose length has no upper bound in the query."""


@dataclass(slots=True)
class _Graph:
    """The stages of a graph: nodes with their id, edges with their number and both ends; columns by KQL name."""

    nodes: str
    edges: str
    node_columns: dict[str, str]
    edge_columns: dict[str, str]
    node_order: list[plan.Column] = field(default_factory=list)
    edge_order: list[plan.Column] = field(default_factory=list)


def lower_graph(node: plan.Graph, low: Lowering) -> Frame:
    """A graph as it stands is no table."""
    low.refuse(node.syntax, "a graph is no table; end with graph-match or graph-to-table")


def lower_unresolved(node: plan.Unresolved, low: Lowering) -> Frame:
    """What the binder could not find, where the schema is open: a table of the source that may exist."""
    low.refuse(node.syntax, f"'{node.name}' is not known here")


def lower_graph_operator(node: plan.GraphOperator, low: Lowering) -> Frame:
    """`graph-match`, `graph-shortest-paths`, `graph-to-table`."""
    if low.target != "duckdb":
        low.refuse(node.syntax, "graphs are compiled for DuckDB only")
    graph = _graph(node.graph, low)
    if node.name.startswith("graph-to-table"):
        return _to_table(node, graph, low)
    if node.name in ("graph-match", "graph-shortest-paths"):
        return _Match(node, graph, low).lower()
    raise refusal(node.syntax, "a graph is no table; end with graph-match or graph-to-table", low.target)


# --- nodes and edges --------------------------------------------------------------------------------------------


def _graph(node: plan.Relation, low: Lowering) -> _Graph:
    while isinstance(node, plan.Reference):
        node = node.definition.relation
    if isinstance(node, plan.GraphOperator) and node.name.startswith("graph-where"):
        low.refuse(node.syntax, f"{node.name} is not compiled")
    if not isinstance(node, plan.Graph):
        low.refuse(node.syntax, "a graph is needed here")
    edges, edge_columns = _edges(node, low)
    nodes, node_columns = _nodes(node, edges, low)
    graph = _Graph(nodes, edges, node_columns, edge_columns, edge_order=list(node.edges.columns))
    marked = [key.column for relation, key in node.nodes
              if isinstance(relation, plan.Unresolved) and isinstance(key, plan.ColumnUse)]  # fmt: skip
    for item in marked:
        _mark(graph, item, low)
    return graph


def _edges(node: plan.Graph, low: Lowering) -> tuple[str, dict[str, str]]:
    frame = ready(low.lower(node.edges), [node.origin, node.target], low)
    names = Names()
    columns: dict[str, str] = {}
    items: list[exp.Expr] = []
    for item in node.edges.columns:
        columns[item.name] = names.take(item.name)
        items.append(named(frame.node(item), columns[item.name]))
    items.append(named(exp.Window(this=exp.RowNumber()), _EDGE))
    items.append(named(low.key(value(node.origin, frame, low), node.origin.type), _FROM))
    items.append(named(low.key(value(node.target, frame, low), node.target.type), _TO))
    return low.stage(select(items, frame.source, where=frame.where), "edges"), columns


def _nodes(node: plan.Graph, edges: str, low: Lowering) -> tuple[str, dict[str, str]]:
    """One row a node: what the node tables say of it; the ends of edges are nodes too."""
    tables = [(relation, key) for relation, key in node.nodes if not isinstance(relation, plan.Unresolved)]
    names = Names([_ID])
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
        items = [named(low.key(value(key, frame, low), key.type), _ID)]
        for name, physical in columns.items():
            cell = frame.node(own[name]) if name in own else low.cast(exp.null(), kinds[name].type)
            items.append(named(cell, physical))
        parts.append(select(items, frame.source, where=frame.where))
    if not tables or node.node_id:
        for end in (_FROM, _TO):
            nulls = [named(low.cast(exp.null(), kinds[name].type), physical) for name, physical in columns.items()]
            parts.append(select([named(column(end), _ID), *nulls], table(edges)))
    union = parts[0]
    for part in parts[1:]:
        union = exp.Union(this=union, expression=part, distinct=False)
    source = exp.Subquery(this=union, alias=exp.TableAlias(this=identifier("all_nodes")))
    merged = [named(low.sql("any_value({c})", c=column(physical)), physical) for physical in columns.values()]
    statement = select([column(_ID), *merged], source, group=[exp.Literal.number(1)])
    stage = low.stage(statement, "nodes")
    if node.node_id and node.node_id not in columns:
        columns[node.node_id] = _ID
    return stage, columns


def _mark(graph: _Graph, item: plan.Column, low: Lowering) -> None:
    """Number the parts of the graph that hang together; Python follows the edges."""
    given = low.names.fresh("components")
    firsts = exp.Union(
        this=select([named(column(_FROM), _ID), named(column(_EDGE), "#at")], table(graph.edges)),
        expression=select([named(column(_TO), _ID), named(column(_EDGE), "#at")], table(graph.edges)),
        distinct=False,
    )
    seen = exp.Subquery(this=firsts, alias=exp.TableAlias(this=identifier("e")))
    order = Key(low.sql("min({c})", c=column("#at", "e")), nulls_first=False)
    join = exp.Join(this=seen, side="LEFT", on=exp.EQ(this=column(_ID, "n"), expression=column(_ID, "e")))
    nodes = select([column(_ID, "n")], table(graph.nodes, "n"), joins=[join], group=[column(_ID, "n")], order=[order])
    edges = select([column(_FROM), column(_TO)], table(graph.edges))
    low.works.append(Work(given, (low.statement(nodes), low.statement(edges)), components))
    on = exp.EQ(this=column(_ID, "n"), expression=column("id", "c"))
    items: list[exp.Expr] = [
        exp.Column(this=exp.Star(), table=identifier("n")),
        named(column("component", "c"), item.name),
    ]
    joined = select(items, table(graph.nodes, "n"), joins=[exp.Join(this=table(given, "c"), on=on)])
    graph.nodes = low.stage(joined, "marked")
    graph.node_columns[item.name] = item.name


def _to_table(node: plan.GraphOperator, graph: _Graph, low: Lowering) -> Frame:
    is_nodes = node.name.endswith("nodes")
    known = graph.node_columns if is_nodes else graph.edge_columns
    extra = [_ID] if is_nodes else [_FROM, _TO]
    names = Names()
    values: dict[plan.Column, Source] = {}
    items = []
    for item in node.columns:
        values[item] = names.take(item.name)
        physical = known[item.name] if item.name in known else extra.pop(0)
        items.append(named(column(physical), str(values[item])))
    return low.over(select(items, table(graph.nodes if is_nodes else graph.edges)), "graph", values)


# --- patterns ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Match:
    """One `graph-match`: its elements and what each is called in the join."""

    node: plan.GraphOperator
    graph: _Graph
    low: Lowering
    aliases: dict[plan.GraphElement, str] = field(default_factory=dict)
    joins: list[exp.Join] = field(default_factory=list)
    first: exp.Expr | None = None
    conditions: list[exp.Expr] = field(default_factory=list)

    def lower(self) -> Frame:
        """The rows of all matches."""
        for pattern in self.node.patterns:
            for left, edge, right in zip(pattern[::2], pattern[1::2], pattern[2::2], strict=False):
                self._step(left, edge, right)
            if len(pattern) == 1:
                self._add_node(pattern[0], None)
        self._different_edges()
        frame = self._frame()
        if self.node.where is not None:
            self.conditions.append(value(self.node.where, frame, self.low))
        if self.node.name == "graph-shortest-paths":
            return self._shortest(frame)
        return self._projected(frame, self.first, self.joins, self.conditions)

    def _step(self, left: plan.GraphElement, edge: plan.GraphElement, right: plan.GraphElement) -> None:
        """`(left)-[edge]->(right)` joined to what is there."""
        alias = self.aliases[edge] = f"e{len(self.aliases)}"
        variable = edge.low is not None
        source = self._paths(edge) if variable else self._either_way() if edge.kind == "any" else self.graph.edges
        if self.first is None and left not in self.aliases:
            self._add_node(left, None)
        elif left not in self.aliases:
            left, right = right, left
            start, end = (_TO, _FROM) if edge.kind != "in" else (_FROM, _TO)
            self._join_edge(source, alias, (left, start), (right, end))
            return
        start, end = (_FROM, _TO) if edge.kind != "in" else (_TO, _FROM)
        self._join_edge(source, alias, (left, start), (right, end))

    def _join_edge(
        self, source: str, alias: str, near: tuple[plan.GraphElement, str], far: tuple[plan.GraphElement, str]
    ) -> None:
        left, start = near
        right, end = far
        if left not in self.aliases:
            self._add_node(left, exp.true())
        on: exp.Expr = exp.EQ(this=column(start, alias), expression=column(_ID, self.aliases[left]))
        if right in self.aliases:
            same = exp.EQ(this=column(end, alias), expression=column(_ID, self.aliases[right]))
            on = exp.And(this=on, expression=same)
        self.joins.append(exp.Join(this=table(source, alias), on=on))
        if right not in self.aliases:
            self._add_node(right, exp.EQ(this=column(_ID, f"n{len(self.aliases)}"), expression=column(end, alias)))

    def _add_node(self, element: plan.GraphElement, on: exp.Expr | None) -> None:
        alias = self.aliases[element] = f"n{len(self.aliases)}"
        if self.first is None:
            self.first = table(self.graph.nodes, alias)
        else:
            self.joins.append(exp.Join(this=table(self.graph.nodes, alias), on=on if on is not None else exp.true()))

    def _either_way(self) -> str:
        """The edges in both directions."""
        cells = [column(physical) for physical in self.graph.edge_columns.values()]
        there = select([*cells, column(_EDGE), column(_FROM), column(_TO)], table(self.graph.edges))
        back = select(
            [*(cell.copy() for cell in cells), column(_EDGE), named(column(_TO), _FROM), named(column(_FROM), _TO)],
            table(self.graph.edges),
            where=[exp.NEQ(this=column(_FROM), expression=column(_TO))],
        )
        return self.low.stage(exp.Union(this=there, expression=back, distinct=False), "either_way")

    def _cycles(self) -> str:
        return self._option("cycles") or "unique_edges"

    def _option(self, name: str) -> str:
        """The word of an option of the operator, or none."""
        options = self.node.syntax.options if isinstance(self.node.syntax, tree.GraphMatch) else []
        words = [option.value for option in options if option.name.text == name]
        return words[0].name.text if words and isinstance(words[0], tree.NameRef) else ""

    def _paths(self, edge: plan.GraphElement) -> str:
        """All paths of the allowed lengths: their ends, edges, and the nodes within."""
        low = self.low
        at_least, at_most = self._bounds(edge)
        source = self._either_way() if edge.kind == "any" else self.graph.edges
        name, cycles = low.names.fresh("path"), self._cycles()
        cells = self._struct(self.graph.edge_columns, "e")
        inner = self._struct(self.graph.node_columns, "n")
        first = select(
            [column(_FROM, "e"), column(_TO, "e"), named(low.sql("[{x}]", x=column(_EDGE, "e")), "#edges"),
             named(low.sql("[{x}]", x=cells), "#rows"),
             named(low.sql("list_slice([{x}], 1, 0)", x=inner), "#inner"),
             named(low.sql("[{a}, {b}]", a=column(_FROM, "e"), b=column(_TO, "e")), "#ids"),
             named(low.literal(1, "long"), "#length")],
            table(source, "e"),
            joins=[self._node_join(column(_FROM, "e"))],
        )  # fmt: skip
        if cycles == "none":
            first.set("where", exp.Where(this=exp.NEQ(this=column(_FROM, "e"), expression=column(_TO, "e"))))
        step = select(
            [column(_FROM, "p"), column(_TO, "e"),
             named(low.sql("list_append({l}, {x})", l=column("#edges", "p"), x=column(_EDGE, "e")), "#edges"),
             named(low.sql("list_append({l}, {x})", l=column("#rows", "p"), x=cells), "#rows"),
             named(low.sql("list_append({l}, {x})", l=column("#inner", "p"), x=inner), "#inner"),
             named(low.sql("list_append({l}, {x})", l=column("#ids", "p"), x=column(_TO, "e")), "#ids"),
             named(low.sql("{x} + 1", x=column("#length", "p")), "#length")],
            table(name, "p"),
            joins=[
                exp.Join(this=table(source, "e"), on=exp.EQ(this=column(_FROM, "e"), expression=column(_TO, "p"))),
                self._node_join(column(_TO, "p")),
            ],
            where=[self.low.sql("{x} < {n}", x=column("#length", "p"), n=exp.Literal.number(at_most)),
                   *self._no_cycle(cycles)],
        )  # fmt: skip
        cte = exp.CTE(
            this=exp.Union(this=first, expression=step, distinct=False), alias=exp.TableAlias(this=identifier(name))
        )
        enough = exp.GTE(this=column("#length"), expression=exp.Literal.number(at_least))
        statement = select([exp.Star()], table(name), where=[enough])
        statement.set("with_", exp.With(expressions=[cte], recursive=True))
        return low.stage(statement, "paths")

    def _node_join(self, at: exp.Column) -> exp.Join:
        return exp.Join(this=table(self.graph.nodes, "n"), on=exp.EQ(this=column(_ID, "n"), expression=at))

    def _no_cycle(self, cycles: str) -> list[exp.Expr]:
        if cycles == "all":
            return []
        if cycles == "none":
            return [self.low.sql("NOT list_contains({l}, {x})", l=column("#ids", "p"), x=column(_TO, "e"))]
        return [self.low.sql("NOT list_contains({l}, {x})", l=column("#edges", "p"), x=column(_EDGE, "e"))]

    def _struct(self, columns: dict[str, str], alias: str) -> exp.Expr:
        """The cells of a node or an edge as one value: `{'c0': ...}`."""
        names = [f"c{index} := {{v{index}}}" for index in range(len(columns))]
        if not names:
            return self.low.sql("struct_pack(c := 0)")
        cells = {f"v{index}": column(physical, alias) for index, physical in enumerate(columns.values())}
        return self.low.sql(f"struct_pack({', '.join(names)})", **cells)

    def _bounds(self, edge: plan.GraphElement) -> tuple[int, int]:
        low = constant(value(edge.low, _NOTHING, self.low)) if edge.low is not None else 1
        high = constant(value(edge.high, _NOTHING, self.low)) if edge.high is not None else _LONGEST
        if not isinstance(low, int) or not isinstance(high, int):
            self.low.refuse(self.node.syntax, "the length of a path must be constant")
        if low < 1:
            self.low.refuse(self.node.syntax, "a path of no edges is not compiled; begin with 1")
        return low, high

    def _different_edges(self) -> None:
        """No edge stands for two in one match, unless the query lets it."""
        if self._cycles() == "all":
            return
        edges = [(element, alias) for element, alias in self.aliases.items() if element.kind != "node"]
        for index, (one, a) in enumerate(edges):
            for two, b in edges[index + 1 :]:
                if one.low is None and two.low is None:
                    self.conditions.append(exp.NEQ(this=column(_EDGE, a), expression=column(_EDGE, b)))
                    continue
                lists = [self._edge_list(element, alias) for element, alias in ((one, a), (two, b))]
                self.conditions.append(self.low.sql("NOT list_has_any({a}, {b})", a=lists[0], b=lists[1]))

    def _edge_list(self, element: plan.GraphElement, alias: str) -> exp.Expr:
        if element.low is not None:
            return column("#edges", alias)
        return self.low.sql("[{x}]", x=column(_EDGE, alias))

    def _frame(self) -> Frame:
        """What the columns of the elements, and what is asked of paths, are in the join."""
        values: dict[plan.Column, Source] = {}
        for element, alias in self.aliases.items():
            physical = self.graph.node_columns if element.kind == "node" else self.graph.edge_columns
            for item in element.columns:
                if element.low is None:
                    values[item] = column(physical[item.name], alias)
                else:
                    cell = self._cell(list(physical).index(item.name))
                    values[item] = self.low.sql(
                        "to_json(list_transform({l}, lambda x_: {c}))", l=column("#rows", alias), c=cell
                    )
        frame = Frame(exp.null(), values)
        from_values = [self.node.where, *self.node.outputs]
        for fold in [part for item in from_values if item is not None for part in _folds(item)]:
            known = plan.Column(f"#{fold.kind}", fold.type)
            frame.values[known] = self._fold(fold)
            self.low.substitutes[fold] = known
        return frame

    def _cell(self, index: int) -> exp.Expr:
        return self.low.sql(f"x_.c{index}")

    def _fold(self, fold: plan.GraphFold) -> exp.Expr:
        physical = list(self.graph.node_columns if fold.inner else self.graph.edge_columns)
        over = Frame(exp.null(), {item: self._cell(physical.index(item.name)) for item in fold.columns})
        body = value(fold.body, over, self.low)
        listed = column("#inner" if fold.inner else "#rows", self.aliases[fold.element])
        if fold.element.low is None:
            self.low.refuse(fold.syntax, f"{fold.kind}() asks an edge of variable length")
        templates = {
            "any": "len(list_filter({l}, lambda x_: {b})) > 0",
            "all": "len(list_filter({l}, lambda x_: NOT coalesce({b}, FALSE))) = 0",
            "map": "to_json(list_transform({l}, lambda x_: {b}))",
        }
        return self.low.sql(templates[fold.kind], l=listed, b=body)

    def _projected(
        self, frame: Frame, source: exp.Expr | None, joins: Sequence[exp.Join], where: Sequence[exp.Expr]
    ) -> Frame:
        names = Names()
        values: dict[plan.Column, Source] = {}
        items = []
        for item, made in zip(self.node.columns, self.node.outputs, strict=True):
            values[item] = names.take(item.name)
            items.append(named(value(made, frame, self.low), str(values[item])))
        return self.low.over(select(items, source, joins=joins, where=where), "match", values)

    def _shortest(self, frame: Frame) -> Frame:
        """The shortest of the paths between each pair of ends."""
        names = Names()
        values: dict[plan.Column, Source] = {}
        items = []
        for item, made in zip(self.node.columns, self.node.outputs, strict=True):
            values[item] = names.take(item.name)
            items.append(named(value(made, frame, self.low), str(values[item])))
        nodes = [column(_ID, alias) for element, alias in self.aliases.items() if element.kind == "node"]
        paths = [alias for element, alias in self.aliases.items() if element.low is not None]
        if len(paths) != 1:
            self.low.refuse(self.node.syntax, "graph-shortest-paths takes one edge of variable length")
        order = order_by([Key(column("#length", paths[0])), Key(column("#edges", paths[0]))])
        rank: exp.Expr = exp.RowNumber()
        if self._option("output") == "all":
            rank, order = self.low.sql("rank()"), order_by([Key(column("#length", paths[0]))])
        items.append(named(exp.Window(this=rank, partition_by=nodes, order=order), "#rank"))
        ranked = self.low.stage(select(items, self.first, joins=self.joins, where=self.conditions), "ranked")
        first = exp.EQ(this=column("#rank"), expression=exp.Literal.number(1))
        return Frame(table(ranked), values, [first])


def _folds(node: plan.Value) -> list[plan.GraphFold]:
    if isinstance(node, plan.GraphFold):
        return [node]
    if isinstance(node, plan.Apply):
        return [fold for item in node.arguments if item is not None for fold in _folds(item)]
    return []
