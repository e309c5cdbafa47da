"""Graphs: a pattern is a join of nodes and edges; an edge of variable length is a recursive query for its paths."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.compile.frame import Frame, Key, Names, Source, column, identifier, named, order_by, select, table
from huntlens.kql.compile.graph_tables import EDGE, FROM, ID, TO, GraphTables, graph_tables
from huntlens.kql.compile.literal import constant
from huntlens.kql.compile.lower import refusal
from huntlens.kql.compile.needs import parts_of
from huntlens.kql.compile.values import value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.kql.compile.lower import Lowering

__all__ = ["lower_graph", "lower_graph_operator", "lower_unresolved"]

_NOTHING = Frame(exp.null(), {})
_DEGREES = {"node_degree_in": TO, "node_degree_out": FROM}
_LONGEST = 30
"""Steps of a path whose length has no upper bound in the query."""


def lower_graph(node: plan.Graph, low: Lowering) -> Frame:
    """A graph as it stands is no table."""
    low.refuse(node.syntax, "a graph is no table; end with graph-match or graph-to-table")


def lower_unresolved(node: plan.Unresolved, low: Lowering) -> Frame:
    """What the binder could not find, where the schema is open: a table of the source that may exist."""
    if isinstance(node.syntax, tree.Call) and node.syntax.name.text == "_GetWatchlist":
        low.refuse(node.syntax, f"there is no watchlist '{node.name}' here: add its rows as a table of that name")
    low.refuse(node.syntax, f"'{node.name}' is not known here")


def lower_graph_operator(node: plan.GraphOperator, low: Lowering) -> Frame:
    """`graph-match`, `graph-shortest-paths`, `graph-to-table`."""
    if low.target != "duckdb":
        low.refuse(node.syntax, "graphs are compiled for DuckDB only")
    graph = graph_tables(node.graph, low)
    if node.name.startswith("graph-to-table"):
        return _to_table(node, graph, low)
    if node.name in ("graph-match", "graph-shortest-paths"):
        return _Match(node, graph, low).lower()
    raise refusal(node.syntax, "a graph is no table; end with graph-match or graph-to-table", low.target)


def _to_table(node: plan.GraphOperator, graph: GraphTables, low: Lowering) -> Frame:
    is_nodes = node.name.endswith("nodes")
    known = graph.node_columns if is_nodes else graph.edge_columns
    extra = [ID] if is_nodes else [FROM, TO]
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
    graph: GraphTables
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
            start, end = (TO, FROM) if edge.kind != "in" else (FROM, TO)
            self._join_edge(source, alias, (left, start), (right, end))
            return
        start, end = (FROM, TO) if edge.kind != "in" else (TO, FROM)
        self._join_edge(source, alias, (left, start), (right, end))

    def _join_edge(
        self, source: str, alias: str, near: tuple[plan.GraphElement, str], far: tuple[plan.GraphElement, str]
    ) -> None:
        left, start = near
        right, end = far
        if left not in self.aliases:
            self._add_node(left, exp.true())
        on: exp.Expr = exp.EQ(this=column(start, alias), expression=column(ID, self.aliases[left]))
        if right in self.aliases:
            same = exp.EQ(this=column(end, alias), expression=column(ID, self.aliases[right]))
            on = exp.And(this=on, expression=same)
        self.joins.append(exp.Join(this=table(source, alias), on=on))
        if right not in self.aliases:
            self._add_node(right, exp.EQ(this=column(ID, f"n{len(self.aliases)}"), expression=column(end, alias)))

    def _add_node(self, element: plan.GraphElement, on: exp.Expr | None) -> None:
        alias = self.aliases[element] = f"n{len(self.aliases)}"
        if self.first is None:
            self.first = table(self.graph.nodes, alias)
        else:
            self.joins.append(exp.Join(this=table(self.graph.nodes, alias), on=on if on is not None else exp.true()))

    def _either_way(self) -> str:
        """The edges in both directions."""
        cells = [column(physical) for physical in self.graph.edge_columns.values()]
        there = select([*cells, column(EDGE), column(FROM), column(TO)], table(self.graph.edges))
        back = select(
            [*(cell.copy() for cell in cells), column(EDGE), named(column(TO), FROM), named(column(FROM), TO)],
            table(self.graph.edges),
            where=[exp.NEQ(this=column(FROM), expression=column(TO))],
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
            [column(FROM, "e"), column(TO, "e"), named(low.sql("[{x}]", x=column(EDGE, "e")), "#edges"),
             named(low.sql("[{x}]", x=cells), "#rows"),
             named(low.sql("list_slice([{x}], 1, 0)", x=inner), "#inner"),
             named(low.sql("[{a}, {b}]", a=column(FROM, "e"), b=column(TO, "e")), "#ids"),
             named(low.literal(1, "long"), "#length")],
            table(source, "e"),
            joins=[self._node_join(column(FROM, "e"))],
        )  # fmt: skip
        if cycles == "none":
            first.set("where", exp.Where(this=exp.NEQ(this=column(FROM, "e"), expression=column(TO, "e"))))
        step = select(
            [column(FROM, "p"), column(TO, "e"),
             named(low.sql("list_append({l}, {x})", l=column("#edges", "p"), x=column(EDGE, "e")), "#edges"),
             named(low.sql("list_append({l}, {x})", l=column("#rows", "p"), x=cells), "#rows"),
             named(low.sql("list_append({l}, {x})", l=column("#inner", "p"), x=inner), "#inner"),
             named(low.sql("list_append({l}, {x})", l=column("#ids", "p"), x=column(TO, "e")), "#ids"),
             named(low.sql("{x} + 1", x=column("#length", "p")), "#length")],
            table(name, "p"),
            joins=[
                exp.Join(this=table(source, "e"), on=exp.EQ(this=column(FROM, "e"), expression=column(TO, "p"))),
                self._node_join(column(TO, "p")),
            ],
            where=[self.low.sql("{x} < {n}", x=column("#length", "p"), n=exp.Literal.number(at_most)),
                   *self._no_cycle(cycles)],
        )  # fmt: skip
        cte = exp.CTE(
            this=exp.Union(this=first, expression=step, distinct=False), alias=exp.TableAlias(this=identifier(name))
        )
        enough = exp.GTE(this=column("#length"), expression=exp.Literal.number(at_least))
        statement: exp.Select | exp.Union = select([exp.Star()], table(name), where=[enough])
        if at_least == 0:
            statement = exp.Union(this=statement, expression=self._standing(cells, inner), distinct=False)
        statement.set("with_", exp.With(expressions=[cte], recursive=True))
        return low.stage(statement, "paths")

    def _standing(self, cells: exp.Expr, inner: exp.Expr) -> exp.Select:
        """The path of no edges from each node to itself."""
        low, here = self.low, column(ID, "n")
        none = low.sql("list_slice([{x}], 1, 0)", x=column(EDGE, "e"))
        nothing = exp.Subquery(
            this=select([exp.Star()], table(self.graph.edges), limit=exp.Literal.number(0)),
            alias=exp.TableAlias(this=identifier("e")),
        )
        items = [
            named(here, FROM), named(here.copy(), TO), named(none, "#edges"),
            named(low.sql("list_slice([{x}], 1, 0)", x=cells), "#rows"),
            named(low.sql("list_slice([{x}], 1, 0)", x=inner), "#inner"),
            named(low.sql("[{x}]", x=here), "#ids"), named(low.literal(0, "long"), "#length"),
        ]  # fmt: skip
        return select(items, table(self.graph.nodes, "n"), joins=[exp.Join(this=nothing, side="LEFT", on=exp.true())])

    def _node_join(self, at: exp.Column) -> exp.Join:
        return exp.Join(this=table(self.graph.nodes, "n"), on=exp.EQ(this=column(ID, "n"), expression=at))

    def _no_cycle(self, cycles: str) -> list[exp.Expr]:
        if cycles == "all":
            return []
        if cycles == "none":
            return [self.low.sql("NOT list_contains({l}, {x})", l=column("#ids", "p"), x=column(TO, "e"))]
        return [self.low.sql("NOT list_contains({l}, {x})", l=column("#edges", "p"), x=column(EDGE, "e"))]

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
        return low, high

    def _different_edges(self) -> None:
        """No edge stands for two in one match, unless the query lets it."""
        if self._cycles() == "all":
            return
        edges = [(element, alias) for element, alias in self.aliases.items() if element.kind != "node"]
        for index, (one, a) in enumerate(edges):
            for two, b in edges[index + 1 :]:
                if one.low is None and two.low is None:
                    self.conditions.append(exp.NEQ(this=column(EDGE, a), expression=column(EDGE, b)))
                    continue
                lists = [self._edge_list(element, alias) for element, alias in ((one, a), (two, b))]
                self.conditions.append(self.low.sql("NOT list_has_any({a}, {b})", a=lists[0], b=lists[1]))

    def _edge_list(self, element: plan.GraphElement, alias: str) -> exp.Expr:
        if element.low is not None:
            return column("#edges", alias)
        return self.low.sql("[{x}]", x=column(EDGE, alias))

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
        from_values = [item for item in (self.node.where, *self.node.outputs) if item is not None]
        for call in [part for item in from_values for part in parts_of(item)]:
            if isinstance(call, plan.Apply) and call.function.name in _DEGREES:
                known = plan.Column(f"#{call.function.name}", "long")
                frame.values[known] = self._degree(call)
                self.low.substitutes[call] = known
        for fold in [part for item in from_values for part in _folds(item)]:
            known = plan.Column(f"#{fold.kind}", fold.type)
            frame.values[known] = self._fold(fold)
            self.low.substitutes[fold] = known
        return frame

    def _degree(self, call: plan.Apply) -> exp.Expr:
        """How many edges begin or end at a node."""
        given = call.arguments[0].syntax if call.arguments and call.arguments[0] is not None else None
        name = given.name.text if isinstance(given, tree.NameRef) else ""
        alias = next((alias for element, alias in self.aliases.items() if element.name == name), None)
        if alias is None:
            self.low.refuse(call.syntax, f"{call.function.name} takes a node of the pattern")
        here = exp.EQ(this=column(_DEGREES[call.function.name], "d"), expression=column(ID, alias))
        return exp.Subquery(this=select([exp.Count(this=exp.Star())], table(self.graph.edges, "d"), where=[here]))

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
        nodes = [column(ID, alias) for element, alias in self.aliases.items() if element.kind == "node"]
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
