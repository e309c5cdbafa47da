"""`scan`: a state machine over ordered rows, as a recursive query that takes one row of each partition at a time.

For step k of a row, in reverse order of the steps: where step k-1 holds a sequence and the condition of k is true
over it, that sequence moves on to k (promotion); otherwise, where k holds a sequence or is the first step, and the
condition is true over that, the row replaces what k holds (renewal), which for the first step begins a sequence.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from huntlens.kql.bind import plan
from huntlens.kql.compile.frame import Frame, Key, Names, Source, aliased, column, identifier, named, select, table
from huntlens.kql.compile.needs import parts_of
from huntlens.kql.compile.operators.rows import row_number
from huntlens.kql.compile.values import column_value, ready, value

if TYPE_CHECKING:
    from huntlens.kql.compile.lower import Lowering

__all__ = ["lower_scan"]

_ROW, _LAST = "#row", "#last"


@dataclass(slots=True)
class _Machine:
    """The names of the state: for each step whether it holds a sequence, its match id, and the remembered cells."""

    node: plan.Scan
    rows: Frame
    low: Lowering
    numbers: dict[str, int] = field(default_factory=dict)
    cells: list[tuple[int, plan.Column]] = field(default_factory=list)
    """Step and column of each `step.Column` that the query reads."""
    declared: dict[plan.Column, plan.Value | None] = field(default_factory=dict)

    def cell(self, holder: int, step: int, item: plan.Column) -> str:
        """The name of a cell: what step `holder` remembers of the last row that matched `step`."""
        return f"#s{holder}_{self.cells.index((step, item))}"

    def held(self, holder: int) -> list[tuple[int, plan.Column]]:
        """The cells that a step remembers: its own and those of the steps before it."""
        return [(step, item) for step, item in self.cells if step <= holder]


def lower_scan(node: plan.Scan, low: Lowering) -> Frame:
    """`scan`."""
    if low.target != "duckdb":
        low.refuse(node.syntax, "scan is compiled for DuckDB only")
    if any(step.output == "last" for step in node.steps):
        low.refuse(node.syntax, "scan with output=last is not compiled")
    rows = _rows(node, low)
    machine = _Machine(node, rows, low, {step.name: number for number, step in enumerate(node.steps)})
    machine.declared = dict(node.declared)
    for state in _states(node):
        cell = (machine.numbers[state.step], state.column)
        if cell not in machine.cells:
            machine.cells.append(cell)
    name = low.stage(_recursion(machine, low.names.fresh("state")), "scan")
    return _output(machine, name)


def _rows(node: plan.Scan, low: Lowering) -> Frame:
    """The input with a number for each row of a partition."""
    frame = low.lower(node.input)
    keys = [key.value for key in node.order]
    frame = ready(frame, [*node.keys, *keys], low)
    if node.order:
        order = tuple(Key(column_value(key.value, frame, low), key.descending, key.nulls_first) for key in node.order)
        frame = replace(frame, order=order, numbered=False)
    parts = [low.unnamed(f"#part{number}", key.type) for number, key in enumerate(node.keys)]
    made = {part: low.key(value(key, frame, low), key.type) for part, key in zip(parts, node.keys, strict=True)}
    frame = low.close(replace(frame, values={**frame.values, **made}), "rows")
    hidden = (*frame.parts, *parts)
    row = low.unnamed(_ROW, "long")
    numbered = replace(frame, values={**frame.values, row: row_number(frame, hidden)}, parts=hidden)
    return low.close(numbered, "numbered")


def _states(node: plan.Scan) -> list[plan.StepState]:
    values = [step.condition for step in node.steps]
    values += [made for step in node.steps for _, made in step.assignments]
    return [part for made in values for part in parts_of(made) if isinstance(part, plan.StepState)]


def _recursion(machine: _Machine, name: str) -> exp.Expr:
    """`WITH RECURSIVE` of its own, as a subquery, so that the statement around it needs no other form."""
    low, rows = machine.low, machine.rows
    first: list[exp.Expr] = [named(rows.node(part), f"#p{number}") for number, part in enumerate(rows.parts)]
    first.append(named(low.literal(0, "long"), _ROW))
    first.append(named(low.cast(low.literal(-1, "long"), "long"), _LAST))
    state = _state_columns(machine)
    first += [named(node, item) for item, node in state.items()]
    anchor = select(first, rows.source.copy(), distinct=True)
    if not rows.parts:
        anchor = select(first)
    step = _iteration(machine, name, list(state))
    union = exp.Union(this=anchor, expression=step, distinct=False)
    cte = exp.CTE(this=union, alias=exp.TableAlias(this=identifier(name)))
    statement = select([exp.Star()], table(name))
    statement.set("with_", exp.With(expressions=[cte], recursive=True))
    return statement


def _state_columns(machine: _Machine) -> dict[str, exp.Expr]:
    """The state in front of the first row: nothing is held."""
    low = machine.low
    columns: dict[str, exp.Expr] = {}
    for holder in range(len(machine.node.steps)):
        columns[f"#active{holder}"] = exp.false()
        columns[f"#id{holder}"] = low.cast(exp.null(), "long")
        columns[f"#out{holder}"] = exp.false()
        for number, item in machine.held(holder):
            columns[machine.cell(holder, number, item)] = low.cast(exp.null(), item.type)
        for item, _ in machine.node.declared:
            columns[f"#new{holder}_{_index(machine, item)}"] = low.cast(exp.null(), item.type)
    return columns


def _index(machine: _Machine, item: plan.Column) -> int:
    return list(machine.declared).index(item)


def _iteration(machine: _Machine, name: str, state: list[str]) -> exp.Select:
    """The state behind the next row: promotions first, then renewals, then what each step holds."""
    low, rows = machine.low, machine.rows
    row = next(item for item in rows.values if item.name == _ROW)
    tests: list[exp.Expr] = [
        exp.EQ(this=column(str(rows.values[row]), "r"), expression=low.sql("{x} + 1", x=column(_ROW, "s")))
    ]
    for number, part in enumerate(rows.parts):
        tests.append(exp.NullSafeEQ(this=column(str(rows.values[part]), "r"), expression=column(f"#p{number}", "s")))
    on = tests[0]
    for test in tests[1:]:
        on = exp.And(this=on, expression=test)
    carried: list[exp.Expr] = [named(column(f"#p{number}", "s"), f"#p{number}") for number in range(len(rows.parts))]
    carried += [named(column(str(rows.values[row]), "r"), _ROW), named(column(_LAST, "s"), _LAST)]
    carried += [named(column(item, "s"), item) for item in state if not item.startswith(("#out", "#new"))]
    used = [item for item in rows.values if item not in rows.parts and item is not row]
    inputs = {item: f"#r{number}" for number, item in enumerate(used)}
    carried += [named(column(str(rows.values[item]), "r"), inputs[item]) for item in used]
    joined = select(carried, table(name, "s"), joins=[exp.Join(this=aliased(rows, "r"), on=on)])
    promoted = _promotions(machine, joined, inputs)
    renewed = _renewals(machine, promoted, inputs)
    return _next_state(machine, renewed, inputs, state)


def _sub(statement: exp.Select, alias: str) -> exp.Subquery:
    return exp.Subquery(this=statement, alias=exp.TableAlias(this=identifier(alias)))


def _frame(machine: _Machine, step: int, holder: int | None, inputs: dict[plan.Column, str]) -> Frame:
    """What expressions of a step see: the row, declared columns, and the cells that `holder` remembers."""
    low = machine.low
    values: dict[plan.Column, Source] = dict(inputs)
    nothing = Frame(exp.null(), {})
    for item, default in machine.declared.items():
        values[item] = value(default, nothing, low) if default is not None else low.cast(exp.null(), item.type)
    frame = Frame(exp.null(), values)
    low.substitutes = {key: made for key, made in low.substitutes.items() if not isinstance(key, plan.StepState)}
    for state in _states(machine.node):
        number = machine.numbers[state.step]
        held = holder is not None and number <= holder
        known = plan.Column(f"#{state.step}.{state.column.name}", state.type)
        node: exp.Expr = low.cast(exp.null(), state.column.type)
        if held and holder is not None:
            node = column(machine.cell(holder, number, state.column))
            if holder == step and holder == 0 and len(machine.node.steps) > 1:
                node = exp.Case(ifs=[exp.If(this=exp.Not(this=column("#m1_1")), true=node)])
        frame.values[known] = node
        low.substitutes[state] = known
    return frame


def _promotions(machine: _Machine, source: exp.Select, inputs: dict[plan.Column, str]) -> exp.Select:
    items: list[exp.Expr] = [exp.Star()]
    for number, step in enumerate(machine.node.steps):
        if number == 0:
            continue
        frame = _frame(machine, number, number - 1, inputs)
        condition = value(step.condition, frame, machine.low)
        items.append(
            named(
                machine.low.sql("coalesce({a} AND ({c}), FALSE)", a=column(f"#active{number - 1}"), c=condition),
                f"#m1_{number}",
            )
        )
    return select(items, _sub(source, "joined"))


def _renewals(machine: _Machine, source: exp.Select, inputs: dict[plan.Column, str]) -> exp.Select:
    items: list[exp.Expr] = [exp.Star()]
    last = len(machine.node.steps) - 1
    for number, step in enumerate(machine.node.steps):
        condition = value(step.condition, _frame(machine, number, number, inputs), machine.low)
        tests: list[exp.Expr] = [exp.Paren(this=condition)]
        if number > 0:
            tests += [column(f"#active{number}"), exp.Not(this=column(f"#m1_{number}"))]
            if number < last:
                tests.append(exp.Not(this=column(f"#m1_{number + 1}")))
        both = tests[0]
        for test in tests[1:]:
            both = exp.And(this=both, expression=test)
        items.append(named(machine.low.sql("coalesce({t}, FALSE)", t=both), f"#m2_{number}"))
    return select(items, _sub(source, "promoted"))


def _next_state(machine: _Machine, source: exp.Select, inputs: dict[plan.Column, str], state: list[str]) -> exp.Select:
    low = machine.low
    made: dict[str, exp.Expr] = {}
    last = len(machine.node.steps) - 1
    for number, step in enumerate(machine.node.steps):
        promoted: exp.Expr = column(f"#m1_{number}") if number > 0 else exp.false()
        renewed: exp.Expr = column(f"#m2_{number}")
        cleared: exp.Expr = column(f"#m1_{number + 1}") if number < last else exp.false()
        choose = "CASE WHEN {p} THEN {a} WHEN {r} THEN {b} WHEN {c} THEN NULL ELSE {d} END"
        made[f"#active{number}"] = low.sql(
            "{p} OR {r} OR ({d} AND NOT {c})", p=promoted, r=renewed, c=cleared, d=column(f"#active{number}")
        )
        before: exp.Expr = column(f"#id{number - 1}") if number > 0 else exp.null()
        renewed_id = column(f"#id{number}") if number > 0 else low.sql("{x} + 1", x=column(_LAST))
        made[f"#id{number}"] = low.sql(
            choose, p=promoted, a=before, r=renewed, b=renewed_id, c=cleared, d=column(f"#id{number}")
        )
        made[f"#out{number}"] = low.sql("{p} OR {r}", p=promoted, r=renewed) if step.output != "none" else exp.false()
        after_promotion = _assigned(machine, number, number - 1 if number > 0 else None, inputs)
        after_renewal = _assigned(machine, number, number, inputs)
        for item in machine.declared:
            made[f"#new{number}_{_index(machine, item)}"] = low.sql(
                choose, p=promoted, a=after_promotion[item], r=renewed, b=after_renewal[item], c=cleared,
                d=low.cast(exp.null(), item.type),
            )  # fmt: skip
        for owner, item in machine.held(number):
            name = machine.cell(number, owner, item)
            if owner == number:
                one = after_promotion.get(item) or column(inputs[item])
                two = after_renewal.get(item) or column(inputs[item])
            else:
                one, two = column(machine.cell(number - 1, owner, item)), column(name)
            made[name] = low.sql(choose, p=promoted, a=one, r=renewed, b=two, c=cleared, d=column(name))
    items: list[exp.Expr] = [column(f"#p{number}") for number in range(len(machine.rows.parts))]
    items.append(column(_ROW))
    items.append(named(low.sql("{x} + CASE WHEN {m} THEN 1 ELSE 0 END", x=column(_LAST), m=column("#m2_0")), _LAST))
    items += [named(made[name], name) for name in state]
    return select(items, _sub(source, "renewed"))


def _assigned(
    machine: _Machine, step: int, holder: int | None, inputs: dict[plan.Column, str]
) -> dict[plan.Column, exp.Expr]:
    """The declared columns of a row that matched a step."""
    frame = _frame(machine, step, holder, inputs)
    for item, made in machine.node.steps[step].assignments:
        frame.values[item] = machine.low.cast(value(made, frame, machine.low), item.type)
    return {item: frame.node(item) for item in machine.declared}


def _output(machine: _Machine, name: str) -> Frame:
    """The rows that matched, once for each step that says so."""
    low, rows, node = machine.low, machine.rows, machine.node
    names = Names()
    passed = [item for item in low.used(node) if item in rows.values]
    result: exp.Expr | None = None
    shown: dict[plan.Column, Source] = {item: names.take(item.name) for item in (*passed, *rows.parts)}
    made = [item for item in machine.declared if item in node.columns]
    shown.update({item: names.take(item.name) for item in made})
    if node.match_id is not None:
        shown[node.match_id] = names.take(node.match_id.name)
    row = next(item for item in rows.values if item.name == _ROW)
    order, place = names.take("#order"), names.take("#step")
    for number in reversed(range(len(node.steps))):
        items = [named(column(str(rows.values[item]), "r"), str(shown[item])) for item in (*passed, *rows.parts)]
        items += [named(column(f"#new{number}_{_index(machine, item)}", "s"), str(shown[item])) for item in made]
        if node.match_id is not None:
            items.append(named(column(f"#id{number}", "s"), str(shown[node.match_id])))
        items += [named(column(_ROW, "s"), order), named(exp.Literal.number(len(node.steps) - number), place)]
        on: exp.Expr = exp.EQ(this=column(str(rows.values[row]), "r"), expression=column(_ROW, "s"))
        for index, part in enumerate(rows.parts):
            same = exp.NullSafeEQ(this=column(str(rows.values[part]), "r"), expression=column(f"#p{index}", "s"))
            on = exp.And(this=on, expression=same)
        join = exp.Join(this=aliased(rows, "r"), on=on)
        one = select(items, table(name, "s"), joins=[join], where=[column(f"#out{number}", "s")])
        result = one if result is None else exp.Union(this=result, expression=one, distinct=False)
    assert result is not None
    outer = rows.parts[: len(rows.parts) - len(node.keys)]
    keys = tuple(Key(shown[part]) for part in rows.parts[len(outer) :])
    return low.over(result, "matched", shown, parts=outer, order=(*keys, Key(order), Key(place)))
