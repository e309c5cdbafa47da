"""The operators of every day: columns, rows, order, groups. Each function stands at its keyword."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tokens as t
from huntlens.kql import tree
from huntlens.kql.parse import messages as say
from huntlens.kql.parse import names
from huntlens.kql.parse.cursor import CLOSERS
from huntlens.kql.parse.expressions import (
    call,
    constant,
    expression,
    lost,
    named,
    operator,
    operators,
    pipeline,
    required,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from huntlens.kql.parse.cursor import Cursor

_BEFORE_BY: Final = CLOSERS | {"by"}
_BEFORE_WITH: Final = CLOSERS | {"with"}
_DIRECTIONS: Final = frozenset({"asc", "desc", "granny-asc", "granny-desc"})


def _begin(p: Cursor) -> int:
    start = p.starts[p.at]
    p.at += 1
    return start


def where(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    predicate = named(p) or lost(p)
    return tree.Filter(start, p.behind, options, predicate)


def extend(p: Cursor) -> tree.Operator:
    start = _begin(p)
    columns = names.items(p, named, p.missing, required=True)
    return tree.Extend(start, p.behind, columns)


def project(p: Cursor) -> tree.Operator:
    start = _begin(p)
    columns = names.items(p, named, p.missing)
    return tree.Project(start, p.behind, columns)


def project_rename(p: Cursor) -> tree.Operator:
    start = _begin(p)
    columns = names.items(p, named, p.missing)
    return tree.ProjectRename(start, p.behind, columns)


def print_(p: Cursor) -> tree.Operator:
    start = _begin(p)
    columns = names.items(p, named, p.missing, required=True)
    return tree.Print(start, p.behind, columns)


def column_name(p: Cursor) -> tree.Expr | None:
    """A name or a pattern of names."""
    pattern = names.wildcard(p)
    if pattern is not None:
        return pattern
    found = names.name(p)
    return None if found is None else tree.NameRef(found.start, found.end, found)


def project_away(p: Cursor) -> tree.Operator:
    start = _begin(p)
    columns = names.items(p, column_name, p.missing)
    return tree.ProjectAway(start, p.behind, columns)


def project_keep(p: Cursor) -> tree.Operator:
    start = _begin(p)
    columns = names.items(p, column_name, p.missing)
    return tree.ProjectKeep(start, p.behind, columns)


def project_by_names(p: Cursor) -> tree.Operator:
    start = _begin(p)
    columns = names.items(p, lambda p: names.wildcard(p) or expression(p), p.missing)
    return tree.ProjectByNames(start, p.behind, columns)


def _reordered(p: Cursor) -> tree.Expr | None:
    found = column_name(p)
    key = p.keys[p.at]
    if found is not None and key in _DIRECTIONS:
        p.at += 1
        return tree.Ordered(found.start, p.behind, found, key, None)
    return found


def project_reorder(p: Cursor) -> tree.Operator:
    start = _begin(p)
    columns = names.items(p, _reordered, p.missing)
    return tree.ProjectReorder(start, p.behind, columns)


def _is_bin(p: Cursor) -> bool:
    """Whether the older spelling of a bin for all groups stands here: `by a, b bin=1h`."""
    return p.keys[p.at] == "bin" and p.keys[p.at + 1] == "="


def _group(p: Cursor) -> tree.Expr | None:
    return None if _is_bin(p) and p.keys[p.at - 1] != "," else named(p)


def summarize(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    aggregates = names.items(p, named, p.missing, _BEFORE_BY)
    by: list[tree.Expr] = []
    has_by = p.keys[p.at] == "by"
    if has_by:
        p.at += 1
        by = names.items(p, _group, p.missing, required=True)
        if _is_bin(p):
            by.append(named(p) or p.missing())
    return tree.Summarize(start, p.behind, options, aggregates, by, has_by)


def _star(p: Cursor) -> tree.Expr | None:
    at = p.at
    if p.keys[at] != "*":
        return None
    p.at = at + 1
    return tree.Star(p.starts[at], p.ends[at])


def distinct(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    columns = names.items(p, lambda p: _star(p) or named(p), p.missing, required=True)
    return tree.Distinct(start, p.behind, options, columns)


def take(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    amount = named(p) or p.missing()
    return tree.Take(start, p.behind, options, amount)


def count(p: Cursor) -> tree.Operator:
    start = _begin(p)
    name = None
    if p.keys[p.at] == "as":
        p.at += 1
        name = names.required_name(p)
    return tree.Count(start, p.behind, name)


def ordered(p: Cursor) -> tree.Expr | None:
    """An expression with `asc`, `desc`, `nulls first`, `nulls last`."""
    found = named(p)
    if found is None:
        return None
    direction = nulls = None
    if p.keys[p.at] in _DIRECTIONS:
        direction = p.keys[p.at]
        p.at += 1
    if p.keys[p.at] == "nulls":
        p.at += 1
        if p.keys[p.at] in ("first", "last"):
            nulls = p.keys[p.at]
            p.at += 1
        else:
            p.say_missing("first or last")
    return found if direction is nulls is None else tree.Ordered(found.start, p.behind, found, direction, nulls)


def sort(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    p.expect("by")
    by = names.items(p, ordered, p.missing, required=True)
    return tree.Sort(start, p.behind, options, by)


def top(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    amount = named(p) or p.missing()
    p.expect("by")
    by = [ordered(p) or p.missing()]
    if p.keys[p.at] == ",":
        p.say(say.UNEXPECTED_TEXT, p.starts[p.at], p.ends[p.at], text=",")
        p.at += 1
        by += names.items(p, ordered, p.missing)
    return tree.Top(start, p.behind, options, amount, by)


def top_hitters(p: Cursor) -> tree.Operator:
    start = _begin(p)
    amount = named(p) or p.missing()
    p.expect("of")
    of = named(p) or p.missing()
    by = None
    if p.keys[p.at] == "by":
        p.at += 1
        by = named(p) or p.missing()
    return tree.TopHitters(start, p.behind, amount, of, by)


def _top_nested_clause(p: Cursor) -> tree.TopNestedClause | None:
    if p.keys[p.at] != "top-nested":
        return None
    start = _begin(p)
    amount = named(p)
    p.expect("of")
    of = named(p) or p.missing()
    others: tree.Expr | None = None
    if p.keys[p.at] == "with":
        p.at += 1
        p.expect("others")
        p.expect("=")
        others = constant(p) or required(p)
    p.expect("by")
    by = ordered(p) or p.missing()
    return tree.TopNestedClause(start, p.behind, amount, of, others, by)


def top_nested(p: Cursor) -> tree.Operator:
    start = p.starts[p.at]
    clauses = names.items(p, _top_nested_clause, lambda: _missing_clause(p))
    return tree.TopNested(start, p.behind, clauses)


def _missing_clause(p: Cursor) -> tree.TopNestedClause:
    missing = p.missing()
    return tree.TopNestedClause(missing.start, missing.end, None, missing, None, missing)


def sample(p: Cursor) -> tree.Operator:
    start = _begin(p)
    names.options(p)
    amount = named(p) or p.missing()
    return tree.Sample(start, p.behind, amount)


def sample_distinct(p: Cursor) -> tree.Operator:
    start = _begin(p)
    names.options(p)
    amount = named(p) or p.missing()
    p.expect("of")
    of = named(p) or p.missing()
    return tree.SampleDistinct(start, p.behind, amount, of)


def reduce(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    p.expect("by")
    found = named(p) or p.missing()
    settings: list[tree.Option] = []
    if p.keys[p.at] == "with":
        p.at += 1
        settings = names.items(p, _reduce_setting, lambda: _missing_option(p))
    return tree.Reduce(start, p.behind, options, found, settings)


def _reduce_setting(p: Cursor) -> tree.Option | None:
    found = names.options(p)
    return found[0] if found else None


def _missing_option(p: Cursor) -> tree.Option:
    name = p.missing_name()
    return tree.Option(name.start, name.end, name, tree.Missing(name.start, name.end))


def as_(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    name = names.required_name(p)
    return tree.As(start, p.behind, options, name)


def consume(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    return tree.Consume(start, p.behind, options)


def execute_and_cache(p: Cursor) -> tree.Operator:
    start = _begin(p)
    return tree.ExecuteAndCache(start, p.behind)


def serialize(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    columns = names.items(p, named, p.missing)
    return tree.Serialize(start, p.behind, options, columns)


def getschema(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    kind = options[0].value if options else None
    return tree.GetSchema(start, p.behind, kind.name.text if isinstance(kind, tree.NameRef) else None)


def assert_schema(p: Cursor) -> tree.Operator:
    start = _begin(p)
    columns = names.row_schema(p)
    return tree.AssertSchema(start, p.behind, columns)


def range_(p: Cursor) -> tree.Operator:
    start = _begin(p)
    name = names.required_name(p)
    p.expect("from")
    low = required(p)
    p.expect("to")
    high = required(p)
    p.expect("step")
    step = required(p)
    return tree.Range(start, p.behind, name, low, high, step)


def _function_call(p: Cursor, *, whole: bool = False) -> tree.Call:
    """A call; where only its name stands, the parenthesis is missing, or the `whole` of it."""
    behind = p.behind
    found = names.name(p)
    if found is not None and p.keys[p.at] == "(":
        return call(p, found)
    if found is None or whole:
        p.say(say.MISSING_CALL, behind, behind)
    else:
        p.say_missing("(")
    found = found or tree.Name(behind, behind, "")
    return tree.Call(found.start, found.end, found, [])


def evaluate(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    called = _function_call(p)
    schema = None
    if p.keys[p.at] == ":":
        p.at += 1
        schema = _output_schema(p)
    return tree.Evaluate(start, p.behind, options, called, schema)


def _output_schema(p: Cursor) -> tree.TypeOf:
    """`(name: type, ...)` or `(*, name: type, ...)`."""
    start = p.starts[p.at]
    is_open = p.keys[p.at] == "(" and p.keys[p.at + 1] == "*"
    columns = names.row_schema(p, open_start=is_open)
    start = min(start, p.behind)
    return tree.TypeOf(start, p.behind, None, columns, is_open)


def invoke(p: Cursor) -> tree.Operator:
    start = _begin(p)
    found: tree.Expr = _function_call(p, whole=True)
    while p.keys[p.at] == "." and p.keys[p.at + 1] in t.NAMES and p.keys[p.at + 2] == "(":
        p.at += 1
        name = names.required_name(p)
        called = call(p, name)
        found = tree.MethodCall(found.start, called.end, found, called)
    return tree.Invoke(start, p.behind, found)


def facet(p: Cursor) -> tree.Operator:
    start = _begin(p)
    p.expect("by")
    columns = names.items(p, expression, p.missing, _BEFORE_WITH, required=True)
    found: list[tree.Operator] = []
    if p.keys[p.at] == "with":
        p.at += 1
        found = block(p) if p.keys[p.at] == "(" else [operator(p)]
    return tree.Facet(start, p.behind, columns, found)


def block(p: Cursor) -> list[tree.Operator]:
    """`( operator | operator ... )`."""
    p.expect("(")
    with p.nested():
        found = operators(p)
    p.close(")")
    return found


def _branch(p: Cursor) -> tree.ForkBranch | None:
    start, at = p.starts[p.at], p.at
    end = names.declared_end(p, at)
    name = None
    if end and p.keys[end] == "=":
        name = names.declared(p)
        p.at = end + 1
    elif p.keys[at] != "(":
        return None
    body = block(p)
    return tree.ForkBranch(start, p.behind, name, body)


def fork(p: Cursor) -> tree.Operator:
    start = _begin(p)
    branches = []
    while (branch := _branch(p)) is not None:
        branches.append(branch)
    if not branches:
        p.say_missing("(")
    return tree.Fork(start, p.behind, branches)


def partition(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    p.expect("by")
    by = names.simple_path(p)
    scope = body = None
    found: list[tree.Operator] = []
    if p.keys[p.at] == "in":
        p.at += 1
        scope = p.missing() if p.keys[p.at] == "(" else required(p)
    if p.keys[p.at] == "{":
        p.at += 1
        with p.nested():
            body = pipeline(p) or p.missing()
        p.close("}")
    elif p.keys[p.at] == "(":
        found = block(p)
    else:
        p.say_missing("(")
    return tree.Partition(start, p.behind, options, by, found, body, scope)


def partition_by(p: Cursor) -> tree.Operator:
    start = _begin(p)
    options = names.options(p)
    by = names.simple_path(p)
    key: tree.Expr | None = None
    if p.keys[p.at] == "id":
        p.at += 1
        key = constant(p) or p.missing()
    found = block(p)
    return tree.PartitionBy(start, p.behind, options, by, found, key)


def render(p: Cursor) -> tree.Operator:
    start = _begin(p)
    at = p.at
    if p.keys[at] in t.WORDS and p.keys[at] not in ("with", "by"):
        p.at = at + 1
        kind = tree.Name(p.starts[at], p.ends[at], p.texts[at])
        if p.keys[at] is not t.NAME:
            p.say(say.MISSING_TOKEN, kind.start, kind.end, what="a chart, as timechart or barchart")
    else:
        kind = p.missing_name()
    options = []
    while (option := _render_option(p)) is not None:
        options.append(option)
    if p.keys[p.at] == "with":
        p.at += 1
        options.extend(names.settings(p, t.RENDER_SETTINGS))
    return tree.Render(start, p.behind, kind, options)


def _render_option(p: Cursor) -> tree.Option | None:
    """The older spelling of settings: `kind=stacked title="a" by x, y`."""
    at = p.at
    word = p.texts[at]
    if word in ("kind", "title", "accumulate") and p.keys[at + 1] == "=":
        return names.setting(p)
    if word == "by" or (word == "with" and p.keys[at + 1] != "("):
        key = tree.Name(p.starts[at], p.ends[at], word)
        p.at = at + 1
        found = names.items(p, column_name, p.missing, None, required=True)
        value = found[0] if len(found) == 1 else tree.NameList(found[0].start, found[-1].end, found)
        return tree.Option(key.start, p.behind, key, value)
    return None


OPERATORS: Final[dict[str, Callable[[Cursor], tree.Operator]]] = {
    "where": where, "filter": where, "extend": extend, "project": project, "project-rename": project_rename,
    "project-away": project_away, "project-keep": project_keep, "project-reorder": project_reorder,
    "project-by-names": project_by_names, "print": print_, "summarize": summarize, "distinct": distinct,
    "take": take, "limit": take, "count": count, "sort": sort, "order": sort, "top": top, "top-hitters": top_hitters,
    "top-nested": top_nested, "sample": sample, "sample-distinct": sample_distinct, "reduce": reduce, "as": as_,
    "consume": consume, "__executeAndCache": execute_and_cache, "serialize": serialize, "getschema": getschema,
    "assert-schema": assert_schema, "range": range_, "evaluate": evaluate, "invoke": invoke, "facet": facet,
    "fork": fork, "partition": partition, "__partitionby": partition_by, "render": render,
}  # fmt: skip
