"""Exploding regex."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from huntlens.kql.regexes import patterns
from huntlens.kql.rule import Finding, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["exploding_regex"]

_NESTED: Final = re.compile(r"\((?:\?:)?[^()|]*[+*]\)[+*]")


@rule("KQL514", "warning")
def exploding_regex(subject: Subject) -> Iterator[Finding]:
    """A repetition within a repetition takes time that doubles with every letter in engines that step back.

    Bad:
        T | where a matches regex '(a+)+b'

    Good:
        T | where a matches regex 'a+b'
    """
    for pattern in patterns(subject):
        if _NESTED.search(str(pattern.value)):
            message = "a repeated group that ends in a repetition can take very long; write it without the inner one"
            yield Finding(pattern.start, pattern.end, message)
