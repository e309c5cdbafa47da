"""Advice about valid queries: one rule a file, named as its diagnostic; what a rule is stands in `kql/rule.py`.

A rule's docstring shows queries that it finds under `Bad:` and better ones under `Good:`; both are run as its test.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from huntlens.kql.rule import Rule, Subject

if TYPE_CHECKING:
    from huntlens.kql.bind.plan import Bound
    from huntlens.kql.diagnostics import Diagnostic
    from huntlens.kql.parse import Tree

__all__ = ["advice", "all_rules"]


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule, by name of its file."""
    names = sorted(info.name for info in iter_modules(__path__))
    return tuple(getattr(import_module(f"{__name__}.{name}"), name) for name in names)


def advice(parsed: Tree, bound: Bound) -> list[Diagnostic]:
    """What all rules find in a bound text."""
    subject = Subject(parsed, bound)
    return [found for rule in all_rules() for found in rule(subject)]
