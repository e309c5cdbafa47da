"""Reads of one dynamic column, gathered: DuckDB parses a JSON document for each read, so all reads become one.

`d.user.name` and `d.score` are found in the values of an operator; a stage in front of it reads both paths at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from huntlens.kql.bind import plan
from huntlens.kql.compile.frame import Frame, Source, node_of
from huntlens.kql.compile.special.convert import from_json_text, to_type

if TYPE_CHECKING:
    from collections.abc import Iterable

    from huntlens.kql.compile.lower import Lowering

_PARSERS: Final = frozenset({"parse_json", "parsejson", "todynamic", "toobject"})
_HEAVY: Final = frozenset({"toint", "tolong", "todouble", "toreal", "tobool", "todatetime", "totimespan", "toguid"})
"""Conversions whose SQL reads its argument several times."""
_FROM_TEXT: Final = _HEAVY | {"tostring", "todecimal"}
"""Conversions that ask a JSON value for its text, and `toint` and `tolong`, which seldom ask for more."""

_Base = tuple[plan.Column, bool]
"""A document: a column, and whether it is a text that is parsed first."""


@dataclass(slots=True)
class _Reads:
    """The paths that are read of one document, and where: each read, and the conversion that it stands in."""

    paths: dict[str, list[tuple[plan.Apply, plan.Apply | None]]] = field(default_factory=dict)
    heavy: bool = False

    def gathers(self) -> bool:
        """Whether reading all at once is less work."""
        return self.heavy or len(self.paths) > 1

    def as_text(self) -> bool:
        """Whether all that is read is converted from its text at once, which needs no JSON in between."""
        return all(parent is not None for reads in self.paths.values() for _, parent in reads)


def with_paths(frame: Frame, values: Iterable[plan.Value | None], low: Lowering) -> Frame:
    """The frame with a column for each path, where a document is read more than once."""
    if low.target != "duckdb":
        return frame
    found: dict[_Base, _Reads] = {}
    for item in values:
        if item is not None:
            _collect(item, found, low)
    gathered = {
        base: reads for base, reads in found.items() if reads.gathers() and isinstance(frame.values.get(base[0]), str)
    }
    if not gathered:
        return frame
    lists = {base: low.unnamed(f"#{base[0].name}", "dynamic") for base in gathered}
    more: dict[plan.Column, Source] = {
        lists[base]: _extract(_document(frame, base, low), reads, low) for base, reads in gathered.items()
    }
    closed = low.close(replace(frame, values={**frame.values, **more}), "paths")
    for base, reads in gathered.items():
        as_text = reads.as_text()
        for number, (path, places) in enumerate(reads.paths.items()):
            cell = low.sql(f"{{l}}[{number + 1}]", l=node_of(closed.values[lists[base]]))
            for read, parent in places:
                known = parent if as_text and parent is not None else read
                made = plan.Column(f"#{path}", known.type)
                closed.values[made] = _from_text(cell, known, closed, base, path, low) if as_text else cell
                low.substitutes[known] = made
    return closed


def _from_text(text: exp.Expr, conversion: plan.Apply, frame: Frame, base: _Base, path: str, low: Lowering) -> exp.Expr:
    kind = low.sql("json_type({d}, {p})", d=_document(frame, base, low), p=exp.Literal.string(path))
    return from_json_text(text, kind, conversion.type)


def _document(frame: Frame, base: _Base, low: Lowering) -> exp.Expr:
    column, parsed = base
    document = frame.node(column)
    return to_type(document, column.type, "dynamic", low.target) if parsed else document


def _extract(document: exp.Expr, reads: _Reads, low: Lowering) -> exp.Expr:
    name = "json_extract_string" if reads.as_text() else "json_extract"
    return low.sql(f"{name}({{d}}, [{{all...}}])", d=document, all=[exp.Literal.string(path) for path in reads.paths])


def _collect(node: plan.Value, found: dict[_Base, _Reads], low: Lowering, parent: plan.Apply | None = None) -> None:
    if node in low.substitutes:
        return
    if isinstance(node, plan.Membership):
        _collect(node.left, found, low)
    if not isinstance(node, plan.Apply):
        return
    chain = _chain(node)
    if chain is None:
        for argument in node.arguments:
            if argument is not None:
                _collect(argument, found, low, node)
        return
    base, path = chain
    reads = found.setdefault(base, _Reads())
    name = parent.function.name if parent is not None else ""
    reads.heavy |= name in _HEAVY
    reads.paths.setdefault(path, []).append((node, parent if name in _FROM_TEXT else None))


def plain_read(node: plan.Value) -> tuple[plan.Column, str] | None:
    """The dynamic column and the path that a value is a plain read of."""
    found = _chain(node) if isinstance(node, plan.Apply) else None
    if found is None:
        return None
    (column, parsed), path = found
    return None if parsed else (column, path)


def _chain(node: plan.Apply) -> tuple[tuple[plan.Column, bool], str] | None:
    """The document and the path that a chain of constant accesses reads."""
    steps: list[str] = []
    current: plan.Value | None = node
    while isinstance(current, plan.Apply) and current.function.name == "[]":
        key = current.arguments[1]
        if not isinstance(key, plan.Constant):
            return None
        if isinstance(key.value, str):
            if key.value in ("", "*") or '"' in key.value or "\\" in key.value:
                return None
            steps.append(f'."{key.value}"')
        elif isinstance(key.value, int):
            steps.append(f"[{key.value}]" if key.value >= 0 else f"[#{key.value}]")
        else:
            return None
        current = current.arguments[0]
    if not steps:
        return None
    path = "$" + "".join(reversed(steps))
    if isinstance(current, plan.Apply) and current.function.name in _PARSERS and len(current.arguments) == 1:
        inner = current.arguments[0]
        return ((inner.column, True), path) if isinstance(inner, plan.ColumnUse) else None
    if isinstance(current, plan.ColumnUse) and current.type in ("dynamic", "unknown"):
        return (current.column, False), path
    return None
