"""Functions of several results: `extend f(x)` makes a column for each, named `f_x_part`.

In the plan the call is one value, an array of the results, and `[]` picks each of them. Which functions these are and
what they give stands in their rows (`columns`); `array_sort_asc` and its kin give as many arrays as they take.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql.bind import plan
from huntlens.kql.bind.operands import convert, row
from huntlens.kql.bind.result_names import result_name

if TYPE_CHECKING:
    from huntlens.kql import tree
    from huntlens.kql.types import KqlType


def parts_of(value: plan.Value) -> tuple[tuple[str, str], ...]:
    """The results of a call, what each name ends in and its type; nothing for a function of one result."""
    if not isinstance(value, plan.Apply):
        return ()
    if value.function.name in ("array_sort_asc", "array_sort_desc"):
        arrays = [argument for argument in value.arguments if argument is not None and argument.type != "bool"]
        return tuple((f"{place}", "dynamic") for place in range(len(arrays))) if len(arrays) > 1 else ()
    return value.function.columns


def part_name(node: tree.Call, place: int, ending: str) -> str:
    """How a result is called that the query does not name: `series_stats_x_avg`, `x_sorted`."""
    if node.name.text.startswith("array_sort_"):
        return f"{result_name(node.arguments[place]) or f'array{place}'}_sorted"
    of = result_name(node.arguments[0]) if node.arguments else ""
    return f"{node.name.text}_{of}_{ending}"


def pick(value: plan.Value, place: int, kind: KqlType, node: tree.Node) -> plan.Value:
    """One result of a call, in its type."""
    return convert(plan.Apply("dynamic", node, row("[]"), (value, plan.Constant("long", node, place))), kind)
