"""Operators that bring in other tables, take columns apart, or look at rows in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tokens as t
from huntlens.kql import tree
from huntlens.kql.parse import messages as say
from huntlens.kql.parse import names
from huntlens.kql.parse.cursor import CLOSERS
from huntlens.kql.parse.expressions import (
    bare_path,
    call,
    expression,
    named,
    parenthesis,
    required,
    typeof,
    unary,
)
from huntlens.kql.parse.operators import block, ordered
from huntlens.kql.parse.parameters import parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from huntlens.kql.parse.cursor import Cursor

_AXIS: Final = CLOSERS | {"on", "from", "in"}
_BEFORE_LIMIT: Final = CLOSERS | {"limit"}
_BEFORE_ON: Final = CLOSERS | {"limit", "id", "on"}
_BEFORE_STEPS: Final = CLOSERS | {"partition", "order", "by", "declare", "with"}


def _begin(p: Cursor) -> int:
    start = p.starts[p.at]
    p.at += 1
    return start


def _on(p: Cursor) -> list[tree.Expr]:
    p.at += 1
    return names.items(p, expression, p.missing, None, required=True)


def join(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    right = required(p)
    on: list[tree.Expr] = []
    where: tree.Expr | None = None
    if p.keys[p.at] == "on":
        on = _on(p)
    elif p.keys[p.at] == "where":
        p.at += 1
        where = required(p)
    return tree.Join(start, p.behind, options, right, on, where)


def lookup(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    right = required(p)
    on: list[tree.Expr] = []
    if p.keys[p.at] == "on":
        on = _on(p)
    else:
        p.say_missing("on")
    return tree.Lookup(start, p.behind, options, right, on)


def entity(p: Cursor) -> tree.Expr | None:
    """A table: a name, a pattern of names, or a path such as `database("d").Dev*`."""
    found: tree.Expr | None = names.wildcard(p) or names.bracketed_wildcard(p)
    return found or bare_path(p)


def _united(p: Cursor) -> tree.Expr | None:
    return parenthesis(p) if p.keys[p.at] == "(" else entity(p)


def union(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    tables = names.items(p, _united, p.missing, required=True)
    return tree.Union(start, p.behind, options, tables)


def _in_tables(p: Cursor) -> list[tree.Expr]:
    if p.keys[p.at] != "in":
        return []
    p.at += 1
    p.expect("(")
    found = names.items(p, _united, p.missing, required=True)
    p.close(")")
    return found


def _data_scope(p: Cursor) -> None:
    if p.keys[p.at] == "datascope":
        p.at += 1
        p.expect("=")
        p.at += p.keys[p.at] not in CLOSERS


def search(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    _data_scope(p)
    tables = _in_tables(p)
    predicate = _search_predicate(p)
    return tree.Search(start, p.behind, options, tables, predicate)


def _search_predicate(p: Cursor) -> tree.Expr:
    found = expression(p)
    if found is not None or p.keys[p.at] != "*":
        return found or p.missing()
    at = p.at
    star = tree.Star(p.starts[at], p.ends[at])
    p.at = at + 1
    if p.keys[p.at] != "and":
        return star
    place = p.starts[p.at]
    p.at += 1
    rest = required(p)
    return tree.Binary(star.start, rest.end, "and", star, rest, place)


def _found_column(p: Cursor) -> tree.Expr | None:
    at = p.at
    if p.keys[at] == "*":
        p.at = at + 1
        return tree.Star(p.starts[at], p.ends[at])
    if p.keys[at] == "pack" and p.keys[at + 1] == "(":
        p.at = at + 1
        return call(p, tree.Name(p.starts[at], p.ends[at], "pack"))
    name = names.name(p)
    if name is None:
        return None
    if p.keys[p.at] == ":":
        p.at += 1
        kind = names.type_name(p, of_column=False)
        return tree.TypedName(name.start, p.behind, name, kind)
    return tree.NameRef(name.start, name.end, name)


def find(p: Cursor) -> tree.Operator:
    start = _begin(p)
    _data_scope(p)
    options = names.options(p)
    tables = _in_tables(p)
    if p.keys[p.at] == "where":
        p.at += 1
    elif options or tables:
        p.say_missing("where")
    predicate = required(p)
    columns: list[tree.Expr] = []
    kind = p.keys[p.at] if p.keys[p.at] in ("project", "project-smart", "__projectAway") else None
    if kind is not None:
        p.at += 1
        if kind != "project-smart":
            columns = names.items(p, _found_column, p.missing, None, required=True)
    return tree.Find(start, p.behind, options, tables, predicate, columns, kind)


def _to_type(p: Cursor) -> tree.TypeOf | None:
    if p.keys[p.at] != "to":
        return None
    p.at += 1
    found = typeof(p) if p.keys[p.at] == "typeof" else None
    if isinstance(found, tree.TypeOf):
        return found
    p.say_missing("typeof(type)")
    behind = p.behind
    return tree.TypeOf(behind, behind, None, [])


def _expanded(p: Cursor) -> tree.MvItem | None:
    start = p.starts[p.at]
    found = named(p)
    if found is None:
        if p.keys[p.at] != "to":
            return None
        found = p.missing()
        start = found.start
    kind = _to_type(p)
    return tree.MvItem(start, p.behind, found, kind)


def _missing_item(p: Cursor) -> tree.MvItem:
    missing = p.missing()
    return tree.MvItem(missing.start, missing.end, missing, None)


def _limit(p: Cursor) -> tree.Expr | None:
    if p.keys[p.at] != "limit":
        return None
    p.at += 1
    return required(p)


def mv_expand(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    items = names.items(p, _expanded, lambda: _missing_item(p), _BEFORE_LIMIT, required=True)
    limit = _limit(p)
    return tree.MvExpand(start, p.behind, options, items, limit)


def mv_apply(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    items = names.items(p, _expanded, lambda: _missing_item(p), _BEFORE_ON, required=True)
    limit = _limit(p)
    key = None
    if p.keys[p.at] == "id":
        p.at += 1
        key = required(p)
    p.expect("on")
    body = block(p) if p.keys[p.at] == "(" else _no_body(p)
    return tree.MvApply(start, p.behind, options, items, limit, key, body)


def _no_body(p: Cursor) -> list[tree.Operator]:
    p.say_missing("(")
    return []


def _parsed(p: Cursor) -> tree.Node | None:
    at = p.at
    key = p.keys[at]
    if key == "*":
        p.at = at + 1
        return tree.Star(p.starts[at], p.ends[at])
    if key in names.LITERALS:
        return names.literal(p) if key is t.STRING else None
    name = None if key == ":" else names.declared(p)
    if name is None:
        if key != ":":
            return None
        name = p.missing_name()
    kind = None
    if p.keys[p.at] == ":":
        p.at += 1
        kind = names.type_name(p)
    return tree.ColumnDeclaration(name.start, p.behind, name, kind)


def parse(p: Cursor) -> tree.Operator:
    only = p.keys[p.at] == "parse-where"
    start = _begin(p)
    options = names.options(p)
    found = required(p)
    p.expect("with")
    pattern = []
    while (part := _parsed(p)) is not None:
        pattern.append(part)
    return tree.Parse(start, p.behind, options, found, pattern, only)


def parse_kv(p: Cursor) -> tree.Operator:
    start = _begin(p)
    found = required(p)
    p.expect("as")
    columns = names.row_schema(p)
    options: list[tree.Option] = []
    if p.keys[p.at] == "with":
        p.at += 1
        options = names.settings(p, t.PARSE_KV_SETTINGS)
    return tree.ParseKv(start, p.behind, found, columns, options)


def _series_aggregate(p: Cursor) -> tree.SeriesAggregate | None:
    found = named(p)
    if found is None:
        return None
    default = None
    if p.keys[p.at] == "default":
        p.at += 1
        p.expect("=")
        default = named(p) or p.missing()
    return tree.SeriesAggregate(found.start, p.behind, found, default)


def _missing_aggregate(p: Cursor) -> tree.SeriesAggregate:
    missing = p.missing()
    return tree.SeriesAggregate(missing.start, missing.end, missing, None)


def make_series(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    aggregates = names.items(p, _series_aggregate, lambda: _missing_aggregate(p), _AXIS, required=True)
    p.expect("on")
    axis = named(p) or p.missing()
    low, high, step = _series_range(p)
    by: list[tree.Expr] = []
    if p.keys[p.at] == "by":
        p.at += 1
        by = names.items(p, named, p.missing, None, required=True)
    return tree.MakeSeries(start, p.behind, options, aggregates, axis, low, high, step, by)


def _series_range(p: Cursor) -> tuple[tree.Expr | None, tree.Expr | None, tree.Expr]:
    if p.keys[p.at] == "in":
        return _series_in_range(p)
    low = high = None
    if p.keys[p.at] == "from":
        p.at += 1
        low = required(p)
    if p.keys[p.at] == "to":
        p.at += 1
        high = required(p)
    if p.expect("step"):
        return low, high, required(p)
    return low, high, tree.Missing(p.behind, p.behind)


def _series_in_range(p: Cursor) -> tuple[tree.Expr | None, tree.Expr | None, tree.Expr]:
    """The older spelling: `in range(start, stop, step)`."""
    p.at += 1
    p.expect("range")
    p.expect("(")
    parts = names.items(p, named, p.missing)
    p.close(")")
    behind = p.behind
    while len(parts) < 3:
        parts.append(tree.Missing(behind, behind))
    return parts[0], parts[1], parts[2]


def scan(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    order: list[tree.Expr] = []
    partition: list[tree.Expr] = []
    declare: list[tree.Parameter] = []
    if p.keys[p.at] == "order":
        p.at += 1
        p.expect("by")
        order = names.items(p, ordered, p.missing, _BEFORE_STEPS, required=True)
    if p.keys[p.at] == "partition":
        p.at += 1
        p.expect("by")
        partition = names.items(p, expression, p.missing, _BEFORE_STEPS, required=True)
    if p.keys[p.at] == "declare":
        p.at += 1
        declare = parameters(p)
    p.expect("with")
    p.expect("(")
    steps = []
    with p.nested():
        while p.keys[p.at] == "step":
            steps.append(_step(p))
    p.close(")")
    return tree.Scan(start, p.behind, options, order, partition, declare, steps)


def _step(p: Cursor) -> tree.ScanStep:
    start = _begin(p)
    name = names.declared(p) or p.missing_name()
    optional = p.keys[p.at] == "optional"
    p.at += optional
    output = None
    if p.keys[p.at] == "output":
        p.at += 1
        p.expect("=")
        output = p.texts[p.at]
        p.at += p.keys[p.at] not in CLOSERS
    p.expect(":")
    condition = required(p)
    assignments: list[tree.Expr] = []
    if p.keys[p.at] == "=>":
        p.at += 1
        assignments = names.items(p, _assignment, p.missing, required=True)
    end = p.behind
    p.expect(";")
    return tree.ScanStep(start, max(end, p.behind), name, optional, output, condition, assignments)


def _assignment(p: Cursor) -> tree.Expr | None:
    name = names.declared(p)
    if name is None:
        return None
    p.expect("=")
    value = required(p)
    return tree.NamedArgument(name.start, value.end, name, value)


def macro_expand(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    group = unary(p) or p.missing()
    alias = None
    if p.keys[p.at] == "as":
        p.at += 1
        alias = names.required_name(p)
    p.expect("(")
    with p.nested():
        statements = p.statements(p)
    p.close(")")
    return tree.MacroExpand(start, p.behind, options, group, alias, statements)


def make_graph(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    source = _node_name(p)
    directed = _direction(p)
    target = _node_name(p)
    nodes: list[tree.GraphNodes] = []
    node_id = None
    if p.keys[p.at] == "with_node_id":
        p.at += 1
        p.expect("=")
        node_id = names.required_name(p)
    elif p.keys[p.at] == "with":
        p.at += 1
        nodes = names.items(p, _nodes, lambda: _missing_nodes(p), CLOSERS | {"partitioned-by"}, required=True)
    partition = _graph_partition(p)
    return tree.MakeGraph(start, p.behind, options, source, target, directed, nodes, node_id, partition)


def _node_name(p: Cursor) -> tree.Expr:
    name = names.required_name(p)
    return tree.NameRef(name.start, name.end, name)


def _direction(p: Cursor) -> bool:
    if joined(p, "-", "-", ">"):
        return True
    if not joined(p, "-", "-"):
        p.say_missing("-->")
    return False


def joined(p: Cursor, *keys: str) -> bool:
    """Step over tokens that stand side by side as one sign, such as `-->`."""
    at = p.at
    for offset, key in enumerate(keys):
        if p.keys[at + offset] != key or (offset and p.starts[at + offset] != p.ends[at + offset - 1]):
            return False
    p.at = at + len(keys)
    return True


def _nodes(p: Cursor) -> tree.GraphNodes | None:
    table = unary(p)
    if table is None:
        return None
    p.expect("on")
    key = _node_name(p)
    return tree.GraphNodes(table.start, p.behind, table, key)


def _missing_nodes(p: Cursor) -> tree.GraphNodes:
    missing = p.missing()
    return tree.GraphNodes(missing.start, missing.end, missing, missing)


def _graph_partition(p: Cursor) -> tree.PartitionBy | None:
    if p.keys[p.at] != "partitioned-by":
        return None
    start = _begin(p)
    by = names.simple_path(p)
    body = block(p)
    return tree.PartitionBy(start, p.behind, [], by, body)


def graph_match(p: Cursor) -> tree.Operator:
    shortest = p.keys[p.at] == "graph-shortest-paths"
    start = _begin(p)
    options = names.options(p)
    patterns = names.items(p, _pattern, lambda: _missing_pattern(p), None, required=True)
    where: tree.Expr | None = None
    project: list[tree.Expr] = []
    if p.keys[p.at] == "where":
        p.at += 1
        where = required(p)
    if p.keys[p.at] == "project":
        p.at += 1
        project = names.items(p, named, p.missing, required=True)
    return tree.GraphMatch(start, p.behind, options, patterns, where, project, shortest)


def _pattern(p: Cursor) -> tree.GraphPattern | None:
    parts = []
    while (part := _graph_node(p) or _graph_edge(p)) is not None:
        parts.append(part)
    return tree.GraphPattern(parts[0].start, parts[-1].end, parts) if parts else None


def _missing_pattern(p: Cursor) -> tree.GraphPattern:
    behind = p.behind
    p.say(say.MISSING_PATTERN, behind, behind)
    return tree.GraphPattern(behind, behind, [])


def _graph_node(p: Cursor) -> tree.GraphPart | None:
    if p.keys[p.at] != "(":
        return None
    start = _begin(p)
    name = names.name(p)
    p.close(")")
    return tree.GraphPart(start, p.behind, "node", name)


def _graph_edge(p: Cursor) -> tree.GraphPart | None:
    start = p.starts[p.at]
    if joined(p, "-", "-", ">"):
        return tree.GraphPart(start, p.behind, "out", None)
    if joined(p, "<", "-", "-"):
        return tree.GraphPart(start, p.behind, "in", None)
    if joined(p, "-", "-"):
        return tree.GraphPart(start, p.behind, "any", None)
    backward = joined(p, "<", "-", "[")
    if not backward and not joined(p, "-", "["):
        return None
    name = names.name(p)
    low = high = None
    if p.keys[p.at] == "*":
        p.at += 1
        low = unary(p) or p.missing()
        p.expect("..")
        high = unary(p) or p.missing()
    forward = joined(p, "]", "-", ">")
    if not forward and not joined(p, "]", "-"):
        p.say_missing("]->")
    kind = "in" if backward else "out" if forward else "any"
    return tree.GraphPart(start, p.behind, kind, name, low, high)


def graph_to_table(p: Cursor) -> tree.Operator:
    start = _begin(p)
    outputs = names.items(p, _graph_output, lambda: _missing_output(p), None, required=True)
    return tree.GraphToTable(start, p.behind, outputs)


def _graph_output(p: Cursor) -> tree.GraphOutput | None:
    kind = p.keys[p.at]
    if kind not in ("nodes", "edges"):
        return None
    start = _begin(p)
    name = None
    if p.keys[p.at] == "as":
        p.at += 1
        name = names.required_name(p)
    options = names.options(p)
    return tree.GraphOutput(start, p.behind, kind, name, options)


def _missing_output(p: Cursor) -> tree.GraphOutput:
    p.say_missing("nodes or edges")
    return tree.GraphOutput(p.behind, p.behind, "", None, [])


def graph_where(p: Cursor) -> tree.Operator:
    kind = p.keys[p.at].removeprefix("graph-where-")
    start = _begin(p)
    predicate = required(p)
    return tree.GraphWhere(start, p.behind, kind, predicate)


def graph_mark_components(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    return tree.GraphMarkComponents(start, p.behind, options)


RELATIONS: Final[dict[str, Callable[[Cursor], tree.Operator]]] = {
    "join": join, "lookup": lookup, "union": union, "search": search, "find": find, "mv-expand": mv_expand,
    "mvexpand": mv_expand, "mv-apply": mv_apply, "mvapply": mv_apply, "parse": parse, "parse-where": parse,
    "parse-kv": parse_kv, "make-series": make_series, "scan": scan, "macro-expand": macro_expand,
    "make-graph": make_graph, "graph-match": graph_match, "graph-shortest-paths": graph_match,
    "graph-to-table": graph_to_table, "graph-where-nodes": graph_where, "graph-where-edges": graph_where,
    "graph-mark-components": graph_mark_components,
}  # fmt: skip
