"""What the names of a text mean, by place: the ground that hover, definition, references and rename stand on."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from huntlens.kql import tree
from huntlens.kql.bind import bind, plan
from huntlens.kql.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from huntlens.kql.schema import Schema

_Thing = TypeVar("_Thing")


class Meanings:
    """The names of a text and what each means."""

    def __init__(self, text: str, schema: Schema | None = None, parameters: Mapping[str, str] | None = None) -> None:
        self.text = text
        self.parsed = parse(text)
        self.bound = bind(self.parsed, schema, parameters)
        self.declaring = {name for node in tree.walk(self.parsed.query) for name in _declared(node)}
        """The names that declare something, as opposed to those that use it."""

    def at(self, offset: int) -> tuple[tree.Node, object] | None:
        """The name at an offset, or just in front of it, and what it means."""
        best: tuple[tree.Node, object] | None = None
        for node, meaning in self.bound.symbols.items():
            inside = node.start <= offset <= node.end
            if inside and (best is None or node.end - node.start < best[0].end - best[0].start):
                best = (node, meaning)
        return best

    def uses(self, meaning: object) -> list[tree.Node]:
        """All names of the same meaning, in the order of the text."""
        wanted = root(meaning)
        found = [node for node, other in self.bound.symbols.items() if root(other) is wanted]
        return sorted(found, key=lambda node: node.start)

    def declaration(self, meaning: object) -> tree.Node | None:
        """The name that declares it; None for what the schema or the language brings."""
        return next((node for node in self.uses(meaning) if node in self.declaring), None)


def root(meaning: _Thing) -> _Thing | plan.Column:
    """What a meaning comes down to: the column that the same-named columns behind it repeat.

    >>> first = plan.Column("a", "long")
    >>> root(plan.Column("a", "long", first)) is first
    True
    """
    if not isinstance(meaning, plan.Column):
        return meaning
    column: plan.Column = meaning
    while column.origin is not None and column.origin.name == column.name:
        column = column.origin
    return column


def _declared(node: tree.Node) -> Iterator[tree.Name]:
    """The names that a node declares."""
    match node:
        case tree.NamedColumns():
            yield from node.names
        case tree.Option() if isinstance(node.value, tree.NameRef):
            yield node.value.name
        case tree.Count() | tree.ForkBranch() | tree.GraphOutput() | tree.GraphPart() if node.name is not None:
            yield node.name
        case (
            tree.NamedArgument() | tree.ColumnDeclaration() | tree.Parameter() | tree.Let() | tree.As() | tree.Range()
            | tree.DeclarePattern() | tree.AliasDatabase()
        ):  # fmt: skip
            yield node.name


def path_at(query: tree.Query, start: int, end: int) -> list[tree.Node]:
    """The nodes that cover a stretch of text, outermost first."""
    path: list[tree.Node] = [query]
    while True:
        inner = [child for child in tree.children(path[-1]) if child.start <= start and child.end >= end]
        if not inner:
            return path
        path.append(inner[-1])
