"""What can be said about a KQL text: a finding with its place and its mends.

Codes come in bands: 0xx syntax, 1xx names, 2xx types, 3xx cannot compile to a target, 5xx advice.
`DIAGNOSTICS` is the list of all of them (rules in `kql/rules` add theirs); wording lives with the code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "information", "hint"]


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace `text[start:end]` by `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A mend that an editor may offer: a title and the edits that carry it out."""

    title: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding about `text[start:end]`.

    `code` is `KQL` and three digits, `name` its kebab-case name.
    """

    code: str
    name: str
    severity: Severity
    start: int
    end: int
    message: str
    fixes: tuple[Fix, ...] = ()
