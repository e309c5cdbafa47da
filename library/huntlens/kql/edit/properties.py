"""Completion behind the dot of a dynamic value: its properties, as far as the query and the schema know them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.schema import ColumnSchema, TableSchema, shipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from huntlens.kql.bind.plan import Bound

READERS: Final = frozenset({"parse_json", "todynamic", "toobject", "parsejson", "tostring", "dynamic", "array_slice"})
"""Functions that hand on the value they are given."""

MOST_STEPS: Final = 20


def properties(target: tree.Expr, query: tree.Query, bound: Bound) -> list[str]:
    """The names that may stand behind `target.`: those of the schema, then those that the query reads elsewhere."""
    given = _definitions(query)
    path = _path(target, given)
    if not path:
        return []
    found = dict.fromkeys(_documented(path, bound))
    for node in tree.walk(query):
        if isinstance(node, tree.Member) and node.target is not target and _path(node.target, given) == path:
            found[node.name.text] = None
    return list(found)


def _definitions(query: tree.Query) -> Mapping[str, tree.Expr]:
    """What computed columns are made of, by their names."""
    return {node.name.text: node.value for node in tree.walk(query) if isinstance(node, tree.NamedArgument)}


def _path(target: tree.Expr, given: Mapping[str, tree.Expr]) -> tuple[str, ...]:
    """The column that a value is read from and the properties on the way; indexes into arrays do not count."""
    steps: list[str] = []
    seen: set[str] = set()
    node: tree.Node | None = target
    for _ in range(MOST_STEPS):
        if isinstance(node, tree.Member):
            steps.append(node.name.text)
            node = node.target
        elif isinstance(node, tree.Index):
            if isinstance(node.index, tree.Literal) and isinstance(node.index.value, str):
                steps.append(node.index.value)
            node = node.target
        elif isinstance(node, tree.Call) and node.name.text in READERS and node.arguments:
            node = node.arguments[0]
        elif isinstance(node, tree.Paren):
            node = node.inner
        elif isinstance(node, tree.NameRef):
            name = node.name.text
            if name in seen or name not in given:
                return (name, *reversed(steps))
            seen.add(name)
            node = given[name]
        else:
            return ()
    return ()


def _documented(path: tuple[str, ...], bound: Bound) -> Iterator[str]:
    """The next names of the paths that the tables of the query list for the column."""
    before = ".".join(path[1:])
    for column in _columns(path[0], bound):
        for listed in column.values:
            if not before:
                yield listed.partition(".")[0]
            elif listed.startswith(f"{before}."):
                yield listed[len(before) + 1 :].partition(".")[0]


def _columns(name: str, bound: Bound) -> Iterator[ColumnSchema]:
    """The columns of that name, dynamic ones, whose properties are listed; the nearest first."""
    tables = {meaning.name: None for meaning in bound.symbols.values() if isinstance(meaning, TableSchema)}
    for table in dict.fromkeys((*tables, *_DOCUMENTED)):
        known = shipped().table(table)
        column = known.column(name) if known is not None else None
        if column is not None and column.type == "dynamic" and column.values:
            yield column
            return


_DOCUMENTED: Final = ("SigninLogs", "AuditLogs", "AzureActivity", "CloudAppEvents")
"""Tables whose dynamic columns others have too, often as a text."""
