"""`search` and `find`: rows of many tables that match, as `Filter` and `Project` over a `Union`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.joins import every_table, is_start, make_union, tables_like
from huntlens.kql.bind.operands import apply, as_condition, convert, row
from huntlens.kql.bind.options import option_name, option_text
from huntlens.kql.bind.projection import make_project, passed
from huntlens.kql.types import canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

    from huntlens.kql.bind.context import Frame
    from huntlens.kql.bind.projection import Item

TABLE_COLUMN: Final = "$table"


def bind_search(frame: Frame, source: plan.Relation, node: tree.Search) -> plan.Relation:
    """`search`: every row that holds the terms, with the name of its table in `$table`."""
    if is_start(source):
        inputs = _inputs(frame, node.tables, node)
        united = make_union(frame, node, inputs, tree.Name(node.start, node.start, TABLE_COLUMN))
    else:
        united = source
    case = option_text(node.options, "kind", "case_insensitive") == "case_sensitive"
    predicate = _condition(frame.over(united), node.predicate, case=case)
    return plan.Filter(united.columns, node, united, predicate, open=united.open)


def _inputs(frame: Frame, tables: Sequence[tree.Expr], node: tree.Node) -> list[tuple[str, plan.Relation]]:
    """The tables to look through; all of them where none is named."""
    found: list[tuple[str, plan.Relation]] = []
    if not tables and not frame.context.schema.strict:
        return [("", every_table(node))]
    for item in tables or [tree.Wildcard(node.start, node.end, "*")]:
        inner = item.inner if isinstance(item, tree.Paren) else item
        if isinstance(inner, tree.Star):
            inner = tree.Wildcard(inner.start, inner.end, "*")
        if isinstance(inner, tree.Wildcard):
            found.extend(tables_like(frame, inner))
            continue
        made = frame.outside().relation(inner)
        found.append((made.name if isinstance(made, plan.Table) else _name(inner), made))
    return found


def _name(node: tree.Expr) -> str:
    return node.name.text if isinstance(node, tree.NameRef) else ""


def _condition(frame: Frame, node: tree.Expr, *, case: bool) -> plan.Value:
    """A predicate in which bare texts are terms to look for in every text column."""
    match node:
        case tree.Paren():
            return _condition(frame, node.inner, case=case)
        case tree.Binary(op="and" | "or"):
            left, right = _condition(frame, node.left, case=case), _condition(frame, node.right, case=case)
            return apply(node.op, (left, right), node)
        case tree.Call() if node.name.text == "not" and len(node.arguments) == 1:
            return apply("not", (_condition(frame, node.arguments[0], case=case),), node)
        case tree.Literal() if node.type == "string":
            return _anywhere(frame, node, "term", node, case=case)
        case tree.Star():
            return plan.Constant("bool", node, value=True)
        case tree.Binary() if isinstance(node.left, tree.Star):
            return _anywhere(frame, node, node.op, node.right, case=case)
        case tree.Binary(op=":"):
            return _matches(frame.value(node.left), node.right, node, case=case)
    return as_condition(frame.context, frame.value(node), node)


def _anywhere(frame: Frame, node: tree.Expr, op: str, term: tree.Expr, *, case: bool) -> plan.Value:
    """The condition over every text column, joined by `or`."""
    assert frame.rows is not None
    relation = frame.rows.relation
    parts: list[plan.Value] = []
    for column in relation.columns:
        if column.type not in ("string", "dynamic", "unknown") or column.name == TABLE_COLUMN:
            continue
        value: plan.Value = plan.ColumnUse(column.type, node, column)
        if op in ("term", ":"):
            parts.append(_matches(value, term, node, case=case))
        else:
            parts.append(apply(op, (convert(value, "string"), frame.value(term)), node))
    if not parts:
        return plan.Constant("bool", node, relation.open)
    return _joined(parts, node)


def _joined(parts: Sequence[plan.Value], node: tree.Expr) -> plan.Value:
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return apply("or", (_joined(parts[:middle], node), _joined(parts[middle:], node)), node)


def _matches(value: plan.Value, term: tree.Expr, node: tree.Expr, *, case: bool) -> plan.Value:
    """`column:"term"`: has, or by the stars within the term what begins, ends or contains it."""
    text = term.value if isinstance(term, tree.Literal) else None
    if not isinstance(text, str):
        constant = plan.Constant("unknown", term, getattr(term, "value", None))
        return apply("==", (value, constant), node)
    left, right = text.startswith("*"), text.endswith("*") and len(text) > 1
    bare = text.strip("*")
    if "*" in bare:
        pattern = plan.Constant("string", term, _regex(text))
        return apply("matches regex", (convert(value, "string"), pattern), node)
    word = "contains" if left and right else "hassuffix" if left else "hasprefix" if right else "has"
    if not bare:
        return plan.Constant("bool", node, value=True)
    op = f"{word}_cs" if case else word
    return apply(op, (convert(value, "string"), plan.Constant("string", term, bare)), node)


def _regex(text: str) -> str:
    """A pattern with stars as a regular expression, case-insensitive.

    >>> _regex("a*c")
    '(?i)a.*c'
    """
    escaped = "".join(f"\\{char}" if char in r"\.[]{}()+?^$|" else ".*" if char == "*" else char for char in text)
    return f"(?i){escaped}"


# --- find ----------------------------------------------------------------------------------------------------------


def bind_find(frame: Frame, source: plan.Relation, node: tree.Find) -> plan.Relation:
    """`find`: the columns that all tables share and those that the predicate names; the rest goes into `pack_`."""
    inputs = _inputs(frame, node.tables, node) if is_start(source) else [("", source)]
    given = option_name(node.options, "withsource") or option_name(node.options, "with_source")
    name = given or tree.Name(node.start, node.start, "source_")
    united = make_union(frame, node, inputs, name)
    predicate = _condition(frame.over(united), node.predicate, case=False)
    matching = plan.Filter(united.columns, node, united, predicate, open=united.open)
    if node.project and node.project_kind != "project-away":
        return make_project(matching, node, _projected(frame, matching, node))
    shared = _shared(frame, united, node, inputs)
    if node.project_kind == "project-away":
        away = {item.name.text for item in node.project if isinstance(item, tree.NameRef)}
        kept = [column for column in united.columns if column.name not in away]
        return make_project(matching, node, passed(frame, kept, node), is_open=united.open)
    return make_project(matching, node, [*passed(frame, shared, node), _packed(frame, matching, shared, node)])


def _shared(
    frame: Frame, united: plan.Relation, node: tree.Find, inputs: Sequence[tuple[str, plan.Relation]]
) -> list[plan.Column]:
    tables = [frame.context.rows_of(relation).names for _, relation in inputs]
    named = {item.name.text for item in tree.walk(node.predicate) if isinstance(item, tree.NameRef)}
    first, *rest = united.columns
    common = [column for column in rest if all(column.name in names for names in tables)]
    asked = [column for column in rest if column.name in named and column not in common]
    return [first, *common, *asked]


def _projected(frame: Frame, source: plan.Relation, node: tree.Find) -> list[Item]:
    """What `project` lists behind the source: names, names with a type, `pack(*)`."""
    inner = frame.over(source)
    items = passed(frame, source.columns[:1], node)
    for item in node.project:
        if isinstance(item, tree.Call):
            items.append(_packed(frame, source, [column for column, _ in items], node))
        elif isinstance(item, tree.TypedName):
            kind = canonical(item.type.text)
            value = inner.value(tree.NameRef(item.start, item.end, item.name))
            items.append((plan.Column(item.name.text, kind), convert(value, kind)))
        elif isinstance(item, tree.NameRef):
            value = inner.value(item)
            if isinstance(value, plan.ColumnUse):
                items.append((value.column, value))
    return items


def _packed(frame: Frame, source: plan.Relation, shown: Sequence[plan.Column], node: tree.Node) -> Item:
    """`pack_`: the columns that are not shown, as a bag."""
    arguments: list[plan.Value] = [plan.Constant("bool", node, value=True)]
    for column in source.columns:
        if column not in shown:
            arguments.extend((plan.Constant("string", node, column.name), frame.context.use(column, node)))
    return plan.Column("pack_", "dynamic"), plan.Apply("dynamic", node, row("pack_all"), tuple(arguments))
