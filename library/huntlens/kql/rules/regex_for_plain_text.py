"""Regex for plain text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from huntlens.kql import tree
from huntlens.kql.rule import Finding, replace, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from huntlens.kql.rule import Subject

__all__ = ["regex_for_plain_text"]

_PLAIN: Final = re.compile(r"[A-Za-z0-9 _@:/,;=&%-]+")


@rule("KQL515", "information")
def regex_for_plain_text(subject: Subject) -> Iterator[Finding]:
    """A regular expression without special signs is a plain text, which `contains` finds faster.

    Bad:
        T | where a matches regex 'whoami'

    Good:
        T | where a contains_cs 'whoami'
        T | where a matches regex 'who.*'
    """
    for node in subject.nodes(tree.Binary):
        if node.op != "matches regex" or not isinstance(node.right, tree.Literal):
            continue
        text = node.right.value
        if not isinstance(text, str) or not text or not _PLAIN.fullmatch(text):
            continue
        end = node.op_start + len(subject.text[node.op_start : node.right.start].rstrip())
        fix = replace("change to contains_cs", node.op_start, end, "contains_cs")
        yield Finding(node.op_start, node.end, "this expression is a plain text: contains_cs finds it faster", fix)
