"""Which columns of each relation the query really uses, and how often a definition is referred to.

One pass from the results down, before lowering; SQL is not known here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from huntlens.kql.bind import plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_EVERYTHING = (plan.Plugin, plan.GraphOperator, plan.Graph, plan.Scan, plan.TopNested)
"""Relations whose input is needed whole: what they do to a column is not told by expressions alone."""


@dataclass(slots=True)
class Needs:
    """What a pass over a plan found out.

    `columns[relation]` are the columns that are used of it; `uses[definition]` counts the references.
    """

    columns: dict[plan.Relation, set[plan.Column]] = field(default_factory=dict)
    uses: Counter[plan.Definition] = field(default_factory=Counter)
    _values: dict[plan.Value, tuple[plan.Value, ...]] = field(default_factory=dict)

    def of(self, relation: plan.Relation) -> tuple[plan.Column, ...]:
        """The used columns of a relation in their order; one at least, since SQL knows no empty row."""
        wanted = self.columns.get(relation)
        if wanted is None:
            return relation.columns
        return tuple(column for column in relation.columns if column in wanted) or relation.columns[:1]

    def ask(self, relation: plan.Relation, wanted: Iterable[plan.Column]) -> None:
        """Note that columns of a relation are used, and what follows for its inputs."""
        known = self.columns.get(relation)
        first = known is None
        if known is None:
            known = self.columns[relation] = set()
        new = set(wanted) - known
        if first and not new:
            new = set(relation.columns[:1])  # what `of` gives then, so its inputs have to bring it
        if not new and not first:
            return
        known |= new
        self._follow(relation, known, first=first)

    def _follow(self, relation: plan.Relation, wanted: set[plan.Column], *, first: bool) -> None:
        match relation:
            case plan.Reference():
                self._reference(relation, wanted, first=first)
            case plan.Project() | plan.Serialize() | plan.Summarize():
                self._project(relation, wanted)
            case plan.Distinct():
                self.ask(relation.input, self._used(relation.values))
            case plan.Join():
                self._join(relation, wanted)
            case plan.Union():
                for source, slots in zip(relation.inputs, relation.slots, strict=True):
                    chosen = (slot for slot, column in zip(slots, relation.columns, strict=True) if column in wanted)
                    self.ask(source, (slot for slot in chosen if slot is not None))
            case _:
                self._generic(relation, wanted)

    def _reference(self, node: plan.Reference, wanted: set[plan.Column], *, first: bool) -> None:
        self.uses[node.definition] += first
        target = node.definition.relation
        self.ask(target, (inner for inner, outer in zip(target.columns, node.columns, strict=False) if outer in wanted))

    def _project(self, node: plan.Project | plan.Serialize | plan.Summarize, wanted: set[plan.Column]) -> None:
        if isinstance(node, plan.Summarize):
            keys = len(node.keys)
            values = (
                *node.keys,
                *(v for v, c in zip(node.aggregates, node.columns[keys:], strict=True) if c in wanted),
            )
        else:
            values = tuple(value for value, column in zip(node.values, node.columns, strict=True) if column in wanted)
        self.ask(node.input, self._used(values))

    def _join(self, node: plan.Join, wanted: set[plan.Column]) -> None:
        used = {output for output, column in zip(node.outputs, node.columns, strict=True) if column in wanted}
        left = set(self._used(pair[0] for pair in node.pairs))
        right = set(self._used(pair[1] for pair in node.pairs))
        self.ask(node.left, (column for column in node.left.columns if column in used or column in left))
        self.ask(node.right, (column for column in node.right.columns if column in used or column in right))

    def _generic(self, relation: plan.Relation, wanted: set[plan.Column]) -> None:
        used = wanted | set(self._used(values_in(relation)))
        for source in relations_in(relation):
            if isinstance(relation, _EVERYTHING) or not isinstance(relation, plan.Step):
                self.ask(source, source.columns)
            elif source is relation.input:
                self.ask(source, (column for column in source.columns if column in used))
            else:
                self.ask(source, source.columns if isinstance(relation, plan.Fork) else wanted)
        if isinstance(relation, plan.Partition | plan.MvApply | plan.Fork):
            self._body(relation)

    def _body(self, node: plan.Partition | plan.MvApply | plan.Fork) -> None:
        """What a body takes from its rows, the input has to bring."""
        wanted = self.columns.get(node.rows, set())
        self.ask(node.input, (column for column in node.input.columns if column in wanted))

    def _used(self, values: Iterable[plan.Value | None]) -> Iterator[plan.Column]:
        for value in values:
            if value is not None:
                yield from self._columns_of(value)

    def _columns_of(self, value: plan.Value) -> Iterator[plan.Column]:
        for part in parts_of(value):
            if isinstance(part, plan.ColumnUse):
                yield part.column
            elif isinstance(part, plan.Cell | plan.Membership):
                self.ask(part.relation, part.relation.columns[:1])


def parts_of(value: plan.Value) -> Iterator[plan.Value]:
    """A value and the values within it; not those of relations within it."""
    stack = [value]
    while stack:
        current = stack.pop()
        yield current
        if isinstance(current, plan.Apply):
            stack.extend(argument for argument in current.arguments if isinstance(argument, plan.Value))
        elif isinstance(current, plan.Membership):
            stack.append(current.left)
        elif isinstance(current, plan.GraphFold):
            stack.append(current.body)


def values_in(relation: plan.Relation) -> Iterator[plan.Value]:
    """The values that stand directly in a relation."""
    for item in _items(relation):
        if isinstance(item, plan.Value):
            yield item


def relations_in(relation: plan.Relation) -> Iterator[plan.Relation]:
    """The relations that stand directly in a relation."""
    for item in _items(relation):
        if isinstance(item, plan.Relation):
            yield item


_PARTS = (plan.SortKey, plan.TopNestedLevel, plan.ScanStep)
_FIELDS: dict[type, tuple[str, ...]] = {}


def _items(node: object) -> Iterator[object]:
    kind = type(node)
    names = _FIELDS.get(kind)
    if names is None:
        names = _FIELDS[kind] = tuple(f.name for f in fields(kind) if f.name not in ("columns", "syntax", "type"))  # type: ignore[arg-type]  # only dataclasses come here
    for name in names:
        yield from _spread(getattr(node, name))


def _spread(item: object) -> Iterator[object]:
    if isinstance(item, tuple):
        for part in item:
            yield from _spread(part)
    elif isinstance(item, _PARTS):
        yield from _items(item)
    elif item is not None:
        yield item
