"""What binding carries along: the names in reach, the columns of the row, and what was found.

A `Frame` is what one expression sees. Binders are functions of a frame and a node; they reach each other through the
frame (`frame.value(node)`, `frame.relation(node)`), so that the modules of this package need not import in a circle.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from huntlens.kql.bind import plan
from huntlens.kql.bind.near import distance, nearest
from huntlens.kql.bind.problems import problem
from huntlens.kql.diagnostics import Edit, Fix

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from huntlens.kql import tree
    from huntlens.kql.diagnostics import Diagnostic
    from huntlens.kql.schema import FunctionSchema, Schema
    from huntlens.kql.types import KqlType

LONG_NAME = 8
"""From how many letters on a name that differs in one of them is taken for a slip."""

Place = Literal["row", "aggregate", "inside"]
"""Where an expression stands: over rows, where aggregates may be, or within an aggregate."""


@dataclass(slots=True, eq=False)
class ScalarName:
    """A `let` or a parameter that is one value."""

    name: str
    value: plan.Value
    syntax: tree.Node | None


@dataclass(slots=True, eq=False)
class TableName:
    """A `let`, an `as` or a parameter that is a table."""

    definition: plan.Definition
    syntax: tree.Node | None

    @property
    def name(self) -> str:
        return self.definition.name


@dataclass(slots=True, eq=False)
class FunctionName:
    """A function written in the query or stored at the source, bound anew for each call."""

    name: str
    definition: tree.Lambda
    names: Names
    syntax: tree.Node | None
    stored: FunctionSchema | None = None


@dataclass(slots=True, eq=False)
class OtherName:
    """A name that is declared and that only a service can resolve: a pattern, a database alias."""

    name: str
    syntax: tree.Node | None


Meaning: TypeAlias = ScalarName | TableName | FunctionName | OtherName


class Names:
    """The names that statements declare, innermost scope first."""

    __slots__ = ("outer", "own")

    def __init__(self, outer: Names | None = None) -> None:
        self.outer = outer
        self.own: dict[str, Meaning] = {}

    def find(self, name: str) -> Meaning | None:
        """What a name means, in this scope or one around it."""
        scope: Names | None = self
        while scope is not None:
            found = scope.own.get(name)
            if found is not None:
                return found
            scope = scope.outer
        return None

    def all(self) -> dict[str, Meaning]:
        """Every name in reach."""
        around = self.outer.all() if self.outer is not None else {}
        return {**around, **self.own}


class Rows:
    """The columns that an expression may use, by name."""

    __slots__ = ("elements", "left", "names", "relation", "right", "steps")

    def __init__(self, relation: plan.Relation) -> None:
        self.relation = relation
        self.names = {column.name: column for column in relation.columns}
        self.left: plan.Relation | None = None
        self.right: plan.Relation | None = None
        self.elements: dict[str, plan.GraphElement] = {}
        self.steps: dict[str, dict[str, plan.Column]] = {}


class Binders(Protocol):
    """The doors between the modules of this package."""

    def value(self, frame: Frame, node: tree.Expr) -> plan.Value:
        """One value a row."""

    def relation(self, frame: Frame, node: tree.Expr) -> plan.Relation:
        """A table."""

    def either(self, frame: Frame, node: tree.Expr) -> plan.Value | plan.Relation:
        """What a `let` or an argument turns out to be."""

    def pipe(self, frame: Frame, source: plan.Relation, operators: Sequence[tree.Operator]) -> plan.Relation:
        """The operators over a source."""

    def operator(self, frame: Frame, source: plan.Relation, node: tree.Operator) -> plan.Relation:
        """One operator over its input."""

    def call(
        self, frame: Frame, name: FunctionName, node: tree.Call, first: plan.Relation | None
    ) -> plan.Value | plan.Relation:
        """A call of a function of the query or the source, expanded."""

    def statements(self, frame: Frame, nodes: Sequence[tree.Statement]) -> Sequence[plan.Value | plan.Relation]:
        """What statements declare goes into the frame; what they compute is returned."""

    def stored(self, context: Context, name: str) -> FunctionName | None:
        """The stored function of that name."""


@dataclass(slots=True, eq=False)
class Context:
    """What is shared by all of one text."""

    schema: Schema
    binders: Binders
    diagnostics: list[Diagnostic] = field(default_factory=list)
    symbols: dict[tree.Node, object] = field(default_factory=dict)
    scopes: dict[tree.Node, plan.Relation] = field(default_factory=dict)
    names: dict[tree.Node, Names] = field(default_factory=dict)
    parameters: list[plan.Variable] = field(default_factory=list)
    uses: dict[plan.Column, plan.ColumnUse] = field(default_factory=dict)
    rows: dict[plan.Relation, Rows] = field(default_factory=dict)
    inputs: dict[plan.Input, plan.Relation] = field(default_factory=dict)
    stored: dict[str, FunctionName | None] = field(default_factory=dict)
    watched: str = ""
    """The name at the cursor of an editor; what an expression sees there is kept in `seen`."""
    seen: Frame | None = None
    muted: int = 0
    expansions: int = 0

    def use(self, column: plan.Column, syntax: tree.Node) -> plan.ColumnUse:
        """The use that passes a column on unchanged; one object a column."""
        found = self.uses.get(column)
        if found is None:
            found = self.uses[column] = plan.ColumnUse(column.type, syntax, column)
        return found

    def rows_of(self, relation: plan.Relation) -> Rows:
        """The columns of a relation by name, made once."""
        found = self.rows.get(relation)
        if found is None:
            found = self.rows[relation] = Rows(relation)
        return found

    def near_exists(self, name: str, known: Iterable[str]) -> bool:
        """Whether a known name differs in case only, or in one letter of many: certain enough to speak up."""
        low = name.casefold()
        others = [other for other in known if other != name]
        if any(other.casefold() == low for other in others):
            return True
        return len(name) >= LONG_NAME and any(
            abs(len(other) - len(name)) <= 1 and distance(low, other.casefold(), 1) == 1 for other in others
        )

    def mark(self, node: tree.Node, meaning: object) -> None:
        """Note for the editor what a name means."""
        if not self.muted:
            self.symbols[node] = meaning

    def report(self, kind: str, node: tree.Node, /, *, near: Iterable[str] = (), **words: str) -> None:
        """Note a finding about a node; `near` are the names that may have been meant."""
        if self.muted or (node.start == node.end):
            return
        fixes: tuple[Fix, ...] = ()
        wrong = words.get("name", "")
        close = nearest(wrong, near) if wrong else []
        if close:
            fixes = tuple(Fix(f"change to '{best}'", (Edit(node.start, node.end, best),)) for best in close)
            words["near"] = f"; did you mean '{close[0]}'?"
        words.setdefault("near", "")
        found = problem(kind, node.start, node.end, fixes, **words)
        if self.diagnostics and self.diagnostics[-1] == found:
            return
        self.diagnostics.append(found)


@dataclass(slots=True)
class Frame:
    """What one expression sees."""

    context: Context
    names: Names
    rows: Rows | None = None
    place: Place = "row"

    def over(self, relation: plan.Relation, place: Place = "row") -> Frame:
        """The frame of expressions over the rows of a relation."""
        return Frame(self.context, self.names, self.context.rows_of(relation), place)

    def at(self, place: Place) -> Frame:
        """The same names in another place."""
        return self if self.place == place else Frame(self.context, self.names, self.rows, place)

    def inner(self) -> Frame:
        """A nested scope of statements."""
        return Frame(self.context, Names(self.names), self.rows, self.place)

    def outside(self) -> Frame:
        """The frame of a table expression within: same names, no row."""
        return Frame(self.context, self.names)

    def value(self, node: tree.Expr) -> plan.Value:
        return self.context.binders.value(self, node)

    def relation(self, node: tree.Expr) -> plan.Relation:
        return self.context.binders.relation(self, node)

    def either(self, node: tree.Expr) -> plan.Value | plan.Relation:
        return self.context.binders.either(self, node)

    def pipe(self, source: plan.Relation, operators: Sequence[tree.Operator]) -> plan.Relation:
        return self.context.binders.pipe(self, source, operators)


def mirror(columns: Iterable[plan.Column]) -> tuple[plan.Column, ...]:
    """Columns of the same names and types that stand for those of another relation."""
    return tuple(plan.Column(column.name, column.type, column) for column in columns)


def column_types(columns: Iterable[plan.Column]) -> dict[str, KqlType]:
    """Names and types of columns."""
    return {column.name: column.type for column in columns}
