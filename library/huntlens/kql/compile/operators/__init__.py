"""How each relation of the plan becomes SQL, by topic; the functions are found by their names.

`lower_top_nested` lowers `plan.TopNested`; a test names what is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql.bind import plan
from huntlens.kql.compile.lower import snake
from huntlens.kql.compile.operators import combine, evaluate, expand, graphs, groups, nested, rows, scan, sources, texts

if TYPE_CHECKING:
    from types import ModuleType

TOPICS: tuple[ModuleType, ...] = (sources, rows, groups, combine, expand, texts, nested, scan, evaluate, graphs)


def lowerers() -> dict[type[plan.Relation], object]:
    """The function for each relation."""
    functions = {name: getattr(topic, name) for topic in TOPICS for name in topic.__all__}
    relations = [kind for kind in vars(plan).values() if isinstance(kind, type) and issubclass(kind, plan.Relation)]
    found = {kind: functions.get(f"lower_{snake(kind.__name__)}") for kind in relations}
    return {kind: function for kind, function in found.items() if function is not None}
