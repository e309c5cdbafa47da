"""Bound queries to SQL.

`compile(bound, dialect)` gives a `Program`; what a target cannot run raises `UnsupportedError` with its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from huntlens.kql.bind import plan
from huntlens.kql.compile import udf
from huntlens.kql.compile.frame import Frame, Names, order_by, select, written
from huntlens.kql.compile.lower import LOWERERS, LookFirstError, Lowering
from huntlens.kql.compile.needs import Needs
from huntlens.kql.compile.operators import lowerers
from huntlens.kql.compile.operators.rows import unshadowed
from huntlens.kql.compile.program import Chart, Look, Program, Statement, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from huntlens.kql.compile.template import Target
    from huntlens.kql.types import KqlType

__all__ = ["Chart", "Look", "Program", "Statement", "Work", "compile"]

LOWERERS.update(lowerers())  # type: ignore[arg-type]  # found by name


def compile(  # noqa: A001  (the word for it)
    bound: plan.Bound,
    dialect: Target = "duckdb",
    *,
    physical: Mapping[str, Mapping[str, str]] | None = None,
    parameters: Mapping[str, object] | None = None,
    external: Callable[[str], bytes] | None = None,
    pretty: bool = False,
) -> Program:
    """The program for a bound query.

    `physical` tells for a table which SQL names its columns have, where they differ; `parameters` are the values of
    declared query parameters; `external` gets what `externaldata` names; `pretty` breaks the SQL into lines.
    """
    statements = []
    works: list[Work] = []
    functions: dict[udf.Udf, None] = {}
    for relation, name, fork in _results(bound):
        needs = Needs()
        needs.ask(relation, relation.columns)
        if fork is not None:
            wanted = needs.columns.get(fork.rows, set())
            needs.ask(fork.input, (column for column in fork.input.columns if column in wanted))
        low = Lowering(dialect, needs, physical or {}, parameters or {}, external)
        low.names = Names(table for table in _tables(needs))
        if fork is not None:
            low.inputs[fork.rows] = low.lower(fork.input)
        try:
            frame = low.lower(relation)
        except LookFirstError as first:
            return Program((), look=_look(first, low))
        tree, names = _finish(low, frame, relation)
        sql = written(tree, dialect, pretty=pretty)
        columns = _named(relation)
        statements.append(Statement(sql, columns, names, _chart(relation), tuple(low.tables), name))
        works += low.works
        functions.update(dict.fromkeys((*low.functions, *udf.used(tree))))
    return Program(tuple(statements), tuple(works), functions=tuple(functions))


def _look(first: LookFirstError, low: Lowering) -> Look:
    """The question to the data as a program of its own."""
    question = first.question
    if low.ctes:
        question.set("with_", exp.With(expressions=[_cte(*cte) for cte in low.ctes]))
    columns: dict[str, KqlType] = {item.alias_or_name: "string" for item in question.selects}
    sql = written(question, low.target)
    statement = Statement(sql, columns, list(columns), tables=tuple(low.tables))
    functions = dict.fromkeys((*low.functions, *udf.used(question)))
    return Look(Program((statement,), tuple(low.works), functions=tuple(functions)), first.edits)


def _results(bound: plan.Bound) -> Iterator[tuple[plan.Relation, str, plan.Fork | None]]:
    """The relations to run, each with its name: each branch of a `fork` is one."""
    for relation in bound.results:
        if isinstance(relation, plan.Fork):
            for branch, name in zip(relation.branches, relation.names, strict=True):
                yield branch, name, relation
        else:
            yield relation, "", None


def _named(relation: plan.Relation) -> dict[str, KqlType]:
    """The result columns by name; one whose name is taken gets a number, as Kusto gives it."""
    columns: dict[str, KqlType] = {}
    for column in relation.columns:
        name, count = column.name, 0
        while name in columns:
            count += 1
            name = f"{column.name}{count}"
        columns[name] = column.type
    return columns


def _tables(needs: Needs) -> list[str]:
    return [relation.name for relation in needs.columns if isinstance(relation, plan.Table)]


def _chart(relation: plan.Relation) -> Chart | None:
    """What `render` says, which stands last, perhaps before operators that only pass rows on."""
    while isinstance(relation, plan.Step):
        if isinstance(relation, plan.Render):
            return Chart(relation.kind, relation.options)
        relation = relation.input
        if not isinstance(relation, plan.Render | plan.Project | plan.Sort | plan.Take):
            break
    return None


def _finish(low: Lowering, frame: Frame, relation: plan.Relation) -> tuple[exp.Expr, list[str]]:
    """The whole statement, and the SQL names of its columns."""
    frame = unshadowed(frame, low)
    shown = Frame(frame.source, {column: frame.values[column] for column in relation.columns}, frame.where)
    items, values, _ = low.project(shown, relation.columns)
    names = [str(values[column]) for column in relation.columns]
    main = _last_stage(low, frame, shown, names)
    if main is None:
        main = select(items, frame.source, where=frame.where)
    if frame.order and main.args.get("order") is None:
        main.set("order", order_by(frame.order))
    if low.ctes:
        main.set("with_", exp.With(expressions=[_cte(*cte) for cte in low.ctes]))
    return main, names


def _last_stage(low: Lowering, frame: Frame, shown: Frame, names: list[str]) -> exp.Expr | None:
    """The last stage itself, where the result is just what it gives; it is taken off the list then."""
    if not low.ctes or frame.where or not isinstance(frame.source, exp.Table):
        return None
    name, statement, _ = low.ctes[-1]
    if (
        frame.source.name != name
        or list(shown.values.values()) != names
        or not isinstance(statement, exp.Select | exp.Union)
    ):
        return None
    if frame.order and not (
        isinstance(statement, exp.Select) and all(isinstance(key.source, str) for key in frame.order)
    ):
        return None  # within an expression of ORDER BY a name is a column of FROM before it is one of the result
    if [item.alias_or_name for item in statement.selects] != names:
        return None
    if any(name in (table.name for table in cte.find_all(exp.Table)) for _, cte, _ in low.ctes):
        return None
    low.ctes.pop()
    return statement


def _cte(name: str, statement: exp.Expr, once: bool) -> exp.CTE:  # noqa: FBT001  (one field of a row)
    alias = exp.TableAlias(this=exp.Identifier(this=name, quoted=True))
    return exp.CTE(this=statement, alias=alias, materialized=True if once else None)
