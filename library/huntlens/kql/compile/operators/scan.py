"""`scan`: SQL puts the rows in order and computes what needs one row alone; Python walks them once through the steps.

What asks for remembered rows (`step.Column`) or declared columns is an operation of `work/steps.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from sqlglot import exp

from huntlens.kql.bind import plan
from huntlens.kql.bind.operands import convert
from huntlens.kql.compile.frame import Frame, Key, Source, column, named, order_by, select, table
from huntlens.kql.compile.needs import parts_of
from huntlens.kql.compile.program import Work
from huntlens.kql.compile.values import column_value, ready, value
from huntlens.kql.compile.work.steps import Match, Moment, Reader, Scan, Step, operation
from huntlens.kql.types import is_numeric

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from huntlens.kql.compile.lower import Lowering
    from huntlens.kql.types import KqlType

__all__ = ["lower_scan"]

_ARROW: Final[dict[KqlType, pa.DataType]] = {
    "bool": pa.bool_(), "int": pa.int32(), "long": pa.int64(), "real": pa.float64(), "timespan": pa.int64(),
    "datetime": pa.timestamp("us"), "decimal": pa.decimal128(38, 18),
}  # fmt: skip
_EPOCH: Final = datetime(1970, 1, 1)


@dataclass(slots=True)
class _Steps:
    """The steps as Python reads them; what is asked of the row alone is gathered in `asked`, for SQL to compute."""

    node: plan.Scan
    low: Lowering
    asked: list[plan.Value] = field(default_factory=list)

    def made(self) -> list[Step]:
        """Every step."""
        remembered = {(state.step, state.column): state for state in _states(self.node)}
        return [
            Step(
                self.reader(step.condition),
                [(self._declared(item), self._typed(item, made)) for item, made in step.assignments],
                [(item.name, self._column(item, state)) for (name, item), state in remembered.items()
                 if name == step.name],
                step.output,
            )
            for step in self.node.steps
        ]  # fmt: skip

    def defaults(self) -> list[Any]:
        """What the declared columns are in a row that assigns nothing."""
        nothing = Moment((), {}, ())
        return [self.reader(default)(nothing) if default is not None else _null(item.type)
                for item, default in self.node.declared]  # fmt: skip

    def _declared(self, item: plan.Column) -> int:
        return [known for known, _ in self.node.declared].index(item)

    def _is_declared(self, item: plan.Column) -> bool:
        return any(known is item for known, _ in self.node.declared)

    def _typed(self, item: plan.Column, made: plan.Value) -> Reader:
        if not is_numeric(item.type) or not is_numeric(made.type):
            return self.reader(convert(made, item.type))
        found = self.reader(made)
        if item.type not in ("int", "long"):
            return found
        return lambda moment: _whole(found(moment), 31 if item.type == "int" else 63)

    def _column(self, item: plan.Column, state: plan.StepState) -> Reader:
        return self.reader(plan.ColumnUse(item.type, state.syntax, item))

    def reader(self, node: plan.Value) -> Reader:
        """A value as a function of the moment."""
        if isinstance(node, plan.Constant):
            known = _plain(node.value)
            return lambda _: known
        if isinstance(node, plan.StepState):
            names = [step.name for step in self.node.steps]
            key, null = (names.index(node.step), node.column.name), _null(node.type)
            return lambda moment: moment.held.get(key, null)
        if isinstance(node, plan.ColumnUse) and self._is_declared(node.column):
            place = self._declared(node.column)
            return lambda moment: moment.declared[place]
        if not any(self._is_of_state(part) for part in parts_of(node)):
            return self._of_row(node)
        if not isinstance(node, plan.Apply):
            self.low.refuse(node.syntax, "scan cannot ask this of a remembered row")
        arguments = [item for item in node.arguments if item is not None]
        made = operation(node.function.name, [item.type for item in arguments])
        if made is None:
            self.low.refuse(
                node.syntax, f"scan does not compute {node.function.name} of a remembered row; do it in front of scan"
            )
        readers = [self.reader(item) for item in arguments]
        return lambda moment: made(*(read(moment) for read in readers))

    def _is_of_state(self, part: plan.Value) -> bool:
        return isinstance(part, plan.StepState) or (isinstance(part, plan.ColumnUse) and self._is_declared(part.column))

    def _of_row(self, node: plan.Value) -> Reader:
        self.asked.append(node)
        place = len(self.asked) - 1
        return lambda moment: moment.row[place]


def _states(node: plan.Scan) -> list[plan.StepState]:
    values = [step.condition for step in node.steps]
    values += [made for step in node.steps for _, made in step.assignments]
    return [part for made in values for part in parts_of(made) if isinstance(part, plan.StepState)]


def _null(kind: KqlType) -> str | None:
    return "" if kind == "string" else None


def _whole(number: Any, bits: int) -> int | None:
    """A number as an integer; null where it has no room."""
    if number is None or not abs(number) < 2**bits:
        return None
    return int(number)


def _plain(constant: object) -> object:
    """A constant as the rows have it: times in microseconds."""
    if isinstance(constant, datetime):
        since = constant - _EPOCH
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    return constant


def lower_scan(node: plan.Scan, low: Lowering) -> Frame:
    """`scan`."""
    steps = _Steps(node, low)
    made, defaults = steps.made(), steps.defaults()
    asked = steps.asked
    frame = low.lower(node.input)
    frame = ready(frame, [*node.keys, *(key.value for key in node.order), *asked], low)
    if node.order:
        order = tuple(Key(column_value(key.value, frame, low), key.descending, key.nulls_first) for key in node.order)
        frame = replace(frame, order=order, numbered=False)
    outer = list(frame.parts)
    keys = [*(frame.node(part) for part in outer), *(low.key(value(key, frame, low), key.type) for key in node.keys)]
    passed = [item for item in low.used(node) if item in frame.values]
    items = [named(frame.node(item), f"c{place}") for place, item in enumerate(passed)]
    items += [named(key, f"p{place}") for place, key in enumerate(keys)]
    items += [named(value(item, frame, low), f"r{place}") for place, item in enumerate(asked)]
    ordered = select(items or [named(exp.null(), "nothing")], frame.source, where=frame.where)
    sort = [*(Key(f"p{place}") for place in range(len(keys))), *frame.order]
    if sort:
        ordered.set("order", order_by(sort))
    kinds = [item.type for item in asked]
    declared = [(item, item.type) for item, _ in node.declared]
    given = low.names.fresh("scan")

    def make(tables: Sequence[pa.Table]) -> pa.Table:
        return _matched(tables[0], kinds, lambda: Scan(made, defaults), [kind for _, kind in declared], len(keys))

    low.works.append(Work(given, (low.statement(ordered),), make))
    values: dict[plan.Column, Source] = {}
    for place, item in enumerate(passed):
        values[item] = _typed(column(f"c{place}"), f"c{place}", item.type, low)
    for place, part in enumerate(outer):
        values[part] = f"p{place}"
    for place, (item, kind) in enumerate(declared):
        if item in node.columns:
            values[item] = _typed(column(f"d{place}"), f"d{place}", kind, low)
    if node.match_id is not None:
        values[node.match_id] = "match"
    place_of_row = (Key("row", nulls_first=False), Key("step", nulls_first=False))
    return Frame(table(given), values, order=place_of_row, parts=tuple(outer))


def _typed(node: exp.Expr, name: str, kind: KqlType, low: Lowering) -> Source:
    """A column of the table that Python made; JSON comes back as text."""
    return low.cast(node, kind) if kind == "dynamic" and low.target == "duckdb" else name


def _matched(
    rows: pa.Table, kinds: Sequence[KqlType], scan: Callable[[], Scan], declared: Sequence[KqlType], keys: int
) -> pa.Table:
    """The rows that matched, each once for each step that puts it out, the later step first."""
    cells = [_cells(rows.column(f"r{place}"), kind) for place, kind in enumerate(kinds)]
    parts = [rows.column(f"p{place}").to_pylist() for place in range(keys)]
    found: list[Match] = []
    for partition in _partitions(parts, rows.num_rows):
        found += scan().run((number, [cell[number] for cell in cells]) for number in partition)
    found.sort(key=lambda match: (match.row, -match.step))
    places = pa.array([match.row for match in found], pa.int64())
    kept = rows.select([name for name in rows.column_names if name[0] in "cp"]).take(places)
    columns = {name: kept.column(name) for name in kept.column_names}
    for place, kind in enumerate(declared):
        columns[f"d{place}"] = _array([match.declared[place] for match in found], kind)
    columns["match"] = pa.array([match.id for match in found], pa.int64())
    columns["row"] = places
    columns["step"] = pa.array([-match.step for match in found], pa.int64())
    return pa.table(columns)


def _partitions(parts: Sequence[Sequence[Any]], size: int) -> Iterator[range]:
    """The runs of rows with the same keys."""
    begin = 0
    for place in range(1, size + 1):
        if place == size or any(part[place] != part[begin] for part in parts):
            yield range(begin, place)
            begin = place


def _cells(values: pa.ChunkedArray, kind: KqlType) -> list[Any]:
    if kind == "datetime":
        values = values.cast(pa.timestamp("us")).cast(pa.int64())
    found: list[Any] = values.to_pylist()
    return ["" if cell is None else cell for cell in found] if kind == "string" else found


def _array(values: list[Any], kind: KqlType) -> pa.Array:
    if kind == "datetime":
        return pa.array(values, pa.int64()).cast(pa.timestamp("us"))
    return pa.array(values, _ARROW.get(kind, pa.string()))
