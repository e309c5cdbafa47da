"""From the bound tree to SQL: the state of one compilation, and the dispatch by name.

A relation `Summarize` is lowered by `lower_summarize(node, low)` in one of the modules of `operators`, which gives a
`Frame`; scalar values are lowered in `values.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NoReturn

from sqlglot import exp

from huntlens.errors import UnsupportedError
from huntlens.kql.bind import plan
from huntlens.kql.compile import template, udf
from huntlens.kql.compile.frame import Frame, Key, Names, Source, named, node_of, order_by, select, table, written
from huntlens.kql.compile.literal import literal, sql_type
from huntlens.kql.diagnostics import Diagnostic, Edit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from huntlens.kql import tree
    from huntlens.kql.compile.needs import Needs
    from huntlens.kql.compile.program import Chart, Work
    from huntlens.kql.compile.udf import Udf
    from huntlens.kql.types import KqlType

    Lowerer = Callable[..., Frame]

LOWERERS: dict[type[plan.Relation], Lowerer] = {}
"""Filled by `operators/__init__.py`: the function for each relation of the plan."""


@dataclass(slots=True)
class Lowering:
    """The state of one compilation."""

    target: template.Target
    needs: Needs
    physical: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    parameters: Mapping[str, object] = field(default_factory=dict)
    external: Callable[[str], bytes] | None = None
    """How to get what `externaldata` names; local files where it is not told."""
    names: Names = field(default_factory=Names)
    ctes: list[tuple[str, exp.Expr, bool]] = field(default_factory=list)
    """Name, statement, and whether it must be computed once."""
    tables: list[str] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)
    functions: list[Udf] = field(default_factory=list)
    render: Chart | None = None
    defined: dict[plan.Definition, Frame] = field(default_factory=dict)
    inputs: dict[plan.Relation, Frame] = field(default_factory=dict)
    """What `Input` and the rows of `mv-apply` stand for, while a body is lowered."""
    substitutes: dict[plan.Value, plan.Column] = field(default_factory=dict)
    """Values that an earlier stage has computed already."""

    def lower(self, node: plan.Relation) -> Frame:
        """The frame of a relation."""
        found = self.inputs.get(node)
        if found is not None:
            return found
        lowerer = LOWERERS.get(type(node))
        if lowerer is None:
            self.refuse(node.syntax, f"{type(node).__name__} has no SQL")
        return self._trimmed(node, lowerer(node, self))

    def _trimmed(self, node: plan.Relation, frame: Frame) -> Frame:
        """The frame without the columns of the relation that nothing reads."""
        used = self.needs.columns.get(node)
        if used is None or len(used) >= len(node.columns):
            return frame
        dropped = [item for item in node.columns if item in frame.values and item not in used]
        if not dropped or len(dropped) == len(frame.values):
            return frame
        kept = {item: source for item, source in frame.values.items() if item not in dropped or item in frame.parts}
        return replace(frame, values=kept)

    def used(self, node: plan.Relation) -> tuple[plan.Column, ...]:
        """The columns of a relation that the rest of the query uses."""
        return self.needs.of(node)

    # --- stages ---

    def stage(self, statement: exp.Expr, name: str, *, once: bool = False) -> str:
        """Add a common table expression; gives its name."""
        taken = self.names.fresh(name)
        self.ctes.append((taken, statement, once))
        return taken

    def statement(self, query: exp.Select) -> str:
        """The SQL of a query over the stages so far, to be run by itself."""
        stages = [
            exp.CTE(this=stage.copy(), alias=exp.TableAlias(this=exp.Identifier(this=name, quoted=True)))
            for name, stage, _ in self.ctes
        ]
        if stages:
            query.set("with_", exp.With(expressions=stages))
        self.functions += udf.used(query)
        return written(query, self.target)

    def is_stage(self, frame: Frame) -> bool:
        """Whether a frame is a stage as it is, with plain columns alone."""
        name = frame.source.name if isinstance(frame.source, exp.Table) else ""
        plain = all(
            isinstance(source, str) for source in (*frame.values.values(), *(key.source for key in frame.order))
        )
        return plain and any(stage == name for stage, _, _ in self.ctes)

    def over(
        self,
        statement: exp.Expr,
        name: str,
        values: dict[plan.Column, Source],
        *,
        parts: tuple[plan.Column, ...] = (),
        order: tuple[Key, ...] = (),
        numbered: bool = False,
    ) -> Frame:
        """A stage, and the frame over it; `values` are its SQL names."""
        return Frame(table(self.stage(statement, name)), values, order=order, parts=parts, numbered=numbered)

    def close(
        self,
        frame: Frame,
        name: str = "step",
        *,
        columns: Sequence[plan.Column] | None = None,
        always: bool = False,
    ) -> Frame:
        """The same rows as a stage of their own, so that every column is a plain one; itself if they are already."""
        if columns is None:
            columns = tuple(frame.values)
        if not always and not frame.where and all(isinstance(frame.values[item], str) for item in columns):
            return frame
        columns = tuple(dict.fromkeys((*columns, *frame.parts)))
        items, values, order = self.project(frame, columns)
        statement = select(items, frame.source, where=frame.where)
        return self.over(statement, name, values, parts=frame.parts, order=order, numbered=frame.numbered)

    def project(
        self, frame: Frame, columns: Sequence[plan.Column]
    ) -> tuple[list[exp.Expr], dict[plan.Column, Source], tuple[Key, ...]]:
        """The select list for columns and the pending order of a frame, and what they are called behind it."""
        names = Names()
        items: list[exp.Expr] = []
        values: dict[plan.Column, Source] = {}
        by_source: dict[str, str] = {}
        for item in columns:
            source = frame.values[item]
            name = names.take(item.name)
            items.append(named(node_of(source), name))
            values[item] = name
            if isinstance(source, str):
                by_source.setdefault(source, name)
        order = []
        for key in frame.order:
            name = by_source.get(key.source, "") if isinstance(key.source, str) else ""
            if not name:
                name = names.take("#order")
                items.append(named(node_of(key.source), name))
            order.append(Key(name, key.descending, key.nulls_first))
        return items, values, tuple(order)

    def numbered(self, frame: Frame) -> Frame:
        """The same rows with an explicit row number as their order."""
        if frame.numbered:
            return frame
        names = Names()
        items: list[exp.Expr] = []
        values: dict[plan.Column, Source] = {}
        for item, source in frame.values.items():
            values[item] = names.take(item.name)
            items.append(named(node_of(source), str(values[item])))
        order = order_by(frame.order) if frame.order else None
        row = names.take("#row")
        items.append(named(self.row_number(order), row))
        statement = select(items, frame.source, where=frame.where)
        return self.over(statement, "serialize", values, parts=frame.parts, order=(Key(row),), numbered=True)

    def row_number(self, order: exp.Order | None = None, parts: Sequence[exp.Expr] = ()) -> exp.Expr:
        """The number of a row; Spark numbers no rows that have no order, but its own ids keep that of the source."""
        if order is None and not parts and self.target == "spark":
            return self.sql("monotonically_increasing_id() + 1")
        return exp.Window(this=exp.RowNumber(), order=order, partition_by=list(parts))

    # --- nodes ---

    def sql(self, text: str, **nodes: exp.Expr | Sequence[exp.Expr]) -> exp.Expr:
        """A template of the target filled with nodes."""
        return template.build(text, self.target, nodes)

    def literal(self, value: object, kind: KqlType) -> exp.Expr:
        """A constant of a KQL type."""
        return literal(value, kind, self.target)

    def null(self, kind: KqlType) -> exp.Expr:
        """A typed null; the empty string for string."""
        return exp.Literal.string("") if kind == "string" else self.cast(exp.null(), kind)

    def cast(self, node: exp.Expr, kind: KqlType) -> exp.Expr:
        """The node as the physical type of a KQL type."""
        return exp.Cast(this=node, to=sql_type(kind, self.target))

    def key(self, node: exp.Expr, kind: KqlType) -> exp.Expr:
        """A node to group or join by: '' and null are one string."""
        return template.never_null(node) if kind == "string" else node

    def unnamed(self, name: str, kind: KqlType) -> plan.Column:
        """A column that the query does not know."""
        return plan.Column(name, kind)

    # --- refusals ---

    def refuse(self, syntax: tree.Node, reason: str) -> NoReturn:
        """This part of the query cannot be compiled; the reason is for the user."""
        raise refusal(syntax, reason, self.target)


class LookFirstError(Exception):
    """The data has to be asked `question` before this can be compiled; see `program.Look`."""

    def __init__(self, question: exp.Select, edits: Callable[[Sequence[tuple[object, ...]]], tuple[Edit, ...]]) -> None:
        self.question, self.edits = question, edits
        super().__init__("the columns depend on the data")


TARGET_NAMES = {"duckdb": "DuckDB", "spark": "Spark"}


def refusal(syntax: tree.Node, reason: str, target: str) -> UnsupportedError:
    """The error for a part of a query that a target cannot run, with its place."""
    finding = Diagnostic("KQL301", "not-on-target", "error", syntax.start, syntax.end, reason)
    return UnsupportedError(f"cannot run this on {TARGET_NAMES[target]}: {reason}", diagnostics=(finding,))


def snake(name: str) -> str:
    """The name of a class as the name of its function.

    >>> snake("TopNested"), snake("ParseKv")
    ('top_nested', 'parse_kv')
    """
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
