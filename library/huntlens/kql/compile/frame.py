"""The unfinished SELECT that an operator hands to the next.

Knows how SQL is put together and nothing of the plan's operators.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from sqlglot import exp
from sqlglot.dialects.spark import Spark
from sqlglot.generators.spark import SparkGenerator

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from huntlens.kql.bind.plan import Column

Source = str | exp.Expr
"""A column of the FROM clause by its SQL name, or something computed from such columns."""


@dataclass(frozen=True, slots=True)
class Key:
    """One part of the order of rows."""

    source: Source
    descending: bool = False
    nulls_first: bool = True

    def ordered(self) -> exp.Ordered:
        """As an item of ORDER BY."""
        return exp.Ordered(this=node_of(self.source), desc=self.descending, nulls_first=self.nulls_first)


@dataclass(slots=True)
class Frame:
    """Rows that are still a FROM clause, columns over it, conditions and a pending order.

    `order` is the order that the rows have by the meaning of the query; it becomes an ORDER BY only where something
    asks for it. `parts` are hidden columns that cut the rows into independent pieces, within `partition` and
    `mv-apply`; every operator keeps them. `numbered` says that `order` is one column of unique row numbers.
    """

    source: exp.Expr
    values: dict[Column, Source]
    where: list[exp.Expr] = field(default_factory=list)
    order: tuple[Key, ...] = ()
    parts: tuple[Column, ...] = ()
    numbered: bool = False

    def is_plain(self, columns: Iterable[Column]) -> bool:
        """Whether the columns are all columns of the source, so that an expression may stand over it directly."""
        return all(isinstance(self.values.get(column, ""), str) for column in columns)

    def node(self, column: Column) -> exp.Expr:
        """A column as a node of its own."""
        return node_of(self.values[column])

    def with_values(self, values: dict[Column, Source]) -> Frame:
        """Other columns over the same rows; the hidden ones stay."""
        kept = {part: self.values[part] for part in self.parts}
        return replace(self, values={**values, **kept})


class Names:
    """SQL names that differ in more than case."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {name.casefold() for name in taken}

    def take(self, wanted: str) -> str:
        """The name itself, or with a number behind it where it is taken."""
        name, count = wanted, 1
        while name.casefold() in self._taken or not name:
            count += 1
            name = f"{wanted}_{count}"
        self._taken.add(name.casefold())
        return name

    def fresh(self, stem: str) -> str:
        """A numbered name: `filter_1`, `filter_2`."""
        count = 1
        while f"{stem}_{count}".casefold() in self._taken:
            count += 1
        return self.take(f"{stem}_{count}")


class _SparkWritten(Spark):
    """Spark, whose TRY_CAST is written for every type, not for texts alone."""

    class Generator(SparkGenerator):
        TRANSFORMS: ClassVar = {
            **SparkGenerator.TRANSFORMS,
            exp.TryCast: lambda self, node: f"TRY_CAST({self.sql(node, 'this')} AS {self.sql(node, 'to')})",
        }


def written(statement: exp.Expr, target: str, *, pretty: bool = False) -> str:
    """The text of a statement."""
    dialect = _SparkWritten if target == "spark" else target
    return statement.sql(dialect, copy=False, comments=False, pretty=pretty)


def identifier(name: str) -> exp.Identifier:
    return exp.Identifier(this=name, quoted=True)


def column(name: str, table: str = "") -> exp.Column:
    """A column by its SQL name."""
    if table:
        return exp.Column(this=identifier(name), table=identifier(table))
    return exp.Column(this=identifier(name))


def table(name: str, alias: str = "") -> exp.Table:
    """A table or common table expression by its name."""
    if alias:
        return exp.Table(this=identifier(name), alias=exp.TableAlias(this=identifier(alias)))
    return exp.Table(this=identifier(name))


def aliased(frame: Frame, alias: str) -> exp.Expr:
    """The source of a frame under another name."""
    source = frame.source.copy()
    source.set("alias", exp.TableAlias(this=identifier(alias)))
    return source


def node_of(source: Source) -> exp.Expr:
    """A source as a node that nothing else holds."""
    return column(source) if isinstance(source, str) else source.copy()


def named(node: exp.Expr, name: str) -> exp.Expr:
    """`node AS name`, or the column alone where it has that name."""
    if isinstance(node, exp.Column) and node.name == name:
        return node
    return exp.Alias(this=node, alias=identifier(name))


def all_of(conditions: Sequence[exp.Expr]) -> exp.Expr:
    """The conditions joined by AND."""
    result = _closed(conditions[0])
    for condition in conditions[1:]:
        result = exp.And(this=result, expression=_closed(condition))
    return result


def _closed(node: exp.Expr) -> exp.Expr:
    return exp.Paren(this=node) if isinstance(node, exp.Or | exp.Xor) else node


def order_by(keys: Sequence[Key]) -> exp.Order:
    return exp.Order(expressions=[key.ordered() for key in keys])


def select(
    columns: Sequence[exp.Expr],
    source: exp.Expr | None = None,
    *,
    where: Sequence[exp.Expr] = (),
    joins: Sequence[exp.Join] = (),
    group: Sequence[exp.Expr] = (),
    order: Sequence[Key] = (),
    limit: exp.Expr | None = None,
    distinct: bool = False,
) -> exp.Select:
    """A SELECT from its parts; the raw constructor, because the builder of sqlglot costs twenty times as much."""
    parts: dict[str, object] = {"expressions": list(columns)}
    if source is not None:
        parts["from_"] = exp.From(this=source)
    if joins:
        parts["joins"] = list(joins)
    if where:
        parts["where"] = exp.Where(this=all_of(where))
    if group:
        parts["group"] = exp.Group(expressions=list(group))
    if order:
        parts["order"] = order_by(order)
    if limit is not None:
        parts["limit"] = exp.Limit(expression=limit)
    if distinct:
        parts["distinct"] = exp.Distinct()
    return exp.Select(**parts)
