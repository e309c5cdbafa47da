"""Bad regex."""

from __future__ import annotations

from typing import TYPE_CHECKING

from huntlens.kql.regexes import compile_problem, patterns
from huntlens.kql.rule import Finding, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["bad_regex"]


@rule("KQL513", "warning")
def bad_regex(subject: Subject) -> Iterator[Finding]:
    """A regular expression that cannot be compiled fails when the query runs.

    Bad:
        T | where a matches regex '(abc'

    Good:
        T | where a matches regex '(abc)'
    """
    for pattern in patterns(subject):
        problem = compile_problem(str(pattern.value))
        if problem:
            yield Finding(pattern.start, pattern.end, f"this is no regular expression: {problem}")
