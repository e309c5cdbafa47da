"""What editor services answer with: plain values over offsets, in no protocol's words.

`assist` answers with the same values, so the server and the kernel convert one vocabulary.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

CompletionKind = Literal[
    "table", "column", "function", "aggregate", "plugin", "operator", "keyword", "variable", "parameter", "value",
    "type", "snippet", "query", "group", "entity", "attribute", "pivot", "magic", "option", "connection", "file",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Completion:
    """One offer: `text[start:end]` becomes `insert` (the label where it is empty).

    `sort` orders the offers, lowest first; `doc` is markdown, and may be left empty for `resolve` to fill.
    `snippet` says that `insert` holds `${1:...}` stops.
    """

    label: str
    kind: CompletionKind
    detail: str = ""
    start: int = -1
    end: int = -1
    insert: str = ""
    doc: str = ""
    sort: str = ""
    snippet: bool = False
    deprecated: bool = False


@dataclass(frozen=True, slots=True)
class Hover:
    """An explanation in markdown of `text[start:end]`."""

    markdown: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ParameterHelp:
    """One parameter of a signature: its span within the label, and its documentation."""

    start: int
    end: int
    doc: str = ""


@dataclass(frozen=True, slots=True)
class SignatureHelp:
    """A call at the cursor: how it is written, which parameter is being typed."""

    label: str
    doc: str
    parameters: tuple[ParameterHelp, ...]
    active: int


@dataclass(frozen=True, slots=True)
class Location:
    """A place: in the text itself where `path` is empty, else in a file (zero-based line)."""

    start: int
    end: int
    path: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Symbol:
    """An entry of an outline; `children` lie within its span."""

    name: str
    kind: str
    detail: str
    start: int
    end: int
    children: tuple[Symbol, ...] = ()


@dataclass(frozen=True, slots=True)
class SemanticToken:
    """A coloured stretch of text."""

    start: int
    end: int
    kind: str
    modifiers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InlayHint:
    """A short remark shown within the text at an offset."""

    offset: int
    label: str
    doc: str = ""
