"""KQL: one text in, values out.

>>> from huntlens import kql
>>> tree = kql.parse("T | where a == 1")
>>> [operator.__class__.__name__ for operator in tree.query.statements[0].expr.operators]
['Filter']
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens._lazy import lazy

if TYPE_CHECKING:
    from huntlens.kql.bind import bind
    from huntlens.kql.bind.plan import Bound
    from huntlens.kql.diagnostics import Diagnostic
    from huntlens.kql.edit.check import check
    from huntlens.kql.edit.complete import complete
    from huntlens.kql.edit.format import format  # noqa: A004  (the public name of the service)
    from huntlens.kql.edit.values import Completion
    from huntlens.kql.parse import Tree, parse
    from huntlens.kql.schema import Schema

# `bind` and `parse` are submodules that can be called.
PUBLIC = {
    "Bound": "huntlens.kql.bind.plan:Bound",
    "Completion": "huntlens.kql.edit.values:Completion",
    "Diagnostic": "huntlens.kql.diagnostics:Diagnostic",
    "Schema": "huntlens.kql.schema:Schema",
    "Tree": "huntlens.kql.parse:Tree",
    "bind": "huntlens.kql.bind",
    "check": "huntlens.kql.edit.check:check",
    "complete": "huntlens.kql.edit.complete:complete",
    "format": "huntlens.kql.edit.format:format",
    "parse": "huntlens.kql.parse",
}

__getattr__, __dir__ = lazy(__name__, PUBLIC)

__all__ = ["Bound", "Completion", "Diagnostic", "Schema", "Tree", "bind", "check", "complete", "format", "parse"]
