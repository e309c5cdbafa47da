"""Two tables or more: `join`, `lookup`, `union`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.context import Rows, TableName
from huntlens.kql.bind.names import bind_table, open_column, refer
from huntlens.kql.bind.operands import convert
from huntlens.kql.bind.options import option_name, option_text
from huntlens.kql.bind.result_names import Namer
from huntlens.kql.types import is_numeric

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from huntlens.kql.bind.context import Frame
    from huntlens.kql.types import KqlType

KINDS: Final[dict[str, str]] = {
    "innerunique": "innerunique", "inner": "inner", "leftouter": "leftouter", "rightouter": "rightouter",
    "fullouter": "fullouter", "leftanti": "leftanti", "anti": "leftanti", "leftantisemi": "leftanti",
    "rightanti": "rightanti", "rightantisemi": "rightanti", "leftsemi": "leftsemi", "rightsemi": "rightsemi",
}  # fmt: skip
"""The kinds of join, synonyms included."""

Pair = tuple[plan.Value, plan.Value]


def bind_join(frame: Frame, source: plan.Relation, node: tree.Join) -> plan.Relation:
    """`join`: what the kind keeps of left and right; a name that is taken gets a number."""
    given = option_text(node.options, "kind", "innerunique").lower()
    kind = KINDS.get(given, "")
    if not kind:
        frame.context.report("unknown-value", node, name=given, known=", ".join(KINDS))
        kind = "innerunique"
    right = frame.outside().relation(node.right)
    pairs = _pairs(frame, source, right, node.on)
    if kind in ("leftanti", "leftsemi"):
        outputs = source.columns
        return plan.Join(outputs, node, kind, source, right, pairs, outputs, open=source.open)
    if kind in ("rightanti", "rightsemi"):
        outputs = right.columns
        return plan.Join(outputs, node, kind, source, right, pairs, outputs, open=right.open)
    outputs = (*source.columns, *right.columns)
    is_open = source.open or right.open
    return plan.Join(_renamed(outputs), node, kind, source, right, pairs, outputs, open=is_open)


def bind_lookup(frame: Frame, source: plan.Relation, node: tree.Lookup) -> plan.Relation:
    """`lookup`: a join that leaves out the keys of the right side."""
    kind = option_text(node.options, "kind", "leftouter").lower()
    right = frame.outside().relation(node.right)
    pairs = _pairs(frame, source, right, node.on)
    keys = {value.column for _, value in pairs if isinstance(value, plan.ColumnUse)}
    outputs = (*source.columns, *(column for column in right.columns if column not in keys))
    is_open = source.open or right.open
    return plan.Join(_renamed(outputs), node, KINDS.get(kind, "leftouter"), source, right, pairs, outputs, open=is_open)


def _renamed(columns: Iterable[plan.Column]) -> tuple[plan.Column, ...]:
    """The columns, each name once; only those that need another name are new objects."""
    namer = Namer()
    made = []
    for column in columns:
        name = namer.unique(column.name)
        made.append(column if name == column.name else plan.Column(name, column.type, column))
    return tuple(made)


def _pairs(frame: Frame, left: plan.Relation, right: plan.Relation, on: Sequence[tree.Expr]) -> tuple[Pair, ...]:
    pairs: list[Pair] = []
    for node in on:
        pairs.extend(_pair(frame, left, right, node))
    return tuple(pairs)


def _pair(frame: Frame, left: plan.Relation, right: plan.Relation, node: tree.Expr) -> list[Pair]:
    while isinstance(node, tree.Paren):
        node = node.inner
    if isinstance(node, tree.Binary) and node.op == "and":
        return [*_pair(frame, left, right, node.left), *_pair(frame, left, right, node.right)]
    if isinstance(node, tree.NameRef):
        return _same_name(frame, left, right, node)
    inner = _both_sides(frame, left, right, node)
    if not isinstance(node, tree.Binary) or node.op != "==":
        if not isinstance(node, tree.Missing):
            inner.value(node)
            frame.context.report("bad-condition", node)
        return []
    a, b = inner.value(node.left), inner.value(node.right)
    if _is_side(node.left, "$right") or _is_side(node.right, "$left"):
        a, b = b, a
    return [_aligned(frame, a, b, node)]


def _both_sides(frame: Frame, left: plan.Relation, right: plan.Relation, node: tree.Expr) -> Frame:
    """The frame in which `$left` and `$right` are known."""
    rows = Rows(plan.Unresolved((), node, ""))
    rows.left, rows.right = left, right
    inner = frame.outside()
    inner.rows = rows
    return inner


def _is_side(node: tree.Expr, side: str) -> bool:
    return isinstance(node, tree.Member) and isinstance(node.target, tree.NameRef) and node.target.name.text == side


def _same_name(frame: Frame, left: plan.Relation, right: plan.Relation, node: tree.NameRef) -> list[Pair]:
    name = node.name.text
    if frame.context.watched and frame.context.watched == name:
        frame.context.seen = _both_sides(frame, left, right, node)
    sides = (open_column(frame.context, left, name), open_column(frame.context, right, name))
    for side, column in zip(("left", "right"), sides, strict=True):
        if column is None:
            if name:
                frame.context.report("not-in-both", node, name=name, side=side)
            return []
    a, b = sides
    assert a is not None
    assert b is not None
    frame.context.mark(node.name, a)
    return [_aligned(frame, plan.ColumnUse(a.type, node, a), plan.ColumnUse(b.type, node, b), node)]


def _aligned(frame: Frame, left: plan.Value, right: plan.Value, node: tree.Node) -> Pair:
    """A pair of keys as values of one type."""
    kinds = {left.type, right.type}
    if len(kinds) == 1 or "unknown" in kinds:
        return left, right
    if is_numeric(left.type) and is_numeric(right.type):
        return left, right
    if "dynamic" in kinds:
        frame.context.report("not-dynamic", node)
        other = (kinds - {"dynamic"}).pop()
        return convert(left, other), convert(right, other)
    frame.context.report("key-types", node, left=left.type, right=right.type)
    return left, right


# --- union ---------------------------------------------------------------------------------------------------------


def bind_union(frame: Frame, source: plan.Relation, node: tree.Union) -> plan.Relation:
    """`union`: all rows; `kind=outer` keeps every column, `inner` those that all have."""
    inputs: list[tuple[str, plan.Relation]] = []
    if not is_start(source):
        inputs.append((_label(source, 0), source))
    fuzzy = option_text(node.options, "isfuzzy") == "true"
    for item in node.tables:
        inputs.extend(_tables(frame, item, len(inputs), fuzzy=fuzzy))
    name = option_name(node.options, "withsource") or option_name(node.options, "with_source")
    return make_union(frame, node, inputs, name, outer=option_text(node.options, "kind", "outer").lower() != "inner")


def is_start(source: plan.Relation) -> bool:
    return isinstance(source, plan.Unresolved) and not source.open and isinstance(source.syntax, tree.OperatorSource)


def _tables(frame: Frame, node: tree.Expr, place: int, *, fuzzy: bool) -> list[tuple[str, plan.Relation]]:
    while isinstance(node, tree.Paren) and isinstance(node.inner, tree.NameRef | tree.Wildcard | tree.Paren):
        node = node.inner
    if isinstance(node, tree.Wildcard):
        return tables_like(frame, node)
    if isinstance(node, tree.Star):
        return tables_like(frame, tree.Wildcard(node.start, node.end, "*"))
    if fuzzy:
        count = len(frame.context.diagnostics)
        made = frame.outside().relation(node)
        if any(finding.name == "unknown-table" for finding in frame.context.diagnostics[count:]):
            del frame.context.diagnostics[count:]
            return []
    else:
        made = frame.outside().relation(node)
    return [(node.name.text if isinstance(node, tree.NameRef) else _label(made, place), made)]


def tables_like(frame: Frame, node: tree.Wildcard) -> list[tuple[str, plan.Relation]]:
    """The tables and table variables whose names a pattern takes."""
    if node.pattern == "*" and not frame.context.schema.strict:
        return [("", every_table(node))]
    pattern = re.compile(".*".join(re.escape(part) for part in node.pattern.split("*")), re.DOTALL)
    found: list[tuple[str, plan.Relation]] = []
    for name, meaning in frame.names.all().items():
        if isinstance(meaning, TableName) and pattern.fullmatch(name):
            found.append((name, refer(meaning.definition, node)))
    found.extend(
        (name, bind_table(frame, tree.Name(node.start, node.end, name)))
        for name in frame.context.schema.table_names()
        if pattern.fullmatch(name)
    )
    if not found:
        return [(node.pattern, plan.Unresolved((), node, node.pattern, open=True))]
    return found


def every_table(node: tree.Node) -> plan.Relation:
    """All tables of a source of which not all are known: the columns that nearly all have, and any other."""
    columns = (plan.Column("TimeGenerated", "datetime"), plan.Column("Type", "string"))
    return plan.Unresolved(columns, node, "*", open=True)


def _label(relation: plan.Relation, place: int) -> str:
    """What `withsource` says of the rows of an input."""
    current = relation
    while isinstance(current, plan.Step):
        current = current.input
    if isinstance(current, plan.Table):
        return current.name
    if isinstance(current, plan.Reference) and current.definition.name:
        return current.definition.name
    return f"union_arg{place}"


def make_union(
    frame: Frame,
    node: tree.Node,
    inputs: Sequence[tuple[str, plan.Relation]],
    source: tree.Name | None,
    *,
    outer: bool = True,
) -> plan.Relation:
    """The union of labelled tables."""
    kinds = _kinds([relation for _, relation in inputs])
    if not outer:
        kinds = {
            name: found
            for name, found in kinds.items()
            if len(found) == 1 and all(_has(relation, name) for _, relation in inputs)
        }
    rows = [frame.context.rows_of(relation).names for _, relation in inputs]
    first = {name: column for names in reversed(rows) for name, column in names.items()}
    namer = Namer(name for name, found in kinds.items() if len(found) == 1)
    columns: list[plan.Column] = []
    order: list[str] = []
    split: list[tuple[int, KqlType]] = []
    for name, found in kinds.items():
        for kind in found:
            if len(found) > 1:
                split.append((len(order), kind))
                columns.append(plan.Column(namer.unique(f"{name}_{kind}"), kind))
            else:
                columns.append(plan.Column(name, kind, first[name]))
            order.append(name)
    slots = [_slots(names, order, split) for names in rows]
    if source is not None:
        columns.insert(0, plan.Column(source.text, "string"))
        frame.context.mark(source, columns[0])
        slots = [(None, *row) for row in slots]
    is_open = any(relation.open for _, relation in inputs)
    return plan.Union(
        tuple(columns), node, tuple(item for _, item in inputs), tuple(slots),
        tuple(label for label, _ in inputs), source is not None, open=is_open,
    )  # fmt: skip


def _slots(
    names: Mapping[str, plan.Column], order: Sequence[str], split: Sequence[tuple[int, KqlType]]
) -> tuple[plan.Column | None, ...]:
    """The columns of one input in the order of the union; where a name has several types, only that of the type."""
    found = list(map(names.get, order))
    for place, kind in split:
        column = found[place]
        if column is not None and column.type != kind:
            found[place] = None
    return tuple(found)


def _has(relation: plan.Relation, name: str) -> bool:
    return any(column.name == name for column in relation.columns)


def _kinds(relations: Iterable[plan.Relation]) -> dict[str, list[KqlType]]:
    """The types of each name over all tables; unknown gives way to what is known."""
    kinds: dict[str, list[KqlType]] = {}
    for relation in relations:
        for column in relation.columns:
            found = kinds.setdefault(column.name, [])
            if column.type not in found:
                found.append(column.type)
    for found in kinds.values():
        if len(found) > 1 and "unknown" in found:
            found.remove("unknown")
    return kinds
