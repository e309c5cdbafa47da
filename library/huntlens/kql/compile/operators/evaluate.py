"""`evaluate` and the operators that act like it, dispatched by the name of the plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from huntlens.kql.compile.lower import refusal
from huntlens.kql.compile.operators import activity, patterns, plugins, sequences
from huntlens.kql.functions import find
from huntlens.kql.functions.row import Unsupported

if TYPE_CHECKING:
    from types import ModuleType

    from huntlens.kql.bind import plan
    from huntlens.kql.compile.frame import Frame
    from huntlens.kql.compile.lower import Lowering

__all__ = ["lower_plugin"]

TOPICS: tuple[ModuleType, ...] = (plugins, activity, patterns, sequences)


def lower_plugin(node: plan.Plugin, low: Lowering) -> Frame:
    """`evaluate name(...)`."""
    row = find(node.name, "plugin")
    template = row.duckdb if row is not None and low.target == "duckdb" else row.spark if row is not None else None
    if isinstance(template, Unsupported):
        low.refuse(node.syntax, f"{node.name}: {template.reason}")
    for topic in TOPICS:
        lowerer: Any = getattr(topic, f"plugin_{node.name.replace('-', '_')}", None)
        if lowerer is not None:
            frame: Frame = lowerer(node, low)
            return frame
    raise refusal(node.syntax, f"{node.name} is not answered locally", low.target)
