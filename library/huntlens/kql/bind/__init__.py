"""Binding: every name resolved, every type known, every function of the query expanded; never raises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from huntlens._lazy import make_callable
from huntlens.kql.bind import plan
from huntlens.kql.bind.context import Context, Frame, Names, ScalarName, column_types
from huntlens.kql.bind.dispatch import bind_operator
from huntlens.kql.bind.functions import MOST_EXPANSIONS, bind_function_call, stored_function
from huntlens.kql.bind.sources import bind_either, bind_pipe, bind_relation
from huntlens.kql.bind.statements import bind_statements
from huntlens.kql.bind.values import bind_value
from huntlens.kql.parse import Tree, parse
from huntlens.kql.schema import Schema, shipped
from huntlens.kql.types import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from huntlens.kql import tree

__all__ = ["bind", "look"]


class _Doors:
    """How the modules of this package reach each other."""

    value = staticmethod(bind_value)
    relation = staticmethod(bind_relation)
    either = staticmethod(bind_either)
    pipe = staticmethod(bind_pipe)
    operator = staticmethod(bind_operator)
    call = staticmethod(bind_function_call)
    stored = staticmethod(stored_function)
    statements = staticmethod(bind_statements)


_DOORS: Final = _Doors()


def bind(
    text_or_tree: str | Tree, schema: Schema | None = None, parameters: Mapping[str, str] | None = None
) -> plan.Bound:
    """The plan of a query, its result columns, and what is wrong with it.

    Without a schema the shipped tables are known and any other may exist. `parameters` are names that whoever runs
    the query gives values for, with their types.

    >>> bind("print a = 1 + 1").columns
    {'a': 'long'}
    """
    parsed = parse(text_or_tree) if isinstance(text_or_tree, str) else text_or_tree
    context = Context(shipped() if schema is None else schema, _DOORS)
    results = _bind_query(context, parsed, parameters or {})
    return _bound(context, parsed, results)


def look(
    parsed: Tree, name: str, schema: Schema | None = None, parameters: Mapping[str, str] | None = None
) -> tuple[plan.Bound, Frame | None]:
    """The plan, and what an expression sees where the name stands that an editor put at its cursor."""
    context = Context(shipped() if schema is None else schema, _DOORS, watched=name)
    results = _bind_query(context, parsed, parameters or {})
    return _bound(context, parsed, results), context.seen


def _bind_query(context: Context, parsed: Tree, parameters: Mapping[str, str]) -> Sequence[plan.Value | plan.Relation]:
    frame = Frame(context, Names())
    _declare(frame, parsed.query, parameters)
    return _bind_all(frame, parsed.query)


def _declare(frame: Frame, query: tree.Query, parameters: Mapping[str, str]) -> None:
    for name, kind in parameters.items():
        variable = plan.Variable(canonical(kind), query, name, None)
        frame.context.parameters.append(variable)
        frame.names.own[name] = ScalarName(name, variable, None)
    frame.names = Names(frame.names)


def _bind_all(frame: Frame, query: tree.Query) -> list[plan.Value | plan.Relation]:
    """The statements one by one, so that one that is nested too deeply spoils no other."""
    results: list[plan.Value | plan.Relation] = []
    for statement in query.statements:
        try:
            results.extend(bind_statements(frame, [statement]))
            deep = frame.context.expansions > MOST_EXPANSIONS
        except RecursionError:
            deep = True
        if deep:
            frame.context.muted = 0
            frame.context.report("too-deep", statement)
    return results


def _bound(context: Context, parsed: Tree, results: Sequence[plan.Value | plan.Relation]) -> plan.Bound:
    relations = tuple(_as_relation(item) for item in results)
    last = relations[-1] if relations else None
    return plan.Bound(
        relations,
        column_types(last.columns) if last is not None else {},
        (*parsed.diagnostics, *context.diagnostics),
        tuple(context.parameters),
        open=last.open if last is not None else False,
        scopes=context.scopes,
        symbols=context.symbols,
    )


def _as_relation(item: plan.Value | plan.Relation) -> plan.Relation:
    """A query that is a scalar is the table of one cell, as `print` makes it."""
    if isinstance(item, plan.Relation):
        return item
    return plan.Print((plan.Column("print_0", item.type),), item.syntax, (item,))


make_callable(__name__, bind)
