"""Operators that pick, name and order columns: `project` and its kin, `extend`, `serialize`, `print`, `distinct`."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.multiple import part_name, parts_of, pick
from huntlens.kql.bind.names import open_column
from huntlens.kql.bind.result_names import Namer, result_name
from huntlens.kql.types import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from huntlens.kql.bind.context import Frame

Item = tuple[plan.Column, plan.Value]


def named_items(frame: Frame, node: tree.Expr) -> list[Item]:
    """The columns that one item of a list makes, with an empty name where nothing gives one.

    A column that is only passed on stays the same object.
    """
    if isinstance(node, tree.Star) and frame.rows is not None:
        return [(column, frame.context.use(column, node)) for column in frame.rows.relation.columns]
    if isinstance(node, tree.NamedArgument):
        return _named(frame, [node.name], node.value)
    if isinstance(node, tree.NamedColumns):
        return _named(frame, node.names, node.value)
    value = frame.value(node)
    if parts_of(value):
        return _named(frame, [], node)
    if isinstance(value, plan.ColumnUse) and isinstance(node, tree.NameRef):
        return [(value.column, value)]
    return [(plan.Column(result_name(node), value.type), value)]


def _named(frame: Frame, names: Sequence[tree.Name], node: tree.Expr) -> list[Item]:
    """`a = value`, `(a, b) = value`: the results of the value; those beyond the names are named by themselves."""
    value = frame.value(node)
    parts = parts_of(value)
    items: list[Item] = []
    for place, given in enumerate(names):
        part = value
        if parts or len(names) > 1:
            kind = canonical(parts[place][1]) if place < len(parts) else "dynamic"
            part = pick(value, place, kind, given)
        column = plan.Column(given.text, part.type)
        frame.context.mark(given, column)
        items.append((column, part))
    for place in range(len(names), len(parts) if len(names) < 2 else 0):
        ending, kind_text = parts[place]
        column = plan.Column(
            part_name(node, place, ending) if isinstance(node, tree.Call) else "", canonical(kind_text)
        )
        items.append((column, pick(value, place, column.type, node)))
    return items


def collect(frame: Frame, nodes: Iterable[tree.Expr], namer: Namer | None = None) -> list[Item]:
    """The columns of a list, each name once."""
    namer = namer if namer is not None else Namer()
    items: list[Item] = []
    for node in nodes:
        for column, value in named_items(frame, node):
            given = isinstance(node, tree.NamedArgument | tree.NamedColumns | tree.NameRef)
            if not column.name:
                column.name = namer.unnamed()
            elif column.name not in namer.taken:
                namer.taken.add(column.name)
            elif given:
                place = node.name if isinstance(node, tree.NamedArgument | tree.NameRef) else node
                frame.context.report("column-taken", place, name=column.name)
                continue
            else:
                column.name = namer.unique(column.name)
            items.append((column, value))
    return items


def make_project(
    source: plan.Relation, node: tree.Node, items: Sequence[Item], *, is_open: bool = False
) -> plan.Project:
    """A `Project` of these columns."""
    columns = tuple(column for column, _ in items)
    return plan.Project(columns, node, source, tuple(value for _, value in items), open=is_open)


def passed(frame: Frame, columns: Iterable[plan.Column], node: tree.Node) -> list[Item]:
    """Columns that are passed on."""
    return [(column, frame.context.use(column, node)) for column in columns]


def bind_project(frame: Frame, source: plan.Relation, node: tree.Project) -> plan.Relation:
    """`project`: only the columns of the list, in its order."""
    return make_project(source, node, collect(frame.over(source), node.columns))


def bind_extend(frame: Frame, source: plan.Relation, node: tree.Extend) -> plan.Relation:
    """`extend`: all columns, with new ones behind and changed ones in their places."""
    return make_project(source, node, extended(frame, source, node, node.columns), is_open=source.open)


def extended(frame: Frame, source: plan.Relation, node: tree.Node, nodes: Sequence[tree.Expr]) -> list[Item]:
    """The columns of `source` with those of the list added or put in the place of their namesakes."""
    inner = frame.over(source)
    new: list[Item] = []
    for item in nodes:
        new.extend(named_items(inner, item))
    items = passed(frame, source.columns, node)
    places = {column.name: place for place, (column, _) in enumerate(items)}
    namer = Namer(places)
    for column, value in new:
        if not column.name:
            column.name = namer.unnamed()
        if column.name in places:
            items[places[column.name]] = (column, value)
            continue
        namer.taken.add(column.name)
        places[column.name] = len(items)
        items.append((column, value))
    return items


def bind_serialize(frame: Frame, source: plan.Relation, node: tree.Serialize) -> plan.Relation:
    """`serialize`: as `extend`, and the order of the rows counts from here on."""
    items = extended(frame, source, node, node.columns)
    columns = tuple(column for column, _ in items)
    return plan.Serialize(columns, node, source, tuple(value for _, value in items), open=source.open)


def bind_print(frame: Frame, _source: plan.Relation, node: tree.Print) -> plan.Relation:
    """`print`: one row; an unnamed column is `print_0`, `print_1` by its place."""
    names: set[str] = set()
    columns, values = [], []
    for place, item in enumerate(node.columns):
        made = named_items(frame.outside(), item)
        for column, value in made:
            if len(made) == 1 and not isinstance(item, tree.NamedArgument | tree.NamedColumns):
                column = plan.Column(f"print_{place}", value.type)
            if column.name in names:
                frame.context.report("column-taken", item, name=column.name)
                continue
            names.add(column.name)
            columns.append(column)
            values.append(value)
    return plan.Print(tuple(columns), node, tuple(values))


def bind_distinct(frame: Frame, source: plan.Relation, node: tree.Distinct) -> plan.Relation:
    """`distinct`: the different rows of the listed columns."""
    items = collect(frame.over(source), node.columns)
    columns = tuple(column for column, _ in items)
    keep_open = source.open and any(isinstance(item, tree.Star) for item in node.columns)
    return plan.Distinct(columns, node, source, tuple(value for _, value in items), open=keep_open)


# --- by name -------------------------------------------------------------------------------------------------------


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("*")), re.DOTALL)


def picked(frame: Frame, source: plan.Relation, node: tree.Expr, *, required: bool = True) -> list[plan.Column]:
    """The columns that a name or a pattern such as `Dev*` picks."""
    if isinstance(node, tree.Ordered):
        node = node.expr
    if isinstance(node, tree.Star):
        return list(source.columns)
    if isinstance(node, tree.Wildcard):
        pattern = _pattern(node.pattern)
        return [column for column in source.columns if pattern.fullmatch(column.name)]
    if not isinstance(node, tree.NameRef):
        frame.context.report("column-expected", node)
        return []
    if frame.context.watched and frame.context.watched == node.name.text:
        frame.context.seen = frame.over(source)
    column = open_column(frame.context, source, node.name.text)
    if column is None:
        if required and node.name.text:
            near = [column.name for column in source.columns]
            frame.context.report("unknown-column", node.name, name=node.name.text, near=near)
        return []
    frame.context.mark(node.name, column)
    return [column]


def bind_project_away(frame: Frame, source: plan.Relation, node: tree.ProjectAway) -> plan.Relation:
    away = {column for item in node.columns for column in picked(frame, source, item)}
    kept = [column for column in source.columns if column not in away]
    return make_project(source, node, passed(frame, kept, node), is_open=source.open)


def bind_project_keep(frame: Frame, source: plan.Relation, node: tree.ProjectKeep) -> plan.Relation:
    keep = {column for item in node.columns for column in picked(frame, source, item)}
    kept = [column for column in source.columns if column in keep]
    return make_project(source, node, passed(frame, kept, node))


def bind_project_by_names(frame: Frame, source: plan.Relation, node: tree.ProjectByNames) -> plan.Relation:
    """`project-by-names`: columns, or expressions that give names and patterns of columns."""
    keep = dict.fromkeys(column for item in node.columns for column in _by_name(frame, source, item))
    return make_project(source, node, passed(frame, keep, node))


def _by_name(frame: Frame, source: plan.Relation, node: tree.Expr) -> list[plan.Column]:
    names = {column.name: column for column in source.columns}
    if isinstance(node, tree.Star | tree.Wildcard) or (isinstance(node, tree.NameRef) and node.name.text in names):
        return picked(frame, source, node)
    value = frame.value(node)
    if isinstance(value, plan.Variable):
        return []
    given = value.value if isinstance(value, plan.Constant) else None
    if isinstance(given, str | list):
        found: list[plan.Column] = []
        for text in given if isinstance(given, list) else [given]:
            pattern = _pattern(str(text))
            found.extend(column for column in source.columns if pattern.fullmatch(column.name))
        return found
    return picked(frame, source, node)


def bind_project_reorder(frame: Frame, source: plan.Relation, node: tree.ProjectReorder) -> plan.Relation:
    """`project-reorder`: the named columns first; a pattern may sort what it picks."""
    first: dict[plan.Column, None] = {}
    for item in node.columns:
        columns = [column for column in picked(frame, source, item) if column not in first]
        if isinstance(item, tree.Ordered) and item.direction:
            granny = item.direction.startswith("granny")
            columns.sort(
                key=lambda column: _natural(column.name, granny=granny), reverse=item.direction.endswith("desc")
            )
        first.update(dict.fromkeys(columns))
    order = [*first, *(column for column in source.columns if column not in first)]
    return make_project(source, node, passed(frame, order, node), is_open=source.open)


def _natural(name: str, *, granny: bool) -> list[tuple[int, int | str]]:
    """A sort key; by numbers within the name where `granny` asks for it."""
    if not granny:
        return [(0, name)]
    return [(0, int(part)) if part.isdigit() else (1, part) for part in re.split(r"(\d+)", name) if part]


def bind_project_rename(frame: Frame, source: plan.Relation, node: tree.ProjectRename) -> plan.Relation:
    """`project-rename new = old`: everything else stays."""
    renamed: dict[plan.Column, plan.Column] = {}
    for item in node.columns:
        if not isinstance(item, tree.NamedArgument):
            frame.context.report("column-expected", item)
            continue
        for old in picked(frame, source, item.value):
            new = plan.Column(item.name.text, old.type)
            frame.context.mark(item.name, new)
            renamed[old] = new
    gone = {column.name for column in renamed}
    taken = {column.name for column in source.columns} - gone
    for item in node.columns:
        if isinstance(item, tree.NamedArgument) and item.name.text in taken:
            frame.context.report("column-taken", item.name, name=item.name.text)
    items = [(renamed.get(column, column), frame.context.use(column, node)) for column in source.columns]
    return make_project(source, node, items, is_open=source.open)
