"""What every node is made of, the small parts that all rooms of the tree share, and the walk over them."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final, cast

from huntlens.kql.tree.node import node

if TYPE_CHECKING:
    from collections.abc import Iterator


@node
class Node:
    """Anything in the tree."""

    start: int
    end: int


class Expr(Node):
    """Anything that has a value: scalar, tabular or a function."""

    __slots__ = ()


class Statement(Node):
    """One statement of a query; statements are separated by `;`."""

    __slots__ = ()


class Operator(Node):
    """One step of a pipeline, what stands behind a `|`; the span begins at the operator's keyword."""

    __slots__ = ()


@node
class Name(Node):
    """A name as it is declared or used; `text` is decoded, `quoted` tells `['a b']` from `ab`."""

    text: str
    quoted: bool = False


@node
class TypeName(Node):
    """A type as written; `text` in lower case, empty where it is missing."""

    text: str


@node
class ColumnDeclaration(Node):
    """`name: type`, in `datatable`, `parse`, `externaldata`, lambdas; `type` is None where none is written."""

    name: Name
    type: TypeName | None


@node
class Option(Node):
    """`name=value` behind an operator's keyword: `kind=inner`, `hint.strategy=shuffle`, `withsource=T`."""

    name: Name
    value: Expr


@node
class Parameter(Node):
    """One declared parameter: scalar with `type`, or tabular with `columns` (`open` for `(*)`)."""

    name: Name
    type: TypeName | None
    columns: list[ColumnDeclaration] | None
    open: bool
    default: Expr | None


def children(parent: Node) -> Iterator[Node]:
    """The nodes directly below a node, in field order (which is not always text order)."""
    for name in _child_fields(type(parent)):
        value = getattr(parent, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, Node):
                    yield item


def walk(top: Node) -> Iterator[Node]:
    """A node and everything below it, parents first; not recursive, so depth is no limit."""
    stack = [top]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(list(children(current))))


_LEAF_TYPES: Final = {"int", "str", "bool", "object", "str | None", "list[int]"}
_FIELDS: Final[dict[type[Node], tuple[str, ...]]] = {}


def _child_fields(kind: type[Node]) -> tuple[str, ...]:
    names = _FIELDS.get(kind)
    if names is None:
        names = _FIELDS[kind] = tuple(item.name for item in fields(cast("Any", kind)) if item.type not in _LEAF_TYPES)
    return names
