"""Unlisted column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.bind import plan
from huntlens.kql.bind.near import nearest
from huntlens.kql.rule import Finding, replace, rule
from huntlens.kql.schema import TableSchema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["unlisted_column"]

_NEAR_MISS: Final = "KQL105"
"""What the binder says where a listed name is near."""


@rule("KQL531", "warning")
def unlisted_column(subject: Subject) -> Iterator[Finding]:
    """A column that the known table does not list is most often one of another table, and the query then fails.

    Custom columns of a workspace end in `_CF`, and those of the service begin with `_`; they are not meant.

    Bad:
        SecurityEvent | where TimeGenerated > ago(1d) and NoSuchColumn == 4625

    Good:
        SecurityEvent | where TimeGenerated > ago(1d) and EventID == 4625
    """
    tables = _beyond_the_list(subject)
    told = {found.start for found in subject.bound.diagnostics if found.code == _NEAR_MISS}
    for node in subject.nodes(tree.NameRef) if tables else ():
        name = node.name.text
        table = tables.get(id(_first(subject.bound.symbols.get(node.name))))
        if table is None or node.start in told or name.startswith("_") or name.endswith("_CF"):
            continue
        near = nearest(name, (column.name for column in table.columns))
        meant = f"; did you mean {' or '.join(repr(one) for one in near)}?" if near else ""
        fixes = tuple(fix for one in near for fix in replace(f"change to {one}", node.start, node.end, one))
        yield Finding(node.start, node.end, f"'{name}' is not a known column of {table.name}{meant}", fixes)


def _beyond_the_list(subject: Subject) -> dict[int, TableSchema]:
    """The columns, by identity, that a query takes from a known table without it listing them; with the table."""
    found: dict[int, TableSchema] = {}
    for relation in subject.bound.scopes.values():
        while isinstance(relation, plan.Step | plan.Reference):
            relation = relation.input if isinstance(relation, plan.Step) else relation.definition.relation
        if isinstance(relation, plan.Table):
            schema = subject.bound.symbols.get(relation.syntax)
            if isinstance(schema, TableSchema) and not schema.open:
                listed = {column.name for column in schema.columns}
                found |= {id(column): schema for column in relation.columns if column.name not in listed}
    return found


def _first(meaning: object) -> object:
    """The column that a column repeats."""
    while isinstance(meaning, plan.Column) and meaning.origin is not None:
        meaning = meaning.origin
    return meaning
