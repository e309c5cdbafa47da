"""Where rows come from: tables, literal rows, ranges, definitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from huntlens.kql.bind import plan
from huntlens.kql.compile.frame import Frame, Key, Names, Source, column, identifier, named, select, table
from huntlens.kql.compile.literal import constant, sql_type
from huntlens.kql.compile.program import Work
from huntlens.kql.compile.special.convert import to_type
from huntlens.kql.compile.values import column_value, value
from huntlens.kql.compile.work.external import local_file, read

if TYPE_CHECKING:
    from huntlens.kql.compile.lower import Lowering

__all__ = ["lower_data_table", "lower_external_data", "lower_print", "lower_range", "lower_reference", "lower_table"]


def lower_table(node: plan.Table, low: Lowering) -> Frame:
    """A table of the source; its columns may have other names in SQL."""
    if node.name not in low.tables:
        low.tables.append(node.name)
    physical = low.physical.get(node.name, {})
    values: dict[plan.Column, Source] = {item: physical.get(item.name, item.name) for item in low.used(node)}
    return Frame(table(node.name), values)


def lower_reference(node: plan.Reference, low: Lowering) -> Frame:
    """A use of a definition, which is lowered once; one that is used once stands where it is used."""
    definition = node.definition
    frame = low.defined.get(definition)
    if frame is None:
        frame = low.lower(definition.relation)
        if low.needs.uses[definition] > 1:
            frame = _shared(frame, definition, low)
            low.defined[definition] = frame
    pairs = zip(node.columns, definition.relation.columns, strict=False)
    values: dict[plan.Column, Source] = {outer: frame.values[inner] for outer, inner in pairs if inner in frame.values}
    values.update({part: frame.values[part] for part in frame.parts})
    return Frame(frame.source, values, list(frame.where), frame.order, frame.parts, frame.numbered)


def _shared(frame: Frame, definition: plan.Definition, low: Lowering) -> Frame:
    """The definition as a stage of its own name; those that `materialize` names are computed once."""
    if not definition.materialize and not frame.where and low.is_stage(frame):
        return frame
    items, values, order = low.project(frame, tuple(frame.values))
    statement = select(items, frame.source, where=frame.where)
    name = low.stage(statement, definition.name or "shared", once=definition.materialize)
    return Frame(table(name), values, order=order, parts=frame.parts, numbered=frame.numbered)


def lower_data_table(node: plan.DataTable, low: Lowering) -> Frame:
    """Literal rows; the types stand in the first row, or in conditions where there is none."""
    names = Names()
    values: dict[plan.Column, Source] = {item: names.take(item.name) for item in node.columns}
    if not node.rows:
        empty = [named(low.cast(exp.null(), item.type), str(values[item])) for item in node.columns]
        return low.over(select(empty, where=[exp.false()]), "datatable", values)
    nothing = Frame(exp.null(), {})
    rows = []
    for row in node.rows:
        cells = [value(cell, nothing, low) for cell in row]
        rows.append(exp.Tuple(expressions=cells))
    alias = exp.TableAlias(this=identifier("rows"), columns=[identifier(f"c{index}") for index in range(len(values))])
    source = exp.Values(expressions=rows, alias=alias)
    items = []
    for index, item in enumerate(node.columns):
        cell: exp.Expr = column(f"c{index}")
        if item.type not in ("string", "guid"):
            cell = exp.Cast(this=cell, to=sql_type(item.type, low.target))
        items.append(named(cell, str(values[item])))
    return low.over(select(items, source), "datatable", values)


def lower_external_data(node: plan.ExternalData, low: Lowering) -> Frame:
    """`externaldata`: Python reads the files as text, SQL gives the columns their types."""
    nothing = Frame(exp.null(), {})
    uris = [constant(value(uri, nothing, low)) for uri in node.uris]
    if not all(isinstance(uri, str) for uri in uris):
        low.refuse(node.syntax, "externaldata needs constant addresses")
    names = [item.name for item in node.columns]
    options = {name.lower(): _plain(option) for name, option in node.options.items()}
    fetch = low.external or local_file
    given = low.names.fresh("external")
    low.works.append(Work(given, (), lambda _: read([str(uri) for uri in uris], names, options, fetch)))
    taken = Names()
    values: dict[plan.Column, Source] = {}
    items = []
    for index, item in enumerate(node.columns):
        values[item] = taken.take(item.name)
        cell: exp.Expr = column(f"c{index}")
        if item.type != "string":
            cell = to_type(low.key(cell, "string"), "string", item.type, low.target)
        items.append(named(cell, str(values[item])))
    return low.over(select(items, table(given)), "externaldata", values)


def _plain(option: object) -> object:
    return option.value if isinstance(option, plan.Constant) else option


def lower_print(node: plan.Print, low: Lowering) -> Frame:
    """One row without a source."""
    nothing = Frame(exp.null(), {})
    names = Names()
    values: dict[plan.Column, Source] = {item: names.take(item.name) for item in node.columns}
    items = []
    for item, cell in zip(node.columns, node.values, strict=True):
        made = column_value(cell, nothing, low)
        items.append(named(column(made) if isinstance(made, str) else made, str(values[item])))
    return low.over(select(items), "print", values)


def lower_range(node: plan.Range, low: Lowering) -> Frame:
    """`range x from a to b step s` over numbers, times and lengths of time."""
    nothing = Frame(exp.null(), {})
    (item,) = node.columns
    first, last, step = (value(part, nothing, low) for part in (node.low, node.high, node.step))
    made = range_value(item.type, first, step, column("i"), low)
    count = steps_between(item.type, first, last, step, low)
    alias = exp.TableAlias(this=identifier("steps"), columns=[identifier("i")])
    if low.target == "duckdb":
        source: exp.Expr = exp.Table(this=low.sql("range({n})", n=count), alias=alias)
    elif count.find(exp.Select) is None:
        numbers = low.sql("SELECT id AS i FROM range({n})", n=count)
        source = exp.Subquery(this=numbers, alias=exp.TableAlias(this=identifier("steps")))
    else:  # `range` of Spark takes no subquery, and `sequence` counts down where its end lies below its start
        numbers = low.sql(
            "SELECT explode(slice(sequence(0, {n}), 1, {n})) AS i", n=low.sql("CAST({n} AS INT)", n=count)
        )
        source = exp.Subquery(this=numbers, alias=exp.TableAlias(this=identifier("steps")))
    statement = select([named(low.cast(made, item.type), item.name)], source)
    return low.over(statement, "range", {item: item.name}, order=(Key(item.name),) if low.target == "spark" else ())


def steps_between(kind: str, first: exp.Expr, last: exp.Expr, step: exp.Expr, low: Lowering) -> exp.Expr:
    """How many values `first`, `first + step` ... are not beyond `last`; 0 where the step leads away."""
    if kind == "datetime":
        micros = "epoch_us" if low.target == "duckdb" else "unix_micros"
        difference = low.sql(f"({micros}({{b}}) - {micros}({{a}})) * 10", a=first, b=last)
    else:
        difference = low.sql("{b} - {a}", a=first, b=last)
    return low.sql("greatest(CAST(floor(CAST({d} AS DOUBLE) / {s}) AS BIGINT) + 1, 0)", d=difference, s=step)


def range_value(kind: str, first: exp.Expr, step: exp.Expr, index: exp.Expr, low: Lowering) -> exp.Expr:
    """The value number `index` of a range."""
    if kind == "datetime" and low.target == "spark":
        return low.sql("timestamp_micros(unix_micros({a}) + {i} * {s} div 10)", a=first, i=index, s=step)
    if kind == "datetime":
        return low.sql("make_timestamp(epoch_us({a}) + {i} * {s} // 10)", a=first, i=index, s=step)
    return low.sql("{a} + {i} * {s}", a=first, i=index, s=step)
