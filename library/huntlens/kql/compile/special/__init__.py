"""Lowerings that no template can say, by name; each takes a `template.Call` and gives a node.

One module a topic; `find` looks a name up among their public functions.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlglot import exp

    from huntlens.kql.compile.template import Call

TOPICS: Final = (
    "compare", "terms", "arithmetic", "convert", "logic", "text", "times", "aggregates", "dynamic", "network", "coding",
    "numbers", "window", "sketches",
)  # fmt: skip


@cache
def find(name: str) -> Callable[[Call], exp.Expr]:
    """The lowering of that name."""
    for topic in TOPICS:
        module = import_module(f"huntlens.kql.compile.special.{topic}")
        if name in module.__all__:
            lowering: Callable[[Call], exp.Expr] = getattr(module, name)
            return lowering
    raise LookupError(f"compile/special has no lowering '{name}'")
