"""Reads of one dynamic column, gathered: DuckDB parses a JSON document for each read, so all reads become one.

`d.user.name` and `d.score` are found in the values of an operator; a stage in front of it reads both paths at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from huntlens.kql.bind import plan
from huntlens.kql.compile.frame import Frame, Source, node_of
from huntlens.kql.compile.special.convert import to_type

if TYPE_CHECKING:
    from collections.abc import Iterable

    from huntlens.kql.compile.lower import Lowering

_PARSERS: Final = frozenset({"parse_json", "parsejson", "todynamic", "toobject"})
_HEAVY: Final = frozenset({"toint", "tolong", "todouble", "toreal", "tobool", "todatetime", "totimespan", "toguid"})
"""Conversions whose SQL reads its argument several times."""


@dataclass(slots=True)
class _Reads:
    """The paths that are read of one document, and where."""

    paths: dict[str, list[plan.Apply]] = field(default_factory=dict)
    texts: dict[str, list[plan.Apply]] = field(default_factory=dict)
    """The calls of `tostring` around the reads."""
    count: int = 0
    heavy: bool = False

    @property
    def as_text(self) -> bool:
        """Whether all that is read becomes text at once, which needs no JSON in between."""
        return sum(map(len, self.texts.values())) == self.count


def with_paths(frame: Frame, values: Iterable[plan.Value | None], low: Lowering) -> Frame:
    """The frame with a column for each path, where a document is read more than once."""
    if low.target != "duckdb":
        return frame
    found: dict[tuple[plan.Column, bool], _Reads] = {}
    for item in values:
        if item is not None:
            _collect(item, found, low)
    gathered = {
        base: reads
        for base, reads in found.items()
        if (len(reads.paths) > 1 or reads.heavy) and isinstance(frame.values.get(base[0]), str)
    }
    if not gathered:
        return frame
    lists: dict[tuple[plan.Column, bool], plan.Column] = {}
    more: dict[plan.Column, Source] = {}
    for base, reads in gathered.items():
        lists[base] = low.unnamed(f"#{base[0].name}", "dynamic")
        more[lists[base]] = _extract(frame, base, reads, low)
    closed = low.close(replace(frame, values={**frame.values, **more}), "paths")
    for base, reads in gathered.items():
        places = reads.texts if reads.as_text else reads.paths
        for number, (path, reads_of_path) in enumerate(places.items()):
            cell = plan.Column(f"#{path}", "string" if reads.as_text else "dynamic")
            closed.values[cell] = low.sql(f"{{l}}[{number + 1}]", l=node_of(closed.values[lists[base]]))
            for read in reads_of_path:
                low.substitutes[read] = cell
    return closed


def _extract(frame: Frame, base: tuple[plan.Column, bool], reads: _Reads, low: Lowering) -> exp.Expr:
    column, parsed = base
    document = frame.node(column)
    if parsed:
        document = to_type(document, column.type, "dynamic", low.target)
    name = "json_extract_string" if reads.as_text else "json_extract"
    paths: list[exp.Expr] = [exp.Literal.string(path) for path in (reads.texts if reads.as_text else reads.paths)]
    return low.sql(f"{name}({{d}}, [{{all...}}])", d=document, all=paths)


def _collect(
    node: plan.Value, found: dict[tuple[plan.Column, bool], _Reads], low: Lowering, parent: plan.Apply | None = None
) -> None:
    if node in low.substitutes:
        return
    if isinstance(node, plan.Membership):
        _collect(node.left, found, low)
    if not isinstance(node, plan.Apply):
        return
    chain = _chain(node)
    if chain is not None:
        base, path = chain
        reads = found.setdefault(base, _Reads())
        reads.paths.setdefault(path, []).append(node)
        reads.count += 1
        if parent is not None and parent.function.name == "tostring":
            reads.texts.setdefault(path, []).append(parent)
        reads.heavy |= parent is not None and parent.function.name in _HEAVY
        return
    for argument in node.arguments:
        if argument is not None:
            _collect(argument, found, low, node)


def _chain(node: plan.Apply) -> tuple[tuple[plan.Column, bool], str] | None:
    """The document and the path that a chain of constant accesses reads."""
    steps: list[str] = []
    current: plan.Value | None = node
    while isinstance(current, plan.Apply) and current.function.name == "[]":
        key = current.arguments[1]
        if not isinstance(key, plan.Constant):
            return None
        if isinstance(key.value, str):
            quoted = key.value.replace("\\", "\\\\").replace('"', '\\"')
            steps.append(f'."{quoted}"')
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
